/**
 * What can be wrong with a challenge or its solution. These failures never come from the capsule and so have no
 * numbers; `vectors/errors.json` lists them with the others.
 */
import { InosError } from '@inos/sdk/errors';

/** Every code that challenges and their solutions fail with. */
export const POW_ERROR_CODES = [
  'mining/challenge-malformed',
  'mining/challenge-forged',
  'mining/challenge-expired',
  'mining/challenge-replayed',
  'mining/challenge-mismatch',
  'mining/challenge-too-easy',
  'mining/challenge-unsupported',
  'mining/challenge-unsolvable',
  'mining/proof-wrong',
  'mining/store-full',
] as const;

/** One of {@link POW_ERROR_CODES}. */
export type PowErrorCode = (typeof POW_ERROR_CODES)[number];

/** An error of this package, with facts for programs. */
export function powError(
  code: PowErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): InosError {
  return new InosError(code, message, { details });
}

/** The error for a challenge whose time is over. Times are Unix milliseconds. */
export function expired(
  nowMs: number,
  expiresAtMs: number,
  details: Readonly<Record<string, unknown>> = {},
): InosError {
  const text = `the challenge expired ${nowMs - expiresAtMs} ms ago`;
  return powError('mining/challenge-expired', text, { ...details, expiresAtMs });
}

/** The error for text that is no challenge, or no solution of one. */
export function malformed(what: string, cause?: unknown): InosError {
  const options = cause === undefined ? {} : { cause };
  return new InosError('mining/challenge-malformed', what, options);
}
