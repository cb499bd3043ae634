/**
 * What can be wrong with a block header. None of these comes from the capsule; `vectors/errors.json` lists them.
 */
import { InosError } from '@inos/sdk/errors';

/** Every code that headers fail with. */
export const HEADER_ERROR_CODES = [
  'mining/header-malformed',
  'mining/bits-impossible',
  'mining/block-unproven',
  'mining/block-unlinked',
] as const;

/** One of {@link HEADER_ERROR_CODES}. */
export type HeaderErrorCode = (typeof HEADER_ERROR_CODES)[number];

/** An error about a header, with facts for programs. */
export function headerError(
  code: HeaderErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): InosError {
  return new InosError(code, message, { details });
}
