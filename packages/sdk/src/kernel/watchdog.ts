/**
 * Tells a stuck job from a slow one: threads at work count in their job's heartbeat word, and a word that doesn't
 * change for long is one that nobody comes back to.
 */
import type { AnyTask } from './task.js';

/** How often it looks within the time after which a job counts as stuck, and the longest pause between two looks. */
const LOOKS = 4;
const LONGEST_PERIOD_MS = 1000;

/** What the watchdog works with. */
export interface WatchdogParts {
  /** The jobs at work now. */
  running(): readonly AnyTask[];
  /** Whether there are any in flight. */
  isNeeded(): boolean;
  /** After how many milliseconds without a sign of life a job is stuck. */
  limitMs(task: AnyTask): number;
  /** Called for each job that is. */
  onStuck(task: AnyTask): void;
}

/** Looks after the jobs at work, as long as there are any in flight. */
export class Watchdog {
  readonly #parts: WatchdogParts;
  readonly #seen = new Map<AnyTask, { beat: number; at: number }>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
  }

  /** Begins to look, if it doesn't already, often enough for jobs that are stuck after `limitMs`. */
  start(limitMs: number): void {
    if (this.#timer !== undefined) return;
    const periodMs = Math.min(LONGEST_PERIOD_MS, limitMs / LOOKS);
    this.#lookedAt = performance.now();
    this.#timer = setInterval(() => {
      this.#look(periodMs);
    }, periodMs);
    // Jobs at work keep a process alive themselves; nobody has to wait for the last look.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seen.clear();
  }

  #look(periodMs: number): void {
    if (!this.#parts.isNeeded()) {
      this.#stop();
      return;
    }
    const now = performance.now();
    // Where everything stood still (a laptop asleep, a debugger), so did the threads.
    const lateMs = Math.max(0, now - this.#lookedAt - 2 * periodMs);
    this.#lookedAt = now;
    const running = this.#parts.running();
    for (const task of this.#seen.keys()) if (!running.includes(task)) this.#seen.delete(task);
    for (const task of running) {
      const beat = task.record.heartbeat;
      const seen = this.#seen.get(task);
      if (seen?.beat !== beat) this.#seen.set(task, { beat, at: now });
      else if (now - (seen.at += lateMs) >= this.#parts.limitMs(task)) this.#parts.onStuck(task);
    }
  }
}
