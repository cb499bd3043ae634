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
import { requireOptions } from '@inos/sdk/errors';
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
import { requireCpuShare } from './pacer.js';
import { requireTarget, type SearchTarget } from './target.js';

/** How a digest is read as a number. */
export type DigestOrder = 'big-endian' | 'little-endian';

/** Which nonce is wanted: the lowest in the range, whatever the threads, or the one that is found first. */
export type SearchMode = 'first' | 'any';

/** The hash functions that nonces can be searched for. */
export type SearchAlgorithm = 'sha256' | 'sha256d' | 'blake3';

/** Who searches: the capsule's threads, or a GPU. */
export type SearchLane = 'cpu' | 'gpu';

/** The GPU's part in a search. */
export interface GpuShare {
  /** Hashes it tried, of those that the job's usage counts. */
  readonly hashes: bigint;
  /** Why it doesn't take part, or no more. */
  readonly missing?: string;
}

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
   * How a digest is read as a number. `zeroBits`, `prefix` and `digest` targets are about bytes from the first on:
   * with them 'little-endian' is refused.
   * @default 'big-endian' for such targets; else 'little-endian' for sha256d, as Bitcoin reads its block hashes, and
   * 'big-endian' for the others
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
   * Who searches: the capsule's threads, a GPU by WebGPU, or both, sharing the range. Where there is no GPU, a search
   * that has both goes on without, and its outcome says so; one that has only `gpu` fails with `mining/no-gpu`.
   * @default ['cpu']
   */
  readonly lanes?: readonly SearchLane[];
  /**
   * How much of the time the capsule's threads may work on it: above 0, at most 1. Between slices of work they sleep,
   * and take on no other job. A GPU isn't bound by it.
   * @default 1
   */
  readonly cpuShare?: number;
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
      /** The GPU's part, if the search had that lane. */
      readonly gpu?: GpuShare;
    }
  | { readonly found: false; readonly gpu?: GpuShare };

/** Where a search and its lanes meet: a board's words in shared memory, and what the GPU's part comes to. */
export interface LaneShare {
  readonly words: BigInt64Array<SharedArrayBuffer>;
  readonly gpu: GpuShare | undefined;
}

/** By this a search's options carry its share, put there by `lanes/laned-search.ts`. */
export const LANE_SHARE = Symbol('share');

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
  readonly lanes: readonly SearchLane[];
  readonly cpuShare: number;
  readonly share: LaneShare | undefined;
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

function requireOrder(value: unknown): OrderNumber | undefined {
  if (value === undefined) return undefined;
  if (value === 'big-endian' || value === 'little-endian') return ORDERS[value];
  throw outOfRange('digestOrder', "'big-endian' or 'little-endian'", value);
}

function requireRange({ target, digestOrder }: SearchOptions, algorithm: AlgorithmNumber) {
  const order = requireOrder(digestOrder);
  const isReversed = algorithm === AlgorithmNumber.SHA256D;
  const usual = isReversed ? OrderNumber.LITTLE_ENDIAN : OrderNumber.BIG_ENDIAN;
  const range = requireTarget(target, () => order ?? usual);
  // Ignored, the order would let a search find another nonce than was asked for, and nobody would notice.
  if (order !== undefined && order !== range.digestOrder) {
    const expected = "'big-endian' or left out with a zeroBits, prefix or digest target";
    throw outOfRange('digestOrder', expected, digestOrder);
  }
  return range;
}

function requireMode(value: unknown): ModeNumber {
  if (value === 'first') return ModeNumber.FIRST;
  if (value === 'any') return ModeNumber.ANY;
  throw outOfRange('mode', "'first' or 'any'", value);
}

function requireLanes(value: unknown): readonly SearchLane[] {
  const lanes: readonly unknown[] = Array.isArray(value) ? value : [];
  const isEachOnce = lanes.length > 0 && new Set(lanes).size === lanes.length;
  const isKnown = (lane: unknown): lane is SearchLane => lane === 'cpu' || lane === 'gpu';
  if (isEachOnce && lanes.every(isKnown)) return lanes;
  throw outOfRange('lanes', "a list of 'cpu', 'gpu' or both", value);
}

function requireSearchAlgorithm(value: unknown): AlgorithmNumber {
  const algorithm = requireAlgorithm(value);
  if (algorithm !== AlgorithmNumber.SHA512) return algorithm;
  throw outOfRange('algorithm', "'sha256', 'sha256d' or 'blake3' for a search", value);
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

const OPTIONS = [
  'header',
  'target',
  'algorithm',
  'nonceFormat',
  'nonceOffset',
  'firstNonce',
  'lastNonce',
  'mode',
  'digestOrder',
  'threads',
  'cpuShare',
  'lanes',
];

/** Checks options and fills in the defaults. */
export function parseSearch(options: SearchOptions): Search {
  requireOptions('search', options, OPTIONS);
  const format = requireFormat(options.nonceFormat ?? 'uint32-le');
  const header = requireHeader(options.header, format.headerBytes);
  const algorithm = requireSearchAlgorithm(options.algorithm ?? 'sha256d');
  const lastOffset = header.length - format.headerBytes;
  return {
    algorithm,
    header,
    nonceFormat: format.number,
    nonceOffset: requireInteger('nonceOffset', options.nonceOffset ?? lastOffset, 0, lastOffset),
    ...requireRange(options, algorithm),
    mode: requireMode(options.mode ?? 'first'),
    threads: requireInteger('threads', options.threads ?? MAXIMUM_THREADS, 1, MAXIMUM_THREADS),
    ...parseRange(options, format.lastNonce),
    lanes: requireLanes(options.lanes ?? ['cpu']),
    cpuShare: requireCpuShare(options.cpuShare ?? 1),
    share: (options as { readonly [LANE_SHARE]?: LaneShare })[LANE_SHARE],
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
  threads: ({ threads, lanes }) => (lanes.includes('cpu') ? threads : 1),
  encode: (params, input, job) => {
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
    params.onCpu = input.lanes.includes('cpu');
    if (input.share) job.region(params._initLaneBoard(), input.share.words, 'lanes');
  },
  decode: (result, { share }): SearchOutcome => {
    const { found, nonce } = readResult(result.result(), SearchResult);
    const lanes = share?.gpu && { gpu: share.gpu };
    if (!found) return { found, ...lanes };
    return { found, nonce: Number(nonce), exactNonce: nonce, digest: result.output(), ...lanes };
  },
});
