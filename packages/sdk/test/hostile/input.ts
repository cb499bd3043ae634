/** A fuzzer's bytes as the numbers that targets ask for, and as what a hostile thread writes between which two looks. */
import { Layout, LedgerWords } from '../../src/memory/layout.js';
import { change, peek, type Hook } from './watched.js';

/** Numbers that are likely to be handled wrongly. */
const EDGES = [
  0,
  1,
  2,
  7,
  63,
  64,
  4096,
  Layout.PAGE_BYTES,
  Layout.LEDGER_OFFSET,
  Layout.ARENA_OFFSET,
  2 ** 31,
  LedgerWords.HOST_HOLDER,
  2 ** 32 - 8,
  2 ** 32 - 1,
];

/** What is left of the bytes. Those that aren't there are zeros. */
export class Input {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** A number below `end`, which is at most 256. */
  below(end: number): number {
    return this.byte() % end;
  }

  isSet(): boolean {
    return this.byte() % 2 === 1;
  }

  choose<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  /** A word: an edge, a small number, an offset into the arena, the number of a page, or anything. */
  word(): number {
    switch (this.below(5)) {
      case 0:
        return this.choose(EDGES);
      case 1:
        return this.byte();
      case 2:
        return Layout.ARENA_OFFSET + this.byte() * 64 + this.below(4) * Layout.PAGE_BYTES;
      case 3:
        return Layout.ARENA_OFFSET / Layout.PAGE_BYTES + this.below(16);
      default:
        return ((this.byte() << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte()) >>> 0;
    }
  }

  /** An amount of credits, or what can't be one. */
  amount(): number {
    return this.isSet() ? this.word() : this.word() * 2 ** 21 + this.byte();
  }
}

/** What a hostile thread writes, once so many more reads have been seen. */
interface Change {
  readonly reads: number;
  readonly back: number;
  readonly apply: (now: number) => number;
}

const MOST_CHANGES = 8;
/** Words that were read lately. */
const KEPT = 8;

function readChange(input: Input): Change {
  const reads = input.byte();
  const back = input.below(KEPT);
  const kind = input.below(3);
  const value = kind === 1 ? 2 ** input.below(32) : input.word();
  const apply = [() => value, (now: number) => now ^ value, (now: number) => now + value][kind];
  return { reads, back, apply: apply ?? (() => value) };
}

/** A hostile thread's changes, and how many they are. */
export interface Changes {
  readonly count: number;
  readonly hook: Hook;
}

/**
 * Reads what a hostile thread does.
 *
 * @param mayChange - whether a word, by its byte offset, is one that it may write
 */
export function readChanges(input: Input, mayChange = (_offset: number) => true): Changes {
  const changes = Array.from({ length: input.below(MOST_CHANGES + 1) }, () => readChange(input));
  const kept: { words: Uint32Array; index: number }[] = [];
  let reads = 0;
  const hook: Hook = (words, index) => {
    kept.unshift({ words, index });
    kept.length = Math.min(kept.length, KEPT);
    reads++;
    for (let next = changes[0]; next && next.reads < reads; next = changes[0]) {
      reads = 0;
      changes.shift();
      const target = kept[next.back];
      if (!target || !mayChange(target.words.byteOffset + target.index * 4)) continue;
      const now = peek(target.words, target.index);
      change(target.words, target.index, next.apply(now) >>> 0);
    }
  };
  return { count: changes.length, hook };
}
