/**
 * The worker that owns the GPU: wgpu's handles stay on the thread that made them. It serves all searches of its
 * page or process, and never blocks, since the device answers through the event loop.
 */
import { GpuDevice, GpuSearch } from '../../wasm/mining-gpu.js';
import { searchOnGpu } from './gpu-search.js';
import { LaneBoard } from './lane-board.js';
import type { GpuTask, LaneOrder, LaneReport } from './messages.js';
import type { WorkerGate } from './worker-gate.js';

/** Why it gives up a search that comes too late. */
const ENDING = 'the worker that owns the GPU is ending';

/** What differs between engines. */
export interface GpuWorkerEngine {
  /** Makes WebGPU available and loads the module. */
  readonly load: () => Promise<unknown>;
  /** Tells the host. */
  readonly post: (report: LaneReport) => void;
  /** Asked before each search: the device is left alone unless it lets the search in. */
  readonly gate?: Pick<WorkerGate, 'enter' | 'leave'>;
  /** Has the worker leave, for hosts that order it. */
  readonly leave?: () => void;
}

/** Serves orders. */
export class GpuWorker {
  readonly #engine: GpuWorkerEngine;
  readonly #boards = new Map<number, LaneBoard>();
  #device: Promise<GpuDevice> | undefined;
  #isEnding = false;

  constructor(engine: GpuWorkerEngine) {
    this.#engine = engine;
  }

  /** Takes an order. */
  take(order: LaneOrder): void {
    if (order.kind === 'close') this.#boards.get(order.id)?.close();
    else if (order.kind === 'end') this.#end();
    else void this.#serve(order.id, new LaneBoard(order.words), order.task);
  }

  async #serve(id: number, board: LaneBoard, task: GpuTask): Promise<void> {
    const { gate, post } = this.#engine;
    if (gate?.enter() === false) {
      board.giveUp(ENDING);
    } else {
      this.#boards.set(id, board);
      await this.#search(board, task);
      this.#boards.delete(id);
      gate?.leave();
    }
    post({ kind: 'released', id });
    this.#leaveIfEnded();
  }

  async #search(board: LaneBoard, task: GpuTask): Promise<void> {
    try {
      const device = await this.#open();
      const search = prepare(task);
      try {
        await searchOnGpu(
          board,
          (first, count) => device.scan(search, first, count) as Promise<number>,
        );
      } finally {
        search.free();
      }
    } catch (error) {
      board.giveUp(error);
      // The next search looks for a device anew.
      this.#device = undefined;
    }
  }

  #end(): void {
    this.#isEnding = true;
    for (const board of this.#boards.values()) board.close();
    this.#leaveIfEnded();
  }

  #leaveIfEnded(): void {
    if (this.#isEnding && this.#boards.size === 0) this.#engine.leave?.();
  }

  #open(): Promise<GpuDevice> {
    return (this.#device ??= this.#engine.load().then(() => {
      // Opening compiles the shaders, which takes seconds in software.
      if (this.#isEnding) throw new Error(ENDING);
      return GpuDevice.open();
    }));
  }
}

function prepare(task: GpuTask): GpuSearch {
  return new GpuSearch(
    task.algorithm,
    task.header,
    task.nonceOffset,
    task.nonceFormat,
    task.lowest,
    task.highest,
    task.isLittleEndian,
    task.lastNonce,
  );
}
