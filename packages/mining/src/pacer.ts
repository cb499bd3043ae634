/**
 * Cuts a search into slices and leaves time between them, so that it takes no more than its share of the threads that
 * it has. Slices also bound how long a search goes on unheard where a running job can't be asked how far it is.
 */

import { outOfRange, wrongType } from '@inos/sdk/errors';

/** What a pacer needs of the world: tests give it their own. */
export interface Pace {
  /** The present time in milliseconds, from any beginning. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or rejects when the signal is aborted. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

/** A first guess; the slices that follow are measured. */
const FIRST_HASHES = 2 ** 16;
/** Short enough to hear a cancel soon and to leave room for others often, long enough to cost nothing. */
const SLICE_MS = 100;
const FEWEST_HASHES = 1024;
const MOST_HASHES = 2 ** 31;
/** Timers that are set for longer go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Checks a share of the time. */
export function requireCpuShare(value: unknown): number {
  if (typeof value !== 'number') throw wrongType('cpuShare', 'a number', value);
  if (!(value > 0 && value <= 1)) throw outOfRange('cpuShare', 'above 0 and at most 1', value);
  return value;
}

/** Waits. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted === true) reject(signal.reason as Error);
      else resolve();
    };
    const timer = setTimeout(end, Math.min(milliseconds, LONGEST_TIMER_MS));
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
  });
}

/** Says how large the next slice is, and pauses after each. */
export class Pacer {
  readonly #share: number;
  readonly #pace: Pace;
  readonly #fewest: number;
  #hashes: number;
  #workedMs = 0;

  /**
   * @param share - of the time: above 0, at most 1
   * @param slices - how many hashes the first slice has, and the fewest that any has
   */
  constructor(
    share: number,
    pace: Pace = { now: () => performance.now(), pause },
    { first = FIRST_HASHES, fewest = FEWEST_HASHES } = {},
  ) {
    this.#share = share;
    this.#pace = pace;
    this.#fewest = fewest;
    this.#hashes = first;
  }

  /** How many hashes the next slice has. */
  get hashes(): number {
    return this.#hashes;
  }

  /** Milliseconds spent in slices so far. */
  get workedMs(): number {
    return this.#workedMs;
  }

  /** Does a slice, and then nothing for as long as the share asks for. */
  async slice<R>(work: (hashes: number) => Promise<R>, signal?: AbortSignal): Promise<R> {
    const started = this.#pace.now();
    const result = await work(this.#hashes);
    const took = this.#pace.now() - started;
    this.#workedMs += took;
    const next = took > 0 ? (this.#hashes * SLICE_MS) / took : this.#hashes * 8;
    const bounded = Math.min(Math.max(next, this.#hashes / 8), this.#hashes * 8);
    this.#hashes = Math.round(Math.min(Math.max(bounded, this.#fewest), MOST_HASHES));
    if (this.#share < 1) await this.#pace.pause(took / this.#share - took, signal);
    return result;
  }
}
