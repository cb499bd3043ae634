/**
 * A job as its submitter holds it: something to await, watch and cancel.
 */
import type { Account } from '../credits/credits.js';

/** Where a job stands. */
export type JobStatus =
  'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired' | 'out-of-budget';

/** How urgent a job is: of the jobs that wait, a capsule takes the most urgent, of those the oldest. */
export type JobPriority = 'high' | 'normal' | 'low';

/** What every method takes as its last argument. */
export interface JobOptions {
  /**
   * The most the job may spend, in micro-credits.
   * @default what it can cost at most, or what the account holds if that is less
   */
  readonly budget?: bigint;
  /** Milliseconds from now after which the job ends as `expired`, wherever it stands. */
  readonly deadlineMs?: number;
  /** Cancels the job when aborted. */
  readonly signal?: AbortSignal;
  /** @default 'normal' */
  readonly priority?: JobPriority;
  /**
   * Who pays.
   * @default the runtime's default account
   */
  readonly account?: Account;
  /**
   * The only randomness the job may use: an unsigned 64-bit number.
   * @default 0n
   */
  readonly seed?: bigint;
  /**
   * What to do when the capsule's queue is full: let the job wait on the host's side, or throw
   * `kernel/queue-full`.
   * @default 'wait'
   */
  readonly whenFull?: 'wait' | 'throw';
}

/** The names of those options that may differ between submissions of a prepared job. */
export const SUBMIT_OPTIONS: readonly (keyof JobOptions)[] = ['deadlineMs', 'signal', 'whenFull'];

/**
 * The names of {@link JobOptions}. Capsules' own functions that pass options on to a job check by it, with names of their
 * own beside: the job itself refuses any other.
 */
export const JOB_OPTIONS: readonly (keyof JobOptions)[] = [
  ...SUBMIT_OPTIONS,
  'budget',
  'priority',
  'account',
  'seed',
];

/** What a job used and paid. Final once the job has ended. */
export interface JobUsage {
  /** Units of work, as the method's price list names them. */
  readonly units: bigint;
  /** Micro-credits that were set aside for it. */
  readonly reserved: bigint;
  /** Micro-credits it was charged. */
  readonly charged: bigint;
  /** Micro-credits of the reservation that went back. */
  readonly refunded: bigint;
  /** Payload bytes that were copied into the shared memory for it: 0 for views over that memory. */
  readonly bytesCopied: number;
}

/** How far a running job has come. */
export interface JobProgress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** Units charged so far. */
  readonly units: bigint;
}

/**
 * When the steps of the Reactive Mutation Loop happened, in milliseconds since the runtime began. They are noted
 * with `createInos({ tracing: true })` only, and of jobs that are left out of the trace none is.
 */
export interface JobSteps {
  /** The record was written and the capsule's inbox epoch bumped. */
  readonly submitted?: number | undefined;
  /** The capsule's thread had woken and found the job. */
  readonly woke?: number | undefined;
  /** The economic check was through. */
  readonly reserved?: number | undefined;
  /** The result lay in shared memory. */
  readonly finished?: number | undefined;
  /** The kernel had settled the credits. */
  readonly settled?: number | undefined;
}

/** What the kernel offers to a job. */
export interface JobTask<R> {
  readonly id: number;
  readonly status: JobStatus;
  readonly usage: JobUsage;
  readonly steps: JobSteps;
  readonly progress: JobProgress;
  /** Whether the job has ended. */
  readonly hasEnded: boolean;
  /** A promise of its end. Waits in place for some microseconds if the job is likely to end within them. */
  promise(): Promise<R>;
  /** Calls back when the job has ended; at once if it has. */
  whenEnded(resolve: (value: R) => void, reject: (error: unknown) => void): void;
  cancel(reason?: unknown): void;
}

/**
 * One submitted job. Await it for its result; it rejects with an `InosError` (`job/cancelled`, `job/expired`,
 * `job/out-of-budget`, …) or with what the capsule says.
 *
 * A job that fails and that nobody awaits is not reported as an unhandled rejection: its `status` tells.
 *
 * @typeParam R - what it results in
 */
export class Job<R> implements PromiseLike<R> {
  readonly #task: JobTask<R>;
  #promise: Promise<R> | undefined;

  constructor(task: JobTask<R>) {
    this.#task = task;
  }

  /** The job's number, unique in its runtime. */
  get id(): number {
    return this.#task.id;
  }

  /** Where it stands now. */
  get status(): JobStatus {
    return this.#task.status;
  }

  /** What it has used so far. */
  get usage(): JobUsage {
    return this.#task.usage;
  }

  /** When its steps happened. */
  get steps(): JobSteps {
    return this.#task.steps;
  }

  /** Yields how far it has come whenever that has changed, and once more at its end. */
  get progress(): AsyncIterable<JobProgress> {
    const task = this.#task;
    return {
      async *[Symbol.asyncIterator]() {
        const { follow } = await import('./progress.js');
        yield* follow(task);
      },
    };
  }

  /** Ends the job as `cancelled`, unless it has ended: at once while it waits, within a millisecond while it runs. */
  cancel(reason?: unknown): void {
    this.#task.cancel(reason);
  }

  /** As a promise's `then`. */
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#promise ??= this.#task.promise();
    return this.#promise.then(onFulfilled, onRejected);
  }

  /** As a promise's `catch`. */
  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.then(undefined, onRejected);
  }

  /** As a promise's `finally`. */
  finally(onEnded?: (() => void) | null): Promise<R> {
    return this.then().finally(onEnded);
  }
}
