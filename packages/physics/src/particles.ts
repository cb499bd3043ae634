/**
 * Particles of soft bodies as anybody reads them: arrays over the shared memory, without a call and without a copy.
 * The capsule's side is `crates/inos-physics/src/particles.rs`.
 */
import { outOfRange } from '@inos/sdk';
import { FrameArrays, frameBytes, FrameTable, regionBytes } from './frames.js';
import { ParticlesWords as Words, PhysicsLimits } from './generated/physics.js';

/** Where particles lie, to be sent to another worker for {@link Particles.attach}. */
export interface ParticlesLocation {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
}

/** All particles at one step: those of each soft body together, soft bodies by their slots. */
export interface ParticleFrame {
  /** After how many steps. */
  readonly step: number;
  /** How many particles there are in the arrays. */
  readonly count: number;
  /** How many the world has, should there be no room for all of them. */
  readonly total: number;
  /** x, y, z of each, in metres. */
  readonly positions: Float32Array<SharedArrayBuffer>;
  /** x, y, z of each, in metres per second. */
  readonly velocities: Float32Array<SharedArrayBuffer>;
  /** The slot of each one's soft body; {@link NO_OWNER} for pieces that tore off, which come last. */
  readonly owners: Uint32Array<SharedArrayBuffer>;
  /** One {@link BODY_STATES} number for each. */
  readonly states: Uint8Array<SharedArrayBuffer>;
}

/** In {@link ParticleFrame.owners}: a piece that tore off a soft body. */
export const NO_OWNER = PhysicsLimits.NONE;

const NUMBERS = Words.POSITION_WORDS + Words.VELOCITY_WORDS + Words.OWNER_WORDS;

/** Bytes of the region that so many particles take. */
export function particlesBytes(capacity: number): number {
  return regionBytes(frameBytes(capacity, NUMBERS));
}

type Arrays = Omit<ParticleFrame, 'step' | 'count' | 'total'>;

/** The particles of a world's soft bodies. Frames take turns as those of {@link Poses} do. */
export class Particles {
  /** Send it to another worker. */
  readonly location: ParticlesLocation;
  /** How many particles each array has room for: at least as many as were asked for. */
  readonly capacity: number;
  readonly #table: FrameTable;
  readonly #frames: readonly Arrays[];

  private constructor({ buffer, byteOffset }: ParticlesLocation) {
    this.location = { buffer, byteOffset };
    const what = 'where a world’s particles lie';
    this.#table = new FrameTable(buffer, byteOffset, Words.MAGIC_VALUE, what);
    const { capacity, starts } = this.#table;
    this.capacity = capacity;
    this.#frames = starts.map((start) => {
      const arrays = new FrameArrays(buffer, start, capacity);
      return {
        positions: arrays.numbers(Words.POSITION_WORDS),
        velocities: arrays.numbers(Words.VELOCITY_WORDS),
        owners: arrays.words(),
        states: arrays.bytes(),
      };
    });
  }

  /** The particles at a location, for instance in another worker. */
  static attach(location: ParticlesLocation): Particles {
    return new Particles(location);
  }

  /** The latest whole frame. */
  get latest(): ParticleFrame {
    return this.#frame(this.#table.latest);
  }

  /**
   * Calls `work` with the latest frame, and again with a newer one if that was overwritten meanwhile: what the
   * last call saw was whole. Copy what you need; don't keep the frame.
   */
  read<T>(work: (frame: ParticleFrame) => T): T {
    return this.#table.read((index) => work(this.#frame(index)));
  }

  #frame(index: number): ParticleFrame {
    const arrays = this.#frames[index];
    if (arrays === undefined) throw outOfRange('the latest frame', 'one of those there are', index);
    const total = this.#table.slots(index);
    return {
      ...arrays,
      step: this.#table.step(index),
      count: Math.min(total, this.capacity),
      total,
    };
  }
}

/** The particles of one soft body in a frame, from the first to before the second. */
export function particlesOf({ owners, count }: ParticleFrame, slot: number): [number, number] {
  return [firstAt(owners, count, slot), firstAt(owners, count, slot + 1)];
}

/** The first particle whose owner isn't below `slot`: owners ascend. */
function firstAt(owners: Uint32Array, count: number, slot: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((owners[middle] ?? 0) < slot) low = middle + 1;
    else high = middle;
  }
  return low;
}
