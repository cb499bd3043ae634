/** The names that both entry points of the package offer. */
export type { MiningErrorCode } from './errors.js';
export { HASH_PRICE, type HashAlgorithm } from './hash.js';
export { Hasher, type ByteSource, type HasherOptions } from './hasher.js';
export type { HashFileOptions, Mining } from './mining.js';
export { searchMessage, type MessageOptions, type NonceFormat } from './nonce.js';
export {
  SEARCH_PRICE,
  type DigestOrder,
  type SearchAlgorithm,
  type SearchMode,
  type SearchOptions,
  type SearchOutcome,
} from './search.js';
export { searchProgress, type SearchProgress } from './search-progress.js';
export { expectedHashes, type SearchTarget } from './target.js';
