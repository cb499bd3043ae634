/**
 * Slots: what handles name. The host chooses them, always in the same way, so that creating needs no answer; the
 * twin of `crates/inos-physics/src/slots.rs`.
 */

import { requireInteger } from '@inos/sdk';

/** Slots as they were at a time. */
export interface SavedSlots {
  readonly states: Uint32Array;
  readonly next: Int32Array;
  readonly free: number;
  readonly end: number;
  readonly live: number;
}

const SMALLEST = 64;
const NONE = -1;

/** Which slots are taken, and in which of their lives they are. The slot freed last is taken first. */
export class Slots {
  /** Per slot: generation << 1, plus 1 while it is taken. */
  #states = new Uint32Array(SMALLEST);
  /** Per free slot: the one to be taken after it. */
  #next = new Int32Array(SMALLEST);
  #free = NONE;
  #end = 0;
  #live = 0;

  /** How many are taken. */
  get live(): number {
    return this.#live;
  }

  /** Takes a slot. */
  take(): number {
    let slot = this.#free;
    if (slot === NONE) {
      slot = this.#end++;
      if (slot === this.#states.length) this.#grow();
    } else {
      this.#free = this.#next[slot] ?? NONE;
    }
    this.#states[slot] = (this.#states[slot] ?? 0) | 1;
    this.#live++;
    return slot;
  }

  /** Frees a taken slot. Its next life has another generation. */
  release(slot: number): void {
    this.#states[slot] = (this.#states[slot] ?? 0) + 1;
    this.#next[slot] = this.#free;
    this.#free = slot;
    this.#live--;
  }

  /** In which of its lives a slot is. */
  generation(slot: number): number {
    return (this.#states[slot] ?? 0) >>> 1;
  }

  /**
   * Whether a slot is taken.
   *
   * @throws TypeError, RangeError for what is no slot
   */
  isTaken(slot: number): boolean {
    requireInteger('slot', slot, 0, 2 ** 32 - 1);
    return ((this.#states[slot] ?? 0) & 1) === 1;
  }

  /** Whether a handle's slot is taken, in that life. */
  isLive(slot: number, generation: number): boolean {
    return this.#states[slot] === ((generation << 1) | 1) >>> 0;
  }

  /** A copy of all of it. */
  save(): SavedSlots {
    return {
      states: this.#states.slice(0, this.#end),
      next: this.#next.slice(0, this.#end),
      free: this.#free,
      end: this.#end,
      live: this.#live,
    };
  }

  /** Goes back to a copy. */
  restore(saved: SavedSlots): void {
    while (this.#states.length < saved.end) this.#grow();
    this.#states.fill(0);
    this.#states.set(saved.states);
    this.#next.set(saved.next);
    this.#free = saved.free;
    this.#end = saved.end;
    this.#live = saved.live;
  }

  #grow(): void {
    const states = new Uint32Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const next = new Int32Array(states.length);
    next.set(this.#next);
    this.#next = next;
  }
}
