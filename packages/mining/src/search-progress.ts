/**
 * How a search is getting on: its hash rate, and how long it may still take.
 */
import { wrongType, type Job } from '@inos/sdk';
import { parseSearch, type SearchOptions, type SearchOutcome } from './search.js';
import { expectedHashes } from './target.js';

/** How far a search has come. */
export interface SearchProgress {
  /** The part of the range that has been tried, from 0 to 1. */
  readonly fraction: number;
  /** Hashes tried so far. */
  readonly hashes: bigint;
  /** Hashes per second, on average since the first look. 0 at the first. */
  readonly hashRate: number;
  /** Seconds since the first look. */
  readonly elapsedSeconds: number;
  /**
   * Seconds that it takes from now on average: until a nonce is found, or the range ends if that is likely to be
   * sooner. The search has no memory: what was tried in vain doesn't bring the find nearer. Infinity at the first
   * look.
   */
  readonly expectedSeconds: number;
}

/**
 * Follows a search with what its target says about the time: as `job.progress`, whenever that has changed and once
 * more at the end.
 *
 * @param job - what `search` returned
 * @param options - what it was given
 * @throws TypeError, RangeError if the options aren't a search's
 * @example
 * ```ts
 * const job = mining.search(options);
 * for await (const { hashRate, expectedSeconds } of searchProgress(job, options)) show(hashRate, expectedSeconds);
 * const outcome = await job;
 * ```
 */
export async function* searchProgress(
  job: Job<SearchOutcome>,
  options: SearchOptions,
): AsyncGenerator<SearchProgress, void, undefined> {
  if (typeof job !== 'object' || job === null || !('progress' in job)) {
    throw wrongType('job', 'a job of search', job);
  }
  const { firstNonce, lastNonce } = parseSearch(options);
  const range = Number(lastNonce - firstNonce) + 1;
  const perFind = expectedHashes(options.target);
  const startedAt = performance.now();
  let before: bigint | undefined;
  for await (const { fraction, units } of job.progress) {
    before ??= units;
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    const done = Number(units - before);
    const hashRate = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
    const left = Math.max(0, range - Number(units));
    // Of `left` tries the mean number until the first that succeeds, none of them succeeding included.
    const expected = -perFind * Math.expm1(-left / perFind);
    const expectedSeconds = hashRate > 0 ? expected / hashRate : left === 0 ? 0 : Infinity;
    yield { fraction, hashes: units, hashRate, elapsedSeconds, expectedSeconds };
  }
}
