/**
 * The host's side of the GPU lane: starts the worker that owns the device, hands searches to it, and notices when it
 * is gone. Loaded with the first search that asks for it.
 */
import type { LaneBoard } from './lane-board.js';
import type { GpuTask, LaneOrder, LaneReport } from './messages.js';

/** A worker that owns a GPU. */
export interface GpuThread {
  /** @throws whatever the engine says of what it can't send */
  send(order: LaneOrder): void;
  /** Ends it; resolves when it is gone. */
  terminate(): Promise<void>;
}

/** Starts one. It doesn't keep a process alive. */
export type SpawnGpuThread = (
  onReport: (report: LaneReport) => void,
  onLost: (reason: unknown) => void,
) => GpuThread;

/** One search's hold on the lane. */
export interface LaneUse {
  readonly board: LaneBoard;
  readonly task: GpuTask;
  /** Hears that the board won't be touched any more. */
  readonly onReleased: () => void;
}

/** How long the worker is kept when no search needs it: opening a device takes a good part of a second. */
const IDLE_MS = 10_000;

/** The GPU of this page or process, for all its runtimes. */
export class GpuLane {
  readonly #spawn: SpawnGpuThread;
  readonly #uses = new Map<number, LaneUse>();
  #thread: GpuThread | undefined;
  #lastId = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(spawn: SpawnGpuThread) {
    this.#spawn = spawn;
  }

  /** Has it take part in a search; gives what ends that. */
  join(use: LaneUse): () => void {
    clearTimeout(this.#idleTimer);
    const id = ++this.#lastId;
    this.#uses.set(id, use);
    try {
      this.#thread ??= this.#start();
      this.#thread.send({ kind: 'search', id, words: use.board.words, task: use.task });
    } catch (error) {
      use.board.giveUp(error);
      this.#release(id);
    }
    return () => {
      if (this.#uses.has(id)) this.#thread?.send({ kind: 'close', id });
    };
  }

  #start(): GpuThread {
    const lose = (reason: unknown) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      const ids = [...this.#uses.keys()];
      for (const id of ids) this.#uses.get(id)?.board.giveUp(reason);
      // Until it is gone it may still write to the boards.
      void thread.terminate().then(() => {
        for (const id of ids) this.#release(id);
      });
    };
    const thread = this.#spawn(({ id }) => {
      this.#release(id);
    }, lose);
    return thread;
  }

  #release(id: number): void {
    const use = this.#uses.get(id);
    this.#uses.delete(id);
    use?.onReleased();
    if (this.#uses.size > 0) return;
    const timer = setTimeout(() => {
      const thread = this.#thread;
      this.#thread = undefined;
      void thread?.terminate();
    }, IDLE_MS);
    // Only Node's timers keep a process alive, and can be told not to.
    if (typeof timer === 'object') timer.unref();
    this.#idleTimer = timer;
  }
}
