/**
 * Tells a stuck job from a slow one, and a start that doesn't come: threads at work count in their job's heartbeat
 * word, and a word that doesn't change for long is one that nobody comes back to.
 */
import { sdkError } from '../errors.js';
import { JobState, StopReason } from '../memory/layout.js';
import type { Kernel } from './kernel.js';
import type { AnyTask } from './task.js';

/** How long at least a start may wait for one thing: for a module that comes slowly, for a worker on a busy machine. */
const LEAST_START_MS = 30_000;
/** How often it looks within the time after which a job counts as stuck, and the longest pause between two looks. */
const LOOKS = 4;
const LONGEST_PERIOD_MS = 1000;

/** What should change from look to look: a number at work, a text while its capsule starts. */
type Beat = number | string;

/** Looks after the jobs at work, as long as there are any in flight. */
export class Watchdog {
  readonly #kernel: Kernel;
  readonly #seen = new Map<AnyTask, { beat: Beat; at: number }>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #lookedAt = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Begins to look, if it doesn't already, often enough for jobs that are stuck after `limitMs`. */
  start(limitMs: number): void {
    if (this.#timer !== undefined || limitMs === Infinity) return;
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
    if (this.#kernel.unfinished === 0) {
      this.#stop();
      return;
    }
    // There may be answers of which nobody has told it.
    this.#kernel.hostEpoch.wake();
    const now = performance.now();
    // Where everything stood still (a laptop asleep, a debugger), so did the threads.
    const lateMs = Math.max(0, now - this.#lookedAt - 2 * periodMs);
    this.#lookedAt = now;
    const beats = this.#beats();
    for (const task of this.#seen.keys()) if (!beats.has(task)) this.#seen.delete(task);
    for (const [task, beat] of beats) {
      const seen = this.#seen.get(task);
      if (seen?.beat !== beat) this.#seen.set(task, { beat, at: now });
      else this.#judge(task, beat, now - (seen.at += lateMs));
    }
  }

  /** Ends the capsule's life if a job of it has given no sign of life for too long. */
  #judge(task: AnyTask, beat: Beat, silentMs: number): void {
    const { host, supervisor } = this.#kernel.memberOf(task.request.plan.capsule);
    const { name: capsule, stuckAfterMs } = host.spec;
    if (silentMs < stuckAfterMs) return;
    if (typeof beat === 'string') {
      const waitedMs = Math.max(stuckAfterMs, LEAST_START_MS);
      if (silentMs < waitedMs) return;
      supervisor?.failStart(new Error(`it has waited ${waitedMs} ms for ${beat}`));
      return;
    }
    const message = `capsule ${capsule} gave no sign of life for ${stuckAfterMs} ms`;
    const error = sdkError('capsule/stuck', message, { details: { capsule, stuckAfterMs } });
    supervisor?.fail(error, task.record.start);
  }

  /** What should change from look to look: the heartbeats of jobs at work, and where none is, the jobs that wait. */
  #beats(): Map<AnyTask, Beat> {
    const tasks = this.#kernel.tasks;
    const beats = new Map<AnyTask, Beat>();
    const busy = new Set<number>();
    for (const task of tasks) {
      const { state, heartbeat } = task.record;
      if (state === JobState.QUEUED) continue;
      // One that was asked to end has nothing else left to do, and one in no state that lasts never does.
      const isLive = state === JobState.RUNNING && task.stopping === StopReason.NONE;
      beats.set(task, isLive ? heartbeat : -1);
      busy.add(task.request.plan.capsule);
    }
    for (const task of tasks) {
      if (busy.has(task.request.plan.capsule)) continue;
      const { host, supervisor } = this.#kernel.memberOf(task.request.plan.capsule);
      if (supervisor === undefined) continue;
      const { awaits } = supervisor;
      if (awaits !== undefined) beats.set(task, awaits);
      if (!supervisor.isUp) continue;
      const ended = Object.values(host.stats().jobs);
      beats.set(
        task,
        ended.reduce((sum, count) => sum + count),
      );
    }
    return beats;
  }
}
