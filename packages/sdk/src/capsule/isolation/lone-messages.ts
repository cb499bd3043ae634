/**
 * What a page and the worker that runs its capsule say to each other where they can't share memory.
 */
import type { CapsuleSpec } from '../../kernel/capsule-host.js';
import type { JobSteps } from '../../kernel/job.js';
import type { WasmSource } from '../wasm-source.js';
import type { FinalStatus } from './engine.js';

/** An error on its way. */
export interface ToldError {
  /** `undefined` for errors that aren't ours. */
  readonly code: string | undefined;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause: ToldError | undefined;
}

/** What a job's request and plan say, as far as the worker needs it. */
export interface ToldJob {
  readonly id: number;
  readonly method: number;
  readonly budget: number;
  readonly minimum: number;
  readonly outputBytes: number;
  readonly resultBytes: number;
  readonly message: Uint8Array<ArrayBuffer>;
  readonly regions: readonly ToldRegion[];
}

/** The bytes of a region, and where in the message its offset is written. */
export interface ToldRegion {
  readonly position: number;
  readonly view: Uint8Array<ArrayBuffer>;
  readonly isWritten: boolean;
}

/** To the worker. */
export type LoneTask =
  | {
      readonly kind: 'open';
      readonly spec: CapsuleSpec;
      readonly source: Exclude<WasmSource, URL>;
      readonly maximumBytes: number;
      readonly isTracing: boolean;
      /** When the runtime began, in milliseconds since 1970. */
      readonly startedAt: number;
    }
  | { readonly kind: 'start' }
  | ({ readonly kind: 'run' } & ToldJob);

/** How a job ended. */
export interface ToldEnd {
  readonly id: number;
  readonly status: FinalStatus;
  readonly units: number;
  readonly cost: number;
  readonly fraction: number;
  readonly steps: JobSteps;
  /** What the capsule left, if the job is done. */
  readonly output: Uint8Array<ArrayBuffer>;
  readonly result: Uint8Array<ArrayBuffer>;
  /** The capsule's own failure, by its number. */
  readonly failure: { readonly code: number; readonly message: string } | undefined;
  readonly error: ToldError | undefined;
  /** The regions that the job could write, as it left them. */
  readonly written: readonly Uint8Array<ArrayBuffer>[];
  readonly pages: number;
  readonly restarts: number;
}

/** From the worker. */
export type LoneMessage =
  | { readonly kind: 'started'; readonly error: ToldError | undefined }
  | ({ readonly kind: 'ended' } & ToldEnd)
  | {
      readonly kind: 'crashed';
      readonly error: ToldError;
      readonly crashes: number;
      readonly pauseMs: number;
    }
  | { readonly kind: 'given-up'; readonly error: ToldError; readonly crashes: number };
