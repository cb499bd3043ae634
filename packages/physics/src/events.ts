/**
 * Events as anybody reads them: a ring in shared memory that the capsule writes.
 */
import { EventFlag, EventKind, EventWords as Words } from './generated/physics.js';

/** What two colliders did to each other. */
export interface PhysicsEvent {
  /** They began to touch, they ceased to, or they push each other harder than a threshold. */
  readonly type: 'started' | 'stopped' | 'contact-force';
  /** In which step. */
  readonly step: number;
  /** The colliders' slots. */
  readonly collider1: number;
  readonly collider2: number;
  /** Whether one of them is a sensor. */
  readonly sensor: boolean;
  /** Whether they ceased to touch because one was removed. */
  readonly removed: boolean;
  /** `contact-force`: the sum of all forces between them, in newtons. */
  readonly force: number;
  /** `contact-force`: the strongest of them, in newtons. */
  readonly strongestForce: number;
  /** `contact-force`: all forces added up, as the first collider pushes the second; newtons along x, y, z. */
  readonly totalForce: readonly [number, number, number];
  /** `contact-force`: where the strongest force points: of length 1. */
  readonly strongestDirection: readonly [number, number, number];
}

/** Bytes of a ring for so many events. */
export function eventsBytes(capacity: number): number {
  return (Words.HEAD + capacity * Words.ENTRY_WORDS) * 4;
}

const TYPES = {
  [EventKind.STARTED]: 'started',
  [EventKind.STOPPED]: 'stopped',
  [EventKind.CONTACT_FORCE]: 'contact-force',
} as const;

/** A reader of a world's events, with a place of its own in the ring. Several readers don't disturb one another. */
export class EventReader {
  readonly #words: Uint32Array<SharedArrayBuffer>;
  readonly #floats: Float32Array;
  #next: number;
  #lost = 0;

  /** @internal */
  constructor(words: Uint32Array<SharedArrayBuffer>) {
    this.#words = words;
    this.#floats = new Float32Array(words.buffer, words.byteOffset, words.length);
    // A world without room for events has no ring at all.
    this.#next = words.length === 0 ? 0 : Atomics.load(words, Words.WRITTEN);
  }

  /** How many events were overwritten before this reader came to them. */
  get lost(): number {
    return this.#lost;
  }

  /** All events since the last call, oldest first. */
  read(): PhysicsEvent[] {
    const events: PhysicsEvent[] = [];
    if (this.#words.length === 0) return events;
    const capacity = this.#words[Words.CAPACITY] ?? 1;
    let written = Atomics.load(this.#words, Words.WRITTEN);
    while (this.#next !== written) {
      const behind = (written - this.#next) >>> 0;
      // The oldest entry of a full ring is the next to be overwritten, perhaps while it is read.
      if (behind >= capacity) this.#skip(behind - capacity + 1);
      const event = this.#at(this.#next % capacity);
      written = Atomics.load(this.#words, Words.WRITTEN);
      // It may have been overwritten while it was read.
      if ((written - this.#next) >>> 0 >= capacity) continue;
      events.push(event);
      this.#next = (this.#next + 1) >>> 0;
    }
    return events;
  }

  #skip(count: number): void {
    this.#lost += count;
    this.#next = (this.#next + count) >>> 0;
  }

  #vector(start: number): [number, number, number] {
    const [x = 0, y = 0, z = 0] = this.#floats.subarray(start, start + 3);
    return [x, y, z];
  }

  #at(index: number): PhysicsEvent {
    const start = Words.HEAD + index * Words.ENTRY_WORDS;
    const word = (offset: number) => Atomics.load(this.#words, start + offset);
    const kind = word(Words.KIND) as keyof typeof TYPES;
    return {
      type: TYPES[kind],
      step: word(Words.STEP),
      collider1: word(Words.FIRST),
      collider2: word(Words.SECOND),
      sensor: (word(Words.FLAGS) & EventFlag.SENSOR) !== 0,
      removed: (word(Words.FLAGS) & EventFlag.REMOVED) !== 0,
      force: this.#floats[start + Words.FORCE] ?? 0,
      strongestForce: this.#floats[start + Words.STRONGEST] ?? 0,
      totalForce: this.#vector(start + Words.TOTAL),
      strongestDirection: this.#vector(start + Words.DIRECTION),
    };
  }
}
