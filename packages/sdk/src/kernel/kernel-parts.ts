/**
 * What a kernel is made with, what it is made of, and what it counts.
 */
import type { CapsuleHost, CapsuleStats } from './capsule-host.js';
import type { Emitter } from './events.js';
import type { Kernel } from './kernel.js';
import type { Supervisor } from './supervisor.js';

/** What the kernel counts. */
export interface KernelStats {
  /** Jobs submitted. */
  readonly jobs: number;
  /** Payload bytes copied into the shared memory for jobs. */
  readonly bytesCopied: number;
  /** Jobs that haven't ended. */
  readonly inFlight: number;
  /** What each capsule has counted, by the name under which the runtime offers it. */
  readonly capsules: Readonly<Record<string, CapsuleStats>>;
}

/** Options of a kernel. */
export interface KernelOptions {
  /** How many jobs of a capsule may wait on the host's side when its rings are full. */
  readonly backlogLimit: number;
  /** When its clock begins, as `performance.now()` tells it. */
  readonly zero: number;
  /** Whether the thread may sleep in an atomic wait. */
  readonly mayBlock: boolean;
  /** Who hears of crashes and full queues. */
  readonly events: Emitter;
  /** Called when an account has paid. */
  readonly onPaid: (account: number) => void;
  /** Called when its capsule has crashed and none of its threads runs, before it may start again. */
  readonly onCrashed?: (member: Member) => void;
}

/** What looks after a capsule that has a memory of its own. */
export interface AdoptedKernel {
  readonly stats: Pick<KernelStats, 'inFlight' | 'capsules'>;
  close(force: boolean): Promise<void>;
}

/** Loads what starts and restarts a capsule's threads. */
export type LoadSupervisor = (kernel: Kernel, member: Member) => Promise<Supervisor>;

/** A capsule and what starts its threads. */
export interface Member {
  readonly host: CapsuleHost;
  readonly load: LoadSupervisor;
  /** Set when its first job comes. */
  loading?: Promise<Supervisor> | undefined;
  supervisor?: Supervisor;
}
