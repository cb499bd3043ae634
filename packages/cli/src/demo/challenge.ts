/**
 * The demo's challenge: made, solved, verified, and refused when it is used again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createChallenge, MemoryStore, verify } from '@inos/mining/pow';
import { solve } from '@inos/mining/solve';
import { InosError } from '@inos/sdk';
import type { ChallengeReport } from './report.js';

const DIFFICULTY = 1_000_000;
const CONTEXT = 'inos demo';

/** The code that something fails with, or null if it doesn't. */
async function codeOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof InosError) return error.code;
    throw error;
  }
}

/** Whether a stamp's SHA-256 is as low as its difficulty asks, by node:crypto. */
function isLow(payload: string): boolean {
  const digest = createHash('sha256').update(payload).digest('hex');
  return BigInt(`0x${digest}`) < (1n << 256n) / BigInt(DIFFICULTY);
}

/** Plays both sides. */
export async function runChallenge(threads: number, signal: AbortSignal): Promise<ChallengeReport> {
  const secret = randomBytes(32);
  const store = new MemoryStore();
  const challenge = await createChallenge({ secret, difficulty: DIFFICULTY, context: CONTEXT });
  const startedAt = performance.now();
  const { payload, nonce, hashes } = await solve(challenge, { threads, signal });
  const milliseconds = Math.round(performance.now() - startedAt);
  const refusedFirst = await codeOf(verify(payload, { secret, store, context: CONTEXT }));
  const refusedAgain = await codeOf(verify(payload, { secret, store, context: CONTEXT }));
  const isAsExpected =
    isLow(payload) && refusedFirst === null && refusedAgain === 'mining/challenge-replayed';
  return {
    difficulty: DIFFICULTY,
    solution: payload,
    nonce,
    hashes,
    milliseconds,
    isVerified: refusedFirst === null,
    refusedAgain,
    isAsExpected,
  };
}
