/**
 * Slots: what handles name. The host chooses them, always in the same way, so that creating needs no answer; the
 * twin of `crates/inos-physics/src/slots.rs`.
 */

import { requireInteger } from '@inos/sdk';

/** Slots as they were at a time. */
export interface SavedSlots {
  readonly states: Uint32Array;
  /** Who has each slot. A portable snapshot has none: no handle is older than its world. */
  readonly lives?: Float64Array;
  readonly next: Int32Array;
  readonly free: number;
  readonly end: number;
  readonly live: number;
}

/** A slot and which of its lives is meant: what commands carry. */
export interface Place {
  readonly slot: number;
  readonly generation: number;
}

/** What a handle is. */
export interface Handle extends Place {
  /**
   * Of all lives that ever began in this world another number, also of those that a restored state undid: so no
   * handle comes alive again as something else. Generations do go back, as they must be the same on every peer.
   */
  readonly life: number;
}

const SMALLEST = 64;
const NONE = -1;

/** Which slots are taken, and in which of their lives they are. The slot freed last is taken first. */
export class Slots {
  /** Per slot: generation << 1, plus 1 while it is taken. */
  #states = new Uint32Array(SMALLEST);
  /** Per taken slot: the number of its life. */
  #lives = new Float64Array(SMALLEST);
  /** How many lives began: never goes back. */
  #begun = 0;
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
  take(): Handle {
    let slot = this.#free;
    if (slot === NONE) {
      slot = this.#end++;
      if (slot === this.#states.length) this.#grow();
    } else {
      this.#free = this.#next[slot] ?? NONE;
    }
    this.#states[slot] = (this.#states[slot] ?? 0) | 1;
    this.#lives[slot] = ++this.#begun;
    this.#live++;
    return this.handle(slot);
  }

  /** The handle of what has a taken slot. */
  handle(slot: number): Handle {
    return { slot, generation: this.generation(slot), life: this.#lives[slot] ?? 0 };
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
  isLive({ slot, life }: Handle): boolean {
    return ((this.#states[slot] ?? 0) & 1) === 1 && this.#lives[slot] === life;
  }

  /** A copy of all of it. */
  save(): SavedSlots {
    return {
      states: this.#states.slice(0, this.#end),
      lives: this.#lives.slice(0, this.#end),
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
    this.#lives.fill(0);
    if (saved.lives) this.#lives.set(saved.lives);
    this.#next.set(saved.next);
    this.#free = saved.free;
    this.#end = saved.end;
    this.#live = saved.live;
  }

  #grow(): void {
    const states = new Uint32Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const lives = new Float64Array(states.length);
    lives.set(this.#lives);
    this.#lives = lives;
    const next = new Int32Array(states.length);
    next.set(this.#next);
    this.#next = next;
  }
}
