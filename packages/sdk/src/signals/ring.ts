/**
 * A bounded queue in shared memory for any number of producers and consumers: D. Vyukov's bounded MPMC queue.
 * The twin of `crates/inos-sdk/src/ring.rs`. A slot's sequence number is stored less its index, so zeroed
 * memory is an empty ring.
 */
import { outOfRange, requireInteger } from '../errors.js';
import { RingWords } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';

/** How often others may come first before a step is given up: words that change for ever keep nobody. */
const MOST_TRIES = 1024;

/** What travels through a ring: where a record lies and which life of it is meant. */
export interface RingEntry {
  /** Byte offset of the record in shared memory. */
  readonly offset: number;
  /** The record's generation when it was queued. */
  readonly generation: number;
}

/** A ring over its words in shared memory. */
export class Ring {
  /** What {@link take} took last. */
  takenOffset = 0;
  takenGeneration = 0;
  readonly #words: Uint32Array;
  readonly #mask: number;

  /**
   * @param sab - the memory
   * @param byteOffset - where the ring's header lies: {@link Ring.bytes} zeroed bytes are its own from there
   * @param capacity - how many entries it holds: a power of two, at least 2
   * @throws TypeError, RangeError for an offset or a capacity that can't be
   */
  constructor(sab: SafeSAB, byteOffset: number, capacity: number) {
    const bytes = Ring.bytes(capacity);
    requireInteger('byteOffset', byteOffset, 0, sab.byteLength - bytes);
    if (byteOffset % 4 !== 0) throw outOfRange('byteOffset', 'a multiple of 4', byteOffset);
    this.#words = new Uint32Array(sab.buffer, byteOffset, bytes / 4);
    this.#mask = capacity - 1;
  }

  /**
   * How many bytes a ring takes.
   *
   * @throws TypeError, RangeError for a capacity that can't be
   */
  static bytes(capacity: number): number {
    requireInteger('capacity', capacity, 2, 2 ** 24);
    if ((capacity & (capacity - 1)) !== 0) throw outOfRange('capacity', 'a power of two', capacity);
    return (RingWords.SLOTS + capacity * RingWords.SLOT_WORDS) * 4;
  }

  /** Appends an entry. False if the ring is full, or its words make no sense. */
  push(offset: number, generation: number): boolean {
    const words = this.#words;
    // A plain read: if it is stale, the slot's sequence number or the exchange says so.
    let position = words[RingWords.TAIL] ?? 0;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const index = position & this.#mask;
      const slot = RingWords.SLOTS + index * RingWords.SLOT_WORDS;
      const behind = (Atomics.load(words, slot + RingWords.SLOT_SEQUENCE) + index - position) | 0;
      if (behind === 0) {
        const next = (position + 1) >>> 0;
        const seen = Atomics.compareExchange(words, RingWords.TAIL, position, next);
        if (seen === position) {
          // Plain writes and reads: the atomic sequence number orders them.
          words[slot + RingWords.SLOT_OFFSET] = offset;
          words[slot + RingWords.SLOT_GENERATION] = generation;
          Atomics.store(words, slot + RingWords.SLOT_SEQUENCE, (next - index) >>> 0);
          return true;
        }
        position = seen;
      } else if (behind < 0) {
        return false;
      } else {
        const now = Atomics.load(words, RingWords.TAIL);
        // Somebody has appended since, or the words make no sense.
        if (now === position) return false;
        position = now;
      }
    }
    return false;
  }

  /** Takes the oldest entry, if there is one. */
  pop(): RingEntry | undefined {
    return this.take() ? { offset: this.takenOffset, generation: this.takenGeneration } : undefined;
  }

  /** As {@link pop}, without making an object: leaves the entry in `takenOffset` and `takenGeneration`. */
  take(): boolean {
    const words = this.#words;
    let position = words[RingWords.HEAD] ?? 0;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const index = position & this.#mask;
      const slot = RingWords.SLOTS + index * RingWords.SLOT_WORDS;
      const next = (position + 1) >>> 0;
      const behind = (Atomics.load(words, slot + RingWords.SLOT_SEQUENCE) + index - next) | 0;
      if (behind === 0) {
        const seen = Atomics.compareExchange(words, RingWords.HEAD, position, next);
        if (seen === position) {
          this.takenOffset = words[slot + RingWords.SLOT_OFFSET] ?? 0;
          this.takenGeneration = words[slot + RingWords.SLOT_GENERATION] ?? 0;
          const free = position + this.#mask + 1 - index;
          Atomics.store(words, slot + RingWords.SLOT_SEQUENCE, free >>> 0);
          return true;
        }
        position = seen;
      } else if (behind < 0) {
        return false;
      } else {
        const now = Atomics.load(words, RingWords.HEAD);
        if (now === position) return false;
        position = now;
      }
    }
    return false;
  }

  /** How many entries it holds, or held a moment ago. */
  get length(): number {
    // The head first: it never passes a tail that is read later.
    const head = Atomics.load(this.#words, RingWords.HEAD);
    return Math.min((Atomics.load(this.#words, RingWords.TAIL) - head) >>> 0, this.#mask + 1);
  }

  /** Empties the ring by zeroing it. Only while nobody else uses it. */
  reset(): void {
    this.#words.fill(0);
  }
}
