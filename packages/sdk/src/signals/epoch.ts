/**
 * A word that only grows: the signal of the Reactive Mutation Loop. The twin of `crates/inos-sdk/src/epoch.rs`.
 */
import { Epochs } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';

/** How often, in milliseconds, an engine without `Atomics.waitAsync` looks again: first and at most. */
const FIRST_POLL_MS = 0;
const LONGEST_POLL_MS = 8;

interface AsyncWait {
  readonly async: boolean;
  readonly value: 'not-equal' | 'timed-out' | Promise<'ok' | 'timed-out'>;
}

type WaitAsync = (words: Int32Array, index: number, value: number) => AsyncWait;

const waitAsync = (Atomics as unknown as { readonly waitAsync?: WaitAsync }).waitAsync;

/**
 * A u32 in shared memory that is bumped at each event and wraps.
 *
 * Readers compare for inequality, wait in a loop and look again after each wake.
 */
export class Epoch {
  readonly #words: Int32Array;
  readonly #value: number;
  readonly #sleepers: number;
  /** How many of this side sleep on it. */
  #asleep = 0;

  /**
   * @param sab - the memory
   * @param word - index of the epoch's word: its byte offset / 4. The next one counts who sleeps on it
   */
  constructor(sab: SafeSAB, word: number) {
    this.#value = word + Epochs.VALUE;
    this.#sleepers = word + Epochs.SLEEPERS;
    const isControl = this.#sleepers < sab.signedWords.length;
    this.#words = isControl ? sab.signedWords : new Int32Array(sab.buffer);
  }

  /** The present value, as a signed 32-bit number. */
  load(): number {
    return Atomics.load(this.#words, this.#value);
  }

  /** Moves the epoch on by one and wakes at most `count` sleepers, if there are any. */
  bump(count = 1): void {
    Atomics.add(this.#words, this.#value, 1);
    if (Atomics.load(this.#words, this.#sleepers) !== 0)
      Atomics.notify(this.#words, this.#value, count);
  }

  /** Wakes whoever sleeps on it, though nothing has happened: should the word that counts them be wrong. */
  wake(): void {
    Atomics.notify(this.#words, this.#value);
  }

  /**
   * Blocks the calling thread until the value differs from `seen` or the time is over. May return early.
   * Not for a page's main thread, where engines forbid it.
   */
  wait(seen: number, timeoutMs = Number.POSITIVE_INFINITY): void {
    Atomics.add(this.#words, this.#sleepers, 1);
    Atomics.wait(this.#words, this.#value, seen, timeoutMs);
    Atomics.sub(this.#words, this.#sleepers, 1);
  }

  /** Says that nobody but this side sleeps on it any more, after the threads that did are gone. */
  forgetSleepers(): void {
    Atomics.store(this.#words, this.#sleepers, this.#asleep);
  }

  /**
   * Resolves when the value differs from `seen`; may resolve early. Never blocks. Says whether other tasks had their
   * turn meanwhile.
   */
  async waitAsync(seen: number): Promise<boolean> {
    if (waitAsync === undefined) return this.#poll(seen);
    Atomics.add(this.#words, this.#sleepers, 1);
    this.#asleep++;
    const wait = waitAsync(this.#words, this.#value, seen);
    if (wait.async) await wait.value;
    this.#asleep--;
    Atomics.sub(this.#words, this.#sleepers, 1);
    return wait.async;
  }

  async #poll(seen: number): Promise<boolean> {
    let pauseMs = FIRST_POLL_MS;
    while (this.load() === seen) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      pauseMs = Math.min(LONGEST_POLL_MS, pauseMs + 1);
    }
    return pauseMs !== FIRST_POLL_MS;
  }
}
