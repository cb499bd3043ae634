/**
 * The workers of one capsule. One whose thread has ended, even by a trap, is as good as new for the next thread:
 * only the WebAssembly instance died. So a capsule that crashed is back within a millisecond.
 */
import type { CapsuleThread, ThreadEvents } from '../kernel/supervisor.js';
import type { CapsuleWorker, ThreadPlatform, WorkerMessage, WorkerTask } from './platform.js';

interface Lane {
  readonly worker: CapsuleWorker;
  /** Who hears of the thread that it runs; nobody while it runs none. */
  events: ThreadEvents | undefined;
}

/** Runs threads on workers and keeps those for the next. */
export class WorkerPool {
  readonly #threads: ThreadPlatform;
  readonly #name: string;
  readonly #idle = new Set<Lane>();

  constructor(threads: ThreadPlatform, name: string) {
    this.#threads = threads;
    this.#name = name;
  }

  /** Runs a capsule's thread. */
  run(task: WorkerTask, events: ThreadEvents): CapsuleThread {
    const lane = this.#idle.values().next().value ?? this.#spawn();
    this.#idle.delete(lane);
    lane.events = events;
    lane.worker.run(task);
    return {
      terminate: async () => {
        if (!this.#idle.has(lane)) await lane.worker.terminate();
      },
      keepAlive: (isNeeded) => {
        lane.worker.keepAlive(isNeeded);
      },
    };
  }

  #spawn(): Lane {
    const hear = (message: WorkerMessage) => {
      const { events } = lane;
      if (message.kind === 'ready') {
        events?.onReady();
        return;
      }
      lane.events = undefined;
      this.#idle.add(lane);
      if (message.kind === 'left') events?.onLeft();
      else events?.onCrash(message.error);
    };
    const lose = (reason: unknown) => {
      this.#idle.delete(lane);
      lane.events?.onCrash(reason);
    };
    const lane: Lane = { worker: this.#threads.spawn(this.#name, hear, lose), events: undefined };
    return lane;
  }

  /** Ends the workers that run no thread. */
  async close(): Promise<void> {
    const lanes = [...this.#idle];
    this.#idle.clear();
    await Promise.all(lanes.map(({ worker }) => worker.terminate()));
  }
}
