/**
 * What may end a job from outside: its deadline, and its signal.
 *
 * A signal has one listener, however many jobs it may cancel: Node takes more than ten for a leak, and says so.
 */
import type { JobRequest } from './task.js';

/** A job that has limits. */
interface Limited {
  readonly request: Pick<JobRequest<unknown>, 'deadlineMs' | 'signal'>;
  /** Its deadline's, while it waits for that. */
  timer: ReturnType<typeof setTimeout> | undefined;
  cancel(reason: unknown): void;
}

/** The jobs that each signal cancels. */
const cancellable = new WeakMap<EventTarget, Set<Limited>>();

function cancelAll({ target }: Event): void {
  const signal = target as AbortSignal;
  for (const task of cancellable.get(signal) ?? []) task.cancel(signal.reason);
}

/** Ends a job when its limits say so, until it is disarmed. */
export function arm<T extends Limited>(task: T, expire: (task: T) => void): void {
  const { deadlineMs, signal } = task.request;
  if (deadlineMs !== undefined) task.timer = setTimeout(expire, deadlineMs, task);
  if (signal === undefined) return;
  const tasks = cancellable.get(signal) ?? new Set();
  cancellable.set(signal, tasks.add(task));
  // Does nothing if it listens already.
  signal.addEventListener('abort', cancelAll);
}

/** Forgets a job that has ended. */
export function disarm(task: Limited): void {
  const { signal } = task.request;
  if (task.timer !== undefined) clearTimeout(task.timer);
  task.timer = undefined;
  if (signal === undefined) return;
  const tasks = cancellable.get(signal);
  tasks?.delete(task);
  if (tasks?.size === 0) signal.removeEventListener('abort', cancelAll);
}
