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
  SearchParams,
  SearchResult,
} from './generated/mining.js';
import { requireAlgorithm, type HashAlgorithm } from './hash.js';

/** How a digest is read as a number. */
export type DigestOrder = 'big-endian' | 'little-endian';

/** What to search for. */
export interface SearchOptions {
  /** The bytes to hash, 4 to 1,024, with room for the nonce. It is copied. */
  readonly header: Uint8Array;
  /**
   * Where in the header the nonce lies: 4 bytes, little-endian.
   * @default header.length - 4
   */
  readonly nonceOffset?: number;
  /** 32 bytes, most significant first: a digest qualifies when, as a number, it is at or below this. */
  readonly target: Uint8Array;
  /** @default 'sha256d' */
  readonly algorithm?: HashAlgorithm;
  /**
   * How a digest is read as a number.
   * @default 'little-endian' for sha256d, as Bitcoin reads its block hashes, 'big-endian' for the others
   */
  readonly digestOrder?: DigestOrder;
  /**
   * How many of the capsule's threads may work on it.
   * @default as many as the capsule has
   */
  readonly threads?: number;
  /** @default 0 */
  readonly firstNonce?: number;
  /**
   * The last nonce to try, included.
   * @default 0xffffffff
   */
  readonly lastNonce?: number;
}

/** What a search found: the lowest nonce whose digest qualifies, or that there is none in the range. */
export type SearchOutcome =
  | { readonly found: true; readonly nonce: number; readonly digest: Uint8Array }
  | { readonly found: false };

/** A search with its defaults filled in. */
export interface Search {
  readonly algorithm: AlgorithmNumber;
  readonly header: Uint8Array;
  readonly nonceOffset: number;
  readonly target: Uint8Array;
  readonly digestOrder: OrderNumber;
  readonly threads: number;
  readonly firstNonce: number;
  readonly lastNonce: number;
}

/** What searching costs: 100 micro-credits and one for each started 1,024 hashes. */
export const SEARCH_PRICE: Price = { base: 100n, price: 1n, units: 1024n, unit: 'hash' };

const ORDERS: Readonly<Record<DigestOrder, OrderNumber>> = {
  'big-endian': OrderNumber.BIG_ENDIAN,
  'little-endian': OrderNumber.LITTLE_ENDIAN,
};
const LAST_NONCE = 0xffffffff;

function requireHeader(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType('header', 'a Uint8Array', value);
  const { MAXIMUM_HEADER_BYTES, NONCE_BYTES } = MiningLimits;
  if (value.length < NONCE_BYTES || value.length > MAXIMUM_HEADER_BYTES) {
    throw outOfRange('header', `${NONCE_BYTES} to ${MAXIMUM_HEADER_BYTES} bytes long`, value);
  }
  return value;
}

function requireTarget(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType('target', 'a Uint8Array', value);
  if (value.length !== MiningLimits.TARGET_BYTES) {
    throw outOfRange('target', `${MiningLimits.TARGET_BYTES} bytes long`, value);
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

function parse(options: SearchOptions): Search {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('search', 'an object with header and target', options);
  }
  const header = requireHeader(options.header);
  const algorithm = requireAlgorithm(options.algorithm ?? 'sha256d');
  const lastOffset = header.length - MiningLimits.NONCE_BYTES;
  const firstNonce = requireInteger('firstNonce', options.firstNonce ?? 0, 0, LAST_NONCE);
  return {
    algorithm,
    header,
    nonceOffset: requireInteger('nonceOffset', options.nonceOffset ?? lastOffset, 0, lastOffset),
    target: requireTarget(options.target),
    digestOrder: requireOrder(options.digestOrder, algorithm),
    threads: requireInteger('threads', options.threads ?? MAXIMUM_THREADS, 1, MAXIMUM_THREADS),
    firstNonce,
    lastNonce: requireInteger('lastNonce', options.lastNonce ?? LAST_NONCE, firstNonce, LAST_NONCE),
  };
}

/** `search(options)`: the lowest nonce, whatever the number of threads. */
export const search = defineMethod({
  id: MiningMethod.SEARCH,
  arity: 1,
  params: SearchParams,
  price: SEARCH_PRICE,
  outputBytes: MiningLimits.DIGEST_BYTES,
  resultBytes: 64,
  parse,
  estimate: ({ firstNonce, lastNonce }) => ({ minimum: 1, maximum: lastNonce - firstNonce + 1 }),
  threads: ({ threads }) => threads,
  encode: (params, input) => {
    params.algorithm = input.algorithm;
    params._initHeader(input.header.length).copyBuffer(input.header);
    params.nonceOffset = input.nonceOffset;
    params._initTarget(input.target.length).copyBuffer(input.target);
    params.firstNonce = input.firstNonce;
    params.lastNonce = input.lastNonce;
    params.digestOrder = input.digestOrder;
  },
  decode: (result): SearchOutcome => {
    const { found, nonce } = readResult(result.result(), SearchResult);
    return found ? { found, nonce, digest: result.output() } : { found };
  },
});
