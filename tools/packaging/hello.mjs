// What every consumer's example shows: the SHA-256 of `hello`.
import { createHash } from 'node:crypto';
import { Failure } from '../../scripts/process.mjs';

const EXPECTED = createHash('sha256').update('hello').digest('hex');

/** @throws Failure if that isn't what was shown */
export function requireHelloDigest(shown) {
  if (shown !== EXPECTED) throw new Failure(`shown was ${shown} instead of ${EXPECTED}`);
}
