/**
 * When a challenge expires, as far as it says so itself: what solvers go by. Servers go by what they signed, in
 * `challenge.ts`, and refuse what is malformed; here that is the same as to say nothing.
 */
import { isAltcha, isAltchaV2, queryOf, saltExpiry, type AltchaV2Parameters } from './altcha.js';
import { isStamp, readStamp } from './stamp.js';

/**
 * The time from which on a challenge is refused, in Unix milliseconds; `Infinity` if it says none.
 *
 * @param challenge - one that `readPuzzle` takes
 */
export function expiryOf(challenge: unknown): number {
  if (typeof challenge === 'string') {
    const text = challenge.trim();
    return isStamp(text) ? readStamp(text).expiresAtMs : expiryOf(JSON.parse(text));
  }
  if (isAltchaV2(challenge)) {
    const { parameters } = challenge as { readonly parameters: AltchaV2Parameters };
    return (parameters.expiresAt ?? Infinity) * 1000;
  }
  if (!isAltcha(challenge)) return Infinity;
  const { salt } = challenge as { readonly salt: string };
  const expiresAtMs = saltExpiry(queryOf(salt));
  return Number.isNaN(expiresAtMs) ? Infinity : expiresAtMs;
}
