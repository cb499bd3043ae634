/**
 * The order of a world's jobs: one at a time, each with the commands that were written before it was asked for.
 */
import { InosError, type Job, type SafeSAB } from '@inos/sdk';
import { CommandStream, isTaken, type Commands } from './command-stream.js';
import { physicsError } from './errors.js';
import { WorldWords } from './generated/physics.js';
import type { ThreadShare } from './thread-share.js';
import type { WorldRegions } from './world-regions.js';

/** How often a job is asked for again whose capsule crashed in another job each time. */
const MOST_REPEATS = 3;

/** The world whose jobs they are. */
export interface QueuedWorld {
  readonly memory: SafeSAB;
  /** Where it lies. */
  readonly offset: number;
  readonly regions: Pick<WorldRegions, 'areLost'>;
  readonly threads: ThreadShare;
}

/** Runs a world's jobs one after another. */
export class WorldQueue {
  /** Commands that the next job takes along. */
  readonly commands: CommandStream;
  readonly #memory: SafeSAB;
  readonly #world: number;
  readonly #regions: Pick<WorldRegions, 'areLost'>;
  /** An empty region. */
  readonly none: Commands;
  readonly #threads: ThreadShare;
  readonly #onSeal: () => () => void;
  /** How many jobs were asked for. */
  #asked = 0;
  /** Asks the job at work to make way for the next, if it is one that can. */
  #giveWay: (() => void) | undefined;
  #last: Promise<unknown> | undefined;
  /** Of a job that was refused before it took them: the next job's. */
  #untaken: Commands | undefined;

  /**
   * @param onSeal - called when a job's commands are complete; what it gives is called when that job begins
   */
  constructor({ memory, offset, regions, threads }: QueuedWorld, onSeal: () => () => void) {
    this.#onSeal = onSeal;
    this.#memory = memory;
    this.#world = offset;
    this.#regions = regions;
    this.#threads = threads;
    this.commands = new CommandStream(memory);
    this.none = memory.alloc(Uint32Array, 1).subarray(0, 0);
  }

  /** Resolves when all jobs that were asked for have ended. */
  async idle(): Promise<void> {
    this.#giveWay?.();
    await this.#last;
  }

  /** Resolves when no job is left: for when no more are asked for. */
  async end(): Promise<void> {
    while (this.#last !== undefined) await this.idle();
  }

  /** Whether a job that waits would keep a thread from others. */
  get isCrowded(): boolean {
    return this.#threads.isTaken;
  }

  /** Whether the runtime takes no more jobs. */
  get isClosed(): boolean {
    return this.#threads.isClosed;
  }

  /** Submits a job when those before it have ended: at once if there are none. */
  run<R>(submit: (commands: Commands) => Job<R> | Promise<R>): Promise<R> {
    this.#asked++;
    this.#giveWay?.();
    const sealed = this.commands.isEmpty ? undefined : this.commands.seal();
    const onBegin = this.#onSeal();
    const work = () => {
      onBegin();
      return this.#work(sealed, submit);
    };
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

  /**
   * Submits a job that may keep a thread while it waits. It is asked to `leave` when another job is asked for, of
   * this world or of one that finds no thread.
   *
   * @param submit - given whether there is a thread to wait in
   * @returns undefined if another job was asked for before this one's turn came
   */
  runWaiting<R>(
    submit: (commands: Commands, mayWait: boolean) => Promise<R>,
    leave: () => void,
  ): Promise<R | undefined> {
    const number = this.#asked + 1;
    return this.run(async (commands) => {
      if (this.#asked !== number) return undefined;
      const mayWait = !this.#threads.isTaken;
      const letGo = mayWait ? this.#threads.keep(leave) : undefined;
      this.#giveWay = leave;
      try {
        return await submit(commands, mayWait);
      } finally {
        this.#giveWay = undefined;
        letGo?.();
      }
    });
  }

  /**
   * Sees that the world's memory is what it was: that of an isolated capsule begins anew after a crash.
   *
   * @throws InosError `physics/world-lost`
   */
  requireThere(): void {
    if (!this.#regions.areLost) return;
    throw physicsError('physics/world-lost', 'the world went with the memory of its capsule');
  }

  async #work<R>(
    sealed: Commands | undefined,
    submit: (commands: Commands) => Job<R> | Promise<R>,
  ): Promise<R> {
    let commands = this.#merge(sealed);
    for (let repeats = 0; ; repeats++) {
      try {
        this.requireThere();
        this.#threads.makeRoom();
        return await submit(commands ?? this.none);
      } catch (error) {
        if (error instanceof InosError && error.code === 'memory/freed') this.requireThere();
        if (repeats === MOST_REPEATS || !this.#hasSurvived(error)) throw error;
      } finally {
        if (commands !== undefined && isTaken(commands)) {
          this.#memory.free(commands);
          commands = undefined;
        }
        this.#untaken = commands;
      }
    }
  }

  /**
   * Whether a job failed because its capsule died of another world's, while this world is whole. It then stands
   * between two steps, and its job can be asked for again.
   */
  #hasSurvived(error: unknown): boolean {
    if (!(error instanceof InosError) || error.code !== 'capsule/crashed') return false;
    if (this.#regions.areLost) return false;
    const words = new Uint32Array(this.#memory.buffer, this.#world, WorldWords.DATA_OFFSET / 4);
    return error.cause instanceof InosError && Atomics.load(words, WorldWords.BUSY) === 0;
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
    this.#memory.free(this.none);
  }
}
