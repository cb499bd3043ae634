/**
 * Commands on their way to the capsule: words in shared memory, in the order of the calls that wrote them.
 */
import type { SafeSAB } from '@inos/sdk';
import { CommandWords } from './generated/physics.js';

type Words = Uint32Array<SharedArrayBuffer>;

/** Commands in shared memory; an empty view for none. */
export type Commands = Words;

const SMALLEST_WORDS = 1024;
const LENGTH_SHIFT = 8;

/** A stream that is being written. */
export class CommandStream {
  readonly #memory: SafeSAB;
  #words: Words;
  #floats: Float32Array;
  #end = CommandWords.HEAD;

  constructor(memory: SafeSAB) {
    this.#memory = memory;
    this.#words = memory.alloc(Uint32Array, SMALLEST_WORDS, { zeroed: false });
    this.#floats = floatsOf(this.#words);
  }

  /** Whether nothing was written. */
  get isEmpty(): boolean {
    return this.#end === CommandWords.HEAD;
  }

  /** Begins a command of so many operands; gives the index of the first. */
  begin(opcode: number, operands: number): number {
    const start = this.#end;
    const end = start + 1 + operands;
    if (end > this.#words.length) this.#grow(end);
    this.#words[start] = opcode | ((1 + operands) << LENGTH_SHIFT);
    this.#end = end;
    return start + 1;
  }

  /** Sets an operand to a whole number. */
  word(index: number, value: number): void {
    this.#words[index] = value;
  }

  /** Sets an operand to a 32-bit float. */
  number(index: number, value: number): void {
    this.#floats[index] = value;
  }

  /** Sets as many operands as there are numbers. */
  numbers(index: number, values: ArrayLike<number>): void {
    this.#floats.set(values, index);
  }

  /** Sets operands to some of many numbers. */
  slice(index: number, values: ArrayLike<number>, start: number, count: number): void {
    const floats = this.#floats;
    for (let offset = 0; offset < count; offset++) {
      floats[index + offset] = values[start + offset] ?? 0;
    }
  }

  /** Sets operands to words that were made elsewhere. */
  words(index: number, words: Uint32Array): void {
    this.#words.set(words, index);
  }

  /** Adds a whole stream's commands. */
  append(stream: Words): void {
    const commands = stream.subarray(CommandWords.HEAD);
    const end = this.#end + commands.length;
    if (end > this.#words.length) this.#grow(end);
    this.#words.set(commands, this.#end);
    this.#end = end;
  }

  /** Gives what was written, as the capsule reads it, and starts anew. */
  seal(): Words {
    const words = this.#words.subarray(0, this.#end);
    words[CommandWords.TAKEN] = 0;
    words[CommandWords.WORDS] = this.#end - CommandWords.HEAD;
    this.#words = this.#memory.alloc(Uint32Array, SMALLEST_WORDS, { zeroed: false });
    this.#floats = floatsOf(this.#words);
    this.#end = CommandWords.HEAD;
    return words;
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#memory.free(this.#words);
  }

  #grow(length: number): void {
    const words = this.#memory.alloc(Uint32Array, Math.max(length, this.#words.length * 2), {
      zeroed: false,
    });
    words.set(this.#words.subarray(0, this.#end));
    this.#memory.free(this.#words);
    this.#words = words;
    this.#floats = floatsOf(words);
  }
}

/** Whether the capsule has taken a stream's commands. */
export function isTaken(stream: Words): boolean {
  return Atomics.load(stream, CommandWords.TAKEN) === 1;
}

/** Marks a stream as taken whose commands no longer matter: what they would change goes back to what it was. */
export function drop(stream: Words): void {
  if (stream.length > 0) Atomics.store(stream, CommandWords.TAKEN, 1);
}

function floatsOf(words: Words): Float32Array {
  return new Float32Array(words.buffer, words.byteOffset, words.length);
}
