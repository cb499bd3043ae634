/**
 * Which challenges have been spent: what makes them single-use.
 */
import { outOfRange, requireInteger, requireOptions, wrongType } from '@inos/sdk/errors';
import { powError } from './errors.js';

/**
 * Remembers spent challenges for as long as they could be used. Any database will do that can add a key unless it is there, as one
 * step: examples/pow-stores has SQLite and Redis.
 */
export interface SpentStore {
  /**
   * Spends a challenge.
   *
   * @param id - what names the challenge: printable ASCII, at most 128 characters
   * @param expiresAtMs - until when to remember it, in Unix milliseconds: `verify` gives a minute more than the
   * challenge lasts, so that clocks may differ by as much
   * @returns whether it was not spent before; of calls at the same time with the same id exactly one is told so
   */
  spend(id: string, expiresAtMs: number): boolean | Promise<boolean>;
}

/**
 * Checks that something is a store, or says that there is none.
 *
 * @throws TypeError unless it is
 */
export function requireStore(store: SpentStore | 'reusable'): void {
  if (store === 'reusable' || typeof (store as SpentStore | undefined)?.spend === 'function')
    return;
  throw wrongType('store', "a SpentStore or 'reusable'", store);
}

/** Options of {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /**
   * The most challenges that it remembers at once, some 150 bytes each. When it is full, solutions are refused with
   * `mining/store-full`: forgetting one early would let it be used again.
   * @default 100_000
   */
  readonly capacity?: number;
}

/** Challenges that expire within one such span are forgotten together. */
const SPAN_MS = 10_000;

/** Remembers spent challenges in this process: for one server that forgets them when it restarts. */
export class MemoryStore implements SpentStore {
  readonly capacity: number;
  readonly #spans = new Map<number, Set<string>>();
  #size = 0;

  constructor(options: MemoryStoreOptions = {}) {
    const { capacity = 100_000 } = requireOptions('options', options, ['capacity']);
    this.capacity = requireInteger('capacity', capacity, 1, 2 ** 24);
  }

  /** How many challenges it remembers. */
  get size(): number {
    return this.#size;
  }

  /**
   * Spends a challenge.
   *
   * @throws InosError `mining/store-full`
   */
  spend(id: string, expiresAtMs: number): boolean {
    if (!(expiresAtMs > 0))
      throw outOfRange('expiresAtMs', 'a time in Unix milliseconds', expiresAtMs);
    const span = Math.ceil(expiresAtMs / SPAN_MS);
    const ids = this.#spans.get(span);
    if (ids?.has(id) === true) return false;
    this.#forget(Math.floor(Date.now() / SPAN_MS));
    if (this.#size >= this.capacity) {
      const text = `${this.capacity} spent challenges are remembered already, and none has expired`;
      throw powError('mining/store-full', text, { capacity: this.capacity });
    }
    // Forgetting may have dropped the very set, if the challenge has expired meanwhile.
    const kept = this.#spans.get(span) ?? new Set();
    this.#spans.set(span, kept.add(id));
    this.#size++;
    return true;
  }

  /** Drops all spans that have ended before the present one. There are few: lifetimes are minutes. */
  #forget(present: number): void {
    for (const [span, ids] of this.#spans) {
      if (span >= present) continue;
      this.#spans.delete(span);
      this.#size -= ids.size;
    }
  }
}
