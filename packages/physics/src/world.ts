/**
 * A world: bodies, steps, saved states. Everything on it happens in the order in which it is asked for.
 */
import {
  JOB_OPTIONS,
  outOfRange,
  requireInteger,
  wrongType,
  type CapsuleRuntime,
  type Job,
  type JobOptions,
  type JobUsage,
  type Quote,
} from '@inos/sdk';
import { drop } from './command-stream.js';
import { physicsError } from './errors.js';
import { EventReader } from './events.js';
import { Command, WorldProperty, WorldWords } from './generated/physics.js';
import { decodeHandles, encodeHandles } from './handle-words.js';
import { requireKnown, STEP_KEYS } from './known-keys.js';
import { writeIntegration, type IntegrationSettings } from './integration.js';
import type { PhysicsMethods } from './methods.js';
import { Pace } from './pace.js';
import { requireNumbers, requirePositive, type Vector3 } from './numbers.js';
import { ThreadShare } from './thread-share.js';
import { WorldRun, type RunOptions } from './runner.js';
import { readHead } from './snapshot.js';
import type { WorldPlace } from './world-core.js';
import {
  encodeMemory,
  encodeWorld,
  type RestoreOptions,
  type WorldOptions,
} from './world-options.js';
import { WorldRegions } from './world-regions.js';
import { WorldSofts } from './world-softs.js';
import { requireSharing } from './sharing.js';
import { WorldState } from './world-state.js';

/** What stepping a world came to. */
export interface StepOutcome {
  /** Steps that the world has taken since it was made. */
  readonly step: number;
  /** What it used and paid. */
  readonly usage: JobUsage;
}

/** Options of {@link World.step}. */
export interface StepOptions extends JobOptions {
  /** Called with how many of the steps are done whenever that has changed, some fifty times a second at most. */
  readonly onProgress?: (doneSteps: number, totalSteps: number) => void;
}

const MOST_STEPS = 2 ** 31 - 1;
const DEFAULT_STEP_SECONDS = 1 / 60;

/** A world of bodies. Make one with `physics.createWorld(options)`. */
export class World extends WorldSofts {
  readonly #regions: WorldRegions;
  readonly #states = new Set<WorldState>();
  #run: WorldRun | undefined;
  #stepSeconds = DEFAULT_STEP_SECONDS;

  private constructor(place: WorldPlace) {
    super(place);
    this.#regions = place.regions;
  }

  /** @internal */
  static async create(
    methods: PhysicsMethods,
    runtime: CapsuleRuntime,
    options: WorldOptions,
  ): Promise<World> {
    requireSharing();
    const { memory } = runtime;
    const threads = ThreadShare.of(runtime);
    const { settings, entries, particles } = encodeWorld(memory, options);
    const { capacity } = settings;
    const regions = new WorldRegions(memory, { capacity, entries, particles });
    try {
      threads.makeRoom();
      const offset = await methods.createWorld({ ...settings, ...placesOf(regions) });
      const world = new World({ memory, methods, offset, regions, threads });
      world.#stepSeconds = settings.stepSeconds;
      return world;
    } catch (error) {
      regions.free();
      throw error;
    }
  }

  /** @internal As {@link Physics.restoreSnapshot}. */
  static async restoreSnapshot(
    methods: PhysicsMethods,
    runtime: CapsuleRuntime,
    snapshot: Uint8Array,
    options: RestoreOptions,
  ): Promise<World> {
    requireSharing();
    const { memory } = runtime;
    const threads = ThreadShare.of(runtime);
    const { capacity, handles } = readHead(snapshot);
    const { quotaBytes, entries, particles } = encodeMemory(memory, options);
    const regions = new WorldRegions(memory, { capacity, entries, particles });
    let world: World | undefined;
    try {
      threads.makeRoom();
      const call = { snapshot, quotaBytes, ...placesOf(regions) };
      const offset = await methods.restoreSnapshot(call);
      world = new World({ memory, methods, offset, regions, threads });
      world.registry.restore(decodeHandles(handles()));
      const [stepSeconds = DEFAULT_STEP_SECONDS] = (await world.readWorld(['stepSeconds']))
        .stepSeconds;
      world.#stepSeconds = stepSeconds;
      return world;
    } catch (error) {
      if (world === undefined) regions.free();
      else await world.dispose();
      throw error;
    }
  }

  protected override get self(): this {
    return this;
  }

  /** Sets the acceleration of all dynamic bodies. */
  setGravity(gravity: Vector3): void {
    this.requireOpen();
    const numbers = requireNumbers('gravity', gravity, 3);
    const at = this.queue.commands.begin(Command.SET_WORLD, 4);
    this.queue.commands.word(at, WorldProperty.GRAVITY);
    this.queue.commands.numbers(at + 1, numbers);
  }

  /** Sets how long a step is. */
  setStepSeconds(seconds: number): void {
    this.requireOpen();
    const number = requirePositive('seconds', seconds);
    const at = this.queue.commands.begin(Command.SET_WORLD, 2);
    this.queue.commands.word(at, WorldProperty.STEP_SECONDS);
    this.queue.commands.number(at + 1, number);
    this.#stepSeconds = number;
  }

  /** Changes how it is stepped. */
  setIntegration(settings: IntegrationSettings): void {
    this.requireOpen();
    writeIntegration(this.queue.commands, settings);
    this.#stepSeconds = settings.stepSeconds ?? this.#stepSeconds;
  }

  /** How long a step is, with all that was asked for. */
  get stepSeconds(): number {
    return this.#stepSeconds;
  }

  /** A reader of events from now on. Colliders tell of what their `events` say. */
  readEvents(): EventReader {
    this.requireOpen();
    const { buffer, byteOffset, byteLength } = this.#regions.events;
    return new EventReader(new Uint32Array(buffer, byteOffset, byteLength / 4));
  }

  /**
   * Takes steps, in the capsule. A body's step is a unit of work: see {@link quote}. Cancelled, expired or out of
   * budget, it stops between two steps and leaves the world whole; `poses.step` tells how far it came. When
   * another world crashes their capsule it goes on where it was, and pays for what it does from there.
   *
   * @param steps - how many; 0 only applies what was asked for and renews the poses
   */
  async step(steps = 1, options: StepOptions = {}): Promise<StepOutcome> {
    this.requireOpen();
    requireInteger('steps', steps, 0, MOST_STEPS);
    requireKnown('options', options, STEP_KEYS);
    const { onProgress, ...jobOptions } = options;
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw wrongType('options.onProgress', 'a function', onProgress);
    }
    const world = this.offset;
    const bodies = this.bodyCount;
    let goal: number | undefined;
    return this.queue.run(async (commands) => {
      const { step } = this.poses;
      // Asked for again after another world's crash, it takes the steps that are left.
      goal ??= step + steps;
      const left = goal - step;
      const call = { world, commands, steps: left, bodies, pace: this.queue.none };
      const job = this.methods.step(call, jobOptions);
      const told =
        onProgress && follow(job, (done) => onProgress(steps - left + done, steps), left);
      await Promise.all([job, told]);
      return { step: this.poses.step, usage: job.usage };
    });
  }

  /**
   * @internal Steps as a pace says, in the capsule, until there is something else to do. `begin` sets the pace: it
   * is given whether there is a thread to wait in for steps that aren't due yet, and gives how many steps are to be
   * taken at most.
   */
  async stepAtPace(pace: Pace, begin: (mayWait: boolean) => number): Promise<void> {
    this.requireOpen();
    const leave = () => pace.leave();
    await this.queue.runWaiting(async (commands, mayWait) => {
      const steps = begin(mayWait);
      const { offset: world, bodyCount: bodies } = this;
      await this.methods.step({ world, commands, steps, bodies, pace: pace.region });
    }, leave);
  }

  /** @internal Whether something was asked for that waits for the next job. */
  get hasCommands(): boolean {
    return !this.queue.commands.isEmpty;
  }

  /** @internal Whether there is no thread to wait in for a step: then it is waited for before the job. */
  get mustWaitOutside(): boolean {
    return this.queue.isCrowded;
  }

  /** @internal Whether it is disposed, or its runtime closed or about to be. */
  get isEnding(): boolean {
    return this.disposing !== undefined || this.queue.isClosed;
  }

  /** @internal */
  createPace(): Pace {
    return new Pace(this.memory);
  }

  /**
   * Runs by the clock until it is stopped: the capsule takes the steps by itself. Don't step or restore the world
   * meanwhile; everything else may be asked for, and is done between two steps. Disposing the world or closing the
   * runtime stops it.
   *
   * @throws InosError `physics/already-running` if an earlier run isn't stopped
   * @example
   * ```ts
   * const run = world.run({ hz: 60 });
   * run.at(world.poses.step + 30, () => body.applyImpulse([0, 5, 0]));
   * ```
   */
  run(options: RunOptions = {}): WorldRun {
    this.requireOpen();
    if (this.#run?.isStopping === false) {
      throw physicsError('physics/already-running', 'the world runs already: stop that run first');
    }
    this.#run = new WorldRun(this, options);
    return this.#run;
  }

  /** What so many steps with the bodies that it has now cost. */
  quote(steps: number): Quote {
    requireInteger('steps', steps, 0, MOST_STEPS);
    const call = {
      world: this.offset,
      commands: this.queue.none,
      steps,
      pace: this.queue.none,
      bodies: this.bodyCount,
    };
    return this.methods.step.quote(call);
  }

  /** 32 bytes that are equal wherever the same was done: BLAKE3 over all bodies' poses, velocities and states. */
  async digest(options: JobOptions = {}): Promise<Uint8Array> {
    this.requireOpen();
    requireKnown('options', options, JOB_OPTIONS);
    return this.queue.run((commands) => this.methods.digest(this.offset, commands, options));
  }

  /**
   * Saves the world as it is after everything that was asked for before: a copy of its memory.
   *
   * @throws InosError from {@link restore} or `state.byteLength` if there was no room for the copy
   */
  save(): WorldState {
    this.requireOpen();
    const copy = this.queue.run((commands) => this.methods.save(this.offset, commands));
    const state = new WorldState({
      world: this,
      memory: this.memory,
      bodies: this.registry.save(),
      copy,
      stepSeconds: this.#stepSeconds,
    });
    this.#states.add(state);
    return state;
  }

  /**
   * Makes the world what it was when `state` was saved, as often as you like. Handles of that time are valid again,
   * those made since are dead. Also brings back a world that was lost in a crash.
   */
  async restore(state: WorldState): Promise<void> {
    this.requireOpen();
    if (!(state instanceof WorldState)) throw wrongType('state', 'a state of this world', state);
    if (state.world !== this) throw outOfRange('state', 'a state of this world', 'another’s');
    state.requireLive();
    const before = this.registry.save();
    const { stepSeconds } = this;
    this.registry.restore(state.bodies);
    this.#stepSeconds = state.stepSeconds;
    try {
      await this.queue.run(async (commands) => {
        await this.methods.restore(this.offset, await state.offset(), {});
        drop(commands);
      });
    } catch (error) {
      this.registry.restore(before);
      this.#stepSeconds = stepSeconds;
      throw error;
    }
  }

  /** @internal A state that is disposed is no longer the world's to dispose. */
  forget(state: WorldState): void {
    this.#states.delete(state);
  }

  /**
   * The world as bytes for files and other machines: with its handles, in a format that says its version. For
   * rollback {@link save} is much faster.
   *
   * @example
   * ```ts
   * await writeFile('world.bin', await world.takeSnapshot());
   * const again = await physics.restoreSnapshot(await readFile('world.bin'));
   * ```
   */
  async takeSnapshot(): Promise<Uint8Array<ArrayBuffer>> {
    this.requireOpen();
    const handles = encodeHandles(this.registry.save());
    const { offset, byteLength } = await this.queue.run((commands) =>
      this.methods.takeSnapshot(this.offset, commands, handles),
    );
    this.queue.requireThere();
    const bytes = new Uint8Array(byteLength);
    bytes.set(new Uint8Array(this.memory.buffer, offset, byteLength));
    this.memory.arena.free(offset);
    return bytes;
  }

  /** Resolves when everything that was asked for is done. */
  whenIdle(): Promise<void> {
    return this.queue.idle();
  }

  /** Waits for its jobs and gives all its memory back. Idempotent. */
  dispose(): Promise<void> {
    this.disposing ??= this.#end();
    return this.disposing;
  }

  /** As {@link dispose}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #end(): Promise<void> {
    for (const state of this.#states) state.dispose();
    await this.queue.end();
    this.queue.dispose();
    if (!this.#regions.areLost) this.#freeWorld();
    this.#regions.free();
  }

  /** Gives back what the capsule has taken. */
  #freeWorld(): void {
    const { arena, buffer } = this.memory;
    const words = new Uint32Array(buffer, this.offset, WorldWords.DATA_OFFSET / 4);
    const extents = Array.from(
      { length: words[WorldWords.EXTENTS] ?? 0 },
      (_, index) => words[WorldWords.TABLE + index * WorldWords.TABLE_STRIDE_WORDS] ?? 0,
    );
    words[WorldWords.MAGIC] = 0;
    for (const extent of extents) arena.free(extent);
  }
}

/** Tells how many of a job's steps are done, each time that has changed. */
async function follow(job: Job<unknown>, tell: (done: number) => void, steps: number) {
  try {
    for await (const { fraction } of job.progress) tell(Math.round(fraction * steps));
  } catch (error) {
    job.cancel(error);
    throw error;
  }
}

/** Regions as the capsule is given them. */
function placesOf({ poses, events, particles }: WorldRegions) {
  return { poses, events, particles };
}
