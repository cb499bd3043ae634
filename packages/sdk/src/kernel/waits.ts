/**
 * How long the kernel waits for what, and when that is worth it.
 */
/** First time to linger for a method's answers, before anything is known of them. */
export const FIRST_LINGER_MICROSECONDS = 200;
/** The same, at most, where the thread may not sleep meanwhile: on a page's main thread. */
const AWAKE_LINGER_MICROSECONDS = 50;
/** Jobs in flight beyond which nobody waits in place for a single one. */
export const CROWD = 16;
/** Answers that took no longer than this make it worth to linger for the next. */
const WORTHWHILE_MICROSECONDS = 300;
/** How long a forced close waits for jobs to hear their cancel. */
export const FORCE_MS = 20;

/** What is known of how quickly a method's answers come. */
interface Pace {
  lingerMicroseconds: number;
}

/** How long to linger for an answer, in microseconds. */
export function lingerTime({ lingerMicroseconds }: Pace, mayBlock: boolean): number {
  const limit = mayBlock ? FIRST_LINGER_MICROSECONDS : AWAKE_LINGER_MICROSECONDS;
  return Math.min(limit, lingerMicroseconds);
}

/** An answer that came while somebody lingered for it makes it worth to do so again, one that didn't half as much. */
export function adapt(pace: Pace, isDone: boolean): void {
  pace.lingerMicroseconds = isDone ? FIRST_LINGER_MICROSECONDS : pace.lingerMicroseconds / 2;
}

/** Answers that came quickly make it worth lingering for the next ones. */
export function learn(pace: Pace, tookMs: number): void {
  if (tookMs < WORTHWHILE_MICROSECONDS / 1000) pace.lingerMicroseconds = FIRST_LINGER_MICROSECONDS;
}
