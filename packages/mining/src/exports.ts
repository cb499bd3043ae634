/** The names that both entry points of the package offer. */
export type { MiningErrorCode } from './errors.js';
export {
  equalDigests,
  type Blake3Options,
  type HashFunction,
  type OutputOptions,
} from './blake3.js';
export type { ByteSource, HashStreamOptions } from './byte-source.js';
export type { DataFile, OpenFile } from './data-file.js';
export { HASH_PRICE, type HashAlgorithm } from './hash.js';
export type { HashManyOptions, PackedMessages } from './hash-many.js';
export { Hasher, type HasherOptions } from './hasher.js';
export type { HashingStream } from './hashing-stream.js';
export type { HashFileOptions, Mining } from './mining.js';
export { searchMessage, type MessageOptions, type NonceFormat } from './nonce.js';
export {
  SEARCH_PRICE,
  type DigestOrder,
  type GpuShare,
  type SearchAlgorithm,
  type SearchLane,
  type SearchMode,
  type SearchOptions,
  type SearchOutcome,
} from './search.js';
export { searchProgress, type SearchProgress } from './search-progress.js';
export { expectedHashes, type SearchTarget } from './target.js';
export type { Outboard, SliceRange } from './verified.js';
