/**
 * The capsule's own failures. Their numbers are those of `Error::code` in `crates/inos-mining/src/error.rs`.
 */

/** Every code that `@inos/mining` gives besides those of `@inos/sdk`. */
export type MiningErrorCode =
  | 'mining/header-length'
  | 'mining/nonce-offset'
  | 'mining/target-length'
  | 'mining/nonce-range'
  | 'mining/unknown-hasher'
  | 'mining/too-many-hashers'
  | 'mining/empty-target';

/** The codes by the capsule's numbers. */
export const MINING_ERRORS: Readonly<Record<number, MiningErrorCode>> = {
  256: 'mining/header-length',
  257: 'mining/nonce-offset',
  258: 'mining/target-length',
  259: 'mining/nonce-range',
  260: 'mining/unknown-hasher',
  261: 'mining/too-many-hashers',
  262: 'mining/empty-target',
};
