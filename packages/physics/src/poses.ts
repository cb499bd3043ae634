/**
 * Poses as anybody reads them: arrays over the shared memory, without a call and without a copy. The capsule's
 * side is `crates/inos-physics/src/poses.rs`.
 */
import { outOfRange } from '@inos/sdk';
import { FRAME_COUNT, FrameArrays, frameBytes, FrameTable, regionBytes } from './frames.js';
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

const NUMBERS = Words.TRANSLATION_WORDS + Words.ROTATION_WORDS + 2 * Words.VELOCITY_WORDS;

/** Bytes of the region that poses of so many bodies take. */
export function posesBytes(capacity: number): number {
  return regionBytes(frameBytes(capacity, NUMBERS));
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
  readonly #table: FrameTable;
  readonly #frames: readonly Arrays[];

  private constructor({ buffer, byteOffset }: PosesLocation) {
    this.location = { buffer, byteOffset };
    const what = 'where a world’s poses lie';
    this.#table = new FrameTable(buffer, byteOffset, Words.MAGIC_VALUE, what);
    const { capacity, starts } = this.#table;
    this.capacity = capacity;
    this.#frames = starts.map((start) => arraysAt(buffer, start, capacity));
  }

  /** The poses at a location, for instance in another worker. */
  static attach(location: PosesLocation): Poses {
    return new Poses(location);
  }

  /** The latest whole frame. */
  get latest(): PoseFrame {
    return this.#frame(this.#table.latest);
  }

  /** After how many steps the latest frame is. */
  get step(): number {
    return this.latest.step;
  }

  /** @internal A number that each frame has alone. */
  get version(): number {
    const { latest } = this.#table;
    return this.#table.sequence(latest) * FRAME_COUNT + latest;
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
    return this.#table.read((index) => work(this.#frame(index)));
  }

  /**
   * Writes poses between the last two steps, for display at another rate than steps are taken.
   *
   * @param fraction - from 0, the step before the latest frame's that was shown, to 1, the latest
   * @param translations - x, y, z of each slot go here; at least 3 for each slot of the frame
   * @param rotations - x, y, z, w of each slot go here
   * @returns how many slots were written
   */
  interpolate(fraction: number, translations: Float32Array, rotations: Float32Array): number {
    requireNumber('fraction', fraction);
    for (;;) {
      const index = this.#table.latest;
      const before = this.#table.before(index);
      const sequences = () => [this.#table.sequence(before), this.#table.sequence(index)] as const;
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

  #arrays(): Arrays {
    return this.#at(this.#table.latest);
  }

  #at(index: number): Arrays {
    const arrays = this.#frames[index];
    if (arrays === undefined) throw outOfRange('the latest frame', 'one of those there are', index);
    return arrays;
  }

  #frame(index: number): PoseFrame {
    return {
      ...this.#at(index),
      step: this.#table.step(index),
      slots: this.#table.slots(index),
    };
  }
}

function arraysAt(buffer: SharedArrayBuffer, start: number, capacity: number): Arrays {
  const arrays = new FrameArrays(buffer, start, capacity);
  return {
    translations: arrays.numbers(Words.TRANSLATION_WORDS),
    rotations: arrays.numbers(Words.ROTATION_WORDS),
    linearVelocities: arrays.numbers(Words.VELOCITY_WORDS),
    angularVelocities: arrays.numbers(Words.VELOCITY_WORDS),
    states: arrays.bytes(),
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
