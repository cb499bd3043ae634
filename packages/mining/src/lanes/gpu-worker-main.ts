/**
 * The worker that owns the GPU: wgpu's handles stay on the thread that made them. It serves all searches of its
 * page or process, and never blocks, since the device answers through the event loop.
 */
import { GpuDevice, GpuSearch } from '../../wasm/mining-gpu.js';
import { searchOnGpu } from './gpu-search.js';
import { LaneBoard } from './lane-board.js';
import type { GpuTask, LaneOrder, LaneReport } from './messages.js';

/** Serves orders. */
export class GpuWorker {
  readonly #post: (report: LaneReport) => void;
  readonly #load: () => Promise<unknown>;
  readonly #boards = new Map<number, LaneBoard>();
  #device: Promise<GpuDevice> | undefined;

  /**
   * @param load - makes WebGPU available and loads the module
   * @param post - tells the host
   */
  constructor(load: () => Promise<unknown>, post: (report: LaneReport) => void) {
    this.#load = load;
    this.#post = post;
  }

  /** Takes an order. */
  take(order: LaneOrder): void {
    if (order.kind === 'close') this.#boards.get(order.id)?.close();
    else void this.#search(order.id, new LaneBoard(order.words), order.task);
  }

  async #search(id: number, board: LaneBoard, task: GpuTask): Promise<void> {
    this.#boards.set(id, board);
    try {
      const device = await this.#open();
      const search = prepare(task);
      try {
        await searchOnGpu(board, (first, count) => device.scan(search, first, count) as Promise<number>);
      } finally {
        search.free();
      }
    } catch (error) {
      board.giveUp(error);
      // The next search looks for a device anew.
      this.#device = undefined;
    }
    this.#boards.delete(id);
    this.#post({ kind: 'released', id });
  }

  #open(): Promise<GpuDevice> {
    return (this.#device ??= this.#load().then(() => GpuDevice.open()));
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
