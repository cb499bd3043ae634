/**
 * What a challenge asks for, whichever format it came in: a nonce that brings the digest of a message into a range.
 */
import { fromHex, toHex, utf8, type Bytes } from './encoding.js';

/**
 * The digests that qualify: numbers of 32 bytes or more, the most significant first, both ends included. That a digest is low
 * enough, high enough, begins with some digits or is a certain one: each is a range.
 */
export interface DigestRange {
  readonly lowest: Bytes;
  readonly highest: Bytes;
}

/** A search for a nonce: SHA-256 of `message` followed by the nonce. */
export interface Puzzle {
  /** What stands before the nonce. */
  readonly message: Bytes;
  /** How the nonce is written: decimal digits in ASCII, or four bytes with the most significant first. */
  readonly nonce: 'decimal' | 'uint32-be';
  readonly first: number;
  /** The last nonce that can be one. */
  readonly last: number;
  readonly range: DigestRange;
  /** How many hashes it takes on average. */
  readonly expectedHashes: number;
  /** How the digest is made, if not as one SHA-256. */
  readonly derive?: (nonce: number) => Promise<Bytes>;
  /** Writes the solution down as the protocol wants it; some want to know how long it took. */
  readonly answer: (nonce: number, digest: Uint8Array, elapsedMs: number) => string;
}

const NONE = '0'.repeat(64);
const ALL = 'f'.repeat(64);

function bytes32(digits: string): Bytes {
  return fromHex(digits) ?? new Uint8Array(32);
}

/** Digests at or below a number. */
export function atMost(highest: Bytes): DigestRange {
  return { lowest: bytes32(NONE), highest };
}

/** Digests at or above a number. */
export function atLeast(lowest: Bytes): DigestRange {
  return { lowest, highest: bytes32(ALL) };
}

/** Digests that begin with these hexadecimal digits. */
export function beginning(digits: string): DigestRange {
  return { lowest: bytes32(digits.padEnd(64, '0')), highest: bytes32(digits.padEnd(64, 'f')) };
}

/** Whether a digest lies in a range: its first bytes, and zeros if it is shorter. */
export function isIn({ lowest, highest }: DigestRange, digest: Uint8Array): boolean {
  const { length } = lowest;
  const digits = toHex(digest.subarray(0, length)).padEnd(2 * length, '0');
  return digits >= toHex(lowest) && digits <= toHex(highest);
}

/** The message with a nonce: what is hashed. */
export function messageWith(
  { message, nonce }: Pick<Puzzle, 'message' | 'nonce'>,
  value: number,
): Bytes {
  if (nonce === 'decimal') return concatenate(message, utf8(String(value)));
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return concatenate(message, bytes);
}

/** One piece of bytes after the other. */
export function concatenate(one: Uint8Array, other: Uint8Array): Bytes {
  const bytes = new Uint8Array(one.length + other.length);
  bytes.set(one);
  bytes.set(other, one.length);
  return bytes;
}
