/**
 * Workers that are started while what runs capsules' threads on them is still loaded: a worker takes as long to be
 * there as all else that a capsule's start needs.
 */
import { platform, type CapsuleWorker } from './platform.js';

const early = new WeakMap<object, CapsuleWorker[]>();

/** How many workers come up together: more would only slow each other down, and the thread that has started them. */
export function workersAtOnce(): number {
  return platform().hardwareThreads - 1 || 1;
}

/** Starts one more worker for a memory, unless as many as come up together do so already. */
export function openEarly(memory: object): void {
  const opened = early.get(memory) ?? [];
  if (opened.length < workersAtOnce()) early.set(memory, [...opened, platform().openWorker()]);
}

/** The workers of a memory that were started early and not taken. */
export function takeEarly(memory: object): CapsuleWorker[] {
  return early.get(memory)?.splice(0) ?? [];
}

/** A memory's worker: one that was started early, or a new one. */
export function takeWorker(memory: object): CapsuleWorker {
  return early.get(memory)?.shift() ?? platform().openWorker();
}
