/**
 * Nonce search. The twin of `crates/inos-mining/src/search/`.
 */
import {
  defineMethod,
  MAXIMUM_THREADS,
  outOfRange,
  readResult,
  requireInteger,
  wrongType,
  type Price,
} from '@inos/sdk';
import {
  DigestOrder as OrderNumber,
  HashAlgorithm as AlgorithmNumber,
  MiningLimits,
  MiningMethod,
  SearchMode as ModeNumber,
  SearchParams,
  SearchResult,
  type NonceFormat as FormatNumber,
} from './generated/mining.js';
import { requireAlgorithm } from './hash.js';
import { requireFormat, type NonceFormat } from './nonce.js';
import { requireTarget, type SearchTarget } from './target.js';

/** How a digest is read as a number. */
export type DigestOrder = 'big-endian' | 'little-endian';

/** Which nonce is wanted: the lowest in the range, whatever the threads, or the one that is found first. */
export type SearchMode = 'first' | 'any';

/** The hash functions that nonces can be searched for. */
export type SearchAlgorithm = 'sha256' | 'sha256d' | 'blake3';

/** What to search for. */
export interface SearchOptions {
  /** The bytes to hash, at most 1,024, with room for the nonce unless it is `decimal`. It is copied. */
  readonly header: Uint8Array;
  /**
   * How the nonce is written: 4 or 8 bytes over what the header holds there, or decimal digits, as few as the
   * number has, put between the header's bytes.
   * @default 'uint32-le'
   */
  readonly nonceFormat?: NonceFormat;
  /**
   * Where in the header the nonce lies.
   * @default the last place where it fits: for `decimal` that is the header's end
   */
  readonly nonceOffset?: number;
  /** Which digests qualify. */
  readonly target: SearchTarget;
  /** @default 'sha256d' */
  readonly algorithm?: SearchAlgorithm;
  /**
   * How a digest is read as a number. `zeroBits`, `prefix` and `digest` targets are about bytes from the first on
   * and leave it at 'big-endian'.
   * @default 'little-endian' for sha256d, as Bitcoin reads its block hashes, 'big-endian' for the others
   */
  readonly digestOrder?: DigestOrder;
  /** @default 'first' */
  readonly mode?: SearchMode;
  /**
   * How many of the capsule's threads may work on it.
   * @default as many as the capsule has
   */
  readonly threads?: number;
  /**
   * The first nonce to try; a bigint reaches beyond 2⁵³ − 1.
   * @default 0
   */
  readonly firstNonce?: number | bigint;
  /**
   * The last nonce to try, included; at most 2⁵³ − 1 above the first.
   * @default the format's last one, or as many above the first as there may be
   */
  readonly lastNonce?: number | bigint;
}

/** What a search found: a nonce whose digest qualifies, or that there is none in the range. */
export type SearchOutcome =
  | {
      readonly found: true;
      /** The nonce. Rounded if it is above 2⁵³ − 1: then take `exactNonce`. */
      readonly nonce: number;
      /** The nonce. */
      readonly exactNonce: bigint;
      readonly digest: Uint8Array;
    }
  | { readonly found: false };

/** A search with its defaults filled in. */
export interface Search {
  readonly algorithm: AlgorithmNumber;
  readonly header: Uint8Array;
  readonly nonceFormat: FormatNumber;
  readonly nonceOffset: number;
  readonly highest: Uint8Array;
  readonly lowest: Uint8Array;
  readonly digestOrder: OrderNumber;
  readonly mode: ModeNumber;
  readonly threads: number;
  readonly firstNonce: bigint;
  readonly lastNonce: bigint;
}

/** What searching costs: 100 micro-credits and one for each started 1,024 hashes. */
export const SEARCH_PRICE: Price = { base: 100n, price: 1n, units: 1024n, unit: 'hash' };

const ORDERS: Readonly<Record<DigestOrder, OrderNumber>> = {
  'big-endian': OrderNumber.BIG_ENDIAN,
  'little-endian': OrderNumber.LITTLE_ENDIAN,
};

/** Hashes are counted in units, which are exact up to here. */
const MOST_NONCES = BigInt(Number.MAX_SAFE_INTEGER);

function requireHeader(value: unknown, minimum: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType('header', 'a Uint8Array', value);
  const { MAXIMUM_HEADER_BYTES } = MiningLimits;
  if (value.length < minimum || value.length > MAXIMUM_HEADER_BYTES) {
    throw outOfRange('header', `${minimum} to ${MAXIMUM_HEADER_BYTES} bytes long`, value);
  }
  return value;
}

function requireOrder(value: unknown, algorithm: AlgorithmNumber): OrderNumber {
  if (value === undefined) {
    return algorithm === AlgorithmNumber.SHA256D
      ? OrderNumber.LITTLE_ENDIAN
      : OrderNumber.BIG_ENDIAN;
  }
  if (value === 'big-endian' || value === 'little-endian') return ORDERS[value];
  throw outOfRange('digestOrder', "'big-endian' or 'little-endian'", value);
}

function requireMode(value: unknown): ModeNumber {
  if (value === 'first') return ModeNumber.FIRST;
  if (value === 'any') return ModeNumber.ANY;
  throw outOfRange('mode', "'first' or 'any'", value);
}

function requireNonce(argument: string, value: unknown, minimum: bigint, maximum: bigint): bigint {
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isInteger) {
    throw wrongType(argument, `an integer from ${minimum} to ${maximum}, exactly written`, value);
  }
  const nonce = BigInt(value as number | bigint);
  if (nonce < minimum || nonce > maximum) {
    throw outOfRange(argument, `an integer from ${minimum} to ${maximum}`, value);
  }
  return nonce;
}

function parseRange(options: SearchOptions, lastOfFormat: bigint) {
  const firstNonce = requireNonce('firstNonce', options.firstNonce ?? 0, 0n, lastOfFormat);
  const farthest = firstNonce + MOST_NONCES - 1n;
  const last = farthest < lastOfFormat ? farthest : lastOfFormat;
  const lastNonce = requireNonce('lastNonce', options.lastNonce ?? last, firstNonce, last);
  return { firstNonce, lastNonce };
}

/** Checks options and fills in the defaults. */
export function parseSearch(options: SearchOptions): Search {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('search', 'an object with header and target', options);
  }
  const format = requireFormat(options.nonceFormat ?? 'uint32-le');
  const header = requireHeader(options.header, format.headerBytes);
  const algorithm = requireAlgorithm(options.algorithm ?? 'sha256d');
  const lastOffset = header.length - format.headerBytes;
  return {
    algorithm,
    header,
    nonceFormat: format.number,
    nonceOffset: requireInteger('nonceOffset', options.nonceOffset ?? lastOffset, 0, lastOffset),
    ...requireTarget(options.target, () => requireOrder(options.digestOrder, algorithm)),
    mode: requireMode(options.mode ?? 'first'),
    threads: requireInteger('threads', options.threads ?? MAXIMUM_THREADS, 1, MAXIMUM_THREADS),
    ...parseRange(options, format.lastNonce),
  };
}

/** `search(options)`: in mode `first` the lowest nonce, whatever the number of threads. */
export const search = defineMethod({
  id: MiningMethod.SEARCH,
  arity: 1,
  params: SearchParams,
  price: SEARCH_PRICE,
  outputBytes: MiningLimits.DIGEST_BYTES,
  resultBytes: 64,
  parse: parseSearch,
  estimate: ({ firstNonce, lastNonce }) => ({
    minimum: 1,
    maximum: Number(lastNonce - firstNonce) + 1,
  }),
  threads: ({ threads }) => threads,
  encode: (params, input) => {
    params.algorithm = input.algorithm;
    params._initHeader(input.header.length).copyBuffer(input.header);
    params.nonceOffset = input.nonceOffset;
    params.nonceFormat = input.nonceFormat;
    params._initTarget(input.highest.length).copyBuffer(input.highest);
    params._initLowest(input.lowest.length).copyBuffer(input.lowest);
    params.firstNonce = input.firstNonce;
    params.lastNonce = input.lastNonce;
    params.digestOrder = input.digestOrder;
    params.mode = input.mode;
  },
  decode: (result): SearchOutcome => {
    const { found, nonce } = readResult(result.result(), SearchResult);
    if (!found) return { found };
    return { found, nonce: Number(nonce), exactNonce: nonce, digest: result.output() };
  },
});
