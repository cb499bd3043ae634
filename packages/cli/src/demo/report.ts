/**
 * What the demo finds out, as data: `inos demo --json` prints it, the trace on a terminal shows it.
 * Credits are numbers of micro-credits: a ledger never holds more than 2^53 - 1, so all are exact.
 */
import type { HashAlgorithm } from '@inos/mining';
import type { JobStatus } from '@inos/sdk';

/** One step of the Reactive Mutation Loop, as it went in one job. */
export interface StepReport {
  /** From 1 to 6. */
  readonly step: number;
  readonly name: string;
  /** Whether the job got so far. */
  readonly isReached: boolean;
  /** When it was done, in microseconds since the job's signal; `null` if it wasn't. */
  readonly doneAtMicroseconds: number | null;
  /** How long it took; `null` too for the steps that take no time of their own, 1 and 5. */
  readonly tookMicroseconds: number | null;
}

/** What a job cost. */
export interface CreditsReport {
  readonly quotedMinimum: number;
  readonly quotedMaximum: number;
  readonly budget: number;
  readonly reserved: number;
  readonly charged: number;
  readonly refunded: number;
}

/** A result as an implementation sees it that shares no code with the capsule. */
export interface CheckReport {
  readonly by: 'node:crypto' | '@noble/hashes';
  readonly digest: string;
  /** Whether the digests are equal and, for a nonce, at or below the target. */
  readonly isEqual: boolean;
}

/** One job. */
export interface JobReport {
  readonly id: number;
  readonly title: string;
  readonly method: 'hash' | 'search';
  readonly algorithm: HashAlgorithm;
  readonly account: string;
  readonly status: JobStatus;
  /** Why it wasn't done; `null` if it was. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly steps: readonly StepReport[];
  readonly credits: CreditsReport;
  /** Units of work done. */
  readonly units: number;
  readonly unit: 'byte' | 'hash';
  readonly payloadBytes: number;
  /** Payload bytes that were copied for it, as the SDK counts them. */
  readonly bytesCopied: number;
  /** The digest, 64 hexadecimal digits; `null` if there is none. */
  readonly digest: string | null;
  /** For a search: what was searched and found. */
  readonly search: SearchReport | null;
  readonly check: CheckReport | null;
}

/** What a search was about. */
export interface SearchReport {
  readonly header: string;
  readonly target: string;
  readonly nonce: number | null;
}

/** What an account held. */
export interface AccountReport {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** What is known before the first job. */
export interface OpeningReport {
  /** The version of this package. */
  readonly inos: string;
  readonly node: string;
  readonly threads: number;
  /** How long it took to start the capsule's threads. */
  readonly startMilliseconds: number;
  readonly file: {
    readonly path: string;
    readonly bytes: number;
    /** How long the system took to read it into the shared memory. */
    readonly readMicroseconds: number;
    /** Where it lies in the shared memory. */
    readonly offset: number;
  };
}

/** What the demo's world came to. */
export interface PhysicsReport {
  readonly boxes: number;
  /** Steps that the world has taken in the end. */
  readonly steps: number;
  readonly millisecondsPerStep: number;
  /** What the first part was said to cost, did cost, and what for: boxes and floor, each times each step. */
  readonly quoted: number;
  readonly charged: number;
  readonly bodySteps: number;
  /** What was copied to save the world, and the step that it was rolled back to. */
  readonly stateBytes: number;
  readonly restoredTo: number;
  /** The digest, and the one after the world was rolled back and stepped again. */
  readonly digest: string;
  readonly digestAgain: string;
  readonly isEqual: boolean;
}

/** A challenge, solved. */
export interface ChallengeReport {
  /** How many hashes it takes on average. */
  readonly difficulty: number;
  readonly solution: string;
  readonly nonce: number;
  /** How many it took. */
  readonly hashes: number;
  /** Starting threads of its own included. */
  readonly milliseconds: number;
  readonly isVerified: boolean;
  /** The code that the same solution is refused with the second time. */
  readonly refusedAgain: string | null;
  /** Whether all of that is as it should be, by node:crypto as well. */
  readonly isAsExpected: boolean;
}

/** The whole demo. */
export interface DemoReport extends OpeningReport {
  readonly jobs: readonly JobReport[];
  readonly physics: PhysicsReport;
  readonly challenge: ChallengeReport;
  readonly accounts: readonly AccountReport[];
  /** The sum over all accounts, before the first and after the last job. */
  readonly ledger: { readonly before: number; readonly after: number; readonly isEqual: boolean };
  /** Payload bytes of all jobs, and how many of them were copied. */
  readonly payloadBytes: number;
  readonly bytesCopied: number;
  /** Whether all is as it should be. */
  readonly ok: boolean;
}

/** A job that is about to run. */
export type JobPlan = Pick<JobReport, 'title' | 'method' | 'algorithm' | 'payloadBytes'> &
  Pick<CreditsReport, 'quotedMinimum' | 'quotedMaximum'>;

/** Whoever shows the demo while it runs. */
export interface DemoView {
  opened(report: OpeningReport): void;
  /** Says how far a job has come when it is asked. */
  jobStarted(plan: JobPlan, fraction: () => number): void;
  jobEnded(report: JobReport): void;
  physicsEnded(report: PhysicsReport): void;
  /** Something else takes its time. */
  busy(text: string, fraction: () => number): void;
  finished(report: DemoReport): void;
}
