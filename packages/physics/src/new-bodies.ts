/**
 * Bodies that no frame of poses holds yet: where they are and how they move is what they were created with. A slot's
 * numbers in the latest frame are zeros until then, or those of a body that had it before.
 */
import type { BodyMotion } from './body-options.js';
import type { Numbers } from './numbers.js';
import type { Poses } from './poses.js';
import type { Handle } from './slots.js';

/** What a body is created with. */
export interface NewBody {
  readonly translation: Float32Array;
  readonly rotation: Float32Array;
  readonly linearVelocity: Float32Array;
  readonly angularVelocity: Float32Array;
}

/** x, y, z; x, y, z, w; and two velocities. */
const WIDTH = 13;
const UNTURNED = [0, 0, 0, 1] as const;

/** Where a body's numbers are. */
interface Entry {
  readonly life: number;
  readonly numbers: Float32Array;
  readonly start: number;
}

/** Bodies whose commands go with one job. */
interface Batch {
  readonly bySlot: Map<number, Entry>;
  /** Which frame was the latest before their job began: any later one holds them. */
  frame: number | undefined;
}

function createBatch(): Batch {
  return { bySlot: new Map(), frame: undefined };
}

/** The new bodies of a world. */
export class NewBodies {
  readonly #poses: Poses;
  /** Sealed ones, the oldest first. */
  #batches: Batch[] = [];
  #open = createBatch();

  constructor(poses: Poses) {
    this.#poses = poses;
  }

  /** Notes bodies, in the order of their numbers. */
  note(bodies: readonly Handle[], motion: BodyMotion): void {
    const numbers = new Float32Array(bodies.length * WIDTH);
    bodies.forEach(({ slot, life }, index) => {
      const start = index * WIDTH;
      copy(motion.positions, index, 3, numbers, start);
      if (motion.rotations) copy(motion.rotations, index, 4, numbers, start + 3);
      else numbers.set(UNTURNED, start + 3);
      if (motion.linearVelocities) copy(motion.linearVelocities, index, 3, numbers, start + 7);
      if (motion.angularVelocities) copy(motion.angularVelocities, index, 3, numbers, start + 10);
      this.#open.bySlot.set(slot, { life, numbers, start });
    });
  }

  /** The bodies noted since the last call go with one job. Call what is given when that begins. */
  seal(): () => void {
    const batch = this.#open;
    if (batch.bySlot.size === 0) return () => undefined;
    this.#open = createBatch();
    this.#batches.push(batch);
    return () => {
      batch.frame ??= this.#poses.version;
      this.#forget();
    };
  }

  /** What a body was created with, if no frame holds it yet. */
  find({ slot, life }: Handle): NewBody | undefined {
    if (this.#batches.length > 0) this.#forget();
    for (const { bySlot } of [...this.#batches, this.#open]) {
      const entry = bySlot.get(slot);
      if (entry?.life !== life) continue;
      const { numbers, start } = entry;
      const part = (from: number, to: number) => numbers.subarray(start + from, start + to);
      return {
        translation: part(0, 3),
        rotation: part(3, 7),
        linearVelocity: part(7, 10),
        angularVelocity: part(10, 13),
      };
    }
    return undefined;
  }

  #forget(): void {
    const { version } = this.#poses;
    this.#batches = this.#batches.filter(({ frame }) => frame === undefined || frame === version);
  }
}

function copy(from: Numbers, index: number, width: number, to: Float32Array, start: number): void {
  for (let at = 0; at < width; at++) to[start + at] = from[index * width + at] ?? 0;
}
