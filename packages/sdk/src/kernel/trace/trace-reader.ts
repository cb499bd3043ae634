/**
 * Reads trace rings. Writers never wait for a reader: one that is slow loses the oldest entries and says how many.
 * Rings are read as words that anybody may have written: what makes no sense is passed over.
 */
import { Layout, TraceEntryWords, TraceKind, Traces, traceWord } from '../../memory/layout.js';
import { STATUS } from '../task.js';
import type { TraceEvent } from './trace-event.js';
import type { TracedNames, Tracer } from './tracer.js';

const ENTRY_WORDS = TraceEntryWords.STRIDE_BYTES / 4;

/** What an entry's words say. */
interface Entry {
  readonly what: number;
  readonly job: number;
  /** Nanoseconds. */
  readonly elapsed: number;
  readonly time: number;
  readonly units: number;
}

/** Reads one ring. */
class RingReader {
  readonly #words: Uint32Array;
  readonly #times: Float64Array;
  readonly #tail: number;
  readonly #entries: number;
  readonly #capacity: number;
  /** The next entry's position. */
  #position: number;
  /** The tail when it was read last. */
  #seen: number;

  constructor({ sab, capacity }: Tracer, ring: number, isPast: boolean) {
    this.#words = sab.words;
    this.#times = new Float64Array(sab.words.buffer, 0, sab.words.length / 2);
    this.#tail = traceWord(ring) + Traces.TAIL;
    this.#entries = Layout.TRACE_ENTRIES_OFFSET / 4 + ring * capacity * ENTRY_WORDS;
    this.#capacity = capacity;
    this.#seen = this.#position = Atomics.load(this.#words, this.#tail);
    if (isPast) this.#position = (this.#seen - Math.min(this.#seen, capacity)) >>> 0;
  }

  /** Visits the entries that have come since it was called last. Returns how many were lost. */
  read(visit: (entry: Entry) => void): number {
    const words = this.#words;
    const tail = Atomics.load(words, this.#tail);
    const overwritten = ((tail - this.#position) >>> 0) - this.#capacity;
    let lost = Math.max(0, overwritten);
    if (lost > 0) this.#position = (tail - this.#capacity) >>> 0;
    while (this.#position !== tail) {
      const position = this.#position;
      const next = (position + 1) >>> 0;
      const at = this.#entries + (position & (this.#capacity - 1)) * ENTRY_WORDS;
      if (Atomics.load(words, at + TraceEntryWords.SEQUENCE) === next) {
        const entry = this.#entry(at);
        // Writers claim a position before they write there: if nobody has claimed it anew, this was one entry.
        if ((Atomics.load(words, this.#tail) - position) >>> 0 <= this.#capacity) visit(entry);
        else lost++;
      } else if (((this.#seen - next) | 0) >= 0) {
        // It had been begun when the ring was read last: its writer is gone.
        lost++;
      } else {
        break;
      }
      this.#position = next;
    }
    this.#seen = tail;
    return lost;
  }

  #entry(at: number): Entry {
    const words = this.#words;
    const low = words[at + TraceEntryWords.UNITS] ?? 0;
    return {
      what: words[at + TraceEntryWords.WHAT] ?? 0,
      job: words[at + TraceEntryWords.JOB] ?? 0,
      elapsed: words[at + TraceEntryWords.ELAPSED] ?? 0,
      time: this.#times[(at + TraceEntryWords.TIME) >> 1] ?? NaN,
      units: (words[at + TraceEntryWords.UNITS + 1] ?? 0) * 2 ** 32 + low,
    };
  }
}

/** A ring and whose entries may stand in it. */
interface Source {
  readonly ring: RingReader;
  readonly capsules: ReadonlyMap<number, TracedNames>;
  /** The only capsule of which its entries may tell; the host tells of all. */
  readonly capsule: number | undefined;
}

/** Reads all rings of a runtime. */
export class TraceReader {
  readonly #sources: readonly Source[];
  readonly #now: () => number;

  constructor(tracer: Tracer, isPast: boolean) {
    this.#now = () => tracer.now();
    this.#sources = [tracer, ...tracer.inner].flatMap((one) => {
      const { capsules } = one;
      const inRings = [...capsules.keys()].filter((capsule) => capsule < Layout.MAXIMUM_CAPSULES);
      const source = (ring: number, capsule: number | undefined) => ({
        ring: new RingReader(one, ring, isPast),
        capsules,
        capsule,
      });
      const own = inRings.map((capsule) => source(Traces.FIRST_CAPSULE_INDEX + capsule, capsule));
      return [source(Traces.HOST_INDEX, undefined), ...own];
    });
  }

  /** The events that have come since it was called last, in the order of their times. */
  read(): TraceEvent[] {
    const events: TraceEvent[] = [];
    let lost = 0;
    for (const { ring, capsules, capsule } of this.#sources) {
      lost += ring.read((entry) => {
        const number = (entry.what >>> TraceEntryWords.CAPSULE_SHIFT) & 0xff;
        const names = capsules.get(number);
        const isTold = capsule === undefined || capsule === number;
        if (names && isTold && Number.isFinite(entry.time)) decode(entry, names, events);
      });
    }
    events.sort((one, other) => one.time - other.time);
    if (lost > 0) events.unshift({ kind: 'lost', time: events[0]?.time ?? this.#now(), count: lost });
    return events;
  }
}

/** Adds what an entry says, if it makes sense. */
function decode(entry: Entry, { key: capsule, methods }: TracedNames, events: TraceEvent[]): void {
  const { what, job, time, units } = entry;
  switch (what & TraceEntryWords.KIND_MASK) {
    case TraceKind.CRASHED:
      events.push({
        kind: 'capsule-crashed',
        time,
        capsule,
        job: job || undefined,
        crashes: units,
      });
      return;
    case TraceKind.READY:
      events.push({ kind: 'capsule-started', time, capsule, life: units });
      return;
    case TraceKind.GIVEN_UP:
      events.push({ kind: 'capsule-given-up', time, capsule, crashes: units });
      return;
  }
  const method = methods[what >>> TraceEntryWords.METHOD_SHIFT];
  const thread = (what >>> TraceEntryWords.THREAD_SHIFT) & 0xff;
  if (method === undefined || thread >= Layout.MAXIMUM_THREADS) return;
  decodeJob(entry, { time, capsule, job, method }, thread, events);
}

function decodeJob(
  { what, elapsed, units }: Entry,
  of: { time: number; capsule: string; job: number; method: string },
  thread: number,
  events: TraceEvent[],
): void {
  const later = { ...of, thread, time: of.time + elapsed / 1e6 };
  switch (what & TraceEntryWords.KIND_MASK) {
    case TraceKind.QUEUED:
      events.push({ kind: 'queued', ...of });
      return;
    case TraceKind.STARTED:
      events.push({ kind: 'started', ...of, thread });
      if (elapsed > 0) events.push({ kind: 'reserved', ...later });
      return;
    case TraceKind.EXECUTED:
      events.push({ kind: 'executed', ...of, thread });
      if (elapsed > 0) events.push({ kind: 'answered', ...later });
      return;
    case TraceKind.SETTLED: {
      const outcome = STATUS[(what >>> TraceEntryWords.STATE_SHIFT) & 0xf];
      if (outcome === undefined || outcome === 'queued' || outcome === 'running') return;
      events.push({ kind: 'settled', ...of, outcome, units: BigInt(units) });
    }
  }
}
