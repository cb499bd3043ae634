/**
 * What the host knows of a world's handles: which slots are taken, which collider belongs to which body, and
 * which joint is on which bodies.
 */
import { NO_BODY } from './collider-options.js';
import { Slots, type Handle, type SavedSlots } from './slots.js';

/** A registry as it was at a time. */
export interface SavedBodies {
  readonly bodies: SavedSlots;
  readonly colliders: SavedSlots;
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly owner: Uint32Array;
  readonly joints: SavedSlots;
  readonly joined: Int32Array;
  readonly shapes: SavedSlots;
  readonly softBodies: SavedSlots;
  readonly controls: SavedSlots;
  readonly controlKinds: Uint32Array;
  readonly parent: Int32Array;
  readonly reduced: Uint8Array;
}

const NONE = -1;
/** A wheel, beside a controller's kind. */
const ONE_WHEEL = 256;

function grown<A extends Int32Array | Uint32Array | Uint8Array>(
  array: A,
  length: number,
  make: (n: number) => A,
) {
  if (length <= array.length) return array;
  const larger = make(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}

/** `array`, or a longer one, with what was saved at its start and `rest` behind. */
function restored<A extends Int32Array | Uint32Array | Uint8Array>(
  array: A,
  saved: ArrayLike<number>,
  rest: number,
  make: (length: number) => A,
): A {
  const target = grown(array, saved.length, make);
  target.fill(rest);
  target.set(saved);
  return target;
}

/** The bodies, colliders, joints and prepared shapes of a world. */
export class BodyRegistry {
  readonly bodies = new Slots();
  readonly colliders = new Slots();
  readonly joints = new Slots();
  readonly shapes = new Slots();
  readonly softBodies = new Slots();
  readonly controls = new Slots();
  /** Per controller: what it is, in the low byte, and above that how many wheels it has. */
  #controlKinds = new Uint32Array(64);
  /** Per body: its newest collider, and per collider the next older one of its body. */
  #first = new Int32Array(64).fill(NONE);
  #next = new Int32Array(64);
  /** Per collider: its body's slot, or that there is none. */
  #owner = new Uint32Array(64);
  /** Per joint: its two bodies' slots, or none while the joint's slot is free. */
  #joined = new Int32Array(128).fill(NONE);
  #jointEnd = 0;
  #reduced = new Uint8Array(64);
  /** Per body: the body that it follows by a joint in reduced coordinates. */
  #parent = new Int32Array(64).fill(NONE);

  /** Takes a body's slot. */
  takeBody(): Handle {
    const handle = this.bodies.take();
    const { slot } = handle;
    this.#first = grown(this.#first, slot + 1, (length) => new Int32Array(length).fill(NONE));
    this.#first[slot] = NONE;
    this.#parent = grown(this.#parent, slot + 1, (length) => new Int32Array(length).fill(NONE));
    this.#parent[slot] = NONE;
    return handle;
  }

  /** Takes a collider's slot for a body, or for none. */
  takeCollider(body: number): Handle {
    const handle = this.colliders.take();
    const { slot } = handle;
    this.#next = grown(this.#next, slot + 1, (length) => new Int32Array(length));
    this.#owner = grown(this.#owner, slot + 1, (length) => new Uint32Array(length));
    this.#owner[slot] = body;
    if (body !== NO_BODY) {
      this.#next[slot] = this.#first[body] ?? NONE;
      this.#first[body] = slot;
    }
    return handle;
  }

  /** Takes a joint's slot. */
  takeJoint(first: number, second: number, isReduced: boolean): Handle {
    const handle = this.joints.take();
    const { slot } = handle;
    const make = (length: number) => new Int32Array(length).fill(NONE);
    this.#joined = grown(this.#joined, 2 * (slot + 1), make);
    this.#joined[2 * slot] = first;
    this.#joined[2 * slot + 1] = second;
    this.#reduced = grown(this.#reduced, slot + 1, (length) => new Uint8Array(length));
    this.#reduced[slot] = isReduced ? 1 : 0;
    if (isReduced) this.#parent[second] = first;
    this.#jointEnd = Math.max(this.#jointEnd, slot + 1);
    return handle;
  }

  /** Takes a controller's slot for one of a kind. */
  takeControl(kind: number): Handle {
    const handle = this.controls.take();
    const { slot } = handle;
    this.#controlKinds = grown(this.#controlKinds, slot + 1, (length) => new Uint32Array(length));
    this.#controlKinds[slot] = kind;
    return handle;
  }

  /** Of which kind the controller in a slot is; 0 for none. */
  controlKind(slot: number): number {
    return this.controls.isTaken(slot) ? (this.#controlKinds[slot] ?? 0) % ONE_WHEEL : 0;
  }

  /** How many wheels the controller in a slot has. */
  wheelCount(slot: number): number {
    return Math.floor((this.#controlKinds[slot] ?? 0) / ONE_WHEEL);
  }

  /** Notes one more wheel; gives its index. */
  addWheel(slot: number): number {
    const index = this.wheelCount(slot);
    this.#controlKinds[slot] = (this.#controlKinds[slot] ?? 0) + ONE_WHEEL;
    return index;
  }

  /**
   * Whether `second` may follow `first`: it follows nobody yet, and they are in different trees. `leads` has the
   * bodies that others are about to follow.
   */
  mayFollow(first: number, second: number, leads?: ReadonlyMap<number, number>): boolean {
    const leader = (body: number) => leads?.get(body) ?? this.#parent[body] ?? NONE;
    let root = first;
    for (let next = root; next !== NONE; next = leader(next)) root = next;
    return leader(second) === NONE && root !== second;
  }

  /** Frees a joint's slot. */
  releaseJoint(slot: number): void {
    const [first = NONE, second = NONE] = this.#joined.subarray(2 * slot, 2 * slot + 2);
    if (this.#reduced[slot] === 1 && this.#parent[second] === first) this.#parent[second] = NONE;
    this.#joined.fill(NONE, 2 * slot, 2 * slot + 2);
    this.joints.release(slot);
  }

  /** Frees a body's slot, its joints' and its colliders'. */
  releaseBody(body: number): void {
    if (this.joints.live > 0) {
      for (let joint = 0; joint < this.#jointEnd; joint++) {
        const isOn = this.#joined[2 * joint] === body || this.#joined[2 * joint + 1] === body;
        if (isOn) this.releaseJoint(joint);
      }
    }
    let collider = this.#first[body] ?? NONE;
    while (collider !== NONE) {
      this.colliders.release(collider);
      collider = this.#next[collider] ?? NONE;
    }
    this.bodies.release(body);
  }

  /** The slot of a collider's body, if it has one. */
  ownerOf(collider: number): number | undefined {
    const body = this.#owner[collider] ?? NO_BODY;
    return body === NO_BODY ? undefined : body;
  }

  /** The slots of a body's colliders, in the order in which they were created. */
  collidersOf(body: number): number[] {
    const slots: number[] = [];
    let collider = this.#first[body] ?? NONE;
    while (collider !== NONE) {
      slots.push(collider);
      collider = this.#next[collider] ?? NONE;
    }
    return slots.reverse();
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
      joints: this.joints.save(),
      joined: this.#joined.slice(),
      shapes: this.shapes.save(),
      softBodies: this.softBodies.save(),
      controls: this.controls.save(),
      controlKinds: this.#controlKinds.slice(),
      parent: this.#parent.slice(),
      reduced: this.#reduced.slice(),
    };
  }

  /** Goes back to a copy. */
  restore(saved: SavedBodies): void {
    this.bodies.restore(saved.bodies);
    this.colliders.restore(saved.colliders);
    this.joints.restore(saved.joints);
    this.shapes.restore(saved.shapes);
    this.softBodies.restore(saved.softBodies);
    this.controls.restore(saved.controls);
    this.#first = restored(this.#first, saved.first, NONE, (length) => new Int32Array(length));
    this.#next = restored(this.#next, saved.next, 0, (length) => new Int32Array(length));
    this.#owner = restored(this.#owner, saved.owner, 0, (length) => new Uint32Array(length));
    this.#joined = restored(this.#joined, saved.joined, NONE, (length) => new Int32Array(length));
    this.#parent = restored(this.#parent, saved.parent, NONE, (length) => new Int32Array(length));
    this.#reduced = restored(this.#reduced, saved.reduced, 0, (length) => new Uint8Array(length));
    const words = (length: number) => new Uint32Array(length);
    this.#controlKinds = restored(this.#controlKinds, saved.controlKinds, 0, words);
    this.#jointEnd = Math.max(this.#jointEnd, saved.joints.end);
  }

  /** The slots of the two bodies that a joint is on. */
  jointBodies(joint: number): readonly [first: number, second: number] {
    return [this.#joined[2 * joint] ?? NONE, this.#joined[2 * joint + 1] ?? NONE];
  }
}
