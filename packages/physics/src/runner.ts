/**
 * Running a world by the clock: so many steps a second, paused, slowed down, with input for exact steps. The
 * capsule takes the steps by itself; the clock, which only decides when they are taken, is the host's.
 */
import { requireInteger, wrongType } from '@inos/sdk';
import { requireKnown } from './known-keys.js';
import { requirePositive, requireSize } from './numbers.js';
import { physicsError } from './errors.js';
import type { Pace } from './pace.js';
import type { World } from './world.js';

/** For how many steps credits are reserved at once, or for as many as the account can pay. */
const MOST_AT_ONCE = 600;
/** How often the clock is looked at, within a step's time. */
const LONGEST_LOOK_MS = 16;
/** How often the capsule is told where the clock stands. */
const ALIGN_MS = 100;

/** Options of {@link World.run}. */
export interface RunOptions {
  /**
   * Steps a second at speed 1.
   * @default as many as make a second of the world: 1 / `stepSeconds`
   */
  readonly hz?: number;
  /**
   * 0.5 is slow motion, 0 stands still.
   * @default 1
   */
  readonly speed?: number;
  /**
   * Steps that may be caught up at once when steps are late; what is beyond is dropped.
   * @default 8
   */
  readonly mostCatchUp?: number;
  /** Called soon after each step with its number. The world may be further by then. */
  readonly onStep?: (step: number) => void;
  /** Called once when a step fails; the run has then stopped. Without it {@link WorldRun.stopped} rejects. */
  readonly onError?: (error: unknown) => void;
}

const RUN_KEYS: readonly string[] = ['hz', 'speed', 'mostCatchUp', 'onStep', 'onError'];

/** Something to be done just before a step is taken. */
type Input = (world: World) => void;

/** A world that runs. */
export class WorldRun {
  /** Resolves when the run has stopped. */
  readonly stopped: Promise<void>;
  readonly #world: World;
  readonly #pace: Pace;
  readonly #stepMs: number;
  readonly #mostCatchUp: number;
  readonly #options: RunOptions;
  readonly #inputs = new Map<number, Input[]>();
  #resolve = (): void => undefined;
  #reject = (_error: unknown): void => undefined;
  #speed: number;
  #isPaused = false;
  #isStopping = false;
  /** Where the clock stands, in steps of the world. */
  #position: number;
  #lookedAt = performance.now();
  #alignedAt = 0;
  #told: number;
  /** Whether a job is at work. */
  #isStepping = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #driving: Promise<void> | undefined;

  /** @internal */
  constructor(world: World, options: RunOptions) {
    if (typeof options !== 'object' || options === null) {
      throw wrongType('options', 'an object', options);
    }
    requireKnown('options', options, RUN_KEYS);
    this.#world = world;
    this.#options = options;
    this.#stepMs = 1000 / requirePositive('hz', options.hz ?? 1 / world.stepSeconds);
    this.#speed = requireSize('speed', options.speed ?? 1);
    this.#mostCatchUp = requireInteger('mostCatchUp', options.mostCatchUp ?? 8, 1, 1000);
    this.#position = world.poses.step;
    this.#told = world.poses.step;
    this.#pace = world.createPace();
    this.stopped = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A failure that nobody asks for is no unhandled rejection: `onError` and `stopped` tell.
    this.stopped.catch(() => undefined);
    this.#go();
  }

  /** How far the clock is between the latest step and the next: for `world.poses.interpolate`. */
  get fraction(): number {
    this.#look();
    return Math.min(1, Math.max(0, this.#position - this.#world.poses.step));
  }

  /** @internal Whether it takes no more steps, once the one at work has ended. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** Whether it is paused. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Stands still until {@link resume}. The step that is at work is finished. */
  pause(): void {
    this.#look();
    this.#isPaused = true;
    this.#halt();
  }

  /** Goes on, from where it paused. */
  resume(): void {
    if (!this.#isPaused || this.#isStopping) return;
    this.#isPaused = false;
    this.#lookedAt = performance.now();
    this.#go();
  }

  /** Sets how fast time goes: 1 as the clock, 0.5 in slow motion. */
  setSpeed(speed: number): void {
    const checked = requireSize('speed', speed);
    this.#look();
    this.#speed = checked;
    if (!this.#isGoing) this.#halt();
    else if (this.#isStepping) this.#align();
    else this.#go();
  }

  /**
   * Has something done to the world just before step number `step` is taken, after what was asked for it before.
   * The world waits for it there, should this thread be busy.
   *
   * @throws TypeError if `input` is no function
   * @throws RangeError if that step was taken already
   * @throws InosError `physics/run-stopped`
   */
  at(step: number, input: Input): void {
    if (typeof input !== 'function') throw wrongType('input', 'a function', input);
    if (this.#isStopping) throw physicsError('physics/run-stopped', 'the run is stopped');
    const { step: taken } = this.#world.poses;
    requireInteger('step', step, taken + 1, Number.MAX_SAFE_INTEGER);
    if (this.#isStepping && !this.#pace.endBefore(step)) {
      requireInteger('step', step, step + 1, Number.MAX_SAFE_INTEGER);
    }
    const inputs = this.#inputs.get(step);
    if (inputs === undefined) this.#inputs.set(step, [input]);
    else inputs.push(input);
  }

  /** Ends the run after the step that is at work. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#halt();
    await this.#driving;
    this.#pace.dispose();
    this.#resolve();
  }

  /** As {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #isGoing(): boolean {
    return !this.#isStopping && !this.#isPaused && this.#speed > 0;
  }

  /** Moves the clock on by the time since the last look. */
  #look(): void {
    const now = performance.now();
    if (!this.#isPaused) this.#position += ((now - this.#lookedAt) * this.#speed) / this.#stepMs;
    this.#lookedAt = now;
    const { step } = this.#world.poses;
    // Whatever was restored or stepped meanwhile, the clock stays near.
    const [least, most] = [step - this.#mostCatchUp, step + this.#mostCatchUp];
    this.#position = Math.min(most, this.#position < least ? step : this.#position);
  }

  #halt(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#pace.leave();
  }

  #go(): void {
    if (!this.#isGoing) return;
    this.#timer ??= setInterval(
      () => {
        this.#tend();
      },
      Math.min(LONGEST_LOOK_MS, Math.max(1, this.#stepMs / 2)),
    );
    this.#driving ??= this.#drive().finally(() => {
      this.#driving = undefined;
      if (this.#isStopping) this.#pace.dispose();
      this.#go();
    });
  }

  /** While the capsule steps by itself: tells of steps, corrects its pace, has it take commands. */
  #tend(): void {
    this.#look();
    this.#tell();
    if (this.#world.isEnding) {
      // Who closes waits for the job at work.
      void this.stop();
      return;
    }
    if (!this.#isStepping) return;
    if (this.#world.hasCommands) this.#pace.leave();
    else if (this.#lookedAt - this.#alignedAt > ALIGN_MS) this.#align();
  }

  #align(): void {
    this.#alignedAt = this.#lookedAt;
    this.#pace.align({ position: this.#position, periodMs: this.#stepMs / this.#speed });
  }

  #tell(): void {
    const { step } = this.#world.poses;
    this.#told = Math.min(this.#told, step);
    while (this.#told < step && this.#options.onStep) this.#options.onStep(++this.#told);
  }

  async #drive(): Promise<void> {
    try {
      while (this.#isGoing) {
        this.#look();
        const next = this.#world.poses.step + 1;
        if (this.#world.mustWaitOutside && this.#position < next) await this.#untilDue(next);
        else await this.#step(next);
        this.#tell();
      }
    } catch (error) {
      this.#isStopping = true;
      this.#halt();
      if (this.#world.isEnding) {
        this.#resolve();
        return;
      }
      this.#reject(error);
      this.#options.onError?.(error);
    }
  }

  #untilDue(step: number): Promise<void> {
    const milliseconds = ((step - this.#position) * this.#stepMs) / this.#speed;
    return new Promise((resolve) => {
      setTimeout(resolve, Math.min(LONGEST_LOOK_MS, milliseconds));
    });
  }

  /** Has the capsule step by itself, from step number `next` on, until there is something else to do. */
  async #step(next: number): Promise<void> {
    const inputs = this.#inputs.get(next) ?? [];
    this.#inputs.delete(next);
    for (const input of inputs) input(this.#world);
    try {
      await this.#world.stepAtPace(this.#pace, (mayWait) => this.#begin(mayWait));
    } finally {
      this.#isStepping = false;
    }
  }

  /** Sets the pace; gives how many steps may be taken. */
  #begin(mayWait: boolean): number {
    this.#look();
    const { step } = this.#world.poses;
    let limit = step + MOST_AT_ONCE;
    for (const input of this.#inputs.keys()) {
      if (input > step) limit = Math.min(limit, input - 1);
    }
    if (!mayWait) limit = Math.min(limit, Math.max(step, Math.floor(this.#position)));
    this.#isStepping = this.#isGoing;
    const clock = { position: this.#position, periodMs: this.#stepMs / this.#speed };
    if (this.#isGoing) this.#pace.begin(step, limit, clock);
    return this.#isGoing ? limit - step : 0;
  }
}
