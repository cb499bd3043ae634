/**
 * Which jobs are traced: each, up to so many a second. What is beyond is left out by the whole job, for that costs next
 * to nothing where a few entries and looks at the clock would be as much as a small job's tenth.
 *
 * Time goes in windows of so many jobs. Each begins with its first job. When its jobs are used up before it is over, a
 * timer ends it, and until then nobody looks at the clock.
 */
import { requireInteger, requireOptions, wrongType } from '../../errors.js';

/** Options of tracing. */
export interface TracingOptions {
  /**
   * How many jobs a second are traced: an integer from 1 on, or `Infinity` for each job. While more come, they are left
   * out, and `omitted` events tell how many.
   * @default 16_000
   */
  readonly jobsPerSecond?: number | undefined;
}

const DEFAULT_JOBS_PER_SECOND = 16_000;
/** How many jobs a window has: fewer where it would take longer than a second, more where timers couldn't tell its end. */
const JOBS = 256;
const SHORTEST_MS = 8;

/**
 * How many jobs a second an option of `createInos()` asks for.
 *
 * @throws TypeError, RangeError
 */
export function jobsPerSecond(tracing: unknown): number {
  if (tracing === true) return DEFAULT_JOBS_PER_SECOND;
  if (typeof tracing !== 'object' || tracing === null) {
    throw wrongType('tracing', 'a boolean or an object', tracing);
  }
  const options: TracingOptions = requireOptions('tracing', tracing, ['jobsPerSecond']);
  const { jobsPerSecond: rate = DEFAULT_JOBS_PER_SECOND } = options;
  return requireInteger('tracing.jobsPerSecond', rate, 1, Infinity);
}

/** How many jobs may still be traced. */
export class Allowance {
  readonly #jobs: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  readonly #onOver: () => void;
  /** Jobs of this window that are traced. */
  #taken = 0;
  #began = 0;
  /** Runs while the window's jobs are used up. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #omitted = 0;

  /**
   * @param rate - jobs a second
   * @param now - a clock, in milliseconds
   * @param onOver - hears of the end of each window whose jobs were used up
   */
  constructor(rate: number, now: () => number, onOver: () => void) {
    this.#jobs = Math.max(Math.min(JOBS, rate), Math.ceil((rate * SHORTEST_MS) / 1000));
    this.#windowMs = (this.#jobs * 1000) / rate;
    this.#now = now;
    this.#onOver = onOver;
  }

  /** Whether a job that is about to be submitted is traced; if not, it is counted. */
  takes(): boolean {
    if (this.#taken === this.#jobs && (this.#timer !== undefined || !this.#isOver())) {
      this.#omitted++;
      return false;
    }
    if (this.#taken++ === 0) this.#began = this.#now();
    return true;
  }

  /** Takes back what {@link takes} said of a job that couldn't be submitted. */
  takeBack(isTraced: boolean): void {
    if (isTraced) this.#taken--;
    else this.#omitted--;
  }

  /** How many jobs weren't traced since this was last asked. */
  takeOmitted(): number {
    const omitted = this.#omitted;
    this.#omitted = 0;
    return omitted;
  }

  /** Whether the window that is used up is over; if not, a timer will end it. */
  #isOver(): boolean {
    const restMs = this.#began + this.#windowMs - this.#now();
    if (restMs <= 0) {
      this.#end();
      return true;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#end();
    }, Math.ceil(restMs));
    // Nobody's process stays alive for it.
    (this.#timer as { unref?: () => void }).unref?.();
    return false;
  }

  #end(): void {
    this.#taken = 0;
    this.#onOver();
  }

  /** Ends its timer. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
