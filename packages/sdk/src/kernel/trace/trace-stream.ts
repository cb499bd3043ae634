/**
 * A trace as whoever follows it holds it: an async iterator that looks for new events whenever it is asked for one.
 */
import type { TraceEvent, TraceOptions } from './trace-event.js';
import { TraceReader } from './trace-reader.js';
import type { Tracer } from './tracer.js';

/** How long to wait before looking again, in milliseconds: at first, and at most where nothing comes. */
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/** Follows a trace until it is told to stop or the runtime is closed. */
export class TraceStream implements AsyncIterableIterator<TraceEvent> {
  readonly #tracer: Tracer;
  readonly #reader: TraceReader;
  readonly #signal: AbortSignal | undefined;
  /** What was read and not taken, and how many of that were. */
  #events: readonly TraceEvent[] = [];
  #taken = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #isOver = false;
  readonly #sleepers = new Set<() => void>();

  constructor(tracer: Tracer, { signal, past = false }: TraceOptions) {
    this.#tracer = tracer;
    this.#reader = new TraceReader(tracer, past);
    this.#signal = signal;
    tracer.streams.add(this);
    if (signal?.aborted) this.#stop();
    else signal?.addEventListener('abort', this.#stop, { once: true });
  }

  readonly #stop = () => {
    this.#isOver = true;
    this.#events = [];
    this.#tracer.streams.delete(this);
    this.#signal?.removeEventListener('abort', this.#stop);
    this.wake();
  };

  async next(): Promise<IteratorResult<TraceEvent, undefined>> {
    for (;;) {
      const event = this.#events[this.#taken];
      if (event !== undefined) {
        this.#taken++;
        return { done: false, value: event };
      }
      if (this.#isOver) return { done: true, value: undefined };
      const isLast = this.#tracer.hasEnded;
      this.#events = this.#reader.read();
      this.#taken = 0;
      if (this.#events.length > 0) this.#pauseMs = FIRST_PAUSE_MS;
      else if (isLast) this.#stop();
      else await this.#pause();
    }
  }

  /** Waits for a while, or until it is woken. Nobody's process stays alive for it. */
  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, this.#pauseMs);
      (timer as { unref?: () => void }).unref?.();
      this.#sleepers.add(wake);
    });
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
  }

  /** Has it look at once. */
  wake(): void {
    for (const wake of this.#sleepers) wake();
  }

  /** Ends it, also for those who wait for an event. */
  return(): Promise<IteratorResult<TraceEvent, undefined>> {
    this.#stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
