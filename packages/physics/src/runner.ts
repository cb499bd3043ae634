/**
 * Running a world by the clock: so many steps a second, paused, slowed down, with input for exact steps. The
 * clock is the host's; it only decides when steps are taken, never what they come to.
 */
import { requireInteger, wrongType } from '@inos/sdk';
import { requirePositive, requireSize } from './numbers.js';
import type { World } from './world.js';

/** Options of {@link World.run}. */
export interface RunOptions {
  /**
   * Steps a second at speed 1.
   * @default 60
   */
  readonly hz?: number;
  /**
   * 0.5 is slow motion, 0 stands still.
   * @default 1
   */
  readonly speed?: number;
  /**
   * Steps that may be caught up at once after the clock was late; what is beyond is dropped.
   * @default 8
   */
  readonly mostCatchUp?: number;
  /** Called after each step with its number. */
  readonly onStep?: (step: number) => void;
  /** Called once when a step fails; the run has then stopped. Without it {@link WorldRun.stopped} rejects. */
  readonly onError?: (error: unknown) => void;
}

/** Something to be done just before a step is taken. */
type Input = (world: World) => void;

/** A world that runs. */
export class WorldRun {
  /** Resolves when the run has stopped. */
  readonly stopped: Promise<void>;
  readonly #world: World;
  readonly #stepMs: number;
  readonly #mostCatchUp: number;
  readonly #options: RunOptions;
  readonly #inputs = new Map<number, Input[]>();
  #resolve = (): void => undefined;
  #reject = (_error: unknown): void => undefined;
  #speed: number;
  #isPaused = false;
  #isStopping = false;
  #dueMs = 0;
  #lastMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #working: Promise<void> | undefined;

  /** @internal */
  constructor(world: World, options: RunOptions) {
    if (typeof options !== 'object' || options === null) {
      throw wrongType('options', 'an object', options);
    }
    this.#world = world;
    this.#options = options;
    this.#stepMs = 1000 / requirePositive('hz', options.hz ?? 60);
    this.#speed = requireSize('speed', options.speed ?? 1);
    this.#mostCatchUp = requireInteger('mostCatchUp', options.mostCatchUp ?? 8, 1, 1000);
    this.stopped = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A failure that nobody asks for is no unhandled rejection: `onError` and `stopped` tell.
    this.stopped.catch(() => undefined);
    this.#wait();
  }

  /** How far the clock is between the latest step and the next: for `world.poses.interpolate`. */
  get fraction(): number {
    const elapsed = this.#isPaused ? 0 : (performance.now() - this.#lastMs) * this.#speed;
    return Math.min(1, (this.#dueMs + elapsed) / this.#stepMs);
  }

  /** Whether it is paused. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Stands still until {@link resume}. Steps that are at work are finished. */
  pause(): void {
    this.#count();
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Goes on, from where it paused. */
  resume(): void {
    if (!this.#isPaused || this.#isStopping) return;
    this.#isPaused = false;
    this.#lastMs = performance.now();
    this.#wait();
  }

  /** Sets how fast time goes: 1 as the clock, 0.5 in slow motion. */
  setSpeed(speed: number): void {
    const checked = requireSize('speed', speed);
    this.#count();
    this.#speed = checked;
  }

  /**
   * Has something done to the world just before step number `step` is taken, after what was asked for it before.
   *
   * @throws RangeError if that step was taken already
   */
  at(step: number, input: Input): void {
    const next = this.#world.poses.step + (this.#working === undefined ? 1 : 2);
    requireInteger('step', step, next, Number.MAX_SAFE_INTEGER);
    const inputs = this.#inputs.get(step);
    if (inputs === undefined) this.#inputs.set(step, [input]);
    else inputs.push(input);
  }

  /** Ends the run after the step that is at work. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#working;
    this.#resolve();
  }

  /** As {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Adds the time since the last look to what is due. */
  #count(): void {
    const now = performance.now();
    if (!this.#isPaused) this.#dueMs += (now - this.#lastMs) * this.#speed;
    this.#lastMs = now;
    this.#dueMs = Math.min(this.#dueMs, this.#mostCatchUp * this.#stepMs);
  }

  #wait(): void {
    this.#timer = setTimeout(
      () => {
        this.#working = this.#work().finally(() => {
          this.#working = undefined;
          if (!this.#isPaused && !this.#isStopping) this.#wait();
        });
      },
      Math.max(1, this.#stepMs / 4),
    );
  }

  async #work(): Promise<void> {
    this.#count();
    try {
      while (this.#dueMs >= this.#stepMs && !this.#isStopping && !this.#isPaused) {
        this.#dueMs -= this.#stepMs;
        const next = this.#world.poses.step + 1;
        for (const input of this.#inputs.get(next) ?? []) input(this.#world);
        this.#inputs.delete(next);
        const { step } = await this.#world.step(1);
        this.#options.onStep?.(step);
      }
    } catch (error) {
      this.#isStopping = true;
      this.#reject(error);
      this.#options.onError?.(error);
    }
  }
}
