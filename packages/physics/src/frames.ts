/**
 * Frames that anybody may read without asking: which one is the latest, and whether it was overwritten meanwhile.
 * The capsule's side is `crates/inos-physics/src/frames.rs`.
 */
import { outOfRange } from '@inos/sdk';
import { PosesWords as Words } from './generated/physics.js';

/** How many frames take turns. */
export const FRAME_COUNT = Words.FRAME_COUNT;

/** Bytes of a region with a head and frames of so many bytes each. */
export function regionBytes(frameBytes: number): number {
  return Words.HEAD_BYTES + FRAME_COUNT * frameBytes;
}

/** Bytes of a frame of so many things, each of so many numbers and a byte. */
export function frameBytes(capacity: number, numbers: number): number {
  return Math.ceil((capacity * (numbers * 4 + 1)) / 64) * 64;
}

/** Takes a frame's arrays off the memory, one after another. */
export class FrameArrays {
  readonly #buffer: SharedArrayBuffer;
  readonly #capacity: number;
  #offset: number;

  constructor(buffer: SharedArrayBuffer, offset: number, capacity: number) {
    this.#buffer = buffer;
    this.#offset = offset;
    this.#capacity = capacity;
  }

  /** So many numbers for each thing. */
  numbers(width: number): Float32Array<SharedArrayBuffer> {
    const array = new Float32Array(this.#buffer, this.#offset, this.#capacity * width);
    this.#offset += array.byteLength;
    return array;
  }

  /** A word for each thing. */
  words(): Uint32Array<SharedArrayBuffer> {
    const array = new Uint32Array(this.#buffer, this.#offset, this.#capacity);
    this.#offset += array.byteLength;
    return array;
  }

  /** A byte for each thing: the last array. */
  bytes(): Uint8Array<SharedArrayBuffer> {
    return new Uint8Array(this.#buffer, this.#offset, this.#capacity);
  }
}

/** The head of frames: which of them is the latest, and what is known of each. */
export class FrameTable {
  /** How many things each frame has room for. */
  readonly capacity: number;
  readonly #words: Uint32Array<SharedArrayBuffer>;
  readonly #start: number;

  /**
   * @param magic - what the region begins with
   * @param what - what lies there, for errors
   */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, magic: number, what: string) {
    this.#words = new Uint32Array(buffer, byteOffset, Words.HEAD_BYTES / 4);
    if (this.#words[Words.MAGIC] !== magic) throw outOfRange('location', what, byteOffset);
    this.#start = byteOffset + Words.HEAD_BYTES;
    this.capacity = this.#words[Words.CAPACITY] ?? 0;
  }

  /** Where each frame's arrays begin. */
  get starts(): number[] {
    const bytes = this.#words[Words.FRAME_BYTES] ?? 0;
    return Array.from({ length: FRAME_COUNT }, (_, index) => this.#start + index * bytes);
  }

  /** The index of the latest whole frame. */
  get latest(): number {
    return Atomics.load(this.#words, Words.LATEST);
  }

  /** After how many steps a frame is. */
  step(index: number): number {
    const word = headOf(index) + Words.FRAME_STEP;
    return Atomics.load(this.#words, word) + Atomics.load(this.#words, word + 1) * 2 ** 32;
  }

  /** The index of the frame of the step before that of frame `latest`; `latest` itself where there is none. */
  before(latest: number): number {
    const reached = this.step(latest);
    let before = latest;
    for (let index = 0; index < FRAME_COUNT; index++) {
      const step = this.step(index);
      if (step < reached && (before === latest || step > this.step(before))) before = index;
    }
    return before;
  }

  /** How many slots of a frame are in use. */
  slots(index: number): number {
    return Atomics.load(this.#words, headOf(index) + Words.FRAME_SLOTS);
  }

  /** Odd while a frame is filled, and never again what it was. */
  sequence(index: number): number {
    return Atomics.load(this.#words, headOf(index) + Words.FRAME_SEQUENCE);
  }

  /** Calls `work` with the latest frame's index, and again with a newer one if that was overwritten meanwhile. */
  read<T>(work: (index: number) => T): T {
    for (;;) {
      const index = this.latest;
      const before = this.sequence(index);
      if (before % 2 === 1) continue;
      const value = work(index);
      if (this.sequence(index) === before) return value;
    }
  }
}

function headOf(index: number): number {
  return Words.FRAME_TABLE + index * Words.FRAME_STRIDE_WORDS;
}
