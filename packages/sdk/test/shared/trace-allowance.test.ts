/** Which jobs a trace tells of: up to so many a second, each of those wholly, and of the others how many there were. */
import type { TraceEvent } from '@inos/sdk';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  JobState,
  Layout,
  ThreadWords,
  TraceEntryWords,
  TraceKind,
} from '../../src/generated/layout.js';
import { TraceReader } from '../../src/kernel/trace/trace-reader.js';
import { Tracer } from '../../src/kernel/trace/tracer.js';
import { threadWord } from '../../src/memory/layout.js';
import { SafeSAB } from '../../src/memory/safe-sab.js';

const PLAN = { plan: { capsule: 0, method: 0 } };
const STEPS = ['queued', 'started', 'executed', 'answered', 'settled'];
const RATES = [1, 10, 300, 1000, 16_000, 1_000_000];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Submitted {
  readonly id: number;
  readonly isTraced: boolean;
  readonly request: typeof PLAN;
  readonly record: { readonly stamps: Float64Array };
  submittedAt: number;
}

/** A runtime of one thread, with a clock that tests move on. */
class Runtime {
  time = 0;
  /** How often somebody has looked at the clock. */
  looks = 0;
  unfinished = 0;
  submitted = 0;
  /** Jobs that were said to be traced. */
  readonly traced: number[] = [];
  readonly tracer: Tracer;
  readonly #reader: TraceReader;
  readonly #events: TraceEvent[] = [];

  constructor(jobsPerSecond: number) {
    this.tracer = new Tracer(SafeSAB.create(), this, jobsPerSecond);
    this.tracer.add(0, { key: 'capsule', methods: ['work'], threads: 1 });
    this.#reader = new TraceReader(this.tracer, false);
  }

  now(): number {
    this.looks++;
    return this.time;
  }

  pass(milliseconds: number): void {
    this.time += milliseconds;
    vi.advanceTimersByTime(milliseconds);
  }

  submit(): Submitted {
    this.unfinished++;
    const isTraced = this.tracer.allowance.takes();
    const record = { stamps: new Float64Array(20) };
    const job = { id: ++this.submitted, isTraced, request: PLAN, record, submittedAt: NaN };
    if (isTraced) {
      this.traced.push(job.id);
      this.tracer.queued(job);
    }
    return job;
  }

  end(job: Submitted): void {
    if (job.isTraced) {
      this.#work(TraceKind.STARTED, job.id);
      this.#work(TraceKind.EXECUTED, job.id);
      this.tracer.settled(job, JobState.DONE, 1);
    }
    if (--this.unfinished === 0) this.tracer.rest();
  }

  /** Writes an entry as its thread does. */
  #work(kind: number, job: number): void {
    const { sab, capacity } = this.tracer;
    const tail = threadWord(0) + ThreadWords.TRACE_TAIL;
    const position = sab.words[tail] ?? 0;
    const slot = capacity + (position & (capacity - 1));
    const at = (Layout.TRACE_ENTRIES_OFFSET + slot * TraceEntryWords.STRIDE_BYTES) / 4;
    sab.words[at + TraceEntryWords.WHAT] = kind;
    sab.words[at + TraceEntryWords.JOB] = job;
    new Float64Array(sab.buffer, (at + TraceEntryWords.TIME) * 4, 1)[0] = this.time;
    sab.words[at + TraceEntryWords.ELAPSED] = kind === TraceKind.EXECUTED ? 1 : 0;
    sab.words[tail] = position + 1;
  }

  read(): void {
    this.#events.push(...this.#reader.read(this.tracer.hasEnded));
  }

  /** All that was told, once it is closed. */
  close(): readonly TraceEvent[] {
    this.tracer.end();
    this.read();
    return this.#events;
  }
}

function omittedIn(events: readonly TraceEvent[]): number {
  return events.reduce((sum, event) => sum + (event.kind === 'omitted' ? event.count : 0), 0);
}

describe('a trace of so many jobs a second', () => {
  const traffic = fc.array(
    fc.record({
      pause: fc.constantFrom(0, 0.3, 3, 8, 40, 1500),
      jobs: fc.nat({ max: 600 }),
      // Whether they end with the next ones only.
      lingers: fc.boolean(),
    }),
    { maxLength: 12 },
  );

  it('tells of each job wholly or not at all, and counts the latter', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RATES, Infinity), traffic, (rate, bursts) => {
        const runtime = new Runtime(rate);
        const open: Submitted[] = [];
        for (const { pause, jobs, lingers } of bursts) {
          runtime.pass(pause);
          for (let job = 0; job < jobs; job++) open.push(runtime.submit());
          if (lingers) continue;
          for (const job of open.splice(0)) runtime.end(job);
          runtime.read();
        }
        for (const job of open.splice(0)) runtime.end(job);
        const events = runtime.close();
        expect(events.filter(({ kind }) => kind === 'lost')).toEqual([]);
        const stepsOf = new Map<number, TraceEvent[]>();
        for (const event of events) {
          if (!('job' in event)) continue;
          const { job = 0 } = event;
          stepsOf.set(job, [...(stepsOf.get(job) ?? []), event]);
        }
        expect([...stepsOf.keys()].sort((one, other) => one - other)).toEqual(runtime.traced);
        for (const steps of stepsOf.values()) {
          expect(steps.map(({ kind }) => kind)).toEqual(STEPS);
          const times = steps.map(({ time }) => time);
          expect(times).toEqual(times.toSorted((one, other) => one - other));
        }
        expect(runtime.traced.length + omittedIn(events)).toBe(runtime.submitted);
        // No more than that many a second, and two windows' beside.
        const window = Math.max(Math.min(256, rate), 1 + rate * 0.008);
        const most =
          rate === Infinity ? runtime.submitted : (rate * runtime.time) / 1000 + 2 * window;
        expect(runtime.traced.length).toBeLessThanOrEqual(most);
        if (rate === Infinity) expect(omittedIn(events)).toBe(0);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('leaves out no job of traffic that is slower', () => {
    const pauses = fc.array(fc.constantFrom(1.001, 1.001, 1.5, 20), {
      minLength: 600,
      maxLength: 900,
    });
    fc.assert(
      fc.property(fc.constantFrom(...RATES), pauses, (rate, factors) => {
        const runtime = new Runtime(rate);
        for (const factor of factors) {
          runtime.pass((factor * 1000) / rate);
          runtime.end(runtime.submit());
        }
        expect(omittedIn(runtime.close())).toBe(0);
        expect(runtime.traced).toHaveLength(factors.length);
      }),
      { numRuns: 30 },
    );
  });

  it('looks at no clock for jobs that it leaves out', () => {
    const runtime = new Runtime(1000);
    while (runtime.submit().isTraced);
    const { looks } = runtime;
    for (let job = 0; job < 100; job++) {
      runtime.time++;
      const submitted = runtime.submit();
      expect(submitted.isTraced).toBe(false);
      runtime.end(submitted);
    }
    expect(runtime.looks).toBe(looks);
  });

  it('tells how many it left out when it traces again', () => {
    const runtime = new Runtime(16_000);
    runtime.pass(500);
    for (let job = 0; job < 400; job++) runtime.end(runtime.submit());
    expect(runtime.traced).toHaveLength(256);
    runtime.pass(16);
    runtime.end(runtime.submit());
    const events = runtime.close();
    expect(runtime.traced.at(-1)).toBe(401);
    expect(events.filter(({ kind }) => kind === 'omitted')).toEqual([
      { kind: 'omitted', time: 516, count: 144 },
    ]);
  });

  it('has readers hear of its last jobs, also of one that was left out', async () => {
    const runtime = new Runtime(1);
    const trace = runtime.tracer.follow({});
    const told: TraceEvent[] = [];
    const reading = (async () => {
      for await (const event of trace) told.push(event);
    })();
    await vi.advanceTimersByTimeAsync(100);
    const [first, second] = [runtime.submit(), runtime.submit()];
    runtime.end(first);
    runtime.time++;
    runtime.end(second);
    // The reader would look by itself some milliseconds later, but nothing keeps a process alive for that.
    await vi.advanceTimersByTimeAsync(0);
    expect(told.map(({ kind }) => kind)).toEqual([...STEPS, 'omitted']);
    expect(told.at(-1)).toMatchObject({ count: 1 });
    await trace.return();
    await reading;
  });
});
