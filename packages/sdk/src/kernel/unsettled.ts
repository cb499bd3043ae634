/**
 * What waits for the ledger. A thread that was ended from outside may have died with the ledger's lock, and of its end is
 * only heard when the event loop goes on: so nobody stands waiting for that lock where it can be done later.
 */
import type { Ledger } from '../credits/ledger.js';

/** How long it is put off. Browsers take up to two seconds to end a worker. */
const LONGEST_WAIT_MS = 3000;
const PAUSE_MS = 1;

/** Steps that are put off while the ledger's lock isn't given back. */
export class Unsettled {
  readonly #ledger: Ledger;
  /** By whose they are. */
  readonly #steps = new Map<object, () => void>();
  /** Since when the lock is kept. */
  #since: number | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Whether steps wait, or the next one would have to. */
  get isHeldUp(): boolean {
    return this.#steps.size > 0 || !this.#ledger.isFree();
  }

  /**
   * Puts a step off: it is taken later, once. False if steps were put off for so long that the ledger must be damaged.
   *
   * @param owner - whose it is: each has one at a time, the first
   */
  putOff(owner: object, step: () => void): boolean {
    if (this.#steps.has(owner)) return true;
    this.#since ??= performance.now();
    if (this.#isOver(this.#since)) return false;
    if (this.#steps.size === 0) this.#retryLater();
    this.#steps.set(owner, step);
    return true;
  }

  #isOver(since: number): boolean {
    return performance.now() - since > LONGEST_WAIT_MS;
  }

  #retryLater(): void {
    setTimeout(() => {
      if (this.#since === undefined) return;
      if (this.#isOver(this.#since) || this.#ledger.isFree()) this.takeAll();
      else this.#retryLater();
    }, PAUSE_MS);
  }

  /** Takes all steps that were put off, and puts none off again. */
  takeAll(): void {
    const steps = [...this.#steps.values()];
    this.#steps.clear();
    this.#since = -Infinity;
    for (const step of steps) step();
    this.#since = undefined;
  }
}
