/**
 * A job as the kernel holds it: what it was given, where it stands, how it ended.
 */
import type { PriceTag } from '../credits/price-list.js';
import { InosError, sdkError } from '../errors.js';
import { FailureCode, JobState, StopReason } from '../memory/layout.js';
import type { JobProgress, JobStatus, JobSteps, JobTask, JobUsage } from './job.js';
import type { EncodedRequest } from './message.js';
import type { JobRecord } from './record.js';
import type { Tracer } from './trace/tracer.js';

/** What a job that ended early had used. */
export interface Spent {
  readonly units: bigint;
  readonly charged: bigint;
}

/** Why a runtime takes no jobs, and what those are cancelled with that it doesn't wait for. */
export function closedError(): InosError {
  return sdkError('runtime/closed', 'the runtime is closed');
}

/** The error of a cancelled job. */
export function cancelledError(job: number, spent: Spent, cause: unknown): InosError {
  const details = { job, ...spent };
  return sdkError('job/cancelled', `job ${job} was cancelled`, { details, cause });
}

/** The error of a job whose deadline has passed. */
export function expiredError(job: number, spent: Spent, deadlineMs: number | undefined): InosError {
  const details = { job, ...spent };
  return sdkError('job/expired', `job ${job} passed its deadline of ${deadlineMs} ms`, { details });
}

/** The error of a job whose result can't be read. */
export function resultError(cause: unknown): InosError {
  if (cause instanceof InosError) return cause;
  const message = 'the capsule left a result that makes no sense';
  return sdkError('protocol/bad-result', message, { cause });
}

/** The error of a job that nobody has stopped, and whose capsule says that it was. */
export function stopError(job: number): InosError {
  return sdkError(
    'protocol/bad-result',
    `job ${job} was stopped, says its capsule, and nobody did`,
  );
}

/** What a finished job left in shared memory, copied out. */
export interface JobResult {
  /** The output area. */
  output(): Uint8Array<ArrayBuffer>;
  /** The result message's bytes. */
  result(): Uint8Array<ArrayBuffer>;
}

/** What all jobs of a method have in common. */
export interface MethodPlan {
  readonly capsule: number;
  readonly method: number;
  readonly outputBytes: number;
  readonly resultBytes: number;
  readonly price: PriceTag;
  /** How long to wait in place for the method's answers. */
  readonly pace: Pace;
  /** The error that a capsule's own failure code stands for. */
  readonly toError: (code: number, message: string) => InosError;
}

/** What a capsule does with a region. */
export type RegionAccess = 'read' | 'write';

/** A view over another memory than the capsule's: its bytes cross the border with each job. */
export interface Crossing {
  /** Where in the encoded request the region's offset is written. */
  readonly position: number;
  readonly view: ArrayBufferView;
  readonly access: RegionAccess;
  /** Lets go of the view. */
  release(): void;
}

/** A job to be done, validated and encoded. */
export interface JobRequest<R> {
  readonly plan: MethodPlan;
  readonly message: EncodedRequest;
  readonly account: number;
  readonly threads: number;
  readonly budget: number;
  readonly minimum: number;
  /** 0 high, 1 normal, 2 low. */
  readonly priority: number;
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly whenFull: 'wait' | 'throw';
  readonly bytesCopied: number;
  /** Its views over another memory than the capsule's. */
  readonly crossings?: readonly Crossing[] | undefined;
  /** In which of its lives the memory was that its other views lie in; `undefined` if there are none. */
  readonly life?: number | undefined;
  /** Takes what the job left and makes it what its caller awaits. */
  decode(result: JobResult): R;
  /** Frees copies and unpins regions. Called once, when the job has ended. */
  release(): void;
}

/** How long a method's answers take, as learnt from the last ones. */
export interface Pace {
  /** Microseconds to wait in place for the next answer; below 1: don't. */
  lingerMicroseconds: number;
}

/** What each `JobState` is called. */
export const STATUS: Readonly<Record<number, JobStatus>> = {
  [JobState.QUEUED]: 'queued',
  [JobState.RUNNING]: 'running',
  [JobState.DONE]: 'done',
  [JobState.FAILED]: 'failed',
  [JobState.CANCELLED]: 'cancelled',
  [JobState.EXPIRED]: 'expired',
  [JobState.OUT_OF_BUDGET]: 'out-of-budget',
};

/** A task of whatever result, as the kernel handles it. */
export type AnyTask = Pick<
  Task<unknown>,
  'id' | 'request' | 'record' | 'submittedAt' | 'hasEnded' | 'stopping' | 'cancel' | 'end' | 'timer'
>;

/** What the kernel does for a task. */
export interface TaskKernel {
  /** Notes when steps happen, if somebody shall. */
  readonly tracer: Pick<Tracer, 'settled' | 'stepsOf'> | undefined;
  now(): number;
  linger(task: AnyTask): void;
  watch(): void;
  stop(task: AnyTask, state: number): void;
}

interface Waiter<R> {
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/** One job in the kernel. */
export class Task<R> implements JobTask<R> {
  readonly id: number;
  readonly request: JobRequest<R>;
  /** Where the job lives while it isn't settled. */
  readonly record: JobRecord;
  /** Its deadline's timer, if it has one. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the tracer notes its steps. */
  isTraced = false;
  /** When it was submitted, in milliseconds since the runtime began; NaN if nobody will ask. */
  submittedAt: number;
  /** Whether the job has ended. */
  hasEnded = false;
  /** The state that its threads were asked to end it in, or `StopReason.NONE`. */
  stopping: number = StopReason.NONE;
  readonly #kernel: TaskKernel;
  #cancelReason: unknown;
  #state = 0;
  #value: R | undefined;
  #error: unknown;
  /** Nearly every job has one waiter, so the first needs no array. */
  #resolve: ((value: R) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #moreWaiters: Waiter<R>[] | undefined;
  #units = 0;
  #reserved = 0;
  #charged = 0;
  #fraction = 0;
  /** What the tracer noted of its steps. */
  #noted: readonly number[] | undefined;

  constructor(kernel: TaskKernel, id: number, request: JobRequest<R>, record: JobRecord) {
    this.#kernel = kernel;
    this.id = id;
    this.request = request;
    this.record = record;
    // A look at the clock is a twentieth of a small job's time.
    this.submittedAt = request.plan.pace.lingerMicroseconds < 1 ? kernel.now() : NaN;
  }

  get status(): JobStatus {
    return STATUS[this.hasEnded ? this.#state : this.record.state] ?? 'queued';
  }

  get usage(): JobUsage {
    const { hasEnded } = this;
    const units = hasEnded ? this.#units : this.record.units;
    const reserved = hasEnded ? this.#reserved : this.record.reserved;
    return {
      units: BigInt(units),
      reserved: BigInt(reserved),
      charged: BigInt(
        hasEnded ? this.#charged : reserved === 0 ? 0 : this.request.plan.price.cost(units),
      ),
      refunded: BigInt(hasEnded ? this.#reserved - this.#charged : 0),
      bytesCopied: this.request.bytesCopied,
    };
  }

  get progress(): JobProgress {
    if (!this.hasEnded) return { fraction: this.record.fraction, units: BigInt(this.record.units) };
    return { fraction: this.#fraction, units: BigInt(this.#units) };
  }

  get steps(): JobSteps {
    if (!this.isTraced) return {};
    return this.#kernel.tracer?.stepsOf(this.#noted ?? [this.submittedAt]) ?? {};
  }

  promise(): Promise<R> {
    if (!this.hasEnded) this.#kernel.linger(this);
    if (this.hasEnded && this.#state === JobState.DONE) return Promise.resolve(this.#value as R);
    return new Promise((resolve, reject) => {
      this.whenEnded(resolve, reject);
    });
  }

  whenEnded(resolve: (value: R) => void, reject: (error: unknown) => void): void {
    if (this.hasEnded) {
      this.#tell(resolve, reject);
    } else {
      if (this.#resolve === undefined) {
        this.#resolve = resolve;
        this.#reject = reject;
      } else {
        (this.#moreWaiters ??= []).push({ resolve, reject });
      }
      this.#kernel.watch();
    }
  }

  cancel(reason?: unknown): void {
    if (this.hasEnded) return;
    this.#cancelReason ??= reason;
    this.#kernel.stop(this, JobState.CANCELLED);
  }

  /**
   * Ends the job: once, by the kernel, after its credits are settled and before its record is used again.
   *
   * @param state - a final `JobState`
   * @param failure - why, for jobs that didn't get as far as saying it themselves
   * @returns the state that it ended in: `FAILED` if its result makes no sense
   */
  end(
    state: number,
    units: number,
    reserved: number,
    charged: number,
    failure?: InosError,
  ): number {
    this.#units = units;
    this.#reserved = reserved;
    this.#charged = charged;
    this.#state = state;
    if (state === JobState.DONE) {
      this.#fraction = 1;
      this.#decode();
    } else {
      this.#fraction = this.record.fraction;
      this.#error = failure ?? this.#readError(state);
    }
    if (this.isTraced) this.#noted = this.#kernel.tracer?.settled(this, this.#state, units);
    this.hasEnded = true;
    if (this.#resolve && this.#reject) this.#tell(this.#resolve, this.#reject);
    if (this.#moreWaiters) {
      for (const { resolve, reject } of this.#moreWaiters) this.#tell(resolve, reject);
    }
    this.#resolve = this.#reject = this.#moreWaiters = undefined;
    return this.#state;
  }

  #decode(): void {
    try {
      this.#value = this.request.decode(this.record);
    } catch (error) {
      this.#state = JobState.FAILED;
      this.#error = resultError(error);
    }
  }

  #tell(resolve: (value: R) => void, reject: (error: unknown) => void): void {
    if (this.#state === JobState.DONE) resolve(this.#value as R);
    else reject(this.#error);
  }

  #readError(state: number): InosError {
    const details = { units: BigInt(this.#units), charged: BigInt(this.#charged) };
    switch (state) {
      case JobState.CANCELLED:
        return cancelledError(this.id, details, this.#cancelReason);
      case JobState.EXPIRED:
        return expiredError(this.id, details, this.request.deadlineMs);
      case JobState.OUT_OF_BUDGET:
        return this.#budgetError(details);
      default: {
        const { code, message } = this.record.failure();
        return this.request.plan.toError(code, message);
      }
    }
  }

  #budgetError(spent: Spent): InosError {
    const { code, message } = this.record.failure();
    const { budget, minimum } = this.request;
    const details = { job: this.id, ...spent, budget: BigInt(budget), minimum: BigInt(minimum) };
    if (code === FailureCode.INSUFFICIENT_CREDITS)
      return sdkError('credits/insufficient', message, { details });
    if (code === FailureCode.BUDGET_TOO_SMALL)
      return sdkError('job/budget-too-small', message, { details });
    const spentIt = `job ${this.id} spent its budget of ${budget} micro-credits after ${this.#units} units`;
    return sdkError('job/out-of-budget', spentIt, { details });
  }
}
