/**
 * The threads of a capsule, shared by its worlds: one that steps by itself keeps a thread, and leaves it when
 * there is none for the others' jobs.
 */
import { InosError, type CapsuleRuntime, type SafeSAB } from '@inos/sdk';

const shares = new WeakMap<SafeSAB, ThreadShare>();

/** What it needs of a runtime. */
type ShareRuntime = Pick<CapsuleRuntime, 'memory' | 'threads' | 'start'>;

/** Who keeps the threads of one capsule. */
export class ThreadShare {
  readonly #threads: number;
  readonly #start: CapsuleRuntime['start'];
  readonly #keepers = new Set<() => void>();

  private constructor({ threads, start }: ShareRuntime) {
    this.#threads = threads;
    this.#start = start;
  }

  /** The share of a runtime's capsule. */
  static of(runtime: ShareRuntime): ThreadShare {
    const share = shares.get(runtime.memory) ?? new ThreadShare(runtime);
    shares.set(runtime.memory, share);
    return share;
  }

  /**
   * Whether the runtime is closed, or about to be: it waits for jobs that end only when they are asked to. It tells
   * nobody beforehand, but refuses from then on to start threads. Only for whoever needs them: they are started.
   */
  get isClosed(): boolean {
    try {
      // Threads that don't start are told to the jobs that wait for them.
      this.#start().catch(() => undefined);
      return false;
    } catch (error) {
      return error instanceof InosError && error.code === 'runtime/closed';
    }
  }

  /** Whether one more would leave no thread to anybody else who keeps one. */
  get isTaken(): boolean {
    return this.#keepers.size >= this.#threads;
  }

  /** Notes that a thread is kept, until the function given back is called. `leave` asks for it. */
  keep(leave: () => void): () => void {
    this.#keepers.add(leave);
    return () => {
      this.#keepers.delete(leave);
    };
  }

  /** Before a job is submitted: sees to it that there will be a thread for it. */
  makeRoom(): void {
    if (this.isTaken) for (const leave of this.#keepers) leave();
  }
}
