/**
 * What the host knows of a world's handles: which slots are taken, and which collider belongs to which body.
 */
import { NO_BODY } from './collider.js';
import { Slots, type SavedSlots } from './slots.js';

/** A registry as it was at a time. */
export interface SavedBodies {
  readonly bodies: SavedSlots;
  readonly colliders: SavedSlots;
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly owner: Uint32Array;
}

const NONE = -1;

function grown<A extends Int32Array | Uint32Array>(
  array: A,
  length: number,
  make: (n: number) => A,
) {
  if (length <= array.length) return array;
  const larger = make(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}

/** The bodies and colliders of a world. */
export class BodyRegistry {
  readonly bodies = new Slots();
  readonly colliders = new Slots();
  /** Per body: its newest collider, and per collider the next older one of its body. */
  #first = new Int32Array(64).fill(NONE);
  #next = new Int32Array(64);
  /** Per collider: its body's slot, or that there is none. */
  #owner = new Uint32Array(64);

  /** Takes a body's slot. */
  takeBody(): number {
    const slot = this.bodies.take();
    this.#first = grown(this.#first, slot + 1, (length) => new Int32Array(length).fill(NONE));
    this.#first[slot] = NONE;
    return slot;
  }

  /** Takes a collider's slot for a body, or for none. */
  takeCollider(body: number): number {
    const slot = this.colliders.take();
    this.#next = grown(this.#next, slot + 1, (length) => new Int32Array(length));
    this.#owner = grown(this.#owner, slot + 1, (length) => new Uint32Array(length));
    this.#owner[slot] = body;
    if (body !== NO_BODY) {
      this.#next[slot] = this.#first[body] ?? NONE;
      this.#first[body] = slot;
    }
    return slot;
  }

  /** Frees a body's slot and its colliders'. */
  releaseBody(body: number): void {
    let collider = this.#first[body] ?? NONE;
    while (collider !== NONE) {
      this.colliders.release(collider);
      collider = this.#next[collider] ?? NONE;
    }
    this.bodies.release(body);
  }

  /** Frees a collider's slot. */
  releaseCollider(collider: number): void {
    const body = this.#owner[collider] ?? NO_BODY;
    if (body !== NO_BODY) this.#unlink(body, collider);
    this.colliders.release(collider);
  }

  #unlink(body: number, collider: number): void {
    const after = this.#next[collider] ?? NONE;
    let previous = this.#first[body] ?? NONE;
    if (previous === collider) {
      this.#first[body] = after;
      return;
    }
    while (previous !== NONE && this.#next[previous] !== collider) {
      previous = this.#next[previous] ?? NONE;
    }
    if (previous !== NONE) this.#next[previous] = after;
  }

  /** A copy of all of it. */
  save(): SavedBodies {
    return {
      bodies: this.bodies.save(),
      colliders: this.colliders.save(),
      first: this.#first.slice(),
      next: this.#next.slice(),
      owner: this.#owner.slice(),
    };
  }

  /** Goes back to a copy. */
  restore(saved: SavedBodies): void {
    this.bodies.restore(saved.bodies);
    this.colliders.restore(saved.colliders);
    this.#first.fill(NONE);
    this.#first.set(saved.first);
    this.#next.set(saved.next);
    this.#owner.set(saved.owner);
  }
}
