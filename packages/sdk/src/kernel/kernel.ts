/**
 * The kernel: queues jobs, flips the signals, settles credits, and sees that each job ends exactly once.
 */
import { BudgetVerifier } from '../credits/budget-verifier.js';
import type { Ledger, Settlement } from '../credits/ledger.js';
import { sdkError, type InosError } from '../errors.js';
import { hostEpochWord, JobState, Rings, StopReason } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import { Epoch } from '../signals/epoch.js';
import { Reactor } from '../signals/reactor.js';
import { CapsuleHost, refuseOverlap, type CapsuleSpec, type CapsuleStats } from './capsule-host.js';
import { Job } from './job.js';
import type {
  AdoptedKernel,
  KernelOptions,
  KernelStats,
  LoadSupervisor,
  Member,
} from './kernel-parts.js';
import { arm, disarm } from './limits.js';
import { adapt, CROWD, FORCE_MS, learn, lingerTime, NextTurn } from './waits.js';
import { recordBytes, RecordPool } from './record.js';
import type { Supervisor } from './supervisor.js';
import {
  closedError,
  stopError,
  Task,
  type AnyTask,
  type JobRequest,
  type TaskKernel,
} from './task.js';
import type { Tracer } from './trace/tracer.js';
import { Unsettled } from './unsettled.js';
import type { Watchdog } from './watchdog.js';

/** The kernel of one runtime. */
export class Kernel implements TaskKernel {
  readonly sab: SafeSAB;
  readonly ledger: Ledger;
  readonly #verifier: BudgetVerifier;
  readonly unsettled: Unsettled;
  /** What it was made with. */
  readonly options: KernelOptions;
  records: RecordPool;
  readonly hostEpoch: Epoch;
  readonly #reactor: Reactor;
  /** Notes what happens, if somebody shall: set before capsules are attached. */
  tracer: Tracer | undefined;
  /** The numbers of threads that are taken. */
  readonly takenThreads = new Set<number>();
  readonly #members: Member[] = [];
  /** What looks after capsules with a memory of their own. */
  readonly #borders: AdoptedKernel[] = [];
  /** Tells stuck jobs from slow ones: comes with what starts threads. */
  watchdog: Watchdog | undefined;
  /** The least of all capsules'. */
  #stuckAfterMs = Infinity;
  #idle: (() => void)[] = [];
  #roomWaiters: { readonly host: CapsuleHost; readonly resolve: () => void }[] = [];
  /** Whether it refuses new jobs. */
  isClosed = false;
  #closing: Promise<void> | undefined;
  /**
   * Watches from then on, if there still is something to watch for: so jobs that nobody awaits are settled too, and
   * those that are answered at once need no wake.
   */
  readonly #nextTurn = new NextTurn(() => {
    if (this.#unfinished === 0) return;
    this.watch();
    this.#guard();
  });
  #jobs = 0;
  #bytesCopied = 0;
  #unfinished = 0;

  constructor(sab: SafeSAB, ledger: Ledger, options: KernelOptions) {
    this.sab = sab;
    this.ledger = ledger;
    this.options = options;
    this.#verifier = new BudgetVerifier(sab, ledger);
    this.unsettled = new Unsettled(ledger);
    this.records = new RecordPool(sab);
    this.hostEpoch = new Epoch(sab, hostEpochWord());
    this.#reactor = new Reactor(sab, this.hostEpoch, () => this.drain(), options.mayBlock);
  }

  /** When the runtime began, in milliseconds since 1970. */
  get startedAt(): number {
    return performance.timeOrigin + this.options.zero;
  }

  /** Milliseconds since the runtime began. */
  now(): number {
    return performance.now() - this.options.zero;
  }

  /** Jobs that haven't ended. */
  get unfinished(): number {
    return this.#unfinished;
  }

  /** The jobs that wait, on either side, or are at work. */
  get tasks(): readonly AnyTask[] {
    return [...this.records.tasks, ...this.#members.flatMap(({ host }) => host.backlog.flat())];
  }

  /** What it has counted. */
  get stats(): KernelStats {
    const capsules: Record<string, CapsuleStats> = {};
    let inFlight = this.#unfinished;
    for (const { host, supervisor } of this.#members) {
      capsules[host.spec.key] = host.stats(supervisor?.vitals);
    }
    for (const { stats } of this.#borders) {
      inFlight += stats.inFlight;
      Object.assign(capsules, stats.capsules);
    }
    return { jobs: this.#jobs, bytesCopied: this.#bytesCopied, inFlight, capsules };
  }

  /** Counts and closes with its own what looks after a capsule that has a memory of its own. */
  adopt(border: AdoptedKernel): void {
    this.#borders.push(border);
  }

  /** The number of the next job. */
  takeJobNumber(): number {
    return ++this.#jobs;
  }

  /** Counts payload bytes that were copied into the shared memory. */
  countCopied(bytes: number): void {
    this.#bytesCopied += bytes;
  }

  /**
   * Adds a capsule. Its threads start with its first job.
   *
   * @throws InosError `capsule/region-overlap`
   */
  attach(spec: CapsuleSpec, load: LoadSupervisor): CapsuleHost {
    for (const { host } of this.#members) refuseOverlap(host.spec, spec);
    this.#stuckAfterMs = Math.min(this.#stuckAfterMs, spec.stuckAfterMs);
    const host = new CapsuleHost(this.sab, this.#verifier, this.#members.length, spec);
    const member: Member = { host, load };
    this.#members.push(member);
    this.tracer?.add(host.index, spec);
    return host;
  }

  /** A capsule by its number. */
  memberOf(capsule: number): Member {
    const member = this.#members[capsule];
    if (member === undefined) throw new RangeError(`capsule must be attached, got ${capsule}`);
    return member;
  }

  /** Starts a capsule's threads now rather than with its first job. */
  async start(capsule: number): Promise<void> {
    this.#requireOpen();
    await this.#start(this.memberOf(capsule));
  }

  /** Hears that a job for a capsule is about to come: what it needs may start meanwhile. */
  expect(capsule: number): void {
    const member = this.memberOf(capsule);
    if (!this.isClosed && !member.host.givenUp) this.restart(member);
  }

  /** Starts a capsule's threads again. What fails is told to its jobs. */
  restart(member: Member): void {
    this.#start(member).catch(() => undefined);
  }

  async #start(member: Member): Promise<void> {
    const supervisor = await (member.loading ??= this.#loadSupervisor(member));
    await supervisor.start();
  }

  /** What starts and restarts threads is loaded with the first job. */
  async #loadSupervisor(member: Member): Promise<Supervisor> {
    try {
      member.supervisor = await member.load(this, member);
    } catch (cause) {
      member.loading = undefined;
      const message = `what starts capsule ${member.host.spec.name} could not be loaded`;
      const error = sdkError('capsule/start-failed', message, { cause });
      this.failAll(member, error);
      throw error;
    }
    member.supervisor.keepAlive(this.#unfinished > 0);
    this.#guard();
    return member.supervisor;
  }

  #requireOpen(): void {
    if (this.isClosed) throw closedError();
  }

  /**
   * Queues a job.
   *
   * @throws InosError `runtime/closed`, `capsule/given-up`, `kernel/queue-full`, `memory/out-of-memory`: then nothing
   * was queued
   */
  submit<R>(request: JobRequest<R>): Job<R> {
    return new Job(this.submitTask(request));
  }

  /** As {@link submit}, for whoever looks after the job itself. */
  submitTask<R>(request: JobRequest<R>, id = this.takeJobNumber()): Task<R> {
    this.#requireOpen();
    const member = this.memberOf(request.plan.capsule);
    if (member.host.givenUp) throw member.host.givenUp;
    const record = this.records.acquire(recordBytes(request));
    const { tracer } = this;
    const isTraced = tracer?.allowance.takes() === true;
    record.write(request, isTraced ? id : 0);
    const task = new Task<R>(this, id, request, record);
    task.isTraced = isTraced;
    if (request.signal?.aborted === true) {
      this.#unfinished++;
      if (isTraced) tracer.queued(task);
      task.cancel(request.signal.reason);
      return task;
    }
    try {
      this.#enqueue(member.host, task);
    } catch (error) {
      tracer?.allowance.takeBack(isTraced);
      record.force(JobState.FREE);
      this.records.release(record);
      throw error;
    }
    if (isTraced) tracer.queued(task);
    this.#bytesCopied += request.bytesCopied;
    if (this.#unfinished++ === 0) this.#keepAlive(true);
    this.#nextTurn.plan();
    // A start that fails is told to every waiting job by `onStartFailed`.
    if (member.supervisor?.hasStarted !== true) this.restart(member);
    arm(task, this.#expire);
    return task;
  }

  #enqueue(host: CapsuleHost, task: AnyTask): void {
    const { priority, whenFull } = task.request;
    const queue = host.backlog[priority] ?? [];
    if (queue.length === 0 && this.place(host, task)) return;
    const { waiting } = host;
    const details = { capsule: host.spec.name, waiting };
    if (waiting === 0) this.options.events.emit('queue-full', details);
    if (whenFull === 'throw' || waiting >= this.options.backlogLimit) {
      const message = `the queue of capsule ${details.capsule} is full`;
      throw sdkError('kernel/queue-full', message, { details });
    }
    queue.push(task);
    host.waiting++;
  }

  /** Puts a job into its ring. False if that is full. */
  place(host: CapsuleHost, task: AnyTask): boolean {
    const { record } = task;
    record.tickets = 1;
    record.task = task;
    if (host.inboxes[task.request.priority]?.push(record.start, record.generation) !== true) {
      record.task = undefined;
      record.tickets = 0;
      return false;
    }
    host.inboxEpoch.bump();
    return true;
  }

  readonly #expire = (task: AnyTask): void => {
    this.stop(task, JobState.EXPIRED);
  };

  /** Ends a job early: at once if it waits, else by asking its threads. */
  stop(task: AnyTask, state: number): void {
    if (task.hasEnded) return;
    const { host } = this.memberOf(task.request.plan.capsule);
    if (task.record.endQueued(state)) {
      const queue = host.backlog[task.request.priority];
      const waiting = queue?.indexOf(task) ?? -1;
      if (waiting >= 0) {
        queue?.splice(waiting, 1);
        host.waiting--;
      }
      this.finish(host, task, state);
      return;
    }
    if (task.stopping === StopReason.NONE) task.stopping = state;
    task.record.requestStop(state);
    this.watch();
  }

  /** Takes all answers there are. Says whether there were any. */
  drain(): boolean {
    let hasAny = false;
    for (const { host } of this.#members) {
      const { outbox } = host;
      // It holds no more at once: who appends faster is heard in the next round.
      for (let taken = 0; taken < Rings.OUTBOX_CAPACITY && outbox.take(); taken++) {
        const record = this.records.at(outbox.takenOffset);
        const task = record?.task;
        // An entry that names no job of its capsule's in flight was written by nobody we know: it is ignored.
        if (task === undefined || record?.generation !== outbox.takenGeneration) continue;
        if (task.request.plan.capsule !== host.index) continue;
        const state = record.stateAtEnd;
        if (state < JobState.DONE || state > JobState.OUT_OF_BUDGET) continue;
        hasAny = true;
        this.finishAsTold(host, task, state);
      }
    }
    return hasAny;
  }

  /** As {@link finish}, for a job whose capsule says how it ended: only the host knows of stops. */
  finishAsTold(host: CapsuleHost, task: AnyTask, state: number): void {
    const isStop = state === JobState.CANCELLED || state === JobState.EXPIRED;
    if (!isStop || task.stopping !== StopReason.NONE) this.finish(host, task, state);
    else this.finish(host, task, JobState.FAILED, stopError(task.id));
  }

  /** Settles a job and ends it. `failure` is given for those whose capsule crashed: they pay nothing. */
  finish(host: CapsuleHost, task: AnyTask, state: number, failure?: InosError): void {
    if (this.unsettled.isHeldUp) {
      const again = () => this.finish(host, task, state, failure);
      if (this.unsettled.putOff(task, again)) return;
    }
    const { record, request } = task;
    record.task = undefined;
    disarm(task);
    const { units } = record;
    const { charged, refunded, fault } = this.#settle(host, task, units, failure);
    const final = fault ? JobState.FAILED : state;
    if (final === JobState.DONE) host.crashes = 0;
    const { pace } = request.plan;
    if (pace.lingerMicroseconds < 1) learn(pace, this.now() - task.submittedAt);
    const ended = task.end(final, units, charged + refunded, charged, failure ?? fault);
    host.count(ended, units, charged);
    request.release();
    this.records.release(record);
    this.refill(host);
    this.options.onPaid(request.account);
    if (--this.#unfinished > 0) return;
    this.#keepAlive(false);
    this.tracer?.rest();
    this.#tellIdle();
  }

  /** Moves a job's credits. A ledger that can't do so is the job's end, and no reason not to end it. */
  #settle(
    host: CapsuleHost,
    { record, request }: AnyTask,
    units: number,
    failure: InosError | undefined,
  ): Settlement & { readonly fault?: InosError } {
    // Refused jobs have reserved nothing.
    if (record.reserved === 0) return NOTHING;
    const cost = failure ? 0 : request.plan.price.cost(units);
    try {
      return this.#verifier.settle(request.account, host.spec.operator, record, cost);
    } catch (fault) {
      return { ...NOTHING, fault: fault as InosError };
    }
  }

  /** Puts jobs that wait on the host's side into rings that have room. */
  refill(host: CapsuleHost): void {
    if (host.waiting === 0 && this.#roomWaiters.length === 0) return;
    for (const queue of host.backlog) {
      let first = queue[0];
      while (first !== undefined && this.place(host, first)) {
        queue.shift();
        host.waiting--;
        first = queue[0];
      }
    }
    this.#roomWaiters = this.#roomWaiters.filter(({ host: { waiting }, resolve }) => {
      if (waiting === 0) resolve();
      return waiting > 0;
    });
  }

  /** Resolves when a capsule takes jobs without keeping them waiting on the host's side. */
  async room(capsule: number): Promise<void> {
    const { host } = this.memberOf(capsule);
    if (host.waiting === 0) return;
    this.watch();
    await new Promise<void>((resolve) => this.#roomWaiters.push({ host, resolve }));
  }

  /** Waits in place for a job whose method's answers come quickly. */
  linger(task: AnyTask): void {
    const { capsule, pace } = task.request.plan;
    // Where threads are only coming up the core is better left to them.
    if (pace.lingerMicroseconds < 1 || this.#members[capsule]?.supervisor?.isUp !== true) return;
    if (!this.#nextTurn.allowsWait()) return;
    if (this.#unfinished > CROWD) {
      // Answers come in crowds: they are taken together, by whoever is woken for the first.
      this.#reactor.poll();
      return;
    }
    adapt(pace, this.#reactor.linger(task, lingerTime(pace, this.options.mayBlock)));
  }

  /** Sees that answers are taken without anybody spinning. */
  watch(): void {
    if (!this.#nextTurn.isOwed) this.#reactor.watch(() => this.#unfinished > 0);
  }

  /** Sees that no job at work gets stuck. */
  #guard(): void {
    if (this.#unfinished > 0) this.watchdog?.start(this.#stuckAfterMs);
  }

  #keepAlive(isNeeded: boolean): void {
    for (const { supervisor } of this.#members) supervisor?.keepAlive(isNeeded);
  }

  /** Fails all jobs of a capsule that haven't ended; without an error cancels them. None of its threads may run. */
  failAll({ host }: Member, error?: InosError): void {
    const left = [...this.records.tasksOf(host.index), ...host.takeBacklog()];
    if (error) host.reset();
    const state = error ? JobState.FAILED : JobState.CANCELLED;
    for (const task of left) {
      task.record.tickets = 0;
      task.record.force(state);
      this.finish(host, task, state, error);
    }
  }

  /**
   * Ends the runtime: refuses new jobs, lets those there are end (or cancels them), then ends the threads.
   * A second call waits for the first, and may force it.
   */
  close(force: boolean): Promise<void> {
    this.isClosed = true;
    const borders = this.#borders.map((border) => border.close(force));
    if (force) {
      for (const task of this.tasks) task.cancel(closedError());
      // Jobs that don't hear the cancel end with their threads.
      const timer = setTimeout(() => this.#tellIdle(), FORCE_MS);
      this.#idle.push(() => clearTimeout(timer));
    }
    return (this.#closing ??= this.#end(borders));
  }

  #tellIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #end(borders: readonly Promise<void>[]): Promise<void> {
    if (this.#unfinished > 0) {
      this.watch();
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
    this.#tellIdle();
    const stops = this.#members.map(async ({ loading }) =>
      (await loading?.catch(() => undefined))?.stop(),
    );
    await Promise.all([...borders, ...stops]);
    this.drain();
    for (const member of this.#members) this.failAll(member);
    this.unsettled.takeAll();
    this.tracer?.end();
    // Lets a watch that still sleeps see that nothing is in flight.
    this.hostEpoch.bump();
  }
}

const NOTHING: Settlement = { charged: 0, refunded: 0 };
