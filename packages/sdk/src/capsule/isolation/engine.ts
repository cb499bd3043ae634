/**
 * What runs a capsule's jobs behind its border, in a memory that isn't the runtime's.
 */
import type { InosError } from '../../errors.js';
import type { CapsuleStats } from '../../kernel/capsule-host.js';
import type { JobProgress, JobStatus, JobSteps } from '../../kernel/job.js';
import type { JobRequest } from '../../kernel/task.js';
import type { CapsuleKernel } from '../define-capsule.js';

/** The states that jobs end in. */
export type FinalStatus = Exclude<JobStatus, 'queued' | 'running'>;

/** How a job ended behind the border. What it says of units and cost is the capsule's word. */
export type JobEnd<R> = {
  readonly units: number;
  /** What those cost, in micro-credits; 0 if the capsule crashed. */
  readonly cost: number;
  readonly fraction: number;
  readonly steps: JobSteps;
} & (
  | { readonly status: 'done'; readonly value: R }
  | { readonly status: Exclude<FinalStatus, 'done'>; readonly error: unknown }
);

/** A job to be run. */
export interface Passage<R> {
  /** Its number in the runtime. */
  readonly id: number;
  readonly request: JobRequest<R>;
  /** The encoded request: a copy, in which the engine writes where the regions' bytes lie on its side. */
  readonly message: Uint8Array<ArrayBuffer>;
  /** How it ends when it is stopped and nobody can say what it had used. */
  stopped(status: 'cancelled' | 'expired', reason?: unknown): JobEnd<never>;
  /** Called once, never before {@link Engine.run} has returned, when all that the job wrote has been copied back. */
  onEnded(end: JobEnd<R>): void;
}

/** A job at work, or about to be. */
export interface RunningJob {
  readonly status: JobStatus;
  readonly progress: JobProgress;
  readonly steps: JobSteps;
  /** Waits in place for its end, some microseconds. */
  linger(): void;
  cancel(reason: unknown): void;
  /** Ends it because its deadline has passed. */
  expire(): void;
}

/** What runs a capsule's jobs. */
export interface Engine {
  /** Adds the capsule: called once, before anything else. */
  readonly attach: CapsuleKernel['attach'];
  /** How many jobs it works on at once. */
  readonly depth: number;
  /** How many more may wait on its side. */
  readonly ahead: number;
  /** Why the capsule takes no more jobs, if it was given up. */
  readonly givenUp: InosError | undefined;
  /** Whether its capsule's threads note themselves what they do, where readers of the trace look. */
  readonly isTraced: boolean;
  readonly vitals: Pick<CapsuleStats, 'pages' | 'restarts' | 'threads' | 'state'>;
  /** Whether a view lies on the capsule's side of the border. */
  owns(view: ArrayBufferView): boolean;
  start(): Promise<void>;
  /**
   * Runs a job, at most {@link depth} and {@link ahead} at once.
   *
   * @throws InosError `memory/out-of-memory`; then nothing was kept
   */
  run<R>(passage: Passage<R>): RunningJob;
  /** Lets the jobs end, or ends them, then its threads. */
  close(force: boolean): Promise<void>;
}
