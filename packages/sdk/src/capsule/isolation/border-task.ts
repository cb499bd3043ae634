/**
 * A job of a capsule behind a border, as the border holds it.
 */
import type { JobProgress, JobStatus, JobSteps, JobTask, JobUsage } from '../../kernel/job.js';
import type { JobRequest } from '../../kernel/task.js';
import type { FinalStatus, JobEnd, RunningJob } from './engine.js';

/** What a border does for its jobs. */
export interface TaskBorder {
  cancel(task: AnyBorderTask, reason: unknown): void;
}

/** A job of whatever result. */
export type AnyBorderTask = Pick<
  BorderTask<unknown>,
  'id' | 'hasEnded' | 'running' | 'reserved' | 'bytesCopied' | 'timer' | 'cancel'
> & { readonly request: Omit<JobRequest<unknown>, 'decode'> };

const NOT_YET: JobProgress = { fraction: 0, units: 0n };

/** One job at a border. */
export class BorderTask<R> implements JobTask<R> {
  readonly id: number;
  readonly request: JobRequest<R>;
  /** Its encoded request. */
  readonly message: Uint8Array<ArrayBuffer>;
  /** When it was submitted, in milliseconds since the runtime began. */
  submittedAt = NaN;
  /** The job on the other side, once it has been handed over. */
  running: RunningJob | undefined;
  /** What is set aside for it, in micro-credits. */
  reserved = 0;
  bytesCopied = 0;
  /** Its deadline's timer, if it has one. */
  timer: ReturnType<typeof setTimeout> | undefined;
  readonly #border: TaskBorder;
  #end: JobEnd<R> | undefined;
  #charged = 0;
  #waiters: { readonly resolve: (value: R) => void; readonly reject: (error: unknown) => void }[] =
    [];

  constructor(border: TaskBorder, id: number, request: JobRequest<R>) {
    this.#border = border;
    this.id = id;
    this.request = request;
    this.message = new Uint8Array(request.message.byteLength);
    request.message.writeTo(this.message, 0);
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  get status(): JobStatus {
    return this.#end?.status ?? this.running?.status ?? 'queued';
  }

  get progress(): JobProgress {
    if (this.#end === undefined) return this.running?.progress ?? NOT_YET;
    return { fraction: this.#end.fraction, units: BigInt(this.#end.units) };
  }

  get usage(): JobUsage {
    const units = this.progress.units;
    const { price } = this.request.plan;
    const cost = this.reserved === 0 ? 0 : Math.min(price.cost(Number(units)), this.reserved);
    return {
      units,
      reserved: BigInt(this.reserved),
      charged: BigInt(this.hasEnded ? this.#charged : cost),
      refunded: BigInt(this.hasEnded ? this.reserved - this.#charged : 0),
      bytesCopied: this.bytesCopied,
    };
  }

  get steps(): JobSteps {
    const steps = this.#end?.steps ?? this.running?.steps;
    return { ...steps, ...(Number.isNaN(this.submittedAt) ? {} : { submitted: this.submittedAt }) };
  }

  promise(): Promise<R> {
    this.running?.linger();
    return new Promise((resolve, reject) => {
      this.whenEnded(resolve, reject);
    });
  }

  whenEnded(resolve: (value: R) => void, reject: (error: unknown) => void): void {
    if (this.#end === undefined) this.#waiters.push({ resolve, reject });
    else tell(this.#end, resolve, reject);
  }

  cancel(reason?: unknown): void {
    if (!this.hasEnded) this.#border.cancel(this, reason);
  }

  /** Ends the job: once, by the border, after its credits are settled. Says how it ended. */
  end(end: JobEnd<R>, charged: number): FinalStatus {
    this.#charged = charged;
    this.#end = end;
    for (const { resolve, reject } of this.#waiters.splice(0)) tell(end, resolve, reject);
    return end.status;
  }
}

function tell<R>(
  end: JobEnd<R>,
  resolve: (value: R) => void,
  reject: (error: unknown) => void,
): void {
  if (end.status === 'done') resolve(end.value);
  else reject(end.error);
}
