/**
 * What turns an epoch's bumps into calls: the host's half of the loop that `crates/inos-sdk/src/reactor.rs`
 * runs in a capsule. For answers that are due soon it stays where it is, first awake, then in a short sleep where
 * that is allowed; for all others it sleeps without blocking.
 */
import { Epochs, hostEpochWord } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import type { Epoch } from './epoch.js';

const HOST_AWAKE = hostEpochWord() + Epochs.AWAKE;

/** How many looks there are between two glances at the clock while awake: some microseconds. */
const LOOKS_PER_GLANCE = 128;
/**
 * How long to stay awake before sleeping. Longer would help where both sides have a core of their own, and hinder
 * where they share one: there the thread that shall answer only runs once this one sleeps.
 */
const AWAKE_MICROSECONDS = 15;
/**
 * How long once in a while, after waits that took longer: enough to see a thread wake and answer. A thread that
 * finds its host awake stays awake for the next job, and from then on neither sleeps.
 */
const PROBE_MICROSECONDS = 60;
const WAITS_PER_PROBE = 8;
/**
 * How long in a whole row of waits, more rarely. Two threads that take turns sleeping look to the operating system
 * as if one core were enough for them; it gives them two when both are awake for some milliseconds.
 */
const PUSH_MICROSECONDS = 120;
const WAITS_BEFORE_PUSH = 6;
const WAITS_OF_PUSH = 48;
const WAITS_PER_PUSH = 4096;
/** Rounds of watching without a sleep before the event loop gets a turn. */
const ROUNDS_PER_TURN = 256;

/**
 * Waits for an epoch and calls `react` after each change.
 *
 * @example
 * ```ts
 * const reactor = new Reactor(sab, epoch, () => drainOutbox() > 0, true);
 * reactor.watch(() => jobsInFlight > 0);
 * ```
 */
export class Reactor {
  readonly #epoch: Epoch;
  readonly #react: () => boolean;
  readonly #mayBlock: boolean;
  readonly #words: Uint32Array;
  /** Waits in a row that took longer than a thread takes that is awake. */
  #slowWaits = 0;
  #isWatching = false;

  /**
   * @param sab - the memory
   * @param epoch - what to wait for
   * @param react - takes what there is; says whether there was anything
   * @param mayBlock - whether the thread may sleep in an atomic wait: everywhere but on a page's main thread
   */
  constructor(sab: SafeSAB, epoch: Epoch, react: () => boolean, mayBlock: boolean) {
    this.#words = sab.words;
    this.#epoch = epoch;
    this.#react = react;
    this.#mayBlock = mayBlock;
  }

  /** Takes what there is now. Says whether there was anything. */
  poll(): boolean {
    return this.#react();
  }

  /**
   * Waits in place until the job has ended or the time is over; says whether it has. For waits of some
   * microseconds, which a turn of the event loop would double.
   */
  linger(job: { readonly hasEnded: boolean }, microseconds: number): boolean {
    Atomics.store(this.#words, HOST_AWAKE, 1);
    // The answer of a thread that is awake comes before the clock would be worth a glance.
    const isQuick = this.#look(job);
    const start = isQuick ? 0 : performance.now();
    const awake = this.#mayBlock ? this.#awakeMicroseconds() : microseconds;
    const isDone = isQuick || this.#lookUntil(job, start + Math.min(awake, microseconds) / 1000);
    Atomics.store(this.#words, HOST_AWAKE, 0);
    this.#slowWaits = isQuick ? 0 : this.#slowWaits + 1;
    return isDone || !this.#mayBlock ? isDone : this.#sleep(job, start + microseconds / 1000);
  }

  /** How long to stay awake this time. */
  #awakeMicroseconds(): number {
    const turn = this.#slowWaits % WAITS_PER_PUSH;
    if (turn >= WAITS_BEFORE_PUSH && turn < WAITS_BEFORE_PUSH + WAITS_OF_PUSH) {
      return PUSH_MICROSECONDS;
    }
    return turn % WAITS_PER_PROBE === WAITS_PER_PROBE - 1 ? PROBE_MICROSECONDS : AWAKE_MICROSECONDS;
  }

  /** Looks some times. */
  #look(job: { readonly hasEnded: boolean }): boolean {
    for (let look = 0; look < LOOKS_PER_GLANCE; look++) {
      if (this.#react() && job.hasEnded) return true;
    }
    return job.hasEnded;
  }

  /** Looks again and again. */
  #lookUntil(job: { readonly hasEnded: boolean }, end: number): boolean {
    while (performance.now() < end) {
      if (this.#look(job)) return true;
    }
    return job.hasEnded;
  }

  /** Sleeps, and looks after each wake. */
  #sleep(job: { readonly hasEnded: boolean }, end: number): boolean {
    for (;;) {
      const seen = this.#epoch.load();
      this.#react();
      const left = end - performance.now();
      if (job.hasEnded || left <= 0) return job.hasEnded;
      this.#epoch.wait(seen, left);
    }
  }

  /** Reacts to every change as long as `isNeeded`; then stops waiting, so that an idle runtime costs nothing. */
  watch(isNeeded: () => boolean): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    void this.#watch(isNeeded);
  }

  async #watch(isNeeded: () => boolean): Promise<void> {
    let rounds = 0;
    try {
      while (isNeeded()) {
        const seen = this.#epoch.load();
        if (!this.#react() && (await this.#epoch.waitAsync(seen))) rounds = 0;
        // Whoever bumps without end shall not keep the others from their turns.
        else if (++rounds % ROUNDS_PER_TURN === 0) await new Promise((go) => setTimeout(go));
      }
    } finally {
      this.#isWatching = false;
    }
  }
}
