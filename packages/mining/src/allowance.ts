/**
 * What is left of the budget and the time that several jobs have together.
 */
import type { JobOptions } from '@inos/sdk';

/** What such jobs are submitted with. `budget` and `deadlineMs` hold for all of them together. */
export type SharedOptions = Pick<
  JobOptions,
  'account' | 'budget' | 'deadlineMs' | 'priority' | 'signal'
>;

/** What is left for the next one. */
export class Allowance {
  readonly #options: SharedOptions;
  readonly #endsAt: number;
  #budget: bigint | undefined;

  constructor(options: SharedOptions) {
    this.#options = options;
    this.#budget = options.budget;
    this.#endsAt = performance.now() + (options.deadlineMs ?? 0);
  }

  next(): JobOptions {
    const { deadlineMs, ...rest } = this.#options;
    return {
      ...rest,
      ...(this.#budget === undefined ? {} : { budget: this.#budget }),
      ...(deadlineMs === undefined
        ? {}
        : { deadlineMs: Math.max(0, this.#endsAt - performance.now()) }),
    };
  }

  spend(charged: bigint): void {
    if (this.#budget !== undefined) this.#budget -= charged;
  }
}
