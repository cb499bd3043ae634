/**
 * Which digests qualify in a search: always a range of numbers. The twin of `crates/inos-mining/src/target.rs`.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk';
import { DigestOrder as OrderNumber, MiningLimits } from './generated/mining.js';

/**
 * Which digests qualify:
 * - 32 bytes, most significant first, or `{ atMost }`: those that, as a number, are at or below it;
 * - `{ atLeast }`: those at or above it;
 * - `{ between }`: those from the lowest to the highest, both included;
 * - `{ zeroBits }`: those that begin with so many zero bits, 4 for each hexadecimal digit;
 * - `{ prefix }`: those that begin with these 1 to 32 bytes;
 * - `{ digest }`: that one alone.
 *
 * A target that only the digest of zeros meets, such as 32 zeros, is refused: no search would ever end.
 */
export type SearchTarget =
  | Uint8Array
  | { readonly atMost: Uint8Array }
  | { readonly atLeast: Uint8Array }
  | { readonly between: readonly [lowest: Uint8Array, highest: Uint8Array] }
  | { readonly zeroBits: number }
  | { readonly prefix: Uint8Array }
  | { readonly digest: Uint8Array };

/** The lowest and the highest number that qualify, most significant byte first. */
export interface TargetRange {
  readonly lowest: Uint8Array;
  readonly highest: Uint8Array;
  readonly digestOrder: OrderNumber;
}

const BYTES = MiningLimits.TARGET_BYTES;
const KINDS = ['atMost', 'atLeast', 'between', 'zeroBits', 'prefix', 'digest'] as const;
type Kind = (typeof KINDS)[number];

/** The range that a target stands for; `order` says how digests are numbers where the target leaves that open. */
export function requireTarget(target: unknown, order: () => OrderNumber): TargetRange {
  const range = rangeOf(target, order);
  // So are arrays that nobody has filled in, with which a search would never end.
  if (range.highest.some((byte) => byte !== 0)) return range;
  throw outOfRange('target', 'met by more than the digest of zeros alone', target);
}

function rangeOf(target: unknown, order: () => OrderNumber): TargetRange {
  if (target instanceof Uint8Array) return numbersTo('target', target, order());
  if (typeof target !== 'object' || target === null) {
    throw wrongType('target', 'a Uint8Array or an object with one kind of target', target);
  }
  const [kind, ...more] = KINDS.filter((name) => Object.hasOwn(target, name));
  if (kind === undefined || more.length > 0) {
    throw outOfRange('target', `exactly one of ${KINDS.join(', ')}`, target);
  }
  const value = (target as Readonly<Record<Kind, unknown>>)[kind];
  switch (kind) {
    case 'atMost':
      return numbersTo('target.atMost', value, order());
    case 'atLeast': {
      const lowest = requireBytes('target.atLeast', value, BYTES);
      return { lowest, highest: filled(0xff), digestOrder: order() };
    }
    case 'between':
      return numbersBetween(value, order());
    case 'zeroBits':
      return beginningWithZeros(requireInteger('target.zeroBits', value, 0, BYTES * 8 - 1));
    case 'prefix':
      return beginningWith(requireBytes('target.prefix', value, 1));
    case 'digest':
      return beginningWith(requireBytes('target.digest', value, BYTES));
  }
}

/**
 * How many hashes a target takes on average: the number of digests that there are for each one that qualifies.
 *
 * @throws TypeError, RangeError as {@link SearchTarget} says what a target is
 * @example
 * ```ts
 * expectedHashes({ zeroBits: 20 }); // 1048576
 * ```
 */
export function expectedHashes(target: SearchTarget): number {
  const { lowest, highest } = requireTarget(target, () => OrderNumber.BIG_ENDIAN);
  return 2 ** 256 / Number(numberOf(highest) - numberOf(lowest) + 1n);
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

function filled(byte: number): Uint8Array {
  return new Uint8Array(BYTES).fill(byte);
}

function requireBytes(argument: string, value: unknown, minimum: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType(argument, 'a Uint8Array', value);
  if (value.length < minimum || value.length > BYTES) {
    const length = minimum === BYTES ? `${BYTES}` : `${minimum} to ${BYTES}`;
    throw outOfRange(argument, `${length} bytes long`, value);
  }
  return value;
}

function numbersTo(argument: string, value: unknown, digestOrder: OrderNumber): TargetRange {
  return { lowest: filled(0), highest: requireBytes(argument, value, BYTES), digestOrder };
}

function numbersBetween(value: unknown, digestOrder: OrderNumber): TargetRange {
  if (!Array.isArray(value) || value.length !== 2) {
    throw wrongType('target.between', 'the lowest and the highest number', value);
  }
  const [lowest, highest] = value.map((end) => requireBytes('target.between', end, BYTES));
  if (lowest === undefined || highest === undefined || numberOf(lowest) > numberOf(highest)) {
    throw outOfRange('target.between', 'the lowest before the highest number', value);
  }
  return { lowest, highest, digestOrder };
}

function beginningWith(prefix: Uint8Array): TargetRange {
  const [lowest, highest] = [filled(0), filled(0xff)];
  lowest.set(prefix);
  highest.set(prefix);
  return { lowest, highest, digestOrder: OrderNumber.BIG_ENDIAN };
}

function beginningWithZeros(bits: number): TargetRange {
  const highest = filled(0xff);
  const whole = Math.floor(bits / 8);
  highest.fill(0, 0, whole);
  highest[whole] = 0xff >> (bits % 8);
  return { lowest: filled(0), highest, digestOrder: OrderNumber.BIG_ENDIAN };
}
