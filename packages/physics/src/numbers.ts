/**
 * Checks of the numbers that callers give. Each names the argument, by its path, in what it throws.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk';

/** Three numbers: x, y, z. */
export type Vector3 = readonly [x: number, y: number, z: number] | Float32Array | Float64Array;

/** A unit quaternion: x, y, z, w. */
export type Rotation =
  readonly [x: number, y: number, z: number, w: number] | Float32Array | Float64Array;

/** Numbers, one after another. */
export type Numbers = ArrayLike<number>;

/** How far a rotation's length may be from 1: a little less than in the capsule, which computes with fewer digits. */
const ROTATION_TOLERANCE = 0.999e-3;
/** The largest number that a 32-bit float can hold. */
export const LARGEST = 3.4028234663852886e38;
/** Directions with larger numbers are made shorter: the capsule squares them. */
const LONGEST_DIRECTION = 2 ** 40;

/** A number that a 32-bit float can hold. */
export function requireNumber(
  argument: string,
  value: unknown,
  minimum = -LARGEST,
  expected = 'a finite number',
): number {
  if (typeof value !== 'number') throw wrongType(argument, 'a number', value);
  if (!(value >= minimum && value <= LARGEST)) throw outOfRange(argument, expected, value);
  return value;
}

/** A number of at least 0. */
export function requireSize(argument: string, value: unknown): number {
  return requireNumber(argument, value, 0, 'a finite number of at least 0');
}

/** A number above 0, also once it is a 32-bit float. */
export function requirePositive(argument: string, value: unknown): number {
  const number = requireNumber(argument, value, 0, 'a finite number above 0');
  if (Math.fround(number) === 0) throw outOfRange(argument, 'a finite number above 0', value);
  return number;
}

/** A boolean. */
export function requireBoolean(argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongType(argument, 'a boolean', value);
  return value;
}

/** One of some names; gives what it stands for. */
export function requireName<T>(
  argument: string,
  value: unknown,
  names: Readonly<Record<string, T>>,
): T {
  const known = Object.keys(names)
    .map((name) => `'${name}'`)
    .join(', ');
  if (typeof value !== 'string') throw wrongType(argument, `one of ${known}`, value);
  const number = Object.hasOwn(names, value) ? names[value] : undefined;
  if (number === undefined) throw outOfRange(argument, `one of ${known}`, value);
  return number;
}

function isNumbers(value: unknown): value is Numbers {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** As many finite numbers as asked for. */
export function requireNumbers(argument: string, value: unknown, length: number): Numbers {
  if (!isNumbers(value)) {
    throw wrongType(argument, `an array of ${length} numbers`, value);
  }
  if (value.length !== length) {
    throw outOfRange(argument, `an array of ${length} numbers`, value.length);
  }
  for (let index = 0; index < length; index++) requireNumber(`${argument}[${index}]`, value[index]);
  return value;
}

/** A unit quaternion. Its numbers are taken as they are; the capsule brings one that is set to length 1. */
export function requireRotation(argument: string, value: unknown): Numbers {
  const rotation = requireNumbers(argument, value, 4);
  requireUnit(argument, rotation, 0);
  return rotation;
}

/** Checks that the four numbers from `offset` on have length 1. */
export function requireUnit(argument: string, rotations: Numbers, offset: number): void {
  let square = 0;
  for (let index = offset; index < offset + 4; index++) square += (rotations[index] ?? 0) ** 2;
  const length = Math.sqrt(square);
  if (!(Math.abs(length - 1) <= ROTATION_TOLERANCE)) {
    throw outOfRange(argument, 'a quaternion of length 1', `of length ${length}`);
  }
}

/** A direction: three numbers that aren't all 0. */
export function requireDirection(argument: string, value: unknown): Numbers {
  const direction = requireNumbers(argument, value, 3);
  const isLong = [0, 1, 2].some((index) => Math.fround(direction[index] ?? 0) ** 2 > 1e-30);
  if (!isLong) throw outOfRange(argument, 'a direction other than 0, 0, 0', 'one of length 0');
  const largest = Math.max(...Array.from(direction, Math.abs));
  if (largest <= LONGEST_DIRECTION) return direction;
  // By a power of two, which changes no digit.
  const scale = 2 ** -Math.floor(Math.log2(largest));
  return Array.from(direction, (number) => number * scale);
}

/** The numbers of many things, `width` for each of `count`. Float32Array is the fastest. */
export function requireBatch(
  argument: string,
  value: unknown,
  count: number,
  width: number,
): Numbers {
  if (!isNumbers(value)) throw wrongType(argument, 'a Float32Array', value);
  if (value.length !== count * width) {
    throw outOfRange(
      argument,
      `${count * width} numbers, ${width} for each of ${count}`,
      value.length,
    );
  }
  for (let index = 0; index < value.length; index++) {
    const number = value[index];
    if (typeof number !== 'number' || !(Math.abs(number) <= LARGEST)) {
      throw outOfRange(`${argument}[${index}]`, 'a finite number', number);
    }
  }
  return value;
}

/** An unsigned number of so many bits. */
export function requireBits(argument: string, value: unknown, bits: number): number {
  return requireInteger(argument, value, 0, 2 ** bits - 1);
}
