/** Trace rings by their words: what is written is read, what is overwritten is counted, what makes no sense ignored. */
import type { TraceEvent } from '@inos/sdk';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HeaderWords,
  JobState,
  JobWords,
  Layout,
  ThreadWords,
  TraceEntryWords,
  TraceKind,
} from '../../src/generated/layout.js';
import { TraceReader } from '../../src/kernel/trace/trace-reader.js';
import { Tracer, type TracedKernel } from '../../src/kernel/trace/tracer.js';
import { headerWord, threadWord } from '../../src/memory/layout.js';
import { SafeSAB } from '../../src/memory/safe-sab.js';

const KINDS = [
  ...['queued', 'started', 'reserved', 'executed', 'answered', 'settled', 'lost'],
  ...['capsule-started', 'capsule-crashed', 'capsule-given-up', 'omitted'],
];

/** A tracer of one capsule with some threads, whose clock moves on by a millisecond at each look. */
function createTracer(threads = 1): Tracer {
  let time = 0;
  const kernel: TracedKernel = { unfinished: 0, now: () => ++time };
  const tracer = new Tracer(SafeSAB.create(), kernel);
  tracer.add(0, { key: 'capsule', methods: ['work', 'rest'], threads });
  return tracer;
}

function submit(tracer: Tracer, id: number, method = 0): void {
  tracer.queued({ id, submittedAt: NaN, request: { plan: { capsule: 0, method } } });
}

function settle(tracer: Tracer, id: number): void {
  const request = { plan: { capsule: 0, method: 0 } };
  const record = { stamps: new Float64Array(20) };
  tracer.settled({ id, submittedAt: 0, request, record }, JobState.DONE, 1);
}

/** Writes an entry as a thread does. */
function writeAsThread(
  tracer: Tracer,
  thread: number,
  entry: Partial<Record<Field, number>>,
): void {
  const { words } = tracer.sab;
  const tail = threadWord(thread) + ThreadWords.TRACE_TAIL;
  const position = words[tail] ?? 0;
  const slot = (1 + thread) * tracer.capacity + (position & (tracer.capacity - 1));
  const at = (Layout.TRACE_ENTRIES_OFFSET + slot * TraceEntryWords.STRIDE_BYTES) / 4;
  const times = new Float64Array(words.buffer, at * 4, 4);
  const {
    kind = TraceKind.STARTED,
    state = 0,
    job = 1,
    time = 0,
    reserved = 0,
    elapsed = 0,
  } = entry;
  const where = thread << TraceEntryWords.THREAD_SHIFT;
  words[at + TraceEntryWords.WHAT] = kind | (state << TraceEntryWords.STATE_SHIFT) | where;
  words[at + TraceEntryWords.JOB] = job;
  times[TraceEntryWords.TIME / 2] = time;
  times[TraceEntryWords.RESERVED / 2] = reserved;
  words[at + TraceEntryWords.ELAPSED] = elapsed;
  words[tail] = position + 1;
}
type Field = 'kind' | 'state' | 'job' | 'time' | 'reserved' | 'elapsed';

function jobsOf(events: readonly TraceEvent[]): number[] {
  return events.flatMap((event) => ('job' in event && event.job ? [event.job] : []));
}

describe('a trace', () => {
  it('is read in the order of its times, whoever wrote it', () => {
    const tracer = createTracer(2);
    const reader = new TraceReader(tracer, false);
    submit(tracer, 1, 1);
    writeAsThread(tracer, 1, { job: 1, time: 1.5 });
    writeAsThread(tracer, 0, { job: 7, time: 0.5 });
    writeAsThread(tracer, 1, { kind: TraceKind.EXECUTED, time: 3, reserved: 2, elapsed: 500_000 });
    expect(reader.read(false)).toEqual([
      { kind: 'started', time: 0.5, capsule: 'capsule', method: 'work', job: 7, thread: 0 },
      { kind: 'queued', time: 1, capsule: 'capsule', method: 'rest', job: 1 },
      { kind: 'started', time: 1.5, capsule: 'capsule', method: 'work', job: 1, thread: 1 },
      { kind: 'reserved', time: 2, capsule: 'capsule', method: 'work', job: 1, thread: 1 },
      { kind: 'executed', time: 3, capsule: 'capsule', method: 'work', job: 1, thread: 1 },
      { kind: 'answered', time: 3.5, capsule: 'capsule', method: 'work', job: 1, thread: 1 },
    ]);
    expect(reader.read(true)).toEqual([]);
  });

  it('keeps its newest entries, and counts the others, also where positions wrap', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 3 }), (count, before) => {
        const tracer = createTracer(128);
        const { capacity } = tracer;
        const tail = threadWord(5) + ThreadWords.TRACE_TAIL;
        tracer.sab.words[tail] = 2 ** 32 - before * 50;
        const reader = new TraceReader(tracer, false);
        for (let job = 1; job <= count; job++) writeAsThread(tracer, 5, { job, time: job });
        const events = reader.read(false);
        const kept = Math.min(count, capacity - 1);
        expect(events[0]?.kind === 'lost' ? events[0].count : 0).toBe(count - kept);
        expect(jobsOf(events)).toEqual(
          Array.from({ length: kept }, (_, n) => count - kept + n + 1),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('gives quick jobs that shared a look at the clock their part of the time', () => {
    const tracer = createTracer();
    const reader = new TraceReader(tracer, false);
    const unlooked = { state: TraceEntryWords.UNLOOKED, time: 10 };
    writeAsThread(tracer, 0, { job: 1, time: 10 });
    writeAsThread(tracer, 0, { job: 1, kind: TraceKind.EXECUTED, ...unlooked });
    writeAsThread(tracer, 0, { job: 2, ...unlooked });
    writeAsThread(tracer, 0, { job: 2, kind: TraceKind.EXECUTED, ...unlooked });
    // Until the next look nobody knows.
    expect(reader.read(false).map(({ time }) => time)).toEqual([10]);
    writeAsThread(tracer, 0, { kind: TraceKind.IDLE, time: 16 });
    expect(reader.read(false).map(({ kind, time }) => [kind, time])).toEqual([
      ['executed', 12],
      ['started', 12],
      ['executed', 14],
    ]);
  });

  it('gives the time since the last look to the job that was long, not to the quick ones before it', () => {
    const tracer = createTracer();
    const reader = new TraceReader(tracer, false);
    const unlooked = { state: TraceEntryWords.UNLOOKED, time: 10 };
    writeAsThread(tracer, 0, { job: 1, ...unlooked });
    writeAsThread(tracer, 0, { job: 1, kind: TraceKind.EXECUTED, ...unlooked });
    writeAsThread(tracer, 0, { job: 2, ...unlooked });
    const long = { kind: TraceKind.EXECUTED, state: TraceEntryWords.LONG, time: 30 };
    writeAsThread(tracer, 0, { job: 2, ...long });
    expect(reader.read(false).map(({ kind, time }) => [kind, time])).toEqual([
      ['started', 10],
      ['executed', 10],
      ['started', 10],
      ['executed', 30],
    ]);
  });

  it('has the steps of each job in order, whatever the clocks that host and threads looked at', () => {
    const time = fc.integer({ min: 0, max: 20 });
    const part = fc.record({ thread: fc.nat({ max: 1 }), started: time, executed: time });
    const jobs = fc.array(fc.record({ part, settles: fc.boolean() }), { maxLength: 20 });
    fc.assert(
      fc.property(jobs, fc.boolean(), (runs, isReadAtOnce) => {
        const tracer = createTracer(2);
        const reader = new TraceReader(tracer, false);
        const events: TraceEvent[] = [];
        for (const [index, { part, settles }] of runs.entries()) {
          const job = index + 1;
          const { thread, started, executed } = part;
          submit(tracer, job);
          if (isReadAtOnce) events.push(...reader.read(false));
          writeAsThread(tracer, thread, { job, time: started });
          const end = { kind: TraceKind.EXECUTED, time: Math.max(started, executed), elapsed: 1 };
          writeAsThread(tracer, thread, { job, ...end });
          if (settles) settle(tracer, job);
          if (isReadAtOnce) events.push(...reader.read(false));
        }
        events.push(...reader.read(true));
        const order = ['queued', 'started', 'executed', 'answered', 'settled'];
        for (const [index, { settles }] of runs.entries()) {
          const own = events.filter((event) => 'job' in event && event.job === index + 1);
          expect(own.map(({ kind }) => kind)).toEqual(settles ? order : order.slice(0, -1));
          const times = own.map((event) => event.time);
          expect(times).toEqual(times.toSorted((one, other) => one - other));
        }
      }),
    );
  });

  it('looks at the clock for the end of a quick job only now and then, and for each that is not', () => {
    let now = 0;
    let looks = 0;
    const kernel = { unfinished: 1, now: () => (looks++, now) };
    const tracer = new Tracer(SafeSAB.create(), kernel);
    tracer.add(0, { key: 'capsule', methods: ['work'], threads: 1 });
    const run = (milliseconds: number, finished: number) => {
      const stamps = new Float64Array(20);
      stamps[JobWords.STAMP_FINISHED >> 1] = finished;
      const request = { plan: { capsule: 0, method: 0 } };
      const task = { id: 1, submittedAt: NaN, request, record: { stamps } };
      tracer.queued(task);
      now += milliseconds;
      const before = looks;
      const settled = tracer.settled(task, JobState.DONE, 1).at(-1);
      return { settled, isLooked: looks > before };
    };
    for (let job = 0; job < 8; job++) expect(run(0.01, 0).isLooked).toBe(true);
    const quick = Array.from({ length: 80 }, () => run(0.01, 0).isLooked);
    expect(quick.filter((isLooked) => isLooked)).toHaveLength(10);
    // Its thread has looked, and says that the job was long.
    const long = Array.from({ length: 8 }, () => run(50, now + 49)).at(-1);
    expect(long?.isLooked).toBe(true);
    expect(long?.settled).toBe(now);
  });

  it('ends a reader with what it kept', () => {
    const tracer = createTracer();
    const reader = new TraceReader(tracer, false);
    writeAsThread(tracer, 0, { time: 10, state: TraceEntryWords.UNLOOKED });
    expect(reader.read(false)).toEqual([]);
    expect(reader.read(true)).toMatchObject([{ kind: 'started', time: 10 }]);
  });

  it('gives every thread there may be a ring of its own', () => {
    for (const threads of [1, 2, 3, 64, 128]) {
      const { capacity } = createTracer(threads);
      const bytes = (1 + threads) * capacity * TraceEntryWords.STRIDE_BYTES;
      expect(bytes).toBeLessThanOrEqual(Layout.TRACE_ENTRIES_BYTES);
      expect(Math.log2(capacity) % 1).toBe(0);
      expect(2 * bytes).toBeGreaterThan(Layout.TRACE_ENTRIES_BYTES / 2);
    }
  });

  it('passes over words that make no sense, and goes on after them', () => {
    const garbage = fc.uint32Array({ minLength: 8, maxLength: 800 });
    fc.assert(
      fc.property(garbage, fc.nat(), fc.nat(), (words, hostTail, threadTail) => {
        const tracer = createTracer(128);
        const reader = new TraceReader(tracer, false);
        const all = tracer.sab.words;
        all.set(words, Layout.TRACE_ENTRIES_OFFSET / 4);
        all.set(words, Layout.TRACE_ENTRIES_OFFSET / 4 + tracer.capacity * 8);
        all[headerWord(HeaderWords.TRACE_TAIL)] = hostTail;
        all[threadWord(0) + ThreadWords.TRACE_TAIL] = threadTail;
        const events = reader.read(true);
        // Two rings of entries that tell at most three events each.
        expect(events.length).toBeLessThanOrEqual(1 + 2 * 3 * tracer.capacity);
        for (const event of events) {
          expect(KINDS).toContain(event.kind);
          expect(Number.isFinite(event.time)).toBe(true);
          if ('capsule' in event) expect(event.capsule).toBe('capsule');
          if ('job' in event) expect(event.job).not.toBe(0);
          if ('thread' in event) expect(event.thread).toBeLessThan(Layout.MAXIMUM_THREADS);
        }
        writeAsThread(tracer, 1, { job: 99, time: 5 });
        expect(reader.read(true)).toMatchObject([{ kind: 'started', job: 99 }]);
      }),
    );
  });

  it('tells how a job ended, with more units than a word holds', () => {
    const tracer = createTracer();
    const reader = new TraceReader(tracer, false);
    const stamps = new Float64Array(20);
    const request = { plan: { capsule: 0, method: 1 } };
    const task = { id: 3, submittedAt: 1, request, record: { stamps } };
    const noted = tracer.settled(task, JobState.OUT_OF_BUDGET, 2 ** 40);
    expect(tracer.stepsOf(noted)).toEqual({
      submitted: 1,
      woke: undefined,
      reserved: undefined,
      finished: undefined,
      settled: 1,
    });
    expect(reader.read(false)).toMatchObject([
      { kind: 'settled', job: 3, method: 'rest', outcome: 'out-of-budget', units: 2n ** 40n },
    ]);
  });
});
