/**
 * The words by which a host paces a world that steps by itself in the capsule; its side is
 * `crates/inos-physics/src/pace.rs`.
 */
import type { SafeSAB } from '@inos/sdk';
import { PaceWords as Words } from './generated/physics.js';

const LARGEST = 2 ** 32 - 1;

/** Where a clock stands, in steps: the whole part is the latest step that is due. */
export interface ClockReading {
  readonly position: number;
  /** Milliseconds from one step to the next. */
  readonly periodMs: number;
}

/** How a world is paced. */
export class Pace {
  /** The words, as a job's region. */
  readonly region: Uint32Array<SharedArrayBuffer>;
  readonly #memory: SafeSAB;
  readonly #words: Int32Array<SharedArrayBuffer>;
  #isDisposed = false;

  constructor(memory: SafeSAB) {
    this.#memory = memory;
    this.region = memory.alloc(Uint32Array, Words.COUNT);
    const { buffer, byteOffset, length } = this.region;
    this.#words = new Int32Array(buffer, byteOffset, length);
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, word, value | 0);
  }

  #signal(): void {
    Atomics.add(this.#words, Words.SIGNAL, 1);
    Atomics.notify(this.#words, Words.SIGNAL);
  }

  /** Sets all up for a job that begins after step `taken` and takes no step beyond `limit`. */
  begin(taken: number, limit: number, clock: ClockReading): void {
    this.#set(Words.LEAVE, 0);
    this.#set(Words.LIMIT, limit);
    this.#set(Words.BEGUN, taken);
    this.align(clock);
  }

  /** Says where the clock stands. */
  align({ position, periodMs }: ClockReading): void {
    const due = Math.floor(position);
    const untilMs = (due + 1 - position) * periodMs;
    const micros = (milliseconds: number) => Math.min(LARGEST, Math.round(milliseconds * 1000));
    this.#set(Words.PERIOD, micros(periodMs));
    this.#set(Words.DUE, due);
    this.#set(Words.UNTIL, micros(untilMs));
    this.#signal();
  }

  /** Has the job end after the step that is at work. */
  leave(): void {
    if (this.#isDisposed) return;
    this.#set(Words.LEAVE, 1);
    this.#signal();
  }

  /** Has the job end before step `step`. False if that step has begun. */
  endBefore(step: number): boolean {
    const limit = Atomics.load(this.#words, Words.LIMIT);
    if (((limit - step) | 0) >= 0) this.#set(Words.LIMIT, step - 1);
    const begun = Atomics.load(this.#words, Words.BEGUN);
    return ((begun - step) | 0) < 0;
  }

  /** Gives the memory back. Only while no job has it. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#memory.free(this.region);
  }
}
