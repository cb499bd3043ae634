/**
 * The economic check, from the host's side: publishes prices, reserves and settles. The twin of
 * `crates/inos-sdk/src/budget.rs`, which does the check before each job in the capsule.
 */
import { requireInteger, sdkError } from '../errors.js';
import { capsuleWord, CapsuleWords, Layout } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import { storeU64, type Ledger, type Reservation, type Settlement } from './ledger.js';
import type { PriceTag } from './price-list.js';

/** Reserves credits before work and settles after it. Amounts are micro-credits as safe integers. */
export class BudgetVerifier {
  readonly #sab: SafeSAB;
  readonly #ledger: Ledger;

  constructor(sab: SafeSAB, ledger: Ledger) {
    this.#sab = sab;
    this.#ledger = ledger;
  }

  /**
   * Writes a capsule's price list where its threads read it. `prices[i]` is method `i`'s.
   *
   * @throws RangeError for a capsule or more prices than there can be
   */
  publish(capsule: number, prices: readonly PriceTag[]): void {
    requireInteger('capsule', capsule, 0, Layout.MAXIMUM_CAPSULES - 1);
    requireInteger('the number of prices', prices.length, 0, Layout.MAXIMUM_METHODS);
    const { words } = this.#sab;
    const entry = capsuleWord(capsule);
    prices.forEach((price, method) => {
      const word = entry + CapsuleWords.PRICES + method * CapsuleWords.PRICE_STRIDE_WORDS;
      storeU64(words, word + CapsuleWords.PRICE_BASE, price.base);
      storeU64(words, word + CapsuleWords.PRICE_PRICE, price.price);
      storeU64(words, word + CapsuleWords.PRICE_UNITS, price.units);
    });
    Atomics.store(words, entry + CapsuleWords.METHODS, prices.length);
  }

  /**
   * Sets a budget aside, or refuses it before any work is done.
   *
   * @throws InosError `job/budget-too-small`, `credits/insufficient`; then nothing was reserved
   */
  verify(account: number, budget: number, minimum: number, reservation: Reservation): void {
    if (budget < minimum) {
      const message = `the budget of ${budget} micro-credits is below the least cost, ${minimum}`;
      throw sdkError('job/budget-too-small', message, { details: { budget, minimum } });
    }
    this.#ledger.reserve(account, budget, reservation);
  }

  /** Ends a reservation: see {@link Ledger.settle}. */
  settle(account: number, operator: number, reservation: Reservation, charged: number): Settlement {
    return this.#ledger.settle(account, operator, reservation, charged);
  }
}
