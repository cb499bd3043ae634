/**
 * What the worker of a capsule does on pages that can't share memory: it is the capsule's host and its only thread.
 * Between two messages it enters the capsule's loop, which is left when no job waits.
 */
import { PriceTag } from '../../credits/price-list.js';
import { InosError } from '../../errors.js';
import type { CapsuleSpec } from '../../kernel/capsule-host.js';
import { Emitter } from '../../kernel/events.js';
import { Kernel } from '../../kernel/kernel.js';
import { supervise } from '../../kernel/supervise.js';
import type { CapsuleThread, ThreadEvents, ThreadLauncher } from '../../kernel/supervisor.js';
import type { JobRequest, Task } from '../../kernel/task.js';
import { Tracer } from '../../kernel/trace/tracer.js';
import { capsuleWord, CapsuleStop, CapsuleWords } from '../../memory/layout.js';
import type { SharedArray } from '../../memory/region.js';
import type { SafeSAB } from '../../memory/safe-sab.js';
import { loadCapsule } from '../launcher.js';
import { compileAt } from '../fetched-wasm.js';
import { createThread } from '../worker-main.js';
import { bytesOf, copyIn } from './copies.js';
import type { FinalStatus } from './engine.js';
import type { LoneMessage, LoneTask, ToldEnd, ToldError, ToldJob } from './lone-messages.js';
import { beginAnew } from './new-life.js';
import { OwnSab } from './own-sab.js';
import { PlayLedger } from './play-ledger.js';

type OpenTask = Extract<LoneTask, { kind: 'open' }>;

/** What a done job left. */
interface Left {
  readonly output: Uint8Array<ArrayBuffer>;
  readonly result: Uint8Array<ArrayBuffer>;
}

/** A capsule's failure by its number: what it means is known on the other side. */
class NumberedFailure extends Error {
  readonly number: number;

  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

type ThreadLoad = (signal: AbortSignal) => Promise<WebAssembly.Module>;

/** Runs a capsule's only thread on this one. */
class OwnThread implements ThreadLauncher {
  readonly awaits = 'its module';
  readonly #sab: SafeSAB;
  readonly #load: ThreadLoad;
  #module: WebAssembly.Module | undefined;
  #thread: { readonly enter: () => void; readonly events: ThreadEvents } | undefined;

  constructor(sab: SafeSAB, load: ThreadLoad) {
    this.#sab = sab;
    this.#load = load;
  }

  async prepare(signal: AbortSignal): Promise<void> {
    this.#module ??= await this.#load(signal);
  }

  launch(start: Parameters<ThreadLauncher['launch']>[0], events: ThreadEvents): CapsuleThread {
    if (this.#module === undefined) throw new Error('prepare() comes before launch()');
    const task = { ...start, module: this.#module, memory: this.#sab.memory };
    createThread(task).then(
      (enter) => {
        this.#thread = { enter, events };
        events.onReady();
        this.turn();
      },
      (error: unknown) => {
        events.onCrash(error);
      },
    );
    return { terminate: () => Promise.resolve(), keepAlive: () => undefined };
  }

  /** Lets the capsule do all jobs that wait. */
  turn(): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    Atomics.store(this.#sab.words, capsuleWord(0) + CapsuleWords.STOP, CapsuleStop.WHEN_IDLE);
    try {
      thread.enter();
    } catch (error) {
      this.#thread = undefined;
      thread.events.onCrash(error);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The capsule's host in its worker. */
export class LoneHost {
  readonly #post: (message: LoneMessage) => void;
  readonly #sab: OwnSab;
  readonly #ledger: PlayLedger;
  readonly #kernel: Kernel;
  readonly #thread: OwnThread;
  readonly #account: number;
  readonly #spec: CapsuleSpec;

  constructor(task: OpenTask, post: (message: LoneMessage) => void) {
    this.#post = post;
    this.#sab = OwnSab.create({ maximumBytes: task.maximumBytes });
    this.#ledger = new PlayLedger(this.#sab);
    this.#ledger.found();
    this.#account = this.#ledger.open();
    const { isTracing, spec, source } = task;
    this.#spec = spec;
    this.#kernel = new Kernel(this.#sab, this.#ledger, {
      backlogLimit: 0,
      zero: task.startedAt - performance.timeOrigin,
      mayBlock: true,
      events: this.#emitter(),
      onPaid: () => undefined,
      onCrashed: ({ host }) => {
        beginAnew({ sab: this.#sab, ledger: this.#ledger, kernel: this.#kernel }, host, 1);
      },
    });
    if (isTracing) this.#kernel.tracer = new Tracer(this.#sab, this.#kernel);
    this.#thread = new OwnThread(this.#sab, (signal) =>
      loadCapsule({ ...spec, source, compileAt }, signal),
    );
    const own = { ...spec, threads: 1, operator: 0, stuckAfterMs: Infinity };
    this.#kernel.attach(own, (kernel, member) =>
      Promise.resolve(supervise(kernel, member, this.#thread)),
    );
  }

  #emitter(): Emitter {
    const events = new Emitter();
    events.on('capsule-restarted', ({ error, crashes, pauseMs }) => {
      this.#post({ kind: 'crashed', error: tell(error), crashes, pauseMs });
    });
    events.on('capsule-given-up', ({ error, crashes }) => {
      this.#post({ kind: 'given-up', error: tell(error), crashes });
    });
    return events;
  }

  /** Starts the capsule. */
  async start(): Promise<void> {
    try {
      await this.#kernel.start(0);
      this.#post({ kind: 'started', error: undefined });
    } catch (error) {
      this.#post({ kind: 'started', error: tell(error) });
    }
  }

  /** Runs a job and says how it ended. */
  run(job: ToldJob): void {
    const copies: SharedArray[] = [];
    const end = (task: Task<Left>) => {
      // Copies that aren't shared, as only such bytes may be sent.
      const written = copies
        .filter((_, index) => job.regions[index]?.isWritten)
        .map((copy) => bytesOf(copy).slice());
      this.#post({ kind: 'ended', ...this.#endOf(task), written });
      for (const copy of copies) this.#sab.arena.free(copy.byteOffset);
    };
    try {
      for (const region of job.regions) copies.push(copyIn(this.#sab, region, job.message));
      this.#ledger.fund(this.#account, job.budget);
      const task: Task<Left> = this.#kernel.submitTask(this.#requestOf(job), job.id);
      const onEnd = () => {
        end(task);
      };
      task.whenEnded(onEnd, onEnd);
    } catch (error) {
      for (const copy of copies) this.#sab.arena.free(copy.byteOffset);
      this.#post({ kind: 'ended', ...NOTHING, ...this.#vitals, id: job.id, error: tell(error) });
      return;
    }
    this.#thread.turn();
  }

  #requestOf({ message, ...job }: ToldJob): JobRequest<Left> {
    return {
      plan: {
        capsule: 0,
        method: job.method,
        outputBytes: job.outputBytes,
        resultBytes: job.resultBytes,
        price: this.#priceOf(job.method),
        pace: { lingerMicroseconds: 0 },
        toError: (code, text) => new NumberedFailure(code, text) as unknown as InosError,
      },
      message: {
        byteLength: message.byteLength,
        writeTo: (target, offset) => {
          target.set(message, offset);
        },
      },
      account: this.#account,
      threads: 1,
      budget: job.budget,
      minimum: job.minimum,
      priority: 1,
      deadlineMs: undefined,
      signal: undefined,
      whenFull: 'wait',
      bytesCopied: 0,
      decode: (left) => ({ output: left.output(), result: left.result() }),
      release: () => undefined,
    };
  }

  /** Only what can be sent of a price came here: its numbers. */
  #priceOf(method: number): PriceTag {
    const { base = 0, price = 0, units = 1 } = this.#spec.prices[method] ?? {};
    const numbers = { base: BigInt(base), price: BigInt(price), units: BigInt(units) };
    return new PriceTag('price', { ...numbers, unit: 'unit' });
  }

  get #vitals(): Pick<ToldEnd, 'pages' | 'restarts'> {
    const { pages = 0, restarts = 0 } = Object.values(this.#kernel.stats.capsules)[0] ?? {};
    return { pages, restarts };
  }

  #endOf(task: Task<Left>): Omit<ToldEnd, 'written'> {
    const { units, charged } = task.usage;
    const end: { -readonly [K in keyof Omit<ToldEnd, 'written'>]: ToldEnd[K] } = {
      ...NOTHING,
      ...this.#vitals,
      id: task.id,
      status: task.status as FinalStatus,
      units: Number(units),
      cost: Number(charged),
      fraction: task.progress.fraction,
      steps: task.steps,
    };
    task.whenEnded(
      ({ output, result }) => {
        Object.assign(end, { output, result });
      },
      (error: unknown) => {
        if (error instanceof NumberedFailure)
          end.failure = { code: error.number, message: error.message };
        else end.error = tell(error);
      },
    );
    return end;
  }
}

const NO_BYTES = new Uint8Array(0);
const NOTHING: Omit<ToldEnd, 'id' | 'pages' | 'restarts'> = {
  status: 'failed',
  units: 0,
  cost: 0,
  fraction: 0,
  steps: {},
  output: NO_BYTES,
  result: NO_BYTES,
  failure: undefined,
  error: undefined,
  written: [],
};

function tell(error: unknown): ToldError {
  const message = error instanceof Error ? error.message : String(error);
  const isOurs = error instanceof InosError;
  const cause = isOurs && error.cause !== undefined ? tell(error.cause) : undefined;
  return {
    code: isOurs ? error.code : undefined,
    message,
    details: isOurs ? error.details : {},
    cause,
  };
}
