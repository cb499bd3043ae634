/**
 * Notes what happens to jobs and capsules, for whoever reads the trace: the host's half of what
 * `crates/inos-sdk/src/trace.rs` does in capsules. Loaded only by runtimes that trace.
 */
import { requireLimits, requireOptions, wrongType } from '../../errors.js';
import {
  HeaderWords,
  headerWord,
  JobWords,
  Layout,
  threadWord,
  ThreadWords,
  TraceEntryWords,
  TraceKind,
  TraceRings,
} from '../../memory/layout.js';
import type { SafeSAB } from '../../memory/safe-sab.js';
import { Allowance } from './allowance.js';
import { zeroAt, type ClockZero } from './clock-zero.js';
import type { JobStatus, JobSteps } from '../job.js';
import type { JobRecord } from '../record.js';
import { STATUS } from '../task.js';
import type { TraceOptions } from './trace-event.js';
import { TraceStream } from './trace-stream.js';

export { jobsPerSecond } from './allowance.js';

const ENTRY_WORDS = TraceEntryWords.STRIDE_BYTES / 4;
const ENTRIES = Layout.TRACE_ENTRIES_BYTES / TraceEntryWords.STRIDE_BYTES;
/** Jobs in flight beyond which the clock, which costs as much as a tenth of a small job, isn't read for each event. */
const CROWD = 16;
/** For how many it is read once then. Between, the host's time goes on with what capsules noted. */
const EVENTS_PER_LOOK = 16;
/** A job is quick if it took so many milliseconds. */
const QUICK_MS = 0.1;
/** After so many quick jobs in a row their ends get the time that capsules noted, but one in so many. */
const QUICK_JOBS = 8;
/** The numbers of capsules with a memory of their own, in this one's rings. */
const FIRST_BORDER = 0x80;

/** What a tracer needs of its kernel. */
export interface TracedKernel {
  /** Jobs that haven't ended. */
  readonly unfinished: number;
  /** Milliseconds since it began. */
  now(): number;
}

/** A job as the tracer sees it. */
export interface TracedTask {
  readonly id: number;
  readonly request: { readonly plan: { readonly capsule: number; readonly method: number } };
  submittedAt: number;
}

/** How a job at a border ended. */
export interface TracedEnd {
  readonly status: JobStatus;
  readonly units: number;
  readonly steps: JobSteps;
}

/** What a capsule and its methods are called. */
export interface TracedNames {
  readonly key: string;
  readonly methods: readonly string[];
}

/** The host's pen, and what readers must know of the rings. */
export class Tracer {
  readonly sab: SafeSAB;
  /** How many threads its capsules have together: they have the lowest numbers. */
  threads = 0;
  /** Entries per ring: a power of two. */
  capacity = ENTRIES;
  /** What the numbers in entries mean. */
  readonly capsules = new Map<number, TracedNames>();
  /** The tracers of capsules with a memory of their own. */
  readonly inner: Tracer[] = [];
  readonly streams = new Set<TraceStream>();
  /** Whether nothing more will be noted. */
  hasEnded = false;
  /** Says which jobs are traced. The others have no number in their records. */
  readonly allowance: Allowance;
  readonly #kernel: TracedKernel;
  readonly #times: Float64Array;
  /** Whether somebody else notes how jobs are queued and settled. */
  readonly #isInner: boolean;
  #willWake = false;
  #tail = 0;
  #time = 0;
  #events = 0;
  /** Quick jobs in a row. */
  #quick = 0;

  /** @param jobsPerSecond - how many to trace of the jobs in this memory */
  constructor(sab: SafeSAB, kernel: TracedKernel, jobsPerSecond = Infinity, isInner = false) {
    this.sab = sab;
    this.#kernel = kernel;
    this.#isInner = isInner;
    this.#times = new Float64Array(sab.words.buffer, 0, sab.words.length / 2);
    const now = () => kernel.now();
    this.allowance = new Allowance(jobsPerSecond, now, () => {
      this.#tellOmitted();
      // The time that jobs in a crowd would share is that of the window before.
      this.#events = -1;
    });
  }

  /** The zero of the clock that threads are given. */
  get zero(): ClockZero {
    return zeroAt(performance.now() - this.#kernel.now());
  }

  /** A tracer for the memory of an isolated capsule, of which readers of this one hear too. */
  within(sab: SafeSAB, kernel: TracedKernel): Tracer {
    const inner = new Tracer(sab, kernel, Infinity, true);
    this.inner.push(inner);
    return inner;
  }

  /** Says what a capsule in this memory is called, and gives its threads rings. Before any job. */
  add(capsule: number, names: TracedNames & { readonly threads: number }): void {
    this.#name(capsule, names);
    this.threads += names.threads;
    while ((TraceRings.FIRST_THREAD_RING + this.threads) * this.capacity > ENTRIES) {
      this.capacity /= 2;
    }
    this.#publish();
  }

  #publish(): void {
    Atomics.store(this.sab.words, headerWord(HeaderWords.TRACE_CAPACITY), this.capacity);
  }

  /** Keeps what was noted while the memory's tables are founded anew; what it returns puts it back. */
  keep(): () => void {
    const { words } = this.sab;
    const entries = words.slice(HOST_ENTRIES, HOST_ENTRIES + ENTRIES * ENTRY_WORDS);
    const tailOf = (thread: number) => threadWord(thread) + ThreadWords.TRACE_TAIL;
    const tails = Array.from({ length: this.threads }, (_, thread) => words[tailOf(thread)] ?? 0);
    return () => {
      words.set(entries, HOST_ENTRIES);
      words[HOST_TAIL] = this.#tail;
      for (const [thread, tail] of tails.entries()) words[tailOf(thread)] = tail;
      this.#publish();
    };
  }

  #name(capsule: number, { key, methods }: TracedNames): void {
    this.capsules.set(capsule, { key, methods });
  }

  /** Gives a capsule with a memory of its own a number here. */
  addBorder(names: TracedNames): number {
    let number = FIRST_BORDER;
    while (this.capsules.has(number)) number++;
    this.#name(number, names);
    return number;
  }

  /** Milliseconds since the runtime began. */
  now(): number {
    return this.#kernel.now();
  }

  /** The same, perhaps as it was some events ago. */
  #now(): number {
    if (this.#kernel.unfinished > CROWD && ++this.#events % EVENTS_PER_LOOK !== 0) {
      return this.#time;
    }
    return (this.#time = this.#kernel.now());
  }

  /** The time at which a job ends. Who awaits one quick job after another waits for this look, not for {@link queued}'s. */
  #nowAtEnd(submitted: number, finished: number): number {
    const isLooked = this.#quick < QUICK_JOBS || this.#quick % QUICK_JOBS === 0;
    const now = isLooked ? this.#now() : this.#time;
    // A capsule's clock is this one, read later.
    this.#time = Math.max(now, finished);
    this.#quick = this.#time - submitted < QUICK_MS ? this.#quick + 1 : 0;
    return this.#time;
  }

  /** Notes that a job waits for its capsule. After the signal: a thread that is awake needn't wait for it. */
  queued(task: TracedTask, capsule = task.request.plan.capsule): void {
    task.submittedAt = this.#now();
    if (this.#isInner) return;
    const what = pack(TraceKind.QUEUED, 0, capsule, task.request.plan.method);
    this.#write(what, task.id, task.submittedAt, 0);
  }

  /** Notes that a job has ended, and says when its steps were: numbers, for {@link stepsOf} should somebody ask. */
  settled(
    {
      id,
      request,
      submittedAt: submitted,
      record,
    }: TracedTask & { readonly record: Pick<JobRecord, 'stamps'> },
    state: number,
    units: number,
  ): readonly number[] {
    const { stamps } = record;
    const woke = stamps[JobWords.STAMP_WOKE >> 1] ?? 0;
    const reserved = stamps[JobWords.STAMP_RESERVED >> 1] ?? 0;
    const finished = stamps[JobWords.STAMP_FINISHED >> 1] ?? 0;
    const settled = this.#nowAtEnd(submitted, finished);
    if (!this.#isInner) {
      const { capsule, method } = request.plan;
      this.#write(pack(TraceKind.SETTLED, state, capsule, method), id, settled, units);
    }
    return [submitted, woke, reserved, finished, settled];
  }

  /** When a job's steps were, as {@link settled} noted them. */
  stepsOf([submitted = NaN, ...noted]: readonly number[]): JobSteps {
    const settled = noted.pop();
    let last = submitted;
    // A thread that is awake may have been faster than the host's look at the clock; what another thread than the
    // first tells may be a little early, where threads share no clock.
    const [woke, reserved, finished] = noted.map((step) =>
      step === 0 ? undefined : (last = Math.max(last, step)),
    );
    return settled === undefined ? { submitted } : { submitted, woke, reserved, finished, settled };
  }

  /** Notes that a job at a border has ended, and what its thread did if that couldn't tell it itself. */
  settledAtBorder(task: TracedTask, capsule: number, end: TracedEnd, hasTold: boolean): void {
    if (!hasTold) this.#worked(task, capsule, end.steps);
    const state = Object.keys(STATUS).find((number) => STATUS[Number(number)] === end.status);
    const what = pack(TraceKind.SETTLED, Number(state), capsule, task.request.plan.method);
    this.#write(what, task.id, this.#now(), end.units);
    this.rest();
  }

  /** Has readers look soon, as no job is left: nothing else may keep the process alive for them. */
  rest(): void {
    if (this.streams.size === 0 || this.#willWake) return;
    this.#willWake = true;
    setTimeout(() => {
      this.#willWake = false;
      this.#tellReaders();
    }, 0);
  }

  #tellReaders(): void {
    this.#tellOmitted();
    for (const stream of this.streams) stream.wake();
  }

  #worked(task: TracedTask, capsule: number, { woke, reserved, finished }: JobSteps): void {
    if (woke === undefined || finished === undefined) return;
    const { method } = task.request.plan;
    this.#write(pack(TraceKind.STARTED, 0, capsule, method), task.id, woke, 0);
    const at = this.#write(pack(TraceKind.EXECUTED, 0, capsule, method), task.id, finished, 0);
    this.#times[(at + TraceEntryWords.RESERVED) >> 1] = reserved ?? 0;
    this.sab.words[at + TraceEntryWords.ELAPSED] = 1;
  }

  /** Notes what happened to a capsule: a `TraceKind`, the job it happened in, and the kind's count. */
  note(kind: number, capsule: number, job: number, count: number): void {
    this.#write(pack(kind, 0, capsule, 0), job, this.#kernel.now(), count);
  }

  /** The same for a capsule in another memory. */
  noteOf(key: string, kind: number, count: number): void {
    for (const [capsule, names] of this.capsules) {
      if (names.key === key) this.note(kind, capsule, 0, count);
    }
  }

  /** Tells of the jobs that were left out since this was last told. */
  #tellOmitted(): void {
    const omitted = this.allowance.takeOmitted();
    if (omitted > 0) this.#write(TraceKind.OMITTED, 0, this.#kernel.now(), omitted);
  }

  #write(what: number, job: number, time: number, units: number): number {
    const { words } = this.sab;
    const position = this.#tail;
    this.#tail = (position + 1) >>> 0;
    const at = HOST_ENTRIES + (position & (this.capacity - 1)) * ENTRY_WORDS;
    // Plain: this thread alone writes the ring.
    words[at + TraceEntryWords.WHAT] = what;
    words[at + TraceEntryWords.JOB] = job;
    this.#times[(at + TraceEntryWords.TIME) >> 1] = time;
    words[at + TraceEntryWords.UNITS] = units;
    // Rounded, as with a fraction stored here the entry of a settled job was measured to cost three times as much.
    words[at + TraceEntryWords.UNITS + 1] = Math.floor(units / 2 ** 32);
    words[HOST_TAIL] = this.#tail;
    return at;
  }

  /** A reader of all events from now on, or of those before as well. */
  follow(options: TraceOptions): TraceStream {
    const { signal, past = false } = requireOptions('options', options, ['signal', 'past']);
    requireLimits({ signal });
    if (typeof past !== 'boolean') throw wrongType('options.past', 'a boolean', past);
    return new TraceStream(this, options);
  }

  /** Ends all readers, once they have read what there is. */
  end(): void {
    this.allowance.stop();
    this.hasEnded = true;
    this.#tellReaders();
  }
}

const HOST_ENTRIES = Layout.TRACE_ENTRIES_OFFSET / 4;
const HOST_TAIL = headerWord(HeaderWords.TRACE_TAIL);

function pack(kind: number, state: number, capsule: number, method: number): number {
  return (
    kind |
    (state << TraceEntryWords.STATE_SHIFT) |
    (capsule << TraceEntryWords.CAPSULE_SHIFT) |
    (method << TraceEntryWords.METHOD_SHIFT)
  );
}
