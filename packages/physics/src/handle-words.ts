/**
 * What the host knows of a world's handles as words, which portable snapshots carry: so handles name the same in
 * another runtime, and new ones take the same slots.
 */
import type { SavedBodies } from './body-registry.js';
import { NO_BODY } from './collider-options.js';
import { physicsError } from './errors.js';
import type { SavedSlots } from './slots.js';

const NONE = -1;
/** Words before a table's states: the next free slot, how many slots there are, how many are taken. */
const SLOTS_HEAD = 3;

/** A table of so many numbers as words, whatever is behind it. */
function padded(numbers: ArrayLike<number>, length: number, rest: number): number[] {
  return Array.from({ length }, (_, index) => numbers[index] ?? rest);
}

function slotWords({ free, end, live, states, next }: SavedSlots): number[] {
  return [free, end, live, ...padded(states, end, 0), ...padded(next, end, NONE)];
}

/** All of it, one table after another. */
export function encodeHandles(saved: SavedBodies): Uint32Array {
  const { bodies, colliders, joints, shapes, softBodies, controls } = saved;
  return Uint32Array.from([
    ...slotWords(bodies),
    ...slotWords(colliders),
    ...slotWords(joints),
    ...slotWords(shapes),
    ...slotWords(softBodies),
    ...slotWords(controls),
    ...padded(saved.first, bodies.end, NONE),
    ...padded(saved.parent, bodies.end, NONE),
    ...padded(saved.next, colliders.end, NONE),
    ...padded(saved.owner, colliders.end, NO_BODY),
    ...padded(saved.joined, 2 * joints.end, NONE),
    ...padded(saved.reduced, joints.end, 0),
    ...padded(saved.controlKinds, controls.end, 0),
  ]);
}

function unreadable() {
  return physicsError('physics/bad-snapshot', 'the snapshot can’t be restored: bad handles');
}

/** Takes tables off words, in order. */
class Reader {
  readonly #words: Uint32Array;
  #at = 0;

  constructor(words: Uint32Array) {
    this.#words = words;
  }

  take(length: number): Uint32Array {
    if (length > this.#words.length - this.#at) throw unreadable();
    const words = this.#words.slice(this.#at, this.#at + length);
    this.#at += length;
    return words;
  }

  /** Numbers of which each is `NONE` or below `end`. */
  indices(length: number, end: number): Int32Array {
    const numbers = new Int32Array(this.take(length).buffer);
    if (numbers.some((number) => number < NONE || number >= end)) throw unreadable();
    return numbers;
  }

  slots(): SavedSlots {
    const [free = 0, end = 0, live = 0] = new Int32Array(this.take(SLOTS_HEAD).buffer);
    if (end < 0 || live < 0 || free < NONE || free >= end) throw unreadable();
    const states = this.take(end);
    const next = this.indices(end, end);
    const taken = states.reduce((count, state) => count + (state & 1), 0);
    const isFree = (slot: number) => ((states[slot] ?? 1) & 1) === 0;
    if (taken !== live || chainLength(free, next, isFree) !== end - live) throw unreadable();
    return { free, end, live, states, next };
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }
}

/** How many a chain has; unreadable if it leads to something that `belongs` denies, or in a ring. */
function chainLength(
  start: number,
  next: Int32Array,
  belongs: (index: number) => boolean = () => true,
): number {
  let length = 0;
  for (let index = start; index !== NONE; index = next[index] ?? NONE) {
    if (!belongs(index) || ++length > next.length) throw unreadable();
  }
  return length;
}

/** Bodies follow one another in trees: no chain of parents leads back. */
function requireTrees(parent: Int32Array): void {
  const isKnown = new Uint8Array(parent.length);
  for (let body = 0; body < parent.length; body++) {
    const seen: number[] = [];
    let index = body;
    while (index !== NONE && isKnown[index] === 0) {
      if (seen.length > parent.length) throw unreadable();
      seen.push(index);
      index = parent[index] ?? NONE;
    }
    for (const known of seen) isKnown[known] = 1;
  }
}

/**
 * What {@link encodeHandles} made words of.
 *
 * @throws InosError `physics/bad-snapshot` if these can't be a world's handles
 */
export function decodeHandles(words: Uint32Array): SavedBodies {
  const reader = new Reader(words);
  const bodies = reader.slots();
  const colliders = reader.slots();
  const joints = reader.slots();
  const shapes = reader.slots();
  const softBodies = reader.slots();
  const controls = reader.slots();
  const first = reader.indices(bodies.end, colliders.end);
  const parent = reader.indices(bodies.end, bodies.end);
  const next = reader.indices(colliders.end, colliders.end);
  const owner = reader.take(colliders.end);
  const joined = reader.indices(2 * joints.end, bodies.end);
  const reduced = Uint8Array.from(reader.take(joints.end));
  const controlKinds = reader.take(controls.end);
  const areBodies = owner.every((body) => body === NO_BODY || body < bodies.end);
  if (!reader.isAtEnd || !areBodies) throw unreadable();
  for (let body = 0; body < bodies.end; body++) {
    if ((bodies.states[body] ?? 0) & 1) {
      chainLength(first[body] ?? NONE, next, (collider) => owner[collider] === body);
    }
  }
  requireTrees(parent);
  const slots = { bodies, colliders, joints, shapes, softBodies, controls };
  return { ...slots, first, parent, next, owner, joined, reduced, controlKinds };
}
