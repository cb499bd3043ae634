/**
 * When a runtime's clock began, in terms that its threads understand. Each thread's `performance.now()` counts from a
 * beginning of its own. `performance.timeOrigin` says when that was, but is taken by looking at two clocks one after
 * the other: on a busy machine milliseconds lie between. Where there is one clock for all threads, that is used.
 */

/** When a clock began. */
export interface ClockZero {
  /** In milliseconds since 1970. */
  readonly wall: number;
  /** By the clock that all threads of a process share, in milliseconds; `undefined` where there is none. */
  readonly shared: number | undefined;
}

/** How often two clocks are read to find their difference: the least disturbed time counts. */
const TRIES = 5;

/** How far the process's clock is ahead of this thread's `performance.now()`. */
function sharedOffset(): number | undefined {
  const { process } = globalThis as { process?: { hrtime?: () => [number, number] } };
  if (typeof process?.hrtime !== 'function') return undefined;
  let least = Infinity;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const now = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    least = Math.min(least, seconds * 1e3 + nanoseconds / 1e6 - now);
  }
  return least;
}

/** The zero of a clock that began at `start` by this thread's `performance.now()`. */
export function zeroAt(start: number): ClockZero {
  const offset = sharedOffset();
  return {
    wall: performance.timeOrigin + start,
    shared: offset === undefined ? undefined : offset + start,
  };
}

/** What to add to this thread's `performance.now()` for the time since `zero`. */
export function offsetFrom({ wall, shared }: ClockZero): number {
  const offset = sharedOffset();
  if (shared === undefined || offset === undefined) return performance.timeOrigin - wall;
  return offset - shared;
}
