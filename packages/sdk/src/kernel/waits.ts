/**
 * How long the kernel waits for what, and when that is worth it.
 */
/** First time to linger for a method's answers, before anything is known of them. */
export const FIRST_LINGER_MICROSECONDS = 200;
/** The same, at most, where the thread may not sleep meanwhile: on a page's main thread. */
export const AWAKE_LINGER_MICROSECONDS = 50;
/** Jobs in flight beyond which nobody waits in place for a single one. */
export const CROWD = 16;
/** Answers that took no longer than this make it worth to linger for the next. */
const WORTHWHILE_MICROSECONDS = 300;
/** How long a forced close waits for jobs to hear their cancel. */
export const FORCE_MS = 20;

/** Answers that came quickly make it worth lingering for the next ones. */
export function learn(pace: { lingerMicroseconds: number }, tookMs: number): void {
  if (tookMs < WORTHWHILE_MICROSECONDS / 1000) pace.lingerMicroseconds = FIRST_LINGER_MICROSECONDS;
}
