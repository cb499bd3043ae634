/**
 * Targets and what stands for them: the 32 bits of a header, difficulties, work. All of it exact, in bigints.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk/errors';
import { headerError } from './errors.js';

/** All digests there are. */
const DIGESTS = 1n << 256n;
const SIGN = 0x00800000;
const MANTISSA = 0x007fffff;

/** The highest target of Bitcoin's main network: its first block's, difficulty 1. */
export const MAXIMUM_TARGET = 0xffffn << 208n;

/** How many blocks have one target. */
export const RETARGET_BLOCKS = 2016;

/** How long so many blocks shall take, in seconds: two weeks. */
export const RETARGET_SECONDS = 14 * 24 * 60 * 60;

function requireBits(bits: unknown): number {
  return requireInteger('bits', bits, 0, 0xffffffff);
}

function requireTarget(target: unknown): bigint {
  if (typeof target !== 'bigint') throw wrongType('target', 'a bigint', target);
  if (target < 1n || target >= DIGESTS) throw outOfRange('target', 'from 1 to 2^256 - 1', target);
  return target;
}

/**
 * The target that a header's bits stand for: a length in bytes, a sign and 23 bits of mantissa.
 *
 * @throws InosError `mining/bits-impossible` if it is negative, 0 or above 256 bits: no digest would be a proof
 */
export function targetOfBits(bits: number): bigint {
  const bytes = requireBits(bits) >>> 24;
  const mantissa = BigInt(bits & MANTISSA);
  const target =
    bytes <= 3 ? mantissa >> BigInt(8 * (3 - bytes)) : mantissa << BigInt(8 * (bytes - 3));
  const given = `0x${bits.toString(16).padStart(8, '0')}`;
  if ((bits & SIGN) !== 0 && mantissa !== 0n) {
    throw headerError('mining/bits-impossible', `bits ${given} stand for a negative target`, {
      bits,
    });
  }
  if (target === 0n || target >= DIGESTS) {
    const why = target === 0n ? 'for 0, which no digest is below' : 'for more than 256 bits';
    throw headerError('mining/bits-impossible', `bits ${given} stand ${why}`, { bits });
  }
  return target;
}

/**
 * The bits that stand for a target, or for the highest one below it that bits can write.
 *
 * @throws TypeError, RangeError unless it is a bigint from 1 to 2²⁵⁶ − 1
 */
export function bitsOfTarget(target: bigint): number {
  let bytes = Math.ceil(requireTarget(target).toString(16).length / 2);
  let mantissa =
    bytes <= 3
      ? Number(target) * 2 ** (8 * (3 - bytes))
      : Number(target >> BigInt(8 * (bytes - 3)));
  // The mantissa's highest bit is its sign.
  if (mantissa > MANTISSA) {
    mantissa = Math.floor(mantissa / 256);
    bytes++;
  }
  return bytes * 0x1000000 + mantissa;
}

/**
 * How much harder a target is than the easiest one: a number as exact as numbers are.
 *
 * @throws TypeError, RangeError unless the target is a bigint from 1 to 2²⁵⁶ − 1
 */
export function difficultyOfTarget(target: bigint): number {
  // 96 fractional bits, more than a number keeps of it.
  return Number((MAXIMUM_TARGET << 96n) / requireTarget(target)) / 2 ** 96;
}

/**
 * The highest target of a difficulty, as pools set it.
 *
 * @throws TypeError, RangeError unless the difficulty is a finite number above 0
 */
export function targetOfBlockDifficulty(difficulty: number): bigint {
  if (typeof difficulty !== 'number') throw wrongType('difficulty', 'a number', difficulty);
  if (!Number.isFinite(difficulty) || difficulty <= 0) {
    throw outOfRange('difficulty', 'a finite number above 0', difficulty);
  }
  const [numerator, denominator] = fraction(difficulty);
  const target = (MAXIMUM_TARGET * denominator) / numerator;
  return target >= DIGESTS ? DIGESTS - 1n : target < 1n ? 1n : target;
}

/** A number as the fraction that it is: all numbers are, with a power of two below. */
function fraction(value: number): [numerator: bigint, denominator: bigint] {
  let denominator = 1n;
  let scaled = value;
  // Each doubling is exact, and the smallest number has 1,074 places after the point.
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return [BigInt(scaled), denominator];
}

/**
 * The work that a block with this target stands for: how many hashes finding it takes on average, rounded down.
 *
 * @throws TypeError, RangeError unless the target is a bigint from 1 to 2²⁵⁶ − 1
 */
export function workOfTarget(target: bigint): bigint {
  return DIGESTS / (requireTarget(target) + 1n);
}

/**
 * The bits of the 2,016 blocks that follow 2,016 others: their target, scaled by how long those took. By Bitcoin's
 * rules that counts as at least a quarter of two weeks and at most four times as much, and the target has a limit.
 *
 * @param bits - those of the blocks before
 * @param firstTime - the time of their first block, in Unix seconds
 * @param lastTime - the time of their last block
 * @throws InosError `mining/bits-impossible`; TypeError, RangeError for times that can't be in a header
 */
export function retarget(bits: number, firstTime: number, lastTime: number): number {
  const first = requireInteger('firstTime', firstTime, 0, 0xffffffff);
  const took = requireInteger('lastTime', lastTime, 0, 0xffffffff) - first;
  const counted = Math.min(Math.max(took, RETARGET_SECONDS / 4), RETARGET_SECONDS * 4);
  const scaled = (targetOfBits(bits) * BigInt(counted)) / BigInt(RETARGET_SECONDS);
  return bitsOfTarget(scaled > MAXIMUM_TARGET ? MAXIMUM_TARGET : scaled < 1n ? 1n : scaled);
}
