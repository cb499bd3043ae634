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
/** How long answers are waited for in place, one after another, before the event loop gets its turn. */
const TURN_MS = 5;
/** How many of those waits there are between two glances at the clock. */
const WAITS_PER_GLANCE = 32;
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

/**
 * The event loop's next turn, planned by a timer. Whoever awaits one quick job after another never leaves the
 * microtasks as long as each is answered in place, and would keep timers, input and drawing from their turns.
 */
export class NextTurn {
  readonly #act: () => void;
  #isPlanned = false;
  #plannedAt = 0;
  #waits = 0;
  #isOwed = false;

  /** @param act - what to do in each planned turn */
  constructor(act: () => void) {
    this.#act = act;
  }

  /** Whether nobody may keep the loop any longer: what there is to do is done in its planned turn. */
  get isOwed(): boolean {
    return this.#isOwed;
  }

  plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#plannedAt = performance.now();
    setTimeout(() => {
      this.#isPlanned = this.#isOwed = false;
      this.#act();
    }, 0);
  }

  /** Counts a wait in place. Says whether it may be. */
  allowsWait(): boolean {
    if (this.#isPlanned && ++this.#waits % WAITS_PER_GLANCE === 0) {
      this.#isOwed = performance.now() - this.#plannedAt > TURN_MS;
    }
    return !this.#isOwed;
  }
}
