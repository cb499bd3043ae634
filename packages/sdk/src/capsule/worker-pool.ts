/**
 * The workers of one memory's capsules.
 *
 * A worker whose thread has ended, even by a trap, is as good as new for the next one: only the WebAssembly instance
 * died. So a capsule that crashed is back within a millisecond.
 *
 * A worker keeps a core busy for some 25 ms before it is there. Where more capsules start at once than the machine has
 * cores to spare, they take turns on the first workers: a thread that has no job leaves its worker to the next, which
 * the worker knows already: this thread is busy then, compiling the modules of others. Meanwhile more come up, until
 * each thread has a worker of its own, which it keeps.
 */
import type { CapsuleThread, ThreadEvents, ThreadSharing } from '../kernel/supervisor.js';
import { takeEarly, takeWorker, workersAtOnce } from './early-workers.js';
import type { CapsuleWorker, ThreadTask, WorkerMessage } from './platform.js';
import { createTurn, take, type Turn } from './turns.js';

/** A worker. */
interface Lane {
  readonly worker: CapsuleWorker;
  /** The thread that it runs. */
  thread: PooledThread | undefined;
  /** The thread that it runs next, as soon as that one leaves: unless it is taken back before. */
  next: PooledThread | undefined;
  /** Hear that it has left its thread. */
  readonly onLeft: (() => void)[];
}

/** A capsule's thread. */
interface PooledThread {
  readonly task: ThreadTask;
  readonly events: ThreadEvents;
  /** How it is told to leave its worker to others; those that can't be never do. */
  readonly sharing: ThreadSharing | undefined;
  lane: Lane | undefined;
  /** Its turn on its worker. */
  turn: Turn | undefined;
  /** Whether its worker is its own. */
  isSettled: boolean;
  isKeptAlive: boolean;
}

/**
 * How long nobody's turn may end before more workers are started, and how long threads take turns at most: workers that
 * come up slow the first jobs down.
 */
const PATIENCE_MS = 20;
const LONGEST_PATIENCE_MS = 200;

/** Runs threads on workers, and keeps those for the next. */
export class WorkerPool {
  readonly #memory: object;
  readonly #lanes = new Set<Lane>();
  /** Threads without a worker: those that have jobs or have never run, and those that will when a job comes. */
  readonly #waiting = new Set<PooledThread>();
  readonly #resting = new Set<PooledThread>();
  #users = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #isPatient = true;
  /** Since when threads take turns. */
  #sharedSince: number | undefined;
  /** Whether a worker couldn't come up: then more are only started for those who wait. */
  #hasFailed = false;

  /** @param memory - whose early workers it uses */
  constructor(memory: object) {
    this.#memory = memory;
  }

  /** Counts those who run threads here. The last one's {@link close} ends the workers. */
  open(): this {
    this.#users++;
    return this;
  }

  /** Runs a capsule's thread. */
  run(task: ThreadTask, events: ThreadEvents, sharing?: ThreadSharing): CapsuleThread {
    const state = {
      lane: undefined,
      turn: undefined,
      isSettled: sharing === undefined,
      isKeptAlive: false,
    };
    const thread: PooledThread = { task, events, sharing, ...state };
    this.#waiting.add(thread);
    this.#assign();
    return {
      recall: () => {
        if (this.#forget(thread)) events.onLeft();
      },
      terminate: async () => {
        if (this.#forget(thread)) return;
        await this.#leaveNoNext(thread);
        const { lane } = thread;
        if (lane === undefined) return;
        this.#lanes.delete(lane);
        await lane.worker.terminate();
        this.#assign();
      },
      keepAlive: (isNeeded) => {
        thread.isKeptAlive = isNeeded;
        this.#hold();
      },
    };
  }

  /** Forgets a thread that no worker runs. False if one does. */
  #forget(thread: PooledThread): boolean {
    const { lane } = thread;
    const isTakenBack = lane?.next === thread && this.#takeNext(lane) !== undefined;
    const isWaiting = this.#waiting.delete(thread);
    return this.#resting.delete(thread) || isWaiting || isTakenBack;
  }

  /** Takes the thread from a worker that it runs next, unless that has begun. */
  #takeNext(lane: Lane): PooledThread | undefined {
    const { next } = lane;
    if (!next?.turn || !take(next.turn)) return undefined;
    lane.next = undefined;
    next.lane = undefined;
    return next;
  }

  /** Has the thread wait that a worker runs next, unless that has begun. */
  #putBackNext(lane: Lane): void {
    const next = this.#takeNext(lane);
    if (next) this.#waiting.add(next);
  }

  /**
   * Takes the next thread off the worker that runs this one, for good. Unless that has begun: then this one has left,
   * which is heard a little later.
   */
  async #leaveNoNext(thread: PooledThread): Promise<void> {
    thread.isSettled = true;
    const { lane } = thread;
    if (lane === undefined) return;
    this.#putBackNext(lane);
    if (lane.next !== undefined) await new Promise<void>((resolve) => lane.onLeft.push(resolve));
  }

  /** Gives the workers that are free to threads, first to those that wait, and tells the others who is next. */
  #assign(): void {
    const lanes = [...this.#lanes].filter(({ worker }) => worker.isUp);
    for (const lane of lanes) {
      if (lane.thread !== undefined) continue;
      const thread = this.#pick();
      if (thread === undefined) break;
      this.#enter(lane, thread);
      lane.thread = thread;
    }
    for (const lane of lanes) {
      if (lane.thread?.isSettled !== false || lane.next !== undefined) continue;
      const thread = [...this.#waiting].find(({ sharing }) => sharing !== undefined);
      if (thread === undefined) break;
      this.#enter(lane, thread);
      lane.next = thread;
    }
    for (const lane of this.#lanes) this.#tell(lane);
    this.#grow();
    this.#hold();
  }

  /** The thread that a free worker is for. */
  #pick(): PooledThread | undefined {
    const [waiting] = this.#waiting;
    if (waiting) return waiting;
    for (const lane of this.#lanes) {
      const next = this.#takeNext(lane);
      if (next) return next;
    }
    return [...this.#resting][0];
  }

  /** The threads that a worker runs next. */
  get #queued(): PooledThread[] {
    return [...this.#lanes].flatMap(({ next }) => next ?? []);
  }

  #enter(lane: Lane, thread: PooledThread): void {
    this.#waiting.delete(thread);
    this.#resting.delete(thread);
    thread.lane = lane;
    thread.turn = createTurn();
    lane.worker.run({ ...thread.task, turn: thread.turn });
  }

  /** Tells a thread on a worker whether others want it. */
  #tell({ thread, next }: Lane): void {
    if (thread?.isSettled !== false) return;
    thread.sharing?.leaveWhenIdle(next !== undefined || this.#waiting.size > 0);
  }

  #open(): void {
    const worker = takeWorker(this.#memory);
    const lane: Lane = { worker, thread: undefined, next: undefined, onLeft: [] };
    this.#lanes.add(lane);
    worker.onMessage = (message) => {
      this.#hear(lane, message);
    };
    void worker.lost.then((reason) => {
      this.#lanes.delete(lane);
      this.#hasFailed ||= !worker.isUp;
      this.#putBackNext(lane);
      (this.#leave(lane) ?? this.#disappointed(lane))?.events.onCrash(reason);
      this.#leave(lane)?.events.onCrash(reason);
      this.#assign();
    });
    // One that was started early may be there already.
    if (worker.isUp) {
      queueMicrotask(() => {
        this.#assign();
      });
    }
  }

  /** The thread that waited for a worker that never came up. */
  #disappointed({ worker }: Lane): PooledThread | undefined {
    const [thread] = worker.isUp ? [] : this.#waiting;
    if (thread) this.#forget(thread);
    return thread;
  }

  #hear(lane: Lane, message: WorkerMessage): void {
    if (message.kind === 'up') {
      lane.worker.isUp = true;
    } else if (message.kind === 'ready') {
      this.#settle();
      lane.thread?.events.onReady();
      return;
    } else {
      const thread = this.#leave(lane);
      if (message.kind === 'crashed') thread?.events.onCrash(message.error);
      else if (thread) this.#rest(thread);
    }
    if (this.#lanes.has(lane)) this.#assign();
  }

  /** Takes the thread off a worker that runs it no more. Its next one runs then. */
  #leave(lane: Lane): PooledThread | undefined {
    const { thread, next } = lane;
    lane.thread = next;
    lane.next = undefined;
    if (thread) thread.lane = undefined;
    for (const hear of lane.onLeft.splice(0)) hear();
    return thread;
  }

  /** A thread has left its worker: for good, or to others. */
  #rest(thread: PooledThread): void {
    if (thread.sharing === undefined || thread.sharing.isStopping) {
      thread.events.onLeft();
      return;
    }
    this.#resting.add(thread);
    thread.events.onRest(() => {
      if (!this.#resting.delete(thread)) return;
      this.#waiting.add(thread);
      this.#assign();
    });
  }

  /** When all have workers, each keeps its own. */
  #settle(): void {
    if (this.#waiting.size + this.#queued.length + this.#resting.size > 0) return;
    for (const { thread } of this.#lanes) if (thread) thread.isSettled = true;
  }

  /** Starts workers for threads that have none: some at once, more when they have taken turns for a while. */
  #grow(): void {
    const waiting = [...this.#waiting, ...this.#queued];
    const alone = waiting.filter(({ sharing }) => sharing === undefined).length;
    let sharers = waiting.length - alone + (this.#hasFailed ? 0 : this.#resting.size);
    if (sharers === 0) {
      this.#isPatient = true;
      this.#sharedSince = undefined;
    } else if (this.#isPatient && this.#isShared) {
      sharers = 0;
      this.#beImpatientSoon();
    }
    const wanted = alone + Math.min(sharers, workersAtOnce());
    for (let coming = this.#coming.length; coming < wanted; coming++) this.#open();
  }

  /** Workers that aren't there yet. */
  get #coming(): Lane[] {
    return [...this.#lanes].filter(({ worker }) => !worker.isUp);
  }

  /** Whether threads take turns on a worker. */
  get #isShared(): boolean {
    return [...this.#lanes].some(({ thread }) => thread?.isSettled === false);
  }

  #beImpatientSoon(): void {
    const now = performance.now();
    this.#sharedSince ??= now;
    const left = this.#sharedSince + LONGEST_PATIENCE_MS - now;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(
      () => {
        this.#isPatient = false;
        this.#assign();
      },
      Math.min(PATIENCE_MS, left),
    );
    (this.#patience as { unref?: () => void }).unref?.();
  }

  /** Keeps the process alive for workers as for the threads that they run, or that wait for them. */
  #hold(): void {
    const isAwaited = [...this.#waiting].some(({ isKeptAlive }) => isKeptAlive);
    for (const { worker, thread, next } of this.#lanes) {
      const isNeeded = thread?.isKeptAlive === true || next?.isKeptAlive === true;
      worker.keepAlive(worker.isUp ? isNeeded : isAwaited);
    }
  }

  /** Ends the workers, when nobody else runs threads here. */
  async close(): Promise<void> {
    if (--this.#users > 0) return;
    clearTimeout(this.#patience);
    const lanes = [...this.#lanes].filter(({ thread }) => thread === undefined);
    for (const lane of lanes) this.#lanes.delete(lane);
    const workers = [...lanes.map(({ worker }) => worker), ...takeEarly(this.#memory)];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

const pools = new WeakMap<object, WorkerPool>();

/** The workers of a memory's capsules. */
export function poolOf(memory: object): WorkerPool {
  const pool = pools.get(memory) ?? new WorkerPool(memory);
  pools.set(memory, pool);
  return pool.open();
}
