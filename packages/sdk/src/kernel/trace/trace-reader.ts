/**
 * Reads trace rings. Writers never wait for a reader: one that is slow loses the oldest entries and says how many.
 * Rings are read as words that anybody may have written: what makes no sense is passed over.
 */
import {
  HeaderWords,
  headerWord,
  Layout,
  ThreadWords,
  threadWord,
  TraceEntryWords,
  TraceKind,
  TraceRings,
} from '../../memory/layout.js';
import { decode, type TraceEntry } from './trace-entry.js';
import type { TraceEvent } from './trace-event.js';
import type { Tracer } from './tracer.js';

const ENTRY_WORDS = TraceEntryWords.STRIDE_BYTES / 4;

/** Reads one ring. */
class RingReader {
  readonly #words: Uint32Array;
  readonly #times: Float64Array;
  readonly #tail: number;
  readonly #entries: number;
  readonly #capacity: number;
  /** The next entry's position. */
  #position: number;

  /** @param tail - index of the word that counts its entries */
  constructor({ sab, capacity }: Tracer, ring: number, tail: number, isPast: boolean) {
    this.#words = sab.words;
    this.#times = new Float64Array(sab.words.buffer, 0, sab.words.length / 2);
    this.#tail = tail;
    this.#entries = Layout.TRACE_ENTRIES_OFFSET / 4 + ring * capacity * ENTRY_WORDS;
    this.#capacity = capacity;
    const written = Atomics.load(this.#words, tail);
    this.#position = (written - (isPast ? Math.min(written, capacity - 1) : 0)) >>> 0;
  }

  /** Visits the entries that have come since it was called last. Returns how many were lost. */
  read(visit: (entry: TraceEntry) => void): number {
    const words = this.#words;
    const tail = Atomics.load(words, this.#tail);
    const kept = this.#capacity - 1;
    let lost = Math.max(0, ((tail - this.#position) >>> 0) - kept);
    if (lost > 0) this.#position = (tail - kept) >>> 0;
    while (this.#position !== tail) {
      const position = this.#position;
      const at = this.#entries + (position & (this.#capacity - 1)) * ENTRY_WORDS;
      const entry = this.#entry(at);
      // The writer is at the tail: as long as that is less than a round away, it hasn't come here again.
      if ((Atomics.load(words, this.#tail) - position) >>> 0 <= kept) visit(entry);
      else lost++;
      this.#position = (position + 1) >>> 0;
    }
    return lost;
  }

  #entry(at: number): TraceEntry {
    const words = this.#words;
    const low = words[at + TraceEntryWords.UNITS] ?? 0;
    return {
      what: words[at + TraceEntryWords.WHAT] ?? 0,
      job: words[at + TraceEntryWords.JOB] ?? 0,
      time: this.#times[(at + TraceEntryWords.TIME) >> 1] ?? NaN,
      units: (words[at + TraceEntryWords.UNITS + 1] ?? 0) * 2 ** 32 + low,
      reserved: this.#times[(at + TraceEntryWords.RESERVED) >> 1] ?? 0,
      elapsed: words[at + TraceEntryWords.ELAPSED] ?? 0,
    };
  }
}

/**
 * Gives the entries of a thread that did quick jobs without looking at the clock their times: evenly between the looks
 * before and after, or all at the first if a long job took the time.
 */
class Smoother {
  #waiting: TraceEntry[] = [];

  /** Passes entries on, those that need it once the next look is known. */
  take(entry: TraceEntry, pass: (entry: TraceEntry) => void): void {
    const state = (entry.what >>> TraceEntryWords.STATE_SHIFT) & 0xf;
    if (state === TraceEntryWords.UNLOOKED) {
      this.#waiting.push(entry);
      return;
    }
    if (state === TraceEntryWords.LONG && kindOf(entry) === TraceKind.EXECUTED) this.flush(pass);
    else this.#spread(entry.time, pass);
    pass(entry);
  }

  #spread(end: number, pass: (entry: TraceEntry) => void): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting.splice(0);
    const isDone = (entry: TraceEntry) => kindOf(entry) === TraceKind.EXECUTED;
    const parts = waiting.filter(isDone).length + 1;
    let part = 0;
    for (const entry of waiting) {
      if (isDone(entry)) part++;
      const time = entry.time + (Math.max(0, end - entry.time) * part) / parts;
      pass({ ...entry, time });
    }
  }

  /** Passes on what it kept. */
  flush(pass: (entry: TraceEntry) => void): void {
    for (const entry of this.#waiting.splice(0)) pass(entry);
  }
}

/** What comes last of events at the same time. */
function rank({ kind }: TraceEvent): number {
  return kind === 'settled' ? 1 : 0;
}

function kindOf({ what }: TraceEntry): number {
  return what & TraceEntryWords.KIND_MASK;
}

/**
 * Keeps the steps of each job in order: host and threads don't look at the clock for each, so that one may bear a time
 * before that of the step that it follows.
 */
class Sequence {
  /** When each job in flight was queued, and the latest that its threads have told. */
  readonly #jobs = new Map<number, { readonly queued: number; reached: number }>();

  /** Moves steps on to the ones before them. Those that were read earlier stay. */
  restore(events: TraceEvent[]): TraceEvent[] {
    for (const event of events) {
      if (event.kind === 'queued')
        this.#jobs.set(event.job, { queued: event.time, reached: event.time });
    }
    return events
      .map((event) => (event.kind === 'settled' ? event : this.#worked(event)))
      .map((event) => (event.kind === 'settled' ? this.#settled(event) : event));
  }

  #worked(event: TraceEvent): TraceEvent {
    if (!('thread' in event)) return event;
    const job = this.#jobs.get(event.job);
    if (job === undefined) return event;
    const time = Math.max(event.time, job.queued);
    job.reached = Math.max(job.reached, time);
    return time === event.time ? event : { ...event, time };
  }

  #settled(event: Extract<TraceEvent, { readonly kind: 'settled' }>): TraceEvent {
    const reached = this.#jobs.get(event.job)?.reached ?? event.time;
    this.#jobs.delete(event.job);
    return reached <= event.time ? event : { ...event, time: reached };
  }

  /** Forgets the jobs in flight: their ends may be lost. */
  clear(): void {
    this.#jobs.clear();
  }
}

interface Source {
  readonly tracer: Tracer;
  readonly ring: RingReader;
  /** For threads' rings only. */
  readonly smoother: Smoother | undefined;
}

/** Reads all rings of a runtime. */
export class TraceReader {
  readonly #sources: readonly Source[];
  readonly #now: () => number;
  readonly #sequence = new Sequence();

  constructor(tracer: Tracer, isPast: boolean) {
    this.#now = () => tracer.now();
    this.#sources = [tracer, ...tracer.inner].flatMap((one) => sourcesOf(one, isPast));
  }

  /**
   * The events that have come since it was called last, in the order of their times.
   *
   * @param isLast - whether to give those, too, whose times aren't known yet
   */
  read(isLast: boolean): TraceEvent[] {
    const found: TraceEvent[] = [];
    let lost = 0;
    for (const { tracer, ring, smoother } of this.#sources) {
      const pass = (entry: TraceEntry) => {
        decode(entry, tracer.capsules, found);
      };
      lost += ring.read((entry) => {
        if (smoother) smoother.take(entry, pass);
        else pass(entry);
      });
      if (isLast) smoother?.flush(pass);
    }
    const events = this.#sequence.restore(found);
    if (lost > 0) this.#sequence.clear();
    events.sort((one, other) => one.time - other.time || rank(one) - rank(other));
    const time = events[0]?.time ?? this.#now();
    return lost > 0 ? [{ kind: 'lost', time, count: lost }, ...events] : events;
  }
}

function sourcesOf(tracer: Tracer, isPast: boolean): Source[] {
  const hostTail = headerWord(HeaderWords.TRACE_TAIL);
  const host = new RingReader(tracer, TraceRings.HOST_RING, hostTail, isPast);
  const threads = Array.from({ length: tracer.threads }, (_, thread) => {
    const tail = threadWord(thread) + ThreadWords.TRACE_TAIL;
    const ring = new RingReader(tracer, TraceRings.FIRST_THREAD_RING + thread, tail, isPast);
    return { tracer, ring, smoother: new Smoother() };
  });
  return [{ tracer, ring: host, smoother: undefined }, ...threads];
}
