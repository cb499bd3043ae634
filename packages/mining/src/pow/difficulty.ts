/**
 * Difficulty as what it costs: how many hashes a solver tries on average.
 */
import { requireInteger } from '@inos/sdk/errors';
import { toBytes32, type Bytes } from './encoding.js';

/** All digests there are. */
const DIGESTS = 1n << 256n;

/** Checks a difficulty: expected hashes, a whole number from 1 to 2⁵³ − 1. */
export function requireDifficulty(value: unknown, argument = 'difficulty'): number {
  return requireInteger(argument, value, 1, Number.MAX_SAFE_INTEGER);
}

/**
 * The target that one digest in `difficulty` is at or below: 32 bytes, most significant first.
 *
 * @throws RangeError unless the difficulty is a whole number from 1 to 2⁵³ − 1
 */
export function targetOfDifficulty(difficulty: number): Bytes {
  return toBytes32(DIGESTS / BigInt(requireDifficulty(difficulty)) - 1n);
}

/**
 * A whole number from 0 to `count` − 1, each as likely as any other.
 *
 * @param count - up to 2⁵³
 */
export function randomBelow(count: number): number {
  const words = new Uint32Array(2);
  // The largest multiple of count that 53 bits hold: numbers beyond it would favour the small ones.
  const limit = Math.floor(2 ** 53 / count) * count;
  for (;;) {
    const [high = 0, low = 0] = crypto.getRandomValues(words);
    const value = (high >>> 11) * 2 ** 32 + low;
    if (value < limit) return value % count;
  }
}
