/**
 * The GPU's part of one search, in the worker that owns the device: asks for slices, has them tried, answers.
 */
import { SlotState } from '../generated/mining.js';
import { LaneBoard } from './lane-board.js';

/** Tries nonces; resolves to how many lie before the lowest that qualifies, or a larger number than there are. */
export type ScanNonces = (first: bigint, count: number) => Promise<number>;

/** How long a slice shall take: long enough to keep the device busy, short enough to end quickly. */
const SLICE_MS = 10;
const FIRST_SLICE = 2 ** 14;
const SHORTEST_SLICE = 2 ** 10;
const LONGEST_SLICE = 2 ** 28;
/** How much larger or smaller a slice is than the one before, at most. */
const STEP = 4;

/** How many nonces fill a slice's time, learnt from those that were tried. */
export class Pace {
  #count = FIRST_SLICE;
  #answeredAt = 0;

  /** For the next slice. */
  get count(): number {
    return this.#count;
  }

  /** Takes note of a slice that was begun and answered at such times, in milliseconds. */
  note(count: number, submittedAt: number, answeredAt: number): void {
    // While another slice was tried before it, it only waited.
    const tookMs = answeredAt - Math.max(submittedAt, this.#answeredAt);
    this.#answeredAt = answeredAt;
    const wanted = tookMs > 0 ? (count * SLICE_MS) / tookMs : Infinity;
    const bounded = Math.min(Math.max(wanted, count / STEP), count * STEP);
    this.#count = Math.round(Math.min(Math.max(bounded, SHORTEST_SLICE), LONGEST_SLICE));
  }
}

/**
 * Searches until the capsule has no slice left.
 *
 * @throws whatever `scan` rejects with; the board is then as it was
 */
export async function searchOnGpu(board: LaneBoard, scan: ScanNonces): Promise<void> {
  const pace = new Pace();
  const serve = async (slot: number): Promise<void> => {
    while (board.want(slot, pace.count)) {
      await board.leaving(slot, SlotState.WANTED, SlotState.HELD);
      const slice = board.submit(slot);
      if (slice === undefined) return;
      const submittedAt = performance.now();
      const found = await scan(slice.first, slice.count);
      pace.note(slice.count, submittedAt, performance.now());
      board.answer(slot, Math.min(found, slice.count));
      await board.leaving(slot, SlotState.TRIED, SlotState.HELD);
    }
  };
  board.setReady();
  await Promise.all(LaneBoard.SLOTS.map(serve));
}
