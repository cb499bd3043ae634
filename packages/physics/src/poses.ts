/**
 * Poses as anybody reads them: arrays over the shared memory, without a call and without a copy. The capsule's
 * side is `crates/inos-physics/src/poses.rs`.
 */
import { outOfRange } from '@inos/sdk';
import { BodyState, PosesWords as Words } from './generated/physics.js';
import { requireNumber } from './numbers.js';

/** Where poses lie, to be sent to another worker for {@link Poses.attach}. */
export interface PosesLocation {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
}

/** All bodies at one step. A body's numbers lie at its slot: `translations[3 * body.slot]`. */
export interface PoseFrame {
  /** After how many steps. */
  readonly step: number;
  /** Slots from here on were never in use. */
  readonly slots: number;
  /** x, y, z of each slot, in metres. */
  readonly translations: Float32Array<SharedArrayBuffer>;
  /** x, y, z, w of each slot. */
  readonly rotations: Float32Array<SharedArrayBuffer>;
  /** x, y, z of each slot, in metres per second. */
  readonly linearVelocities: Float32Array<SharedArrayBuffer>;
  /** x, y, z of each slot, in radians per second. */
  readonly angularVelocities: Float32Array<SharedArrayBuffer>;
  /** One {@link BODY_STATES} number a slot. */
  readonly states: Uint8Array<SharedArrayBuffer>;
}

/** What the numbers in {@link PoseFrame.states} mean. */
export const BODY_STATES = {
  absent: BodyState.ABSENT,
  awake: BodyState.AWAKE,
  sleeping: BodyState.SLEEPING,
  disabled: BodyState.DISABLED,
} as const;

/** Bytes of a frame for so many bodies. The same sum as in the capsule. */
function frameBytes(capacity: number): number {
  const numbers = Words.TRANSLATION_WORDS + Words.ROTATION_WORDS + 2 * Words.VELOCITY_WORDS;
  return Math.ceil((capacity * (numbers * 4 + 1)) / 64) * 64;
}

/** Bytes of the region that poses of so many bodies take. */
export function posesBytes(capacity: number): number {
  return Words.HEAD_BYTES + Words.FRAME_COUNT * frameBytes(capacity);
}

type Arrays = Omit<PoseFrame, 'step' | 'slots'>;

/**
 * The poses of a world.
 *
 * The capsule fills a frame that isn't the latest and then names it so, in turn with three. So what you read here
 * is whole, and stays so until the world has been stepped twice more: where that may happen while you read, as in
 * another worker, use {@link read}.
 */
export class Poses {
  /** Send it to another worker. */
  readonly location: PosesLocation;
  /** How many bodies each array has room for. */
  readonly capacity: number;
  readonly #words: Uint32Array<SharedArrayBuffer>;
  readonly #frames: readonly Arrays[];

  private constructor(location: PosesLocation) {
    const { buffer, byteOffset } = location;
    this.location = { buffer, byteOffset };
    this.#words = new Uint32Array(buffer, byteOffset, Words.HEAD_BYTES / 4);
    if (this.#words[Words.MAGIC] !== Words.MAGIC_VALUE) {
      throw outOfRange('location', 'where a world’s poses lie', byteOffset);
    }
    this.capacity = this.#words[Words.CAPACITY] ?? 0;
    const size = frameBytes(this.capacity);
    this.#frames = Array.from({ length: Words.FRAME_COUNT }, (_, index) =>
      arraysAt(buffer, byteOffset + Words.HEAD_BYTES + index * size, this.capacity),
    );
  }

  /** The poses at a location, for instance in another worker. */
  static attach(location: PosesLocation): Poses {
    return new Poses(location);
  }

  /** The latest whole frame. */
  get latest(): PoseFrame {
    const index = Atomics.load(this.#words, Words.LATEST);
    return this.#frame(index);
  }

  /** After how many steps the latest frame is. */
  get step(): number {
    return this.latest.step;
  }

  /** x, y, z of each slot in the latest frame. */
  get translations(): Float32Array<SharedArrayBuffer> {
    return this.#arrays().translations;
  }

  /** x, y, z, w of each slot in the latest frame. */
  get rotations(): Float32Array<SharedArrayBuffer> {
    return this.#arrays().rotations;
  }

  /** x, y, z of each slot's velocity in the latest frame. */
  get linearVelocities(): Float32Array<SharedArrayBuffer> {
    return this.#arrays().linearVelocities;
  }

  /** x, y, z of each slot's angular velocity in the latest frame. */
  get angularVelocities(): Float32Array<SharedArrayBuffer> {
    return this.#arrays().angularVelocities;
  }

  /** Each slot's state in the latest frame: see {@link BODY_STATES}. */
  get states(): Uint8Array<SharedArrayBuffer> {
    return this.#arrays().states;
  }

  /**
   * Calls `work` with the latest frame, and again with a newer one if that was overwritten meanwhile: what the
   * last call saw was whole. Copy what you need; don't keep the frame.
   */
  read<T>(work: (frame: PoseFrame) => T): T {
    for (;;) {
      const index = Atomics.load(this.#words, Words.LATEST);
      const word = headOf(index) + Words.FRAME_SEQUENCE;
      const before = Atomics.load(this.#words, word);
      if (before % 2 === 1) continue;
      const value = work(this.#frame(index));
      if (Atomics.load(this.#words, word) === before) return value;
    }
  }

  /**
   * Writes poses between the last two frames, for display at another rate than steps are taken.
   *
   * @param fraction - from 0, the frame before the latest, to 1, the latest
   * @param translations - x, y, z of each slot go here; at least 3 for each slot of the frame
   * @param rotations - x, y, z, w of each slot go here
   * @returns how many slots were written
   */
  interpolate(fraction: number, translations: Float32Array, rotations: Float32Array): number {
    requireNumber('fraction', fraction);
    for (;;) {
      const index = Atomics.load(this.#words, Words.LATEST);
      const before = (index + Words.FRAME_COUNT - 1) % Words.FRAME_COUNT;
      const sequences = () => [this.#sequence(before), this.#sequence(index)] as const;
      const [first, second] = sequences();
      if (first % 2 === 1 || second % 2 === 1) continue;
      const slots = blend(this.#frame(before), this.#frame(index), fraction, {
        translations,
        rotations,
      });
      const [firstNow, secondNow] = sequences();
      if (firstNow === first && secondNow === second) return slots;
    }
  }

  #sequence(index: number): number {
    return Atomics.load(this.#words, headOf(index) + Words.FRAME_SEQUENCE);
  }

  #arrays(): Arrays {
    return this.#at(Atomics.load(this.#words, Words.LATEST));
  }

  #at(index: number): Arrays {
    const arrays = this.#frames[index];
    if (arrays === undefined) throw outOfRange('the latest frame', 'one of those there are', index);
    return arrays;
  }

  #frame(index: number): PoseFrame {
    const head = headOf(index);
    const word = (offset: number) => Atomics.load(this.#words, head + offset);
    return {
      ...this.#at(index),
      step: word(Words.FRAME_STEP) + word(Words.FRAME_STEP + 1) * 2 ** 32,
      slots: word(Words.FRAME_SLOTS),
    };
  }
}

function headOf(index: number): number {
  return Words.FRAME_TABLE + index * Words.FRAME_STRIDE_WORDS;
}

function arraysAt(buffer: SharedArrayBuffer, start: number, capacity: number): Arrays {
  let offset = start;
  const numbers = (width: number) => {
    const array = new Float32Array(buffer, offset, capacity * width);
    offset += array.byteLength;
    return array;
  };
  return {
    translations: numbers(Words.TRANSLATION_WORDS),
    rotations: numbers(Words.ROTATION_WORDS),
    linearVelocities: numbers(Words.VELOCITY_WORDS),
    angularVelocities: numbers(Words.VELOCITY_WORDS),
    states: new Uint8Array(buffer, offset, capacity),
  };
}

interface Blended {
  readonly translations: Float32Array;
  readonly rotations: Float32Array;
}

/** Bodies that the earlier frame doesn't have, or that went back in time, are where the later says. */
function blend(before: PoseFrame, after: PoseFrame, fraction: number, target: Blended): number {
  const { slots } = after;
  if (target.translations.length < slots * 3) {
    throw outOfRange('translations', `room for ${slots} slots`, target.translations.length);
  }
  if (target.rotations.length < slots * 4) {
    throw outOfRange('rotations', `room for ${slots} slots`, target.rotations.length);
  }
  for (let slot = 0; slot < slots; slot++) {
    const isKnown = slot < before.slots && before.states[slot] !== BodyState.ABSENT;
    const weight = isKnown && before.step <= after.step ? fraction : 1;
    for (let at = slot * 3; at < slot * 3 + 3; at++) {
      const from = before.translations[at] ?? 0;
      target.translations[at] = from + ((after.translations[at] ?? 0) - from) * weight;
    }
    blendRotation(before.rotations, after.rotations, slot * 4, weight, target.rotations);
  }
  return slots;
}

/** The shorter way around, made a unit quaternion again. */
function blendRotation(
  from: Float32Array,
  to: Float32Array,
  start: number,
  weight: number,
  target: Float32Array,
): void {
  let dot = 0;
  for (let at = start; at < start + 4; at++) dot += (from[at] ?? 0) * (to[at] ?? 0);
  const sign = dot < 0 ? -1 : 1;
  let square = 0;
  for (let at = start; at < start + 4; at++) {
    const first = (from[at] ?? 0) * sign;
    const value = weight === 1 ? (to[at] ?? 0) : first + ((to[at] ?? 0) - first) * weight;
    target[at] = value;
    square += value * value;
  }
  const scale = weight === 1 || square === 0 ? 1 : 1 / Math.sqrt(square);
  for (let at = start; at < start + 4; at++) target[at] = (target[at] ?? 0) * scale;
}
