/**
 * `@inos/mining/pow`: proof-of-work challenges for servers. Nothing here needs the capsule or threads: it runs in
 * Node, in browsers and on edge runtimes alike. `@inos/mining/solve` is what solves them.
 */
export type {
  AltchaChallenge,
  AltchaSolution,
  AltchaV2Challenge,
  AltchaV2Parameters,
  AltchaV2Solution,
} from './altcha.js';
export {
  createChallenge,
  verify,
  type ChallengeFormat,
  type ChallengeOf,
  type ChallengeOptions,
  type Verified,
  type VerifyOptions,
} from './challenge.js';
export type { CounterMode } from './altcha-key.js';
export { targetOfDifficulty } from './difficulty.js';
export { POW_ERROR_CODES, type PowErrorCode } from './errors.js';
export type { Secret, Secrets } from './signature.js';
export { MemoryStore, type MemoryStoreOptions, type SpentStore } from './store.js';
