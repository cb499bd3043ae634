/**
 * Workers that are started while what runs capsules' threads on them is still loaded: a worker takes as long to be
 * there as all else that a capsule's start needs.
 */
import { platform, type CapsuleWorker } from './platform.js';

const early = new WeakMap<object, CapsuleWorker[]>();

/** Starts one more worker for a memory, unless it has as many as the machine can start at once. */
export function openEarly(memory: object): void {
  const opened = early.get(memory) ?? [];
  early.set(memory, opened);
  if (opened.length < platform().hardwareThreads) opened.push(platform().openWorker());
}

/** The workers of a memory that were started early and not taken. */
export function takeEarly(memory: object): CapsuleWorker[] {
  return early.get(memory)?.splice(0) ?? [];
}

/** A memory's worker: one that was started early, or a new one. */
export function takeWorker(memory: object): CapsuleWorker {
  return early.get(memory)?.shift() ?? platform().openWorker();
}
