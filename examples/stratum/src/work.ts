/**
 * A pool's work: how its job, its extra nonces and a miner's become a block header.
 */
import { createHash } from 'node:crypto';
import type { BlockHeader } from '@inos/mining/bitcoin';

/** A job as `mining.notify` gives it; everything but the id in hexadecimal digits. */
export interface PoolJob {
  readonly id: string;
  /** The block before, in words of four bytes, each the other way round. */
  readonly previousHash: string;
  /** The coinbase transaction, before and after the extra nonces. */
  readonly coinbase: readonly [before: string, after: string];
  /** The hashes that the coinbase's is joined with on the way to the root. */
  readonly branches: readonly string[];
  readonly version: string;
  readonly bits: string;
  readonly time: string;
}

/** SHA-256 of the SHA-256. */
export function sha256d(bytes: Uint8Array): Buffer {
  const once = createHash('sha256').update(bytes).digest();
  return createHash('sha256').update(once).digest();
}

/** The root of a block's transactions, of which the coinbase is the first. */
export function merkleRoot(
  { coinbase: [before, after], branches }: PoolJob,
  extraNonces: string,
): Buffer {
  const leaf = sha256d(Buffer.from(before + extraNonces + after, 'hex'));
  return branches.reduce(
    (node, branch) => sha256d(Buffer.concat([node, Buffer.from(branch, 'hex')])),
    leaf,
  );
}

/** Each word of four bytes the other way round: Stratum's own order of the block before. */
export function swapWords(digits: string): string {
  return Buffer.from(digits, 'hex').swap32().toString('hex');
}

/** The header of a job, with a nonce still to be found. */
export function headerOf(job: PoolJob, extraNonces: string, time = job.time): BlockHeader {
  return {
    version: Number.parseInt(job.version, 16) | 0,
    previousHash: Buffer.from(swapWords(job.previousHash), 'hex').reverse().toString('hex'),
    merkleRoot: merkleRoot(job, extraNonces).reverse().toString('hex'),
    time: Number.parseInt(time, 16),
    bits: Number.parseInt(job.bits, 16),
    nonce: 0,
  };
}
