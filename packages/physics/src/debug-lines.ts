/**
 * Lines that show what rapier sees, in shared memory. The capsule's side is `crates/inos-physics/src/debug.rs`.
 */
import { wrongType, type SafeSAB } from '@inos/sdk';
import { requireName } from './numbers.js';

/** What lines can show. */
export type DebugMode =
  | 'collider-shapes'
  | 'body-axes'
  | 'reduced-joints'
  | 'joints'
  | 'solver-contacts'
  | 'contacts'
  | 'collider-bounds'
  | 'soft-bodies'
  | 'pseudo-normals'
  | 'soft-contacts'
  | 'soft-stress';

/** rapier's DebugRenderMode. */
const MODES: Readonly<Record<DebugMode, number>> = {
  'collider-shapes': 1,
  'body-axes': 2,
  'reduced-joints': 4,
  joints: 8,
  'solver-contacts': 16,
  contacts: 32,
  'collider-bounds': 64,
  'soft-bodies': 128,
  'pseudo-normals': 256,
  'soft-contacts': 512,
  'soft-stress': 1024,
};

/** What is shown unless something else is asked for. */
export const DEFAULT_MODES: readonly DebugMode[] = [
  'collider-shapes',
  'body-axes',
  'reduced-joints',
  'joints',
];

/** Modes as bits. */
export function encodeModes(modes: readonly DebugMode[]): number {
  if (!Array.isArray(modes)) throw wrongType('options.modes', 'an array of names', modes);
  return modes.reduce<number>(
    (bits, mode, index) => bits | requireName(`options.modes[${index}]`, mode, MODES),
    0,
  );
}

/** Words of a line: both ends, and the colours of both. */
const END_WORDS = 6;
const COLOR_WORDS = 8;
const LINE_WORDS = END_WORDS + COLOR_WORDS;
const FIRST_ROOM = 1024;

/**
 * Lines as arrays over the shared memory, for a GPU upload or Three.js LineSegments. Use it again for the next
 * frame, or dispose of it.
 */
export class DebugLines {
  readonly #memory: SafeSAB;
  #output: Uint32Array<SharedArrayBuffer>;
  #room: number;
  #isDisposed = false;

  /** No lines yet. */
  constructor(memory: SafeSAB) {
    this.#memory = memory;
    this.#room = FIRST_ROOM;
    this.#output = memory.alloc(Uint32Array, 1 + FIRST_ROOM * LINE_WORDS);
  }

  /** How many lines there are. */
  get count(): number {
    return Math.min(this.#output[0] ?? 0, this.#room);
  }

  /** x, y, z of both ends of each line, in metres. */
  get positions(): Float32Array<SharedArrayBuffer> {
    return this.#numbers(1, this.count * END_WORDS);
  }

  /** Red, green, blue and alpha of both ends of each line, from 0 to 1. */
  get colors(): Float32Array<SharedArrayBuffer> {
    return this.#numbers(1 + this.#room * END_WORDS, this.count * COLOR_WORDS);
  }

  #numbers(start: number, length: number): Float32Array<SharedArrayBuffer> {
    const { buffer, byteOffset } = this.#output;
    return new Float32Array(buffer, byteOffset + start * 4, length);
  }

  /** @internal Where the capsule writes. */
  get output(): Uint32Array<SharedArrayBuffer> {
    return this.#output;
  }

  /** @internal Whether all lines were written; otherwise there is room for them now. */
  hasAll(): boolean {
    const count = this.#output[0] ?? 0;
    if (count <= this.#room) return true;
    this.#memory.free(this.#output);
    this.#room = count;
    this.#output = this.#memory.alloc(Uint32Array, 1 + count * LINE_WORDS);
    return false;
  }

  /** Gives the memory back. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#memory.free(this.#output);
  }

  /** As {@link dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
