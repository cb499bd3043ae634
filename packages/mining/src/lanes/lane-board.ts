/**
 * Where a search meets a lane outside of the capsule: words in shared memory. The twin of
 * `crates/inos-mining/src/lane_board.rs`, which says how a slot goes from state to state.
 */
import { LaneBoard as Word, LaneState, SlotState, SlotWord } from '../generated/mining.js';

/** What a board lies on. */
export type BoardWords = BigInt64Array<SharedArrayBuffer>;

/** A piece of the range. */
export interface Slice {
  /** Its first nonce. */
  readonly first: bigint;
  readonly count: number;
}

/** The longest that an engine without `Atomics.waitAsync` sleeps between two looks. */
const POLL_MS = 1;

interface AsyncWait {
  readonly async: boolean;
  readonly value: unknown;
}

const { waitAsync } = Atomics as unknown as {
  readonly waitAsync?: (words: BoardWords, index: number, value: bigint) => AsyncWait;
};

/** For threads that needn't ask: all ones, read as a number without a sign. */
const ANY_NUMBER = -1n;

/** The lane's side of a board, and the host's. */
export class LaneBoard {
  /** How many words it takes. */
  static readonly WORDS = Word.WORDS;
  /** The numbers of its slots. */
  static readonly SLOTS: readonly number[] = Array.from({ length: Word.SLOT_COUNT }, (_, at) => at);
  readonly words: BoardWords;

  constructor(words: BoardWords) {
    this.words = words;
  }

  /** How many nonces the lane was given to try. */
  get hashes(): bigint {
    return Atomics.load(this.words, Word.HASHES);
  }

  /** Says that the lane is there. */
  setReady(): void {
    this.#say(() => this.#change(Word.STATE, LaneState.STARTING, LaneState.READY));
  }

  /** Why the lane is absent; `undefined` if it isn't. */
  get reason(): string | undefined {
    if (Number(Atomics.load(this.words, Word.STATE)) !== (LaneState.ABSENT as number))
      return undefined;
    const length = Number(Atomics.load(this.words, Word.REASON_LENGTH));
    // A copy: decoders refuse shared memory.
    return new TextDecoder().decode(this.#reasonBytes.slice(0, length));
  }

  get #reasonBytes(): Uint8Array {
    const { buffer, byteOffset } = this.words;
    return new Uint8Array(buffer, byteOffset + Word.REASON * 8, Word.REASON_BYTES);
  }

  /** Gives up: what has been granted goes back untried. Only the first reason counts. */
  giveUp(error: unknown): void {
    if (this.reason !== undefined) return;
    this.#say(() => {
      const reason = error instanceof Error ? error.message : String(error);
      const bytes = new TextEncoder().encode(reason).subarray(0, Word.REASON_BYTES);
      this.#reasonBytes.set(bytes);
      Atomics.store(this.words, Word.REASON_LENGTH, BigInt(bytes.length));
      Atomics.store(this.words, Word.STATE, BigInt(LaneState.ABSENT));
      for (const slot of LaneBoard.SLOTS) {
        this.#step(slot, SlotState.FREE, SlotState.OVER);
        this.#step(slot, SlotState.WANTED, SlotState.OVER);
        this.#step(slot, SlotState.GRANTED, SlotState.FAILED);
        this.#step(slot, SlotState.SUBMITTED, SlotState.FAILED);
      }
    });
  }

  /** Lets the capsule's threads try as many nonces as they like. */
  allowAll(): void {
    Atomics.store(this.words, Word.ALLOWED, ANY_NUMBER);
  }

  /** Lets the capsule's threads try so many nonces more. */
  allow(count: number): void {
    this.#say(() => Atomics.add(this.words, Word.ALLOWED, BigInt(count)));
  }

  /** Resolves when the capsule's threads have taken all that they were allowed, or when `isOver` at a wake. */
  async asked(isOver: () => boolean): Promise<void> {
    const isAsked = () =>
      Atomics.load(this.words, Word.ASKED) > Atomics.load(this.words, Word.ALLOWED);
    await this.#answerThat(() => isOver() || isAsked());
  }

  /** Has all who wait for the capsule look again. */
  wake(): void {
    Atomics.add(this.words, Word.ANSWER, 1n);
    Atomics.notify(this.words, Word.ANSWER);
  }

  /** Asks for a slice of so many nonces. */
  want(slot: number, count: number): boolean {
    Atomics.store(this.words, this.#at(slot, SlotWord.COUNT), BigInt(count));
    return this.#say(() => this.#step(slot, SlotState.FREE, SlotState.WANTED));
  }

  /** Begins a slice that was granted. `undefined` if it was taken back, or there is none left. */
  submit(slot: number): Slice | undefined {
    if (!this.#step(slot, SlotState.GRANTED, SlotState.SUBMITTED)) return undefined;
    const first = Atomics.load(this.words, this.#at(slot, SlotWord.FIRST));
    const count = Atomics.load(this.words, this.#at(slot, SlotWord.COUNT));
    return { first: BigInt.asUintN(64, first), count: Number(count) };
  }

  /** Says that a slice was tried, and how many of its nonces lie before the lowest that qualifies. */
  answer(slot: number, found: number): void {
    Atomics.store(this.words, this.#at(slot, SlotWord.FOUND), BigInt(found));
    this.#say(() => this.#step(slot, SlotState.SUBMITTED, SlotState.TRIED));
  }

  /** Resolves when the capsule has made something else of a slot that is in one of these states. */
  async leaving(slot: number, ...states: readonly SlotState[]): Promise<void> {
    await this.#answerThat(() => {
      const state = Number(Atomics.load(this.words, this.#at(slot, SlotWord.STATE)));
      return !states.some((awaited) => awaited === state);
    });
  }

  async #answerThat(isSo: () => boolean): Promise<void> {
    for (;;) {
      const seen = Atomics.load(this.words, Word.ANSWER);
      if (isSo()) return;
      if (waitAsync) await waitAsync(this.words, Word.ANSWER, seen).value;
      else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Ends it for whoever waits in {@link leaving}: no slice will be granted any more. */
  close(): void {
    for (const slot of LaneBoard.SLOTS) {
      Atomics.store(this.words, this.#at(slot, SlotWord.STATE), BigInt(SlotState.OVER));
    }
    this.wake();
  }

  #at(slot: number, word: number): number {
    return Word.SLOTS + slot * Word.SLOT_WORDS + word;
  }

  #step(slot: number, from: SlotState, to: SlotState): boolean {
    return this.#change(this.#at(slot, SlotWord.STATE), from, to);
  }

  #change(word: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, word, BigInt(from), BigInt(to)) === BigInt(from);
  }

  /** Changes something and wakes the capsule's threads. */
  #say<T>(change: () => T): T {
    const result = change();
    Atomics.add(this.words, Word.SIGNAL, 1n);
    Atomics.notify(this.words, Word.SIGNAL);
    return result;
  }
}
