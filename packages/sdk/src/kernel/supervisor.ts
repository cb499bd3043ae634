/**
 * Starts, stops and restarts a capsule's threads.
 *
 * A thread that traps may have held any lock of its module, so a crash ends the whole capsule: its threads are
 * told to leave, what they owned is reclaimed, its static region is zeroed, and it starts afresh.
 */
import type { Ledger } from '../credits/ledger.js';
import { sdkError, type InosError } from '../errors.js';
import {
  capsuleWord,
  CapsuleStop,
  CapsuleWords,
  Layout,
  PageWords,
  ThreadState,
  ThreadWords,
  threadWord,
  TraceKind,
} from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import type { CapsuleHost, Vitals } from './capsule-host.js';
import { Sharing } from './sharing.js';
import { takeThread } from './thread-numbers.js';
import type { ClockZero } from './trace/clock-zero.js';
import type { Tracer } from './trace/tracer.js';

/** What a thread needs to begin. */
export interface ThreadStart {
  readonly capsule: number;
  readonly thread: number;
  /** One past the stack's highest byte: the stack grows down from here. */
  readonly stackTop: number;
  /** The lowest address that its stack pointer may have. */
  readonly stackLimit: number;
  /** Where its thread-local storage lies, and how much room there is. */
  readonly tlsOffset: number;
  readonly tlsBytes: number;
  /** Where the capsule's static region begins, and one past it. */
  readonly staticStart: number;
  readonly staticEnd: number;
  /** When the runtime began, if the capsule shall note when steps happen. */
  readonly zero: ClockZero | undefined;
}

/** What happens to a thread. */
export interface ThreadEvents {
  /** It has entered its loop. */
  onReady(): void;
  /** It has left its loop because it was told to. */
  onLeft(): void;
  /** It has left its loop because others wait for its worker and no job for it; `enter` has it enter it again. */
  onRest(enter: () => void): void;
  /** It died. */
  onCrash(error: unknown): void;
}

/** How a thread is told to leave its worker to others. */
export interface ThreadSharing {
  /** Whether it shall leave when no job waits. */
  leaveWhenIdle(isWanted: boolean): void;
  /** Whether it is told to leave for good. */
  readonly isStopping: boolean;
}

/** A running thread. */
export interface CapsuleThread {
  /** Should it rest, or wait for a worker, then it has left. */
  recall?(): void;
  /** Ends it, wherever it is. Resolves when it has ended; at once if it has. */
  terminate(): Promise<void>;
  /** Whether the process should stay alive for it. */
  keepAlive(isNeeded: boolean): void;
}

/** Loads a capsule's module once and runs its threads. */
export interface ThreadLauncher {
  /** What {@link prepare} waits for, for messages. */
  readonly awaits: string;
  /** Compiles the module and checks it, unless it is told to stop before. */
  prepare(signal: AbortSignal): Promise<void>;
  /** @param sharing - if the thread may share its worker with others while those start */
  launch(start: ThreadStart, events: ThreadEvents, sharing?: ThreadSharing): CapsuleThread;
  /** Lets go of all that it keeps for later threads. */
  close(): Promise<void>;
}

/** What the supervisor tells the kernel. */
export interface SupervisorEvents {
  /** The capsule could not be started. */
  onStartFailed(error: InosError): void;
  /** The capsule died: its threads are gone, its memory is free. */
  onCrashed(error: InosError, culprit: number): void;
  /** The capsule died, and a thread of it couldn't be ended: what it has can't be given to others. */
  onLost(error: InosError, culprit: number): void;
}

interface Member {
  readonly index: number;
  readonly thread: CapsuleThread;
  hasEnded: boolean;
}

/** Below each stack: what overflows it a little hurts nobody and is noticed by the guard value there. */
const GUARD_BYTES = Layout.PAGE_BYTES;
/** What compiled functions that call no other use below the stack pointer, without lowering it. */
const RED_ZONE_BYTES = 128;
const STACK_BYTES = 2 ** 20;
const TLS_BYTES = Layout.PAGE_BYTES;
/** How long threads that are told to leave may take before they are terminated, unless their capsule says. */
const GRACE_MS = 50;
/**
 * How long a thread that is terminated may take to be gone. Chromium lets WebAssembly run on for two seconds; engines
 * that can't end an endless loop never say so.
 */
const LONGEST_END_MS = 6000;
/** In how many parts that time passes: one at most while this thread stands still and can't hear of the end. */
const LOOKS_FOR_END = 6;

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly sab: SafeSAB;
  readonly ledger: Ledger;
  readonly host: CapsuleHost;
  readonly launcher: ThreadLauncher;
  /** The numbers of the runtime's threads that are taken. */
  readonly takenThreads: Set<number>;
  /** Notes what happens, if somebody shall: then threads are given a clock. */
  readonly tracer: Tracer | undefined;
}

/** Keeps one capsule's threads. */
export class Supervisor {
  readonly #sab: SafeSAB;
  readonly #host: CapsuleHost;
  readonly #parts: SupervisorParts;
  readonly #events: SupervisorEvents;
  #members: Member[] = [];
  #starting: Promise<void> | undefined;
  #isEnding = false;
  /** Whether it has ever started. */
  #hasRun = false;
  #isStopped = false;
  /** Whether a thread of it couldn't be ended. */
  #isLost = false;
  /** Whether all its threads have entered their loops. */
  #isUp = false;
  #isKeptAlive = false;
  /** How many of its own doings need the process alive. */
  #holds = 0;
  #wake: () => void = () => undefined;
  /** How long to wait before the next start. */
  #pauseMs = 0;
  /** Ends the start that is under way, if there is one: with an error, or for good. */
  #quit = new AbortController();
  /** What the start under way waits for. */
  #awaits: (() => string) | undefined;
  /** Has its thread enter the loop again that it left to others. */
  #enterAgain: (() => void) | undefined;

  constructor(parts: SupervisorParts, events: SupervisorEvents) {
    this.#sab = parts.sab;
    this.#host = parts.host;
    this.#parts = parts;
    this.#events = events;
  }

  /** Whose its pages are. */
  get #owner(): number {
    return this.#host.index + 1;
  }

  /** Whether the threads are in their loops, or will be, without being called. */
  get hasStarted(): boolean {
    return this.#starting !== undefined && this.#enterAgain === undefined;
  }

  /** Starts the threads, if they aren't. Resolves when all are in their loops. */
  start(): Promise<void> {
    this.#enterAgain?.();
    this.#enterAgain = undefined;
    this.#starting ??= this.#startAlive().catch(async (cause: unknown) => {
      if (this.#hasRun && !this.#quit.signal.aborted) {
        // What has worked before is not wrong, it died: its jobs wait for the next start.
        await this.#restart(this.#crash(cause), 0);
        return;
      }
      const message = `capsule ${this.#host.spec.name} could not be started`;
      const error = sdkError('capsule/start-failed', `${message}: ${messageOf(cause)}`, { cause });
      if (await this.#endLife(error, 0)) this.#events.onStartFailed(error);
      throw error;
    });
    return this.#starting;
  }

  /** Nothing else would keep the process alive while nobody has submitted a job. */
  async #startAlive(): Promise<void> {
    this.#holds++;
    const { signal } = (this.#quit = new AbortController());
    const end = new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => {
        if (this.#isStopped) resolve();
        else reject(signal.reason as InosError);
      });
    });
    try {
      // What never comes holds up nobody.
      await Promise.race([this.#start(signal), end]);
    } finally {
      this.#awaits = undefined;
      this.#holds--;
      this.#applyKeepAlive();
    }
  }

  async #start(signal: AbortSignal): Promise<void> {
    const { launcher } = this.#parts;
    this.#awaits = () => launcher.awaits;
    await Promise.all([launcher.prepare(signal), this.#pause(signal)]);
    if (this.#isEnding || signal.aborted) return;
    const { threads } = this.#host.spec;
    this.#awaits = () => `its threads (${this.#runningThreads} of ${threads} are there)`;
    const ready: Promise<void>[] = [];
    for (let count = 0; count < threads; count++) ready.push(this.#launch());
    await Promise.all(ready);
    if (signal.aborted) return;
    this.#hasRun = true;
    this.#isUp = true;
    const { index, generation } = this.#host;
    this.#parts.tracer?.note(TraceKind.READY, index, 0, generation);
  }

  /** Whether all its threads have entered their loops, and none is being ended. */
  get isUp(): boolean {
    return this.#isUp && !this.#isEnding;
  }

  /** Has the next start wait. */
  delayStart(milliseconds: number): void {
    this.#pauseMs = milliseconds;
  }

  /** What its start waits for, if it is starting: another text whenever something has come. */
  get awaits(): string | undefined {
    return this.#awaits?.();
  }

  /** Gives up the start that is under way, if there is one. */
  failStart(error: Error): void {
    this.#quit.abort(error);
  }

  /** Waits as long as it was told to, unless the start is ended meanwhile. */
  async #pause(signal: AbortSignal): Promise<void> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = 0;
    if (pauseMs === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #launch(): Promise<void> {
    const index = takeThread(this.#parts.takenThreads);
    let start: ThreadStart;
    try {
      start = this.#layOut(index);
    } catch (error) {
      this.#parts.takenThreads.delete(index);
      throw error;
    }
    const host = this.#host;
    const sharing = host.spec.threads === 1 ? new Sharing(this.#sab.words, host) : undefined;
    return new Promise((resolve, reject) => {
      let isReady = false;
      const events: ThreadEvents = {
        onReady: () => {
          isReady = true;
          // Its only thread has come back.
          this.#isUp = this.#hasRun && sharing !== undefined;
          resolve();
        },
        onLeft: () => {
          member.hasEnded = true;
          this.#wake();
          resolve();
        },
        onRest: (enter) => {
          this.#isUp = false;
          if (host.inboxes.some((inbox) => inbox.length > 0)) enter();
          else this.#enterAgain = enter;
        },
        onCrash: (error) => {
          if (member.hasEnded) return;
          member.hasEnded = true;
          this.#wake();
          if (this.#isEnding) resolve();
          else if (isReady) void this.#restart(this.#failure(index, error), this.#recordOf(index));
          else reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      const member: Member = {
        index,
        hasEnded: false,
        thread: this.#parts.launcher.launch(start, events, sharing),
      };
      member.thread.keepAlive(true);
      this.#members.push(member);
    });
  }

  /** Gives a thread a stack with a guard at its end, thread-local storage, and an empty block. */
  #layOut(index: number): ThreadStart {
    const { pages, words } = this.#sab;
    const host = this.#host;
    const { staticOffset, staticBytes } = host.spec;
    const count = (GUARD_BYTES + STACK_BYTES + TLS_BYTES) / Layout.PAGE_BYTES;
    const { page } = pages.take(this.#owner, host.generation, PageWords.KIND_HEAD, count);
    Atomics.add(words, capsuleWord(host.index) + CapsuleWords.OWNED_PAGES, count);
    const stackLow = page * Layout.PAGE_BYTES + GUARD_BYTES;
    const guardLow = stackLow - ThreadWords.STACK_GUARD_WORDS * 4;
    const guard = new Uint32Array(this.#sab.buffer, guardLow, ThreadWords.STACK_GUARD_WORDS);
    guard.fill(ThreadWords.STACK_GUARD);
    const tlsOffset = stackLow + STACK_BYTES;
    const block = threadWord(index);
    const traceTail = words[block + ThreadWords.TRACE_TAIL] ?? 0;
    words.fill(0, block, block + ThreadWords.STRIDE_BYTES / 4);
    words[block + ThreadWords.TRACE_TAIL] = traceTail;
    Atomics.store(words, block + ThreadWords.CAPSULE, host.index);
    Atomics.store(words, block + ThreadWords.STACK_LOW, stackLow);
    return {
      capsule: host.index,
      thread: index,
      stackTop: tlsOffset,
      stackLimit: stackLow + RED_ZONE_BYTES,
      tlsOffset,
      tlsBytes: TLS_BYTES,
      staticStart: staticOffset,
      staticEnd: staticOffset + staticBytes,
      zero: this.#parts.tracer?.zero,
    };
  }

  /** Whether the process should stay alive for the threads: while there is work. */
  keepAlive(isNeeded: boolean): void {
    if (this.#isKeptAlive === isNeeded) return;
    this.#isKeptAlive = isNeeded;
    this.#applyKeepAlive();
  }

  #applyKeepAlive(): void {
    const isNeeded = this.#isKeptAlive || this.#holds > 0;
    for (const { thread } of this.#members) thread.keepAlive(isNeeded);
  }

  /** Ends all threads: they may finish the job they work on, unless that takes too long. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#isEnding = true;
    this.#holds++;
    this.#applyKeepAlive();
    this.#quit.abort();
    await this.#starting?.catch(() => undefined);
    await this.#end();
    await isOverWithin(LONGEST_END_MS, this.#parts.launcher.close());
  }

  async #end(): Promise<void> {
    if (this.#isLost) return;
    this.#isEnding = true;
    const { index, inboxEpoch, spec } = this.#host;
    Atomics.store(this.#sab.words, capsuleWord(index) + CapsuleWords.STOP, CapsuleStop.NOW);
    inboxEpoch.bump(spec.threads);
    this.#enterAgain = undefined;
    for (const { thread } of this.#members) thread.recall?.();
    const deadline = performance.now() + (spec.graceMs ?? GRACE_MS);
    while (this.#members.some((member) => !member.hasEnded) && performance.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - performance.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    for (const { index } of this.#members) this.#parts.ledger.condemn(index + 1);
    const ends = Promise.all(this.#members.map(({ thread }) => thread.terminate()));
    this.#isLost = !(await isOverWithin(LONGEST_END_MS, ends));
    if (this.#isLost) {
      // It may still write where it wrote: its pages and its number stay its own. Nobody waits for it.
      for (const { thread } of this.#members) thread.keepAlive(false);
      return;
    }
    for (const { index } of this.#members) {
      this.#parts.ledger.recover(index + 1);
      this.#parts.takenThreads.delete(index);
    }
    this.#members = [];
    this.#isUp = false;
    const { pages } = this.#sab;
    pages.reclaim(this.#owner, this.#host.generation);
  }

  /** The record that a thread works on. */
  #recordOf(thread: number): number {
    return Atomics.load(this.#sab.words, threadWord(thread) + ThreadWords.JOB);
  }

  /** Ends the capsule's life because of one of its jobs. */
  fail(error: InosError, record: number): void {
    if (!this.#isEnding) void this.#restart(error, record);
  }

  async #restart(error: InosError, record: number): Promise<void> {
    if (await this.#endLife(error, record)) this.#events.onCrashed(error, record);
  }

  /** Ends all threads and leaves nothing of what they had, not even of a first start. False if there is no next life. */
  async #endLife(error: InosError, record: number): Promise<boolean> {
    await this.#end();
    if (this.#isStopped) return false;
    if (this.#isLost) {
      this.#events.onLost(error, record);
      return false;
    }
    const { staticOffset, staticBytes } = this.#host.spec;
    new Uint8Array(this.#sab.buffer, staticOffset, staticBytes).fill(0);
    this.#isEnding = false;
    this.#starting = undefined;
    return true;
  }

  #failure(thread: number, cause: unknown): InosError {
    const { words, buffer } = this.#sab;
    const block = threadWord(thread);
    const length = Math.min(
      Atomics.load(words, block + ThreadWords.PANIC_BYTES),
      ThreadWords.PANIC_CAPACITY,
    );
    if (length === 0) return this.#crash(cause);
    const { name } = this.#host.spec;
    const text = new Uint8Array(length);
    text.set(new Uint8Array(buffer, (block + ThreadWords.PANIC_TEXT) * 4, length));
    const panic = new TextDecoder().decode(text);
    return sdkError('capsule/panicked', `capsule ${name} panicked: ${panic}`, {
      details: { capsule: name, panic },
      cause,
    });
  }

  #crash(cause: unknown): InosError {
    const capsule = this.#host.spec.name;
    const message = `capsule ${capsule} crashed: ${messageOf(cause)}`;
    return sdkError('capsule/crashed', message, { details: { capsule }, cause });
  }

  /** What is told of its threads. */
  get vitals(): Vitals {
    const threads = this.#runningThreads;
    return { threads, state: this.#stateWith(threads) };
  }

  #stateWith(threads: number): Vitals['state'] {
    const { givenUp, spec } = this.#host;
    if (givenUp) return 'given-up';
    if (this.#isStopped || !this.hasStarted) return 'idle';
    if (!this.#isEnding && threads === spec.threads) return 'running';
    const hasCrashed = this.#hasRun && (this.#isEnding || this.#host.crashes > 0);
    return hasCrashed ? 'restarting' : 'starting';
  }

  /** How many threads are in their loops. */
  get #runningThreads(): number {
    return this.#members.filter(({ index }) => {
      const state = Atomics.load(this.#sab.words, threadWord(index) + ThreadWords.STATE);
      return state === ThreadState.RUNNING;
    }).length;
  }
}

/** Whether something is over before the time is. */
async function isOverWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setInterval> | undefined;
  let looks = 0;
  const late = new Promise<boolean>((resolve) => {
    timer = setInterval(() => {
      if (++looks === LOOKS_FOR_END) resolve(false);
    }, milliseconds / LOOKS_FOR_END);
  });
  const isOver = await Promise.race([work.then(() => true), late]);
  clearInterval(timer);
  return isOver;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
