/**
 * What a trace tells, event by event. All times are milliseconds since the runtime began (`inos.startedAt`).
 */
import type { JobStatus } from '../job.js';

/** What all events say. */
interface At {
  /** When it happened. */
  readonly time: number;
  /** The name under which the runtime offers the capsule. */
  readonly capsule: string;
}

/** What events of jobs say. */
interface OfJob extends At {
  /** The job's number: `job.id`. */
  readonly job: number;
  readonly method: string;
}

/** What events on a capsule's thread say. */
interface OnThread extends OfJob {
  /** The thread's number: unique in its runtime; of an isolated capsule, in that. */
  readonly thread: number;
}

/** Every event by its kind. */
export interface TraceEvents {
  /** The host has put the job into its capsule's queue. */
  readonly queued: OfJob;
  /** A thread has taken the job. */
  readonly started: OnThread;
  /** The economic check is through. Not for threads that help another. */
  readonly reserved: OnThread;
  /** The thread's part of the work is done. */
  readonly executed: OnThread;
  /** The job's last thread has answered. */
  readonly answered: OnThread;
  /** The host has settled the job's credits: it has ended. */
  readonly settled: OfJob & {
    readonly outcome: Exclude<JobStatus, 'queued' | 'running'>;
    /** Units of work that it was charged for. */
    readonly units: bigint;
  };
  /** All threads of the capsule are in their loops. */
  readonly 'capsule-started': At & {
    /** Which of its lives this is: 1 the first, more after crashes. */
    readonly life: number;
  };
  /** The capsule crashed. */
  readonly 'capsule-crashed': At & {
    /** The job that it crashed in; `undefined` if none is known. */
    readonly job: number | undefined;
    /** Crashes in a row, without a job done between them. */
    readonly crashes: number;
  };
  /** The capsule crashed too often in a row: it takes no more jobs. */
  readonly 'capsule-given-up': At & { readonly crashes: number };
  /**
   * Jobs that the runtime left out of its trace, because more came than `jobsPerSecond`: of none of them is there another
   * event. Told when jobs are traced again, and at the end.
   */
  readonly omitted: { readonly time: number; readonly count: number };
  /** Events that were overwritten before they were read. */
  readonly lost: { readonly time: number; readonly count: number };
}

/** One event of a trace. */
export type TraceEvent = {
  readonly [K in keyof TraceEvents]: { readonly kind: K } & TraceEvents[K];
}[keyof TraceEvents];

/** Options of a trace's reader. */
export interface TraceOptions {
  /** Ends the trace when aborted. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether to begin with what the rings still hold of the time before, rather than with what comes.
   * @default false
   */
  readonly past?: boolean | undefined;
}
