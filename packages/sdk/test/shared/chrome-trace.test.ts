/** Chrome's trace events: whatever the trace, what comes is valid in that format, by its own rules. */
import type { TraceEvent } from '@inos/sdk';
import { toChromeTrace, writeChromeTrace, type ChromeEvent } from '@inos/sdk/trace';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const CAPSULES = ['mining', 'physics'];

/** A time that grows, in milliseconds. */
interface Clock {
  now: number;
}

/** The events of jobs done one after another on a thread of a capsule, in the order of their times. */
function traceOf(
  jobs: readonly { capsule: number; thread: number; wait: number; work: number; isSeen: boolean }[],
): TraceEvent[] {
  const clocks = new Map<string, Clock>();
  return jobs
    .flatMap(({ capsule: index, thread, wait, work, isSeen }, number): TraceEvent[] => {
      const capsule = CAPSULES[index] ?? '';
      const of = { capsule, method: 'work', job: number + 1 };
      const clock = clocks.get(`${capsule} ${thread}`) ?? { now: 0 };
      clocks.set(`${capsule} ${thread}`, clock);
      const queued = clock.now;
      const started = (clock.now += wait);
      const executed = (clock.now += work);
      const own = { ...of, thread };
      const events: TraceEvent[] = [
        { kind: 'queued', ...of, time: queued },
        { kind: 'started', ...own, time: started },
        { kind: 'reserved', ...own, time: started + work / 2 },
        { kind: 'executed', ...own, time: executed },
        { kind: 'answered', ...own, time: executed },
        { kind: 'settled', ...of, time: executed, outcome: 'done', units: 3n },
      ];
      // A reader that began late, or lost some, has only seen the end.
      return isSeen ? events : events.slice(3);
    })
    .sort((one, other) => one.time - other.time);
}

const traces = fc
  .array(
    fc.record({
      capsule: fc.nat({ max: 1 }),
      thread: fc.nat({ max: 2 }),
      wait: fc.double({ min: 0, max: 5, noNaN: true }),
      work: fc.double({ min: 0, max: 5, noNaN: true }),
      isSeen: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  .map(traceOf);

const isFinite = (value: unknown) => typeof value === 'number' && Number.isFinite(value);

/** What the format asks of each event by itself. */
function expectWellFormed(event: ChromeEvent): void {
  expect(event.name).not.toBe('');
  for (const field of [event.pid, event.tid, event.ts]) expect(isFinite(field)).toBe(true);
  expect(event.ts).toBeGreaterThanOrEqual(0);
  const { ph, args = {} } = event;
  if (ph === 'X') expect(event.dur).toBeGreaterThanOrEqual(0);
  else expect(event.dur).toBeUndefined();
  if (ph === 's' || ph === 'f') expect(typeof event.id).toBe('string');
  if (ph === 'b' || ph === 'e') expect(typeof event.id2?.local).toBe('string');
  if (['b', 'e', 's', 'f'].includes(ph)) expect(event.cat).toBeTruthy();
  if (ph === 'f') expect(event.bp).toBe('e');
  if (ph === 'i') expect(['g', 'p']).toContain(event.s);
  if (ph === 'C') expect(Object.values(args).every(isFinite)).toBe(true);
  if (ph === 'M') {
    expect(['process_name', 'thread_name']).toContain(event.name);
    expect(args).toHaveProperty('name');
  }
}

/** Slices of a thread lie inside or beside one another. */
function expectNested(events: readonly ChromeEvent[]): void {
  const threads = new Map<string, ChromeEvent[]>();
  for (const event of events.filter(({ ph }) => ph === 'X')) {
    const key = `${event.pid} ${event.tid}`;
    threads.set(key, [...(threads.get(key) ?? []), event]);
  }
  for (const slices of threads.values()) {
    for (const one of slices) {
      for (const other of slices) {
        const [end, otherEnd] = [one.ts + (one.dur ?? 0), other.ts + (other.dur ?? 0)];
        // Sums of doubles: what ends together may differ in the last digit.
        const isApart = end <= other.ts + 1e-6 || otherEnd <= one.ts + 1e-6;
        const isWithin =
          (one.ts <= other.ts && otherEnd <= end + 1e-6) ||
          (other.ts <= one.ts && end <= otherEnd + 1e-6);
        expect(isApart || isWithin).toBe(true);
      }
    }
  }
}

/** Arrows begin and end at slices, and point forward. */
function expectFlows(events: readonly ChromeEvent[]): void {
  const at = ({ pid, tid, ts }: ChromeEvent) =>
    events.some(
      (slice) =>
        (slice.ph === 'X' || slice.ph === 'B') &&
        slice.pid === pid &&
        slice.tid === tid &&
        slice.ts <= ts &&
        (slice.ph === 'B' || slice.ts + (slice.dur ?? 0) >= ts),
    );
  for (const end of events.filter(({ ph }) => ph === 'f')) {
    const starts = events.filter(({ ph, id }) => ph === 's' && id === end.id);
    expect(starts).toHaveLength(1);
    expect(starts[0]?.ts).toBeLessThanOrEqual(end.ts);
    expect(at(end)).toBe(true);
  }
  for (const start of events.filter(({ ph }) => ph === 's')) expect(at(start)).toBe(true);
}

/** Every process and thread that something happens on has a name. */
function expectNamed(events: readonly ChromeEvent[]): void {
  const named = (what: string, pid: number, tid?: number) =>
    events.some(
      (event) =>
        event.ph === 'M' &&
        event.name === what &&
        event.pid === pid &&
        (tid === undefined || event.tid === tid),
    );
  for (const { ph, pid, tid } of events) {
    expect(named('process_name', pid)).toBe(true);
    if (ph === 'X' || ph === 'B') expect(named('thread_name', pid, tid)).toBe(true);
  }
}

describe('a Chrome trace', () => {
  it('is valid, whatever the trace', () => {
    fc.assert(
      fc.property(traces, (events) => {
        const { traceEvents } = toChromeTrace(events);
        for (const event of traceEvents) expectWellFormed(event);
        expectNested(traceEvents);
        expectFlows(traceEvents);
        expectNamed(traceEvents);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same in pieces of text, and none of it is left out', async () => {
    await fc.assert(
      fc.asyncProperty(traces, async (events) => {
        let text = '';
        for await (const piece of writeChromeTrace(events)) text += piece;
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(toChromeTrace(events))));
      }),
      { numRuns: 30 },
    );
  });

  it('shows a job from its queue to its end, and what its thread did', () => {
    const events = traceOf([{ capsule: 0, thread: 1, wait: 2, work: 4, isSeen: true }]);
    const { traceEvents } = toChromeTrace(events);
    const of = (ph: ChromeEvent['ph']) => traceEvents.filter((event) => event.ph === ph);
    expect(of('b')).toMatchObject([{ name: 'mining.work', ts: 0, id2: { local: '1' } }]);
    const end = { ts: 6000, id2: { local: '1' }, args: { outcome: 'done', units: 3 } };
    expect(of('e')).toMatchObject([end]);
    expect(of('X').filter(({ cat }) => cat === 'work')).toMatchObject([
      { name: 'work', ts: 2000, dur: 4000, args: { job: 1 } },
    ]);
    expect(of('X').filter(({ cat }) => cat === 'check')).toMatchObject([{ ts: 2000, dur: 2000 }]);
    expect(of('C').map(({ args }) => args)).toEqual([
      { waiting: 1, running: 0 },
      { waiting: 0, running: 1 },
      { waiting: 0, running: 0 },
    ]);
    const names = of('M').map(({ args }) => args?.name);
    expect(names).toEqual(['host', 'jobs', 'mining', 'mining 1']);
  });

  it('ends what a crash cut off, and leaves open what nobody saw the end of', () => {
    const own = { capsule: 'mining', method: 'work', thread: 0 };
    const { traceEvents } = toChromeTrace([
      { kind: 'capsule-started', capsule: 'mining', time: 0, life: 1 },
      { kind: 'started', ...own, job: 1, time: 1 },
      { kind: 'capsule-crashed', capsule: 'mining', time: 3, job: 1, crashes: 1 },
      { kind: 'lost', time: 4, count: 12 },
      { kind: 'omitted', time: 4, count: 30 },
      { kind: 'started', ...own, job: 2, time: 5 },
      { kind: 'capsule-given-up', capsule: 'mining', time: 6, crashes: 2 },
      { kind: 'started', ...own, job: 3, time: 7 },
    ]);
    for (const event of traceEvents) expectWellFormed(event);
    expect(traceEvents.filter(({ ph }) => ph === 'X')).toMatchObject([
      { ts: 1000, dur: 2000, args: { job: 1, died: 'capsule-crashed' } },
      { ts: 5000, dur: 1000, args: { job: 2, died: 'capsule-given-up' } },
    ]);
    expect(traceEvents.filter(({ ph }) => ph === 'B')).toMatchObject([
      { ts: 7000, args: { job: 3 } },
    ]);
    const instants = traceEvents.filter(({ ph }) => ph === 'i');
    expect(instants.map(({ name, s, args }) => [name, s, args])).toEqual([
      ['started', 'p', { life: 1 }],
      ['crashed', 'p', { crashes: 1 }],
      ['events lost', 'g', { count: 12 }],
      ['jobs left out', 'g', { count: 30 }],
      ['given-up', 'p', { crashes: 2 }],
    ]);
  });
});
