/**
 * What the host reads of a portable snapshot before the capsule has checked it. The capsule's side is
 * `crates/inos-physics/src/snapshot.rs`.
 */
import { wrongType } from '@inos/sdk';
import { PhysicsLimits, SnapshotWords as Words } from './generated/physics.js';

/** What a head says: to be believed only once the capsule has compared the checksum. */
export interface SnapshotHead {
  /** How many bodies its world can have; 1 where that can't be so, which the capsule then refuses. */
  readonly capacity: number;
  /** The words that the host has put into it. */
  readonly handles: () => Uint32Array;
}

/** Reads a snapshot's head, if it has one. */
export function readHead(snapshot: Uint8Array): SnapshotHead {
  if (!(snapshot instanceof Uint8Array)) throw wrongType('snapshot', 'a Uint8Array', snapshot);
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  const word = (index: number) =>
    index * 4 + 4 <= view.byteLength ? view.getUint32(index * 4, true) : 0;
  const capacity = word(Words.CAPACITY);
  const isPossible = capacity >= 1 && capacity <= PhysicsLimits.MAXIMUM_BODIES;
  return {
    capacity: isPossible ? capacity : 1,
    handles: () => {
      const count = word(Words.HOST_BYTES) / 4;
      return Uint32Array.from({ length: count }, (_, index) => word(Words.HEAD_BYTES / 4 + index));
    },
  };
}
