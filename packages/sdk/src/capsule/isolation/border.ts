/**
 * The border of a capsule that has a memory of its own. On this side are its queue, its jobs' money and their
 * callers' views; on the other side an engine runs the jobs. Only bytes cross it, and of what the capsule says about
 * costs only as much as was reserved counts.
 *
 * Jobs are handed over, and their budgets reserved, when the capsule has a thread for them: as in shared memory,
 * where a job's economic check comes when a thread takes it.
 */
import { BudgetVerifier } from '../../credits/budget-verifier.js';
import type { Reservation } from '../../credits/ledger.js';
import { InosError, sdkError, wrongType } from '../../errors.js';
import type { Region as RegionStruct } from '../../generated/job.js';
import type { CapsuleSpec, CapsuleStats } from '../../kernel/capsule-host.js';
import { Job } from '../../kernel/job.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { KernelStats } from '../../kernel/kernel-parts.js';
import { arm, disarm } from '../../kernel/limits.js';
import { writeRegion } from '../../kernel/message.js';
import {
  cancelledError,
  closedError,
  expiredError,
  type Crossing,
  type JobRequest,
  type RegionAccess,
} from '../../kernel/task.js';
import { Rings } from '../../memory/layout.js';
import { elementTypeOf } from '../../memory/region.js';
import { isShared, type SafeSAB } from '../../memory/safe-sab.js';
import type { CapsuleKernel } from '../define-capsule.js';
import { BorderTask, type AnyBorderTask, type TaskBorder } from './border-task.js';
import { bytesOf } from './copies.js';
import type { Engine, FinalStatus, JobEnd, Passage } from './engine.js';
import { offsetPosition } from './message.js';

/** What a border joins. */
export interface BorderParts {
  /** The runtime's memory and kernel. */
  readonly sab: SafeSAB;
  readonly kernel: Kernel;
  readonly engine: Engine;
  /** Who earns what the capsule's jobs are charged. */
  readonly operator: () => number;
}

/** Words on this side that hold what is set aside for a job. */
class Cell implements Reservation {
  readonly words: Uint32Array;
  readonly word = 0;
  readonly offset: number;

  constructor(sab: SafeSAB) {
    this.words = sab.alloc(Uint32Array, 2);
    this.offset = this.words.byteOffset;
  }
}

/** What a job that goes ahead may move at most, and which part of its account it may hold back. */
const SMALL_BYTES = 65_536;
const SMALL_PART = 64;
const NO_WORK = { units: 0, cost: 0, fraction: 0, steps: {} };

/** One capsule's border. */
export class Border implements CapsuleKernel, TaskBorder {
  readonly #sab: SafeSAB;
  readonly #kernel: Kernel;
  readonly #engine: Engine;
  readonly #operator: () => number;
  readonly #verifier: BudgetVerifier;
  readonly #queues: BorderTask<unknown>[][] = Array.from({ length: Rings.PRIORITIES }, () => []);
  readonly #cells: Cell[] = [];
  readonly #ended: Record<FinalStatus, number> = {
    done: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
    'out-of-budget': 0,
  };
  readonly #running = new Set<AnyBorderTask>();
  #spec: CapsuleSpec | undefined;
  /** What the tracer calls it. */
  #number = 0;
  #queued = 0;
  /** Jobs handed over that write regions of this side. */
  #writers = 0;
  #units = 0;
  #charged = 0;
  #willPump = false;
  /** Whether it refuses new jobs. */
  isClosed = false;
  #isForced = false;
  #closing: Promise<void> | undefined;
  #roomWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];

  constructor({ sab, kernel, engine, operator }: BorderParts) {
    this.#sab = sab;
    this.#kernel = kernel;
    this.#engine = engine;
    this.#operator = operator;
    this.#verifier = new BudgetVerifier(sab, kernel.ledger);
  }

  attach(...parts: Parameters<CapsuleKernel['attach']>): { readonly index: number } {
    this.#spec = parts[0];
    this.#number = this.#kernel.tracer?.addBorder(parts[0]) ?? 0;
    const attached = this.#engine.attach(...parts);
    const jobs = this.#engine.depth + this.#engine.ahead;
    for (let job = 0; job < jobs; job++) this.#cells.push(new Cell(this.#sab));
    return attached;
  }

  get #name(): string {
    return this.#spec?.name ?? '';
  }

  async start(): Promise<void> {
    this.#requireOpen();
    await this.#engine.start();
  }

  countCopied(bytes: number): void {
    this.#kernel.countCopied(bytes);
  }

  cross(
    target: RegionStruct,
    view: ArrayBufferView,
    argument: string,
    access: RegionAccess,
  ): Crossing | undefined {
    if (this.#engine.owns(view)) return undefined;
    const elementType = elementTypeOf(view);
    writeRegion(target, { offset: 0, byteLength: view.byteLength, elementType });
    const position = offsetPosition(target);
    if (this.#sab.owns(view)) {
      const { offset, byteLength } = this.#sab.region(view, argument);
      const pin = byteLength > 0 ? this.#sab.pin(offset) : undefined;
      const release = () => {
        if (pin !== undefined) this.#sab.unpin(pin);
      };
      return { position, view, access, release };
    }
    if (isShared(view.buffer)) {
      const expected = 'a view over this runtime’s memory or over memory that is not shared';
      throw wrongType(argument, expected, view);
    }
    // Its owner may change it as soon as the job is submitted.
    const copy = bytesOf(view).slice();
    return { position, view: copy, access: 'read', release: () => undefined };
  }

  #requireOpen(): void {
    if (this.isClosed) throw closedError();
  }

  submit<R>(request: JobRequest<R>): Job<R> {
    this.#requireOpen();
    if (this.#engine.givenUp) throw this.#engine.givenUp;
    const kernel = this.#kernel;
    const task = new BorderTask<R>(this, kernel.takeJobNumber(), request);
    if (!request.signal?.aborted) this.#requireRoom(request.whenFull);
    kernel.tracer?.queued(task, this.#number);
    if (request.signal?.aborted === true) {
      this.#finish(task, this.#stopped(task, 'cancelled', request.signal.reason));
      return new Job(task);
    }
    this.#queues[request.priority]?.push(task as BorderTask<unknown>);
    this.#queued++;
    arm(task, this.#expire);
    this.#pump();
    return new Job(task);
  }

  /** As many jobs may wait here as the rings and the backlog of a capsule in shared memory hold. */
  #requireRoom(whenFull: 'wait' | 'throw'): void {
    const waiting = this.#waiting - Rings.INBOX_CAPACITY;
    if (waiting < 0) return;
    const { events, backlogLimit } = this.#kernel.options;
    const details = { capsule: this.#name, waiting };
    if (waiting === 0) events.emit('queue-full', details);
    if (whenFull === 'wait' && waiting < backlogLimit) return;
    throw sdkError('kernel/queue-full', `the queue of capsule ${this.#name} is full`, { details });
  }

  room(): Promise<void> {
    if (this.#waiting < Rings.INBOX_CAPACITY) return Promise.resolve();
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  cancel(task: AnyBorderTask, reason: unknown): void {
    if (task.running) task.running.cancel(reason);
    else this.#finishQueued(task, this.#stopped(task, 'cancelled', reason));
  }

  #stopped(
    { id, request }: AnyBorderTask,
    status: 'cancelled' | 'expired',
    reason?: unknown,
  ): JobEnd<never> {
    const error =
      status === 'cancelled'
        ? cancelledError(id, NO_CHARGE, reason)
        : expiredError(id, NO_CHARGE, request.deadlineMs);
    return { ...NO_WORK, status, error };
  }

  readonly #expire = (task: AnyBorderTask): void => {
    if (task.hasEnded) return;
    if (task.running) {
      task.running.expire();
      return;
    }
    this.#finishQueued(task, this.#stopped(task, 'expired'));
  };

  #finishQueued(task: AnyBorderTask, end: JobEnd<never>): void {
    const queue = this.#queues[task.request.priority] ?? [];
    const queued = queue.find((candidate) => candidate.id === task.id);
    if (queued === undefined) return;
    queue.splice(queue.indexOf(queued), 1);
    this.#queued--;
    this.#finish(queued, end);
  }

  /** Hands jobs over as long as the capsule has threads for them. */
  #pump(): void {
    for (;;) {
      const queue = this.#queues.find(({ length }) => length > 0);
      const task = queue?.[0];
      if (task === undefined || !this.#mayHandOver(task)) break;
      if (this.#isPutOff(this, () => this.#pump())) break;
      queue?.shift();
      this.#queued--;
      this.#handOver(task);
    }
    if (this.#waiting < Rings.INBOX_CAPACITY) {
      for (const resolve of this.#roomWaiters.splice(0)) resolve();
    }
  }

  /**
   * While its threads are busy only small jobs go ahead, so that they needn't wait for the host: those that hold back
   * little of their account, and whose regions nobody is about to write.
   */
  #mayHandOver({ request }: AnyBorderTask): boolean {
    const { size } = this.#running;
    const { depth, ahead } = this.#engine;
    if (size < depth) return true;
    if (size >= depth + ahead || this.#writers > 0) return false;
    const bytes = request.crossings?.reduce((sum, { view }) => sum + view.byteLength, 0) ?? 0;
    return bytes <= SMALL_BYTES && request.budget <= this.#available(request) / SMALL_PART;
  }

  /** What an account may spend; nothing if its ledger can't be read. */
  #available({ account }: Pick<JobRequest<unknown>, 'account'>): number {
    try {
      return this.#kernel.ledger.available(account);
    } catch {
      return 0;
    }
  }

  /** Later in this turn of the event loop: the engine is in the middle of ending a job. */
  #pumpSoon(): void {
    if (this.#willPump) return;
    this.#willPump = true;
    queueMicrotask(() => {
      this.#willPump = false;
      this.#pump();
    });
  }

  #handOver<R>(task: BorderTask<R>): void {
    const { request, id, message } = task;
    const { account, budget, minimum } = request;
    const cell = this.#cells.pop();
    if (cell === undefined) throw new Error('a capsule has a cell for each of its threads');
    try {
      this.#verifier.verify(account, budget, minimum, cell);
    } catch (error) {
      this.#cells.push(cell);
      const refusal = refusedError(id, request, error as InosError);
      const status = refusal.code === 'protocol/bad-ledger' ? 'failed' : 'out-of-budget';
      this.#finish(task, { ...NO_WORK, status, error: refusal });
      return;
    }
    task.reserved = budget;
    this.#running.add(task);
    const isWriter = request.crossings?.some(({ access }) => access === 'write') ?? false;
    if (isWriter) this.#writers++;
    const onEnded = (end: JobEnd<R>) => {
      if (isWriter) this.#writers--;
      this.#countBack(task);
      this.#settle(task, end, cell);
    };
    try {
      const stopped: Passage<R>['stopped'] = (status, reason) =>
        this.#stopped(task, status, reason);
      task.running = this.#engine.run({ id, request, message, stopped, onEnded });
    } catch (error) {
      if (isWriter) this.#writers--;
      this.#settle(task, { ...NO_WORK, status: 'failed', error }, cell);
      return;
    }
    this.#count(task, () => true);
  }

  /** Counts the bytes of the regions that have crossed. */
  #count(task: AnyBorderTask, hasCrossed: (crossing: Crossing) => boolean): void {
    for (const crossing of task.request.crossings ?? []) {
      if (!hasCrossed(crossing)) continue;
      task.bytesCopied += crossing.view.byteLength;
      this.countCopied(crossing.view.byteLength);
    }
  }

  #countBack(task: AnyBorderTask): void {
    this.#count(task, ({ access }) => access === 'write');
  }

  /** Whether a step has to wait for the ledger. */
  #isPutOff(owner: object, step: () => void): boolean {
    const { unsettled } = this.#kernel;
    return unsettled.isHeldUp && unsettled.putOff(owner, step);
  }

  #settle<R>(task: BorderTask<R>, end: JobEnd<R>, cell: Cell): void {
    if (this.#isPutOff(cell, () => this.#settle(task, end, cell))) return;
    this.#running.delete(task);
    const { account } = task.request;
    try {
      const { charged } = this.#verifier.settle(account, this.#operator(), cell, end.cost);
      this.#finish(task, end, charged);
    } catch (error) {
      // A ledger that can't move credits is the job's end, and no reason not to end it.
      this.#finish(task, { ...NO_WORK, status: 'failed', error });
    }
    this.#cells.push(cell);
    this.#kernel.options.onPaid(account);
    this.#pumpSoon();
  }

  #finish<R>(task: BorderTask<R>, end: JobEnd<R>, charged = 0): void {
    disarm(task);
    this.#ended[task.end(end, charged)]++;
    this.#kernel.tracer?.settledAtBorder(task, this.#number, end, this.#engine.isTraced);
    this.#units += end.units;
    this.#charged += charged;
    task.request.release();
    if (this.#inFlight === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Jobs that no thread has taken, on either side. */
  get #waiting(): number {
    return this.#queued + Math.max(0, this.#running.size - this.#engine.depth);
  }

  get #inFlight(): number {
    return this.#queued + this.#running.size;
  }

  get stats(): Pick<KernelStats, 'inFlight' | 'capsules'> {
    const capsule: CapsuleStats = {
      jobs: { ...this.#ended },
      units: BigInt(this.#units),
      charged: BigInt(this.#charged),
      queued: this.#waiting,
      ...this.#engine.vitals,
    };
    return { inFlight: this.#inFlight, capsules: { [this.#spec?.key ?? '']: capsule } };
  }

  /** A second call waits for the first, and may force it. */
  close(force: boolean): Promise<void> {
    this.isClosed = true;
    if (force) {
      this.#isForced = true;
      this.#cancelAll();
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
    }
    return (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    if (!this.#isForced && this.#inFlight > 0) {
      await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
    }
    await this.#engine.close(this.#isForced);
    for (const { words } of this.#cells.splice(0)) this.#sab.free(words);
  }

  #cancelAll(): void {
    for (const task of [...this.#queues.flat(), ...this.#running]) task.cancel(closedError());
  }
}

const NO_CHARGE = { units: 0n, charged: 0n };

/** Why a job was refused, as a capsule in shared memory says it. */
function refusedError(
  job: number,
  { budget, minimum }: JobRequest<unknown>,
  { code, message }: InosError,
): InosError {
  const details = { job, ...NO_CHARGE, budget: BigInt(budget), minimum: BigInt(minimum) };
  return new InosError(code, message, { details });
}
