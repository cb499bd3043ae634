/**
 * Job records: the words through which host and capsule agree on a job's state, with room for request,
 * output and result. The host's view of what `crates/inos-sdk/src/job.rs` works on. Records are kept and used again.
 */
import type { Reservation } from '../credits/ledger.js';
import { readU64 } from '../credits/ledger.js';
import { sdkError } from '../errors.js';
import { JobState, JobWords, StopReason } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import type { AnyTask, JobRequest } from './task.js';

const HEAD_WORDS = JobWords.HEAD_BYTES / 4;

/** What a record must be told about a job. */
export type RecordContent = Pick<
  JobRequest<unknown>,
  'plan' | 'message' | 'account' | 'threads' | 'budget' | 'minimum'
>;

function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** How many bytes a record for this content takes. */
export function recordBytes({ message, plan }: RecordContent): number {
  const { outputBytes, resultBytes } = plan;
  return (
    JobWords.BODY_OFFSET + aligned(message.byteLength) + aligned(outputBytes) + aligned(resultBytes)
  );
}

/** One record. */
export class JobRecord implements Reservation {
  /** Byte offset of the record in the memory. */
  readonly start: number;
  /** How many bytes it has. */
  readonly capacity: number;
  /** Its words. */
  readonly words: Uint32Array;
  /** The job that it holds while that is in its capsule's rings or at work. */
  task: AnyTask | undefined;
  /** Which of its lives this is: 16 bits. */
  generation = 0;
  /** The capsule of the job that it held last. */
  capsule = -1;
  /** Where the ledger keeps what is reserved for the job. */
  readonly word = JobWords.RESERVED;
  readonly offset: number;
  readonly #bytes: Uint8Array;
  #stamps: Float64Array | undefined;
  #outputOffset = 0;
  #outputBytes = 0;
  #resultOffset = 0;
  #resultCapacity = 0;

  constructor(sab: SafeSAB, start: number, capacity: number) {
    this.start = start;
    this.capacity = capacity;
    this.offset = start + JobWords.RESERVED * 4;
    this.words = new Uint32Array(sab.buffer, start, capacity / 4);
    this.#bytes = new Uint8Array(sab.buffer, start, capacity);
  }

  /** Fills the record in for a queued job of its next life, with its number in the runtime: 0 if it isn't traced. */
  write(content: RecordContent, number: number): void {
    const { words } = this;
    const { plan, message } = content;
    const { outputBytes } = plan;
    const requestBytes = message.byteLength;
    this.generation = (this.generation + 1) & 0xffff;
    this.#outputOffset = JobWords.BODY_OFFSET + aligned(requestBytes);
    this.#outputBytes = outputBytes;
    this.#resultOffset = this.#outputOffset + aligned(outputBytes);
    this.#resultCapacity = plan.resultBytes;
    this.capsule = plan.capsule;
    words.fill(0, 0, HEAD_WORDS);
    words[JobWords.CAPSULE] = plan.capsule;
    words[JobWords.METHOD] = plan.method;
    words[JobWords.NUMBER] = number;
    words[JobWords.ACCOUNT] = content.account;
    words[JobWords.THREADS] = content.threads;
    this.#setU64(JobWords.BUDGET, content.budget);
    this.#setU64(JobWords.MINIMUM, content.minimum);
    words[JobWords.REQUEST_OFFSET] = JobWords.BODY_OFFSET;
    words[JobWords.REQUEST_BYTES] = requestBytes;
    words[JobWords.OUTPUT_OFFSET] = this.#outputOffset;
    words[JobWords.OUTPUT_BYTES] = outputBytes;
    words[JobWords.RESULT_OFFSET] = this.#resultOffset;
    words[JobWords.RESULT_CAPACITY] = this.#resultCapacity;
    message.writeTo(this.#bytes, JobWords.BODY_OFFSET);
    // The last word, and an atomic one: from here on the record is the job.
    Atomics.store(words, JobWords.CONTROL, this.#control(JobState.QUEUED));
  }

  #setU64(word: number, value: number): void {
    this.words[word] = value >>> 0;
    this.words[word + 1] = Math.floor(value / 2 ** 32);
  }

  #control(state: number): number {
    return ((this.generation << JobWords.CONTROL_GENERATION_SHIFT) | state) >>> 0;
  }

  /** The job's state, as a number of `JobState`: `FREE` where the word can't be, so that no thread would take the job. */
  get state(): number {
    const control = Atomics.load(this.words, JobWords.CONTROL);
    const state = control & JobWords.CONTROL_STATE_MASK;
    const isOurs =
      state === JobState.QUEUED
        ? control === this.#control(state)
        : control >>> JobWords.CONTROL_GENERATION_SHIFT === this.generation;
    return isOurs ? state : JobState.FREE;
  }

  /** The same, for a job whose thread has said that it ended: a plain read, ordered by the ring. */
  get stateAtEnd(): number {
    return (this.words[JobWords.CONTROL] ?? 0) & JobWords.CONTROL_STATE_MASK;
  }

  /** Moves a job that no thread has taken yet to a final state. False if one has. */
  endQueued(state: number): boolean {
    const queued = this.#control(JobState.QUEUED);
    return (
      Atomics.compareExchange(this.words, JobWords.CONTROL, queued, this.#control(state)) === queued
    );
  }

  /** Forces the state, after the capsule's threads are gone. */
  force(state: number): void {
    Atomics.store(this.words, JobWords.CONTROL, this.#control(state));
  }

  /** Asks the threads at work to end the job, for the first reason that is given. */
  requestStop(reason: number): void {
    Atomics.compareExchange(this.words, JobWords.STOP, StopReason.NONE, reason);
  }

  /** A number that changes as long as its threads show that they aren't stuck. */
  get heartbeat(): number {
    return Atomics.load(this.words, JobWords.HEARTBEAT);
  }

  /** How many ring entries still name the record. */
  get tickets(): number {
    return this.words[JobWords.TICKETS] ?? 0;
  }

  set tickets(count: number) {
    // Plain: nobody else counts while the record is on the host's side, and the ring orders what follows.
    this.words[JobWords.TICKETS] = count;
  }

  /** Units charged so far. */
  get units(): number {
    return readU64(this.words, JobWords.UNITS);
  }

  /** What is reserved now, in micro-credits. */
  get reserved(): number {
    return readU64(this.words, JobWords.RESERVED);
  }

  /** The part of the job that is done, from 0 to 1, as the capsule says. */
  get fraction(): number {
    return Math.min(1, Atomics.load(this.words, JobWords.PROGRESS) / 1e6);
  }

  /** Its head as f64s, for the stamps in it. */
  get stamps(): Float64Array {
    return (this.#stamps ??= new Float64Array(this.words.buffer, this.start, HEAD_WORDS / 2));
  }

  /** Bytes of the record, out of the shared memory. */
  #copy(offset: number, length: number): Uint8Array<ArrayBuffer> {
    // A slice of shared memory is an array of its own, not shared.
    return this.#bytes.slice(offset, offset + length);
  }

  /** A copy of the output. */
  output(): Uint8Array<ArrayBuffer> {
    return this.#copy(this.#outputOffset, this.#outputBytes);
  }

  /** A copy of the result message, empty if there is none. */
  result(): Uint8Array<ArrayBuffer> {
    const said = Atomics.load(this.words, JobWords.RESULT_BYTES);
    return this.#copy(this.#resultOffset, Math.min(said, this.#resultCapacity));
  }

  /** Why the job failed: the code and the text that the capsule left. */
  failure(): { readonly code: number; readonly message: string } {
    const length = Math.min(
      Atomics.load(this.words, JobWords.ERROR_BYTES),
      JobWords.ERROR_CAPACITY,
    );
    const text = this.#copy(JobWords.ERROR_TEXT * 4, length);
    return {
      code: Atomics.load(this.words, JobWords.ERROR_CODE),
      message: new TextDecoder().decode(text),
    };
  }
}

/** Records to use again, by size. */
export class RecordPool {
  readonly #sab: SafeSAB;
  readonly #free = new Map<number, JobRecord[]>();
  readonly #all = new Map<number, JobRecord>();
  /** Ended jobs' records that ring entries still name. */
  #lingering: JobRecord[] = [];

  constructor(sab: SafeSAB) {
    this.#sab = sab;
  }

  /**
   * A record of at least so many bytes.
   *
   * @throws InosError `memory/out-of-memory`, `protocol/bad-layout` if the tables say that a record's place is free
   */
  acquire(bytes: number): JobRecord {
    let capacity = 1024;
    while (capacity < bytes) capacity *= 2;
    const kept = this.#free.get(capacity)?.pop() ?? this.#revive(capacity);
    if (kept) return kept;
    const { offset } = this.#sab.arena.alloc(capacity);
    if (this.#all.has(offset)) {
      const details = { offset };
      const message = 'the page table says that a record’s place is free';
      throw sdkError('protocol/bad-layout', message, { details });
    }
    const record = new JobRecord(this.#sab, offset, capacity);
    this.#all.set(offset, record);
    return record;
  }

  /** The record that starts at an offset. */
  at(offset: number): JobRecord | undefined {
    return this.#all.get(offset);
  }

  /** The jobs that are in their capsules' rings or at work. */
  get tasks(): AnyTask[] {
    return Array.from(this.#all.values(), ({ task }) => task).filter((task) => task !== undefined);
  }

  /** Those of one capsule. */
  tasksOf(capsule: number): AnyTask[] {
    return this.tasks.filter(({ request }) => request.plan.capsule === capsule);
  }

  #revive(capacity: number): JobRecord | undefined {
    if (this.#lingering.length === 0) return undefined;
    const still: JobRecord[] = [];
    for (const record of this.#lingering) {
      if (record.tickets === 0) this.#keep(record);
      else still.push(record);
    }
    this.#lingering = still;
    return this.#free.get(capacity)?.pop();
  }

  /** Takes an ended job's record back. */
  release(record: JobRecord): void {
    if (record.tickets === 0) this.#keep(record);
    else this.#lingering.push(record);
  }

  #keep(record: JobRecord): void {
    const kept = this.#free.get(record.capacity);
    if (kept) kept.push(record);
    else this.#free.set(record.capacity, [record]);
  }

  /** Says that no ring entry of a capsule names a record any more, after its rings were emptied. */
  forgetTickets(capsule: number): void {
    for (const record of this.#lingering) {
      if (record.capsule === capsule) record.tickets = 0;
    }
  }
}
