/**
 * Bitcoin's block headers: 80 bytes with six fields, whose double SHA-256, read as a little-endian number, must be at
 * or below the target that they name.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { outOfRange, requireInteger, requireOptions, wrongType } from '@inos/sdk/errors';
import { MAXIMUM_TARGET, targetOfBits, workOfTarget } from './bits.js';
import { headerError } from './errors.js';

/** Length of a header in bytes. */
export const HEADER_BYTES = 80;

/** Where a header's nonce lies: its last 4 bytes, the least significant first. */
export const NONCE_OFFSET = 76;

/** A header's fields. */
export interface BlockHeader {
  /** A signed number of 32 bits. */
  readonly version: number;
  /** The block before it, as block hashes are shown: 64 hexadecimal digits, the zeros in front. */
  readonly previousHash: string;
  /** The root of its transactions' tree, shown the same way. */
  readonly merkleRoot: string;
  /** Unix seconds. */
  readonly time: number;
  /** Its target, see {@link targetOfBits}. */
  readonly bits: number;
  readonly nonce: number;
}

const HASH = /^[\da-f]{64}$/i;
const WORD = 0xffffffff;

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Digits of bytes from the last to the first. */
function reversedHex(bytes: Uint8Array): string {
  // A copy: `slice` of a Buffer is none.
  return toHex(Uint8Array.from(bytes).reverse());
}

function hashBytes(name: string, digits: unknown): Uint8Array {
  if (typeof digits !== 'string') throw wrongType(name, '64 hexadecimal digits', digits);
  if (!HASH.test(digits)) throw outOfRange(name, '64 hexadecimal digits', digits);
  const pairs = digits.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16)).reverse();
}

function headerBytes(bytes: unknown): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw wrongType('bytes', 'a Uint8Array', bytes);
  if (bytes.length !== HEADER_BYTES) {
    const text = `a header has ${HEADER_BYTES} bytes, this has ${bytes.length}`;
    throw headerError('mining/header-malformed', text, { bytes: bytes.length });
  }
  return bytes;
}

/**
 * Reads a header's 80 bytes. Any can be read: whether they make sense is for {@link verifyHeader}.
 *
 * @throws TypeError unless given a Uint8Array; InosError `mining/header-malformed` unless it has 80 bytes
 */
export function parseHeader(bytes: Uint8Array): BlockHeader {
  const data = headerBytes(bytes);
  const view = new DataView(data.buffer, data.byteOffset, HEADER_BYTES);
  return {
    version: view.getInt32(0, true),
    previousHash: reversedHex(data.subarray(4, 36)),
    merkleRoot: reversedHex(data.subarray(36, 68)),
    time: view.getUint32(68, true),
    bits: view.getUint32(72, true),
    nonce: view.getUint32(NONCE_OFFSET, true),
  };
}

/**
 * Writes a header's 80 bytes.
 *
 * @throws TypeError, RangeError for a field that doesn't fit
 */
export function serializeHeader(header: BlockHeader): Uint8Array<ArrayBuffer> {
  requireOptions('header', header);
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, requireInteger('version', header.version, -(2 ** 31), 2 ** 31 - 1), true);
  bytes.set(hashBytes('previousHash', header.previousHash), 4);
  bytes.set(hashBytes('merkleRoot', header.merkleRoot), 36);
  view.setUint32(68, requireInteger('time', header.time, 0, WORD), true);
  view.setUint32(72, requireInteger('bits', header.bits, 0, WORD), true);
  view.setUint32(NONCE_OFFSET, requireInteger('nonce', header.nonce, 0, WORD), true);
  return bytes;
}

/** A header's bytes, whichever way it is given. */
function bytesOf(header: BlockHeader | Uint8Array): Uint8Array {
  return header instanceof Uint8Array ? headerBytes(header) : serializeHeader(header);
}

/**
 * A block's hash as it is shown: 64 hexadecimal digits, the zeros in front.
 *
 * @throws as {@link parseHeader} and {@link serializeHeader}
 */
export function blockHash(header: BlockHeader | Uint8Array): string {
  return reversedHex(sha256(sha256(bytesOf(header))));
}

/** Options of {@link verifyChain}. */
export interface VerifyChainOptions {
  /**
   * The highest target, and so the least work, that a header may name. Other networks have others: regtest has
   * `targetOfBits(0x207fffff)`.
   * @default MAXIMUM_TARGET
   */
  readonly maximumTarget?: bigint;
}

/** Options of {@link verifyHeader}. */
export interface VerifyHeaderOptions extends VerifyChainOptions {
  /** The hash that the block before must have. Not looked at by default. */
  readonly previousHash?: string;
  /** The bits that the header must have, such as {@link retarget} gives. Not looked at by default. */
  readonly bits?: number;
}

/** What a verified header proves. */
export interface VerifiedHeader {
  readonly header: BlockHeader;
  readonly hash: string;
  readonly target: bigint;
  /** How many hashes finding it took on average. */
  readonly work: bigint;
}

/** Checks options: what is none of them, or of another type, would let headers pass that shall not. */
function requireVerifyOptions(
  options: VerifyHeaderOptions,
): VerifyHeaderOptions & { readonly maximumTarget: bigint } {
  const known = ['maximumTarget', 'previousHash', 'bits'];
  const { maximumTarget = MAXIMUM_TARGET, ...others } = requireOptions('options', options, known);
  if (typeof maximumTarget !== 'bigint')
    throw wrongType('maximumTarget', 'a bigint', maximumTarget);
  if (others.previousHash !== undefined) hashBytes('previousHash', others.previousHash);
  return { maximumTarget, ...others };
}

/**
 * Verifies a header: that its hash is at or below the target it names, that this is a target of its network, and what
 * `options` ask for besides.
 *
 * @throws InosError `mining/block-unproven`, `mining/block-unlinked`, `mining/bits-impossible`,
 * `mining/header-malformed`; TypeError, RangeError for options that make no sense
 */
export function verifyHeader(
  header: BlockHeader | Uint8Array,
  options: VerifyHeaderOptions = {},
): VerifiedHeader {
  const { previousHash, bits, maximumTarget } = requireVerifyOptions(options);
  const bytes = bytesOf(header);
  const fields = parseHeader(bytes);
  const target = targetOfBits(fields.bits);
  const hash = blockHash(bytes);
  if (target > maximumTarget) {
    const text = `the bits of block ${hash} stand for a target above the highest, ${maximumTarget}`;
    throw headerError('mining/bits-impossible', text, { hash, bits: fields.bits });
  }
  if (BigInt(`0x${hash}`) > target) {
    const text = `the hash ${hash} is above the target that its bits stand for`;
    throw headerError('mining/block-unproven', text, { hash, bits: fields.bits });
  }
  if (previousHash !== undefined && fields.previousHash !== previousHash.toLowerCase()) {
    const text = `the block follows ${fields.previousHash}, not ${previousHash}`;
    throw headerError('mining/block-unlinked', text, { hash, previousHash });
  }
  if (bits !== undefined && fields.bits !== bits) {
    const text = `the block's bits are ${fields.bits}, not ${bits}`;
    throw headerError('mining/block-unlinked', text, { hash, bits });
  }
  return { header: fields, hash, target, work: workOfTarget(target) };
}

/**
 * Verifies headers that follow one another, and adds up their work. Neither their times nor whether their bits change
 * as `retarget` says is looked at.
 *
 * @throws as {@link verifyHeader}
 */
export function verifyChain(
  headers: Iterable<BlockHeader | Uint8Array>,
  options: VerifyChainOptions = {},
): {
  readonly last: VerifiedHeader | undefined;
  readonly work: bigint;
} {
  let last: VerifiedHeader | undefined;
  let work = 0n;
  for (const header of headers) {
    const link = last === undefined ? {} : { previousHash: last.hash };
    last = verifyHeader(header, { ...options, ...link });
    work += last.work;
  }
  return { last, work };
}

/**
 * What `mining.search` takes to find a header's nonce. Its target is that of the header's bits, or one given.
 *
 * @param target - another target, such as a pool's for shares
 * @throws InosError `mining/bits-impossible`; as {@link serializeHeader}
 * @example
 * ```ts
 * const outcome = await mining.search(headerSearch(header));
 * ```
 */
export function headerSearch(
  header: BlockHeader | Uint8Array,
  target = targetOfBits(parseHeader(bytesOf(header)).bits),
): { header: Uint8Array; target: Uint8Array; nonceOffset: number; algorithm: 'sha256d' } {
  workOfTarget(target);
  const digits = target.toString(16).padStart(64, '0');
  return {
    header: Uint8Array.from(bytesOf(header)),
    // Bytes of a number from its first digit on: those of a hash, the other way round.
    target: hashBytes('target', digits).reverse(),
    nonceOffset: NONCE_OFFSET,
    algorithm: 'sha256d',
  };
}
