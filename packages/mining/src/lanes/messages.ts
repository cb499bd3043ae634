/**
 * What the host and the worker that owns the GPU say to one another.
 */
import type { BoardWords } from './lane-board.js';

/** A search as the GPU's module takes it; its numbers are the schema's. */
export interface GpuTask {
  readonly algorithm: number;
  readonly header: Uint8Array;
  readonly nonceOffset: number;
  readonly nonceFormat: number;
  readonly lowest: Uint8Array;
  readonly highest: Uint8Array;
  readonly isLittleEndian: boolean;
  readonly lastNonce: bigint;
}

/** What the worker is told. */
export type LaneOrder =
  | {
      readonly kind: 'search';
      readonly id: number;
      readonly words: BoardWords;
      readonly task: GpuTask;
    }
  | { readonly kind: 'close'; readonly id: number }
  /** To leave by itself once nothing works any more, giving up what it is at. */
  | { readonly kind: 'end' };

/** What the worker says: that it touches a search's board no more. */
export interface LaneReport {
  readonly kind: 'released';
  readonly id: number;
}
