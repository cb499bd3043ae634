/**
 * The threads of a capsule, shared by its worlds: one that steps by itself keeps a thread, and leaves it when
 * there is none for the others' jobs.
 */
import type { CapsuleRuntime, SafeSAB } from '@inos/sdk';

const shares = new WeakMap<SafeSAB, ThreadShare>();

/** Who keeps the threads of one capsule. */
export class ThreadShare {
  readonly #runtime: CapsuleRuntime;
  readonly #keepers = new Set<() => void>();

  private constructor(runtime: CapsuleRuntime) {
    this.#runtime = runtime;
  }

  /** The share of a runtime's capsule. */
  static of(runtime: CapsuleRuntime): ThreadShare {
    const share = shares.get(runtime.memory) ?? new ThreadShare(runtime);
    shares.set(runtime.memory, share);
    return share;
  }

  /** Whether the runtime is closed, or about to be: it waits for jobs that end only when they are asked to. */
  get isClosed(): boolean {
    return this.#runtime.isClosed;
  }

  /** Whether one more would leave no thread to anybody else who keeps one. */
  get isTaken(): boolean {
    return this.#keepers.size >= this.#runtime.threads;
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
