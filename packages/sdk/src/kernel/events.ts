/**
 * What a runtime tells those who listen: that a capsule crashed, that a queue is full, that credits run out.
 */
import type { Account } from '../credits/credits.js';
import type { InosError } from '../errors.js';

/** What {@link Inos.on} can listen to, by name. */
export interface InosEvents {
  /** A capsule crashed and starts anew with its next job. */
  readonly 'capsule-restarted': {
    readonly capsule: string;
    /** What it died of. */
    readonly error: InosError;
    /** Crashes in a row, without a job done between them. */
    readonly crashes: number;
    /** How long it waits before it starts, in milliseconds. */
    readonly pauseMs: number;
  };
  /** A capsule crashed too often in a row: its jobs fail with `capsule/given-up` from now on. */
  readonly 'capsule-given-up': {
    readonly capsule: string;
    /** What it died of last. */
    readonly error: InosError;
    readonly crashes: number;
  };
  /** An account that is watched (`credits.warnBelow`) holds less than it should, the first time since it held more. */
  readonly 'credits-low': {
    readonly account: Account;
    /** What it may spend, in micro-credits. */
    readonly available: bigint;
  };
  /** A capsule's ring was full: the job waits on the host's side, or was refused. Told once until there is room. */
  readonly 'queue-full': {
    readonly capsule: string;
    /** Jobs that wait on the host's side. */
    readonly waiting: number;
  };
  /** The runtime is closed. */
  readonly closed: Readonly<Record<string, never>>;
}

/** Calls listeners by the names of events. */
export class Emitter {
  readonly #listeners = new Map<string, Set<(event: never) => void>>();

  /** Calls `listener` with each event of that name from now on, until the function that is returned is called. */
  on<K extends keyof InosEvents>(type: K, listener: (event: InosEvents[K]) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Calls the listeners. What one throws reaches nobody here: it is an uncaught error. */
  emit<K extends keyof InosEvents>(type: K, event: InosEvents[K]): void {
    for (const listener of this.#listeners.get(type) ?? []) {
      queueMicrotask(() => {
        (listener as (event: InosEvents[K]) => void)(event);
      });
    }
  }
}
