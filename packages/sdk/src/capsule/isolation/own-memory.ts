/**
 * Runs a capsule in a memory of its own, on threads of this process. The capsule can write what it likes there: the
 * host takes no lock and trusts no balance in it.
 */
import {
  Ledger,
  loadU64,
  storeU64,
  type Reservation,
  type Settlement,
} from '../../credits/ledger.js';
import type { CapsuleHost, CapsuleSpec } from '../../kernel/capsule-host.js';
import type { JobProgress, JobStatus, JobSteps } from '../../kernel/job.js';
import { Kernel } from '../../kernel/kernel.js';
import type { ThreadLauncher } from '../../kernel/supervisor.js';
import type { AnyTask, Crossing, JobRequest, Task } from '../../kernel/task.js';
import { JobState, Layout, LedgerWords } from '../../memory/layout.js';
import type { SharedArray } from '../../memory/region.js';
import { SafeSAB } from '../../memory/safe-sab.js';
import { bytesOf } from './border.js';
import {
  AHEAD,
  type Engine,
  type FinalStatus,
  type JobEnd,
  type Passage,
  type RunningJob,
} from './engine.js';

const LEDGER_WORD = Layout.LEDGER_OFFSET / 4;
const LOCK = LEDGER_WORD + LedgerWords.LOCK;
const SEQUENCE = LEDGER_WORD + LedgerWords.SEQUENCE;
const JOURNAL_LENGTH = LEDGER_WORD + LedgerWords.JOURNAL_LENGTH;

/**
 * Play money: the capsule's own economic check finds in an account of each job exactly what the border has reserved
 * for it. No thread of the capsule uses that account at the time, so the host needs no lock that a hostile one could
 * keep for ever.
 */
class PlayLedger extends Ledger {
  readonly #words: Uint32Array;

  constructor(sab: SafeSAB) {
    super(sab);
    this.#words = sab.words;
  }

  fund(account: number, amount: number): void {
    const entry = LEDGER_WORD + LedgerWords.ENTRIES + account * LedgerWords.ENTRY_WORDS;
    storeU64(this.#words, entry + LedgerWords.ENTRY_AVAILABLE, amount);
    storeU64(this.#words, entry + LedgerWords.ENTRY_RESERVED, 0);
  }

  override settle(
    _account: number,
    _operator: number,
    { words, word }: Reservation,
    charged: number,
  ): Settlement {
    const reserved = loadU64(words, word);
    storeU64(words, word, 0);
    return { charged, refunded: Math.max(0, reserved - charged) };
  }

  /** Its threads are gone: whatever they left of a transaction concerns only them. */
  override recover(): boolean {
    for (const word of [LOCK, JOURNAL_LENGTH, SEQUENCE]) Atomics.store(this.#words, word, 0);
    return true;
  }
}

/** A capsule's own memory, and the kernel that runs its jobs there. */
export class OwnMemory implements Engine {
  readonly sab: SafeSAB;
  readonly #outer: Kernel;
  readonly #kernel: Kernel;
  readonly #ledger: PlayLedger;
  /** Accounts of jobs that may come. */
  readonly #accounts: number[] = [];
  #host: CapsuleHost | undefined;

  /** @param outer - the runtime's kernel */
  constructor(outer: Kernel, maximumBytes: number) {
    this.#outer = outer;
    this.sab = SafeSAB.create({ maximumBytes });
    this.#ledger = new PlayLedger(this.sab);
    this.#ledger.found();
    this.#kernel = new Kernel(this.sab, this.#ledger, {
      ...outer.options,
      onPaid: () => undefined,
    });
  }

  attach(spec: CapsuleSpec, loadLauncher: () => Promise<ThreadLauncher>): CapsuleHost {
    for (let job = 0; job < spec.threads + AHEAD; job++) this.#accounts.push(this.#ledger.open());
    this.#host = this.#kernel.attach({ ...spec, operator: LedgerWords.TREASURY }, loadLauncher);
    return this.#host;
  }

  get #attached(): CapsuleHost {
    if (this.#host === undefined) throw new Error('attach() comes first');
    return this.#host;
  }

  get depth(): number {
    return this.#attached.spec.threads;
  }

  get givenUp() {
    return this.#attached.givenUp;
  }

  get vitals() {
    const { pages, restarts, threads } = Object.values(this.#kernel.stats.capsules)[0] ?? NO_VITALS;
    return { pages, restarts, threads };
  }

  owns(view: ArrayBufferView): boolean {
    return this.sab.owns(view);
  }

  start(): Promise<void> {
    return this.#kernel.start(this.#attached.index);
  }

  run<R>(passage: Passage<R>): RunningJob {
    const { id, request, message } = passage;
    const copies: SharedArray[] = [];
    const free = () => {
      // Should the capsule have ruined the tables, it has less room.
      for (const copy of copies.splice(0)) this.sab.arena.free(copy.byteOffset);
    };
    const account = this.#accounts.pop() ?? LedgerWords.TREASURY;
    const giveBack = () => {
      free();
      this.#accounts.push(account);
    };
    try {
      for (const crossing of request.crossings ?? []) copies.push(this.#copyIn(crossing, message));
      this.#ledger.fund(account, request.budget);
      const inner: JobRequest<R> = {
        ...limitsOf(request),
        plan: { ...request.plan, capsule: this.#attached.index },
        message: {
          byteLength: message.byteLength,
          writeTo: (to, at) => {
            to.set(message, at);
          },
        },
        account,
        decode: (result) => request.decode(result),
        release: () => {
          copyBack(request.crossings ?? [], copies);
          giveBack();
          passage.onEnded(endOf(task, this.#stepsOf(task)));
        },
      };
      const task = this.#kernel.submitTask(inner, id);
      return new OwnRunningJob(this.#kernel, task, () => this.#stepsOf(task));
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Copies a view's bytes in and writes into the request where they are. */
  #copyIn({ view, position }: Crossing, message: Uint8Array<ArrayBuffer>): SharedArray {
    const copy = this.sab.alloc(Uint8Array, view.byteLength, { zeroed: false });
    copy.set(bytesOf(view));
    new DataView(message.buffer).setUint32(position, copy.byteOffset, true);
    return copy;
  }

  /** The steps of a job in the time of the runtime. */
  #stepsOf(task: OwnTask): JobSteps {
    const later = this.#kernel.startedAt - this.#outer.startedAt;
    const steps = Object.entries(task.steps as Record<string, number | undefined>);
    return Object.fromEntries(
      steps.map(([name, time]) => [name, time === undefined ? undefined : time + later]),
    );
  }

  close(force: boolean): Promise<void> {
    return this.#kernel.close(force);
  }
}

/** A job of whatever result in the capsule's own memory. */
type OwnTask = AnyTask & Pick<Task<unknown>, 'status' | 'progress' | 'steps'>;

const NO_VITALS = { pages: 0, restarts: 0, threads: 0 };

/** What of a request holds on both sides. Its signal stays on this one. */
function limitsOf({ threads, budget, minimum, priority, deadlineMs }: JobRequest<unknown>) {
  const bytesCopied = 0;
  const whenFull = 'wait' as const;
  return {
    threads,
    budget,
    minimum,
    priority,
    deadlineMs,
    bytesCopied,
    whenFull,
    signal: undefined,
  };
}

function copyBack(crossings: readonly Crossing[], copies: readonly SharedArray[]): void {
  crossings.forEach(({ view, access }, index) => {
    const copy = copies[index];
    if (access === 'write' && copy) bytesOf(view).set(bytesOf(copy));
  });
}

function endOf<R>(task: Task<R>, steps: JobSteps): JobEnd<R> {
  const { units, charged } = task.usage;
  const told = {
    units: Number(units),
    cost: Number(charged),
    fraction: task.progress.fraction,
    steps,
  };
  let end: JobEnd<R> | undefined;
  // It has ended, so one of these is called at once.
  task.whenEnded(
    (value) => {
      end = { ...told, status: 'done', value };
    },
    (error: unknown) => {
      end = { ...told, status: task.status as Exclude<FinalStatus, 'done'>, error };
    },
  );
  if (end === undefined) throw new Error('the job has not ended');
  return end;
}

/** A job in the capsule's own memory. */
class OwnRunningJob implements RunningJob {
  readonly #kernel: Kernel;
  readonly #task: OwnTask;
  readonly #steps: () => JobSteps;

  constructor(kernel: Kernel, task: OwnTask, steps: () => JobSteps) {
    this.#kernel = kernel;
    this.#task = task;
    this.#steps = steps;
  }

  get status(): JobStatus {
    return this.#task.status;
  }

  get progress(): JobProgress {
    return this.#task.progress;
  }

  get steps(): JobSteps {
    return this.#steps();
  }

  linger(): void {
    if (!this.#task.hasEnded) this.#kernel.linger(this.#task);
    this.#kernel.watch();
  }

  cancel(reason: unknown): void {
    this.#task.cancel(reason);
  }

  expire(): void {
    this.#kernel.stop(this.#task, JobState.EXPIRED);
  }
}
