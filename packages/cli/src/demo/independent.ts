/**
 * The results again, from implementations that share no code with the capsule: SHA-256 from node:crypto
 * (OpenSSL), BLAKE3 from @noble/hashes (TypeScript). They read the file themselves, not the shared memory.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { blake3 } from '@noble/hashes/blake3.js';
import { toHex } from '../format.js';
import type { CheckReport } from './report.js';

/** A file's digests, as the others see them. */
export interface FileDigests {
  readonly sha256: Uint8Array;
  readonly blake3: Uint8Array;
}

/**
 * Hashes the first `bytes` bytes of a file.
 *
 * @throws Node's own errors if it can't be read, or the signal's reason
 */
export async function digestFile(
  path: string,
  bytes: number,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<FileDigests> {
  const sha256 = createHash('sha256');
  const blake = blake3.create();
  if (bytes > 0) {
    const pieces = createReadStream(path, { end: bytes - 1, highWaterMark: 2 ** 20, signal });
    let done = 0;
    for await (const piece of pieces) {
      if (!(piece instanceof Uint8Array)) throw new TypeError('a file must give bytes');
      sha256.update(piece);
      blake.update(piece);
      done += piece.length;
      onProgress(done / bytes);
    }
  }
  return { sha256: sha256.digest(), blake3: blake.digest() };
}

/** Compares the capsule's digest with the other implementation's. */
export function checkDigest(
  by: CheckReport['by'],
  theirs: Uint8Array,
  ours: Uint8Array,
): CheckReport {
  return { by, digest: toHex(theirs), isEqual: Buffer.compare(theirs, ours) === 0 };
}

/** What there is to check of a found nonce. */
export interface Finding {
  readonly header: Uint8Array;
  readonly nonceOffset: number;
  readonly nonce: number;
  /** Big-endian. */
  readonly target: Uint8Array;
  readonly digest: Uint8Array;
}

/** Hashes the header with the nonce, twice with SHA-256, and compares digest and target. */
export function checkNonce({ header, nonceOffset, nonce, target, digest }: Finding): CheckReport {
  const bytes = Buffer.from(header);
  bytes.writeUInt32LE(nonce, nonceOffset);
  const theirs = sha256(sha256(bytes));
  const asNumber = BigInt(`0x${toHex(Buffer.from(theirs).reverse())}`);
  const isBelow = asNumber <= BigInt(`0x${toHex(target)}`);
  const check = checkDigest('node:crypto', theirs, digest);
  return { ...check, isEqual: check.isEqual && isBelow };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
