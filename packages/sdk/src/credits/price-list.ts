/**
 * What work costs. The price list is data: it lies in the capsule table, where host and capsule read it.
 * The twin of `Price` in `crates/inos-sdk/src/budget.rs`.
 */
import { outOfRange, requireCredits, requireOptions, wrongType } from '../errors.js';

/** The price of a method: `base + ceil(n × price / units)` micro-credits for `n` units of work. */
export interface Price {
  /** Micro-credits for starting at all. */
  readonly base: bigint;
  /** Micro-credits for each `units` units. */
  readonly price: bigint;
  /**
   * How many units `price` buys.
   * @default 1n
   */
  readonly units?: bigint;
  /** What a unit is: `byte`, `hash`, `body-step`. For people. */
  readonly unit: string;
}

/** What a job would cost, before it is submitted. Micro-credits. */
export interface Quote {
  /** The least it costs: below this it isn't started. */
  readonly minimum: bigint;
  /** The most it can cost. */
  readonly maximum: bigint;
  /** The most units of work it can take. */
  readonly units: bigint;
}

/** A {@link Price} ready to be reckoned with. */
export class PriceTag {
  readonly base: number;
  readonly price: number;
  readonly units: number;
  readonly unit: string;

  /**
   * @param argument - how to name the price in errors
   * @throws TypeError, RangeError
   */
  constructor(argument: string, price: Price) {
    requireOptions(argument, price, ['base', 'price', 'units', 'unit']);
    this.base = requireCredits(`${argument}.base`, price.base);
    this.price = requireCredits(`${argument}.price`, price.price);
    this.units = requireCredits(`${argument}.units`, price.units ?? 1n);
    if (this.units === 0) throw outOfRange(`${argument}.units`, 'at least 1n', price.units);
    if (typeof price.unit !== 'string') throw wrongType(`${argument}.unit`, 'a string', price.unit);
    this.unit = price.unit;
  }

  /** What `n` units cost; at most 2^53 - 1, which nobody can have. */
  cost(n: number): number {
    const product = n * this.price;
    if (product + this.units < Number.MAX_SAFE_INTEGER) {
      return Math.min(Number.MAX_SAFE_INTEGER, this.base + Math.ceil(product / this.units));
    }
    const exact = (BigInt(n) * BigInt(this.price) + BigInt(this.units) - 1n) / BigInt(this.units);
    const total = exact + BigInt(this.base);
    return total > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(total);
  }
}
