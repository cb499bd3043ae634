/**
 * One capsule as the kernel sees it: its entry in the capsule table, its rings, its queue on the host's side.
 */
import type { BudgetVerifier } from '../credits/budget-verifier.js';
import type { PriceTag } from '../credits/price-list.js';
import { sdkError, type InosError } from '../errors.js';
import {
  capsuleWord,
  CapsuleState,
  CapsuleWords,
  inboxEpochWord,
  inboxOffset,
  JobState,
  outboxOffset,
  Rings,
} from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import { Epoch } from '../signals/epoch.js';
import { Ring } from '../signals/ring.js';
import type { JobStatus } from './job.js';
import { STATUS, type AnyTask } from './task.js';

/** What a runtime has counted of one capsule. */
export interface CapsuleStats {
  /** Jobs that have ended, by how. */
  readonly jobs: Readonly<Record<Exclude<JobStatus, 'queued' | 'running'>, number>>;
  /** Units of work that they charged. */
  readonly units: bigint;
  /** Micro-credits that they paid. */
  readonly charged: bigint;
  /** Entries in its inboxes, and the jobs on the host's side for which those had no room. */
  readonly queued: number;
  /** 64 KiB pages that its heap and stacks own. */
  readonly pages: number;
  /** How often it has crashed and was not given up: then it begins anew, with the next job at the latest. */
  readonly restarts: number;
  /** Threads in their loops. */
  readonly threads: number;
  /**
   * What its threads are about:
   *
   * - `idle`: there are none, and the next job starts them: before the first job, after a start that failed or a crash
   *   while no job waits, while its thread has left its worker to others, and when the runtime is closed
   * - `starting`: they are on their way into their loops; some may be at work already
   * - `running`: all are in their loops
   * - `restarting`: it crashed, and they are being ended or are on their way again
   * - `given-up`: it crashed too often in a row, and takes no more jobs
   */
  readonly state: 'idle' | 'starting' | 'running' | 'restarting' | 'given-up';
}

/** What a capsule's supervisor knows of its threads. */
export type Vitals = Pick<CapsuleStats, 'threads' | 'state'>;

/** What makes a capsule, as the kernel needs to know it. */
export interface CapsuleSpec {
  readonly name: string;
  /** The name under which the runtime offers it. */
  readonly key: string;
  /** Its methods' names, by number. */
  readonly methods: readonly string[];
  /** How many threads run it. */
  readonly threads: number;
  /** Its static region in the memory. */
  readonly staticOffset: number;
  readonly staticBytes: number;
  /** Most bytes its heap and stacks may take. */
  readonly memoryBytes: number;
  /** Crashes in a row after which it is given up. */
  readonly crashLimit: number;
  /** How long its threads may take to leave when they are told to, before they are terminated. */
  readonly graceMs?: number | undefined;
  /** After how many milliseconds without a sign of life its job counts as stuck. */
  readonly stuckAfterMs: number;
  /** The price of each method, by number. */
  readonly prices: readonly PriceTag[];
  /** The account that earns what its jobs are charged. */
  readonly operator: number;
  /** How many lives it has had before, in other memories. */
  readonly earlierLives?: number;
}

/** A capsule's words, rings and waiting jobs. */
export class CapsuleHost {
  readonly index: number;
  readonly spec: CapsuleSpec;
  readonly inboxes: readonly Ring[];
  readonly outbox: Ring;
  readonly inboxEpoch: Epoch;
  /** Jobs for which its rings had no room, by priority. */
  readonly backlog: readonly AnyTask[][] = Array.from({ length: Rings.PRIORITIES }, () => []);
  /** How many jobs wait in the backlog. */
  waiting = 0;
  /** Crashes since a job of it was done. */
  crashes = 0;
  /** How often it has begun anew after a crash. */
  restarts = 0;
  /** Why it takes no more jobs, if it was given up. */
  givenUp: InosError | undefined;
  /** How many jobs have ended in each `JobState`. */
  readonly #ended: number[] = Array<number>(JobState.OUT_OF_BUDGET + 1).fill(0);
  #units = 0;
  #charged = 0;
  readonly #words: Uint32Array;
  readonly #verifier: BudgetVerifier;
  readonly #entry: number;
  #generation: number;

  constructor(sab: SafeSAB, verifier: BudgetVerifier, index: number, spec: CapsuleSpec) {
    this.index = index;
    this.spec = spec;
    this.#generation = 1 + (spec.earlierLives ?? 0);
    this.#words = sab.words;
    this.#verifier = verifier;
    this.#entry = capsuleWord(index);
    this.inboxes = Array.from(
      { length: Rings.PRIORITIES },
      (_, priority) => new Ring(sab, inboxOffset(index, priority), Rings.INBOX_CAPACITY),
    );
    this.outbox = new Ring(sab, outboxOffset(index), Rings.OUTBOX_CAPACITY);
    this.inboxEpoch = new Epoch(sab, inboxEpochWord(index));
    this.publish();
  }

  /** Writes its entry in the capsule table. */
  publish(): void {
    const { index, spec } = this;
    this.#set(CapsuleWords.STATIC_OFFSET, spec.staticOffset);
    this.#set(CapsuleWords.STATIC_BYTES, spec.staticBytes);
    this.#set(CapsuleWords.QUOTA_PAGES, Math.floor(spec.memoryBytes / 65_536));
    this.#set(CapsuleWords.OPERATOR_ACCOUNT, spec.operator);
    this.#set(CapsuleWords.GENERATION, this.#generation);
    this.#verifier.publish(index, spec.prices);
    this.#set(CapsuleWords.STATE, CapsuleState.READY);
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, this.#entry + word, value);
  }

  #get(word: number): number {
    return Atomics.load(this.#words, this.#entry + word);
  }

  /** Which of its lives this is. */
  get generation(): number {
    return this.#generation;
  }

  /** Counts a job that has ended. */
  count(state: number, units: number, charged: number): void {
    this.#ended[state] = (this.#ended[state] ?? 0) + 1;
    this.#units += units;
    this.#charged += charged;
  }

  /** What it has counted, beside what its supervisor knows. */
  stats(vitals: Vitals = { threads: 0, state: 'idle' }): CapsuleStats {
    const jobs: Record<string, number> = {};
    for (let state = JobState.DONE; state < this.#ended.length; state++) {
      jobs[STATUS[state] ?? ''] = this.#ended[state] ?? 0;
    }
    return {
      jobs: jobs as CapsuleStats['jobs'],
      units: BigInt(this.#units),
      charged: BigInt(this.#charged),
      queued: this.inboxes.reduce((sum, inbox) => sum + inbox.length, this.waiting),
      pages: this.#get(CapsuleWords.OWNED_PAGES),
      restarts: this.restarts,
      ...vitals,
    };
  }

  /** Begins a new life: fresh rings, no pages. Only while no thread of it runs. */
  reset(): void {
    for (const inbox of this.inboxes) inbox.reset();
    this.outbox.reset();
    this.inboxEpoch.forgetSleepers();
    for (const word of [CapsuleWords.STOP, CapsuleWords.SPINNERS, CapsuleWords.OWNED_PAGES]) {
      this.#set(word, 0);
    }
    this.#set(CapsuleWords.GENERATION, ++this.#generation);
  }

  /** Takes the jobs that wait off its backlog. */
  takeBacklog(): AnyTask[] {
    this.waiting = 0;
    return this.backlog.flatMap((queue) => queue.splice(0));
  }
}

/**
 * Checks that two capsules' static regions lie apart.
 *
 * @throws InosError `capsule/region-overlap`
 */
export function refuseOverlap(one: CapsuleSpec, other: CapsuleSpec): void {
  const isApart =
    one.staticOffset + one.staticBytes <= other.staticOffset ||
    other.staticOffset + other.staticBytes <= one.staticOffset;
  if (isApart) return;
  throw sdkError(
    'capsule/region-overlap',
    `the static regions of capsules ${one.name} and ${other.name} overlap`,
    { details: { capsules: [one, other] } },
  );
}
