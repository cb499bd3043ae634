/**
 * What is left of the budget and the time that several jobs have together, and of what is waited for between them.
 */
import type { Job, JobOptions } from '@inos/sdk';
import { InosError, requireLimits, requireOptions } from '@inos/sdk/errors';

/** What such jobs are submitted with. `budget` and `deadlineMs` hold for all of them together. */
export type SharedOptions = Pick<
  JobOptions,
  'account' | 'budget' | 'deadlineMs' | 'priority' | 'signal'
>;

/** The names of those options. */
export const SHARED_OPTIONS: readonly (keyof SharedOptions)[] = [
  'account',
  'budget',
  'deadlineMs',
  'priority',
  'signal',
];

/** What is left for the next one. */
export class Allowance {
  readonly #options: SharedOptions;
  readonly #endsAt: number;
  #budget: bigint | undefined;

  constructor(options: SharedOptions) {
    // Waiting begins before there is a job that would complain.
    requireLimits(requireOptions('options', options, SHARED_OPTIONS));
    this.#options = options;
    this.#budget = options.budget;
    this.#endsAt = performance.now() + (options.deadlineMs ?? 0);
  }

  /** Does the next job. If it is refused or late, the error says what all of them together were allowed. */
  async run<T>(submit: (options: JobOptions) => Job<T>): Promise<T> {
    const job = submit(this.#next());
    try {
      return await job;
    } catch (error) {
      throw error instanceof InosError ? this.#ofAll(error) : error;
    } finally {
      if (this.#budget !== undefined) this.#budget -= job.usage.charged;
    }
  }

  /** Waits for what no job knows of; rejects as one would when it is cancelled or too late meanwhile. */
  wait<T>(work: Promise<T>): Promise<T> {
    const { signal, deadlineMs } = this.#options;
    if (signal === undefined && deadlineMs === undefined) return work;
    return new Promise((resolve, reject) => {
      const stop = this.whenOver(reject);
      void work.then(resolve, reject).finally(stop);
    });
  }

  /**
   * Tells once when it is cancelled or too late.
   *
   * @returns what makes it tell nothing any more
   */
  whenOver(tell: (error: InosError) => void): () => void {
    const { signal, deadlineMs } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    };
    const end = (error: InosError) => {
      stop();
      tell(error);
    };
    const cancel = () => {
      end(new InosError('job/cancelled', 'hashing was cancelled', { cause: signal?.reason }));
    };
    if (deadlineMs !== undefined) {
      timer = setTimeout(() => {
        end(this.#late());
      }, this.#leftMs());
    }
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted === true) cancel();
    return stop;
  }

  #next(): JobOptions {
    const { deadlineMs, ...rest } = this.#options;
    return {
      ...rest,
      ...(this.#budget === undefined ? {} : { budget: this.#budget }),
      ...(deadlineMs === undefined ? {} : { deadlineMs: this.#leftMs() }),
    };
  }

  #leftMs(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  #late(cause?: InosError): InosError {
    const text = `hashing passed its deadline of ${this.#options.deadlineMs} ms`;
    return new InosError('job/expired', text, cause && { details: cause.details, cause });
  }

  #ofAll(error: InosError): InosError {
    const { budget } = this.#options;
    if (error.code === 'job/expired') return this.#late(error);
    if (error.code !== 'job/budget-too-small' || this.#budget === budget) return error;
    const text = `of the budget of ${budget} micro-credits ${this.#budget} are left, too few to go on`;
    return new InosError(error.code, text, { details: error.details, cause: error });
  }
}
