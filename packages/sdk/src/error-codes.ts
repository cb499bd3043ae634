/**
 * The codes of this package's errors. A file of its own, so that pages needn't load the list: only
 * tests read it, to hold it against `vectors/errors.json`.
 */

/** Every code that `@inos/sdk` gives, listed with its meaning in `vectors/errors.json`. */
export const INOS_ERROR_CODES = [
  'capsule/crashed',
  'capsule/failed',
  'capsule/given-up',
  'capsule/incompatible',
  'capsule/panicked',
  'capsule/region-overlap',
  'capsule/start-failed',
  'capsule/stuck',
  'credits/insufficient',
  'credits/too-many-accounts',
  'job/budget-too-small',
  'job/cancelled',
  'job/expired',
  'job/malformed-request',
  'job/out-of-budget',
  'job/region-out-of-bounds',
  'job/result-too-large',
  'job/unknown-method',
  'kernel/queue-full',
  'memory/freed',
  'memory/in-use',
  'memory/out-of-memory',
  'protocol/bad-layout',
  'protocol/bad-ledger',
  'protocol/bad-result',
  'runtime/closed',
  'runtime/unsupported',
] as const;

/** One of {@link INOS_ERROR_CODES}. */
export type InosErrorCode = (typeof INOS_ERROR_CODES)[number];
