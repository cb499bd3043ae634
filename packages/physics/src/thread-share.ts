/**
 * The threads of a capsule, shared by its worlds: one that steps by itself keeps a thread, and leaves it when
 * there is none for the others' jobs.
 */
import type { CapsuleRuntime, SafeSAB } from '@inos/sdk';

const shares = new WeakMap<SafeSAB, ThreadShare>();

/** Who keeps the threads of one capsule. */
export class ThreadShare {
  readonly #threads: number;
  readonly #keepers = new Set<() => void>();

  private constructor(threads: number) {
    this.#threads = threads;
  }

  /** The share of a runtime's capsule. */
  static of({ memory, threads }: Pick<CapsuleRuntime, 'memory' | 'threads'>): ThreadShare {
    const share = shares.get(memory) ?? new ThreadShare(threads);
    shares.set(memory, share);
    return share;
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
