/**
 * The order of a world's jobs: one at a time, each with the commands that were written before it was asked for.
 */
import type { Job, SafeSAB } from '@inos/sdk';
import { CommandStream, isTaken, type Commands } from './command-stream.js';

/** Runs a world's jobs one after another. */
export class WorldQueue {
  /** Commands that the next job takes along. */
  readonly commands: CommandStream;
  readonly #memory: SafeSAB;
  readonly #none: Commands;
  #last: Promise<unknown> | undefined;
  /** Of a job that was refused before it took them: the next job's. */
  #untaken: Commands | undefined;

  constructor(memory: SafeSAB) {
    this.#memory = memory;
    this.commands = new CommandStream(memory);
    this.#none = memory.alloc(Uint32Array, 1).subarray(0, 0);
  }

  /** Resolves when no job is left. */
  async idle(): Promise<void> {
    while (this.#last !== undefined) await this.#last;
  }

  /** Submits a job when those before it have ended: at once if there are none. */
  run<R>(submit: (commands: Commands) => Job<R> | Promise<R>): Promise<R> {
    const sealed = this.commands.isEmpty ? undefined : this.commands.seal();
    const work = () => this.#work(sealed, submit);
    const result = this.#last === undefined ? work() : this.#last.then(work);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    this.#last = ended;
    void ended.then(() => {
      if (this.#last === ended) this.#last = undefined;
    });
    return result;
  }

  async #work<R>(
    sealed: Commands | undefined,
    submit: (commands: Commands) => Job<R> | Promise<R>,
  ): Promise<R> {
    const commands = this.#merge(sealed);
    try {
      return await submit(commands ?? this.#none);
    } finally {
      if (commands !== undefined) {
        if (isTaken(commands)) this.#memory.free(commands);
        else this.#untaken = commands;
      }
    }
  }

  /** The commands of a refused job, if there was one, and then these. */
  #merge(sealed: Commands | undefined): Commands | undefined {
    const untaken = this.#untaken;
    this.#untaken = undefined;
    if (untaken === undefined || sealed === undefined) return untaken ?? sealed;
    const both = new CommandStream(this.#memory);
    both.append(untaken);
    both.append(sealed);
    this.#memory.free(untaken);
    this.#memory.free(sealed);
    const merged = both.seal();
    both.dispose();
    return merged;
  }

  /** Gives the memory back. Only when no job is left. */
  dispose(): void {
    this.commands.dispose();
    if (this.#untaken) this.#memory.free(this.#untaken);
    this.#memory.arena.free(this.#none.byteOffset);
  }
}
