/**
 * The runtime that users hold: one memory, its capsules, their credits.
 */
import { RUNTIME_OPTIONS, type ApiOf, type CapsuleHandle } from './capsule/define-capsule.js';
import { platform } from './capsule/platform.js';
import { Credits } from './credits/credits.js';
import { Ledger } from './credits/ledger.js';
import { requireInteger, requireOptions, wrongType } from './errors.js';
import { Emitter, type InosEvents } from './kernel/events.js';
import { Kernel } from './kernel/kernel.js';
import type { KernelStats } from './kernel/kernel-parts.js';
import type { TracingOptions } from './kernel/trace/allowance.js';
import type { TraceEvent, TraceOptions } from './kernel/trace/trace-event.js';
import { Layout } from './memory/layout.js';
import type { LeakReport } from './memory/leak-detector.js';
import { SafeSAB, type SafeSABOptions } from './memory/safe-sab.js';

/** Capsules by the names under which the runtime offers them. */
export type Capsules = Readonly<Record<string, CapsuleHandle<unknown>>>;

/** Options of a runtime's memory. */
export interface MemoryOptions extends SafeSABOptions {
  /**
   * For debugging: what to do with arrays that are dropped without being freed, as {@link SafeSAB.detectLeaks}.
   * @default nothing: they aren't looked for
   */
  readonly leaks?: LeakReport;
}

/** Options of {@link createInos}. */
export interface InosOptions<C extends Capsules> {
  /** The capsules to run, such as `{ mining: mining({ threads: 4 }) }`. */
  readonly capsules: C;
  /** Options of the shared memory. */
  readonly memory?: MemoryOptions;
  /**
   * Micro-credits that the default account starts with.
   * @default 1_000_000_000_000n
   */
  readonly credits?: bigint;
  /**
   * How many jobs of a capsule may wait on the host's side when its rings are full; beyond that submitting
   * throws `kernel/queue-full`.
   * @default 16384
   */
  readonly backlogLimit?: number;
  /**
   * Whether host and capsules note what happens to jobs, for {@link Inos.trace} and `job.steps`: to each of up to
   * 16,000 a second, or to as many as `{ jobsPerSecond }` says.
   * @default false
   */
  readonly tracing?: boolean | TracingOptions;
}

/** Options of {@link Inos.close}. */
export interface CloseOptions {
  /**
   * Cancels the jobs that haven't ended instead of waiting for them.
   * @default false
   */
  readonly force?: boolean;
}

const DEFAULT_CREDITS = 1_000_000_000_000n;
const DEFAULT_BACKLOG = 16_384;
/** Where engines that lack the symbol look for it. */
const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** A runtime. Make one with {@link createInos}. */
export class Inos {
  /** The shared memory: allocate inputs here and nothing is copied. */
  readonly memory: SafeSAB;
  /** Accounts and their micro-credits. */
  readonly credits: Credits;
  readonly #kernel: Kernel;
  readonly #events: Emitter;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(memory: SafeSAB, credits: Credits, kernel: Kernel, events: Emitter) {
    this.#events = events;
    this.memory = memory;
    this.credits = credits;
    this.#kernel = kernel;
  }

  /** What the runtime has counted. */
  get stats(): KernelStats {
    return this.#kernel.stats;
  }

  /**
   * Calls `listener` with each event of a name, in a microtask of its own, until the function that is returned is
   * called.
   *
   * @example
   * ```ts
   * const stop = inos.on('capsule-restarted', ({ capsule, error }) => console.warn(capsule, error.message));
   * ```
   */
  on<K extends keyof InosEvents>(type: K, listener: (event: InosEvents[K]) => void): () => void {
    if (typeof listener !== 'function') throw wrongType('listener', 'a function', listener);
    return this.#events.on(type, listener);
  }

  /**
   * Follows what happens to jobs and capsules, for runtimes that are made with `tracing`: until it is left, its signal is
   * aborted or the runtime is closed. Who follows too slowly loses the oldest events, and is told how many. Of jobs that
   * come faster than they are traced, only how many there were is told.
   *
   * @throws TypeError if the runtime doesn't trace
   * @example
   * ```ts
   * for await (const event of inos.trace()) if (event.kind === 'settled') console.log(event.job, event.outcome);
   * ```
   */
  trace(options: TraceOptions = {}): AsyncIterableIterator<TraceEvent> {
    const { tracer } = this.#kernel;
    if (tracer === undefined) throw wrongType('tracing, given to createInos(),', 'true', false);
    return tracer.follow(options);
  }

  /** When the runtime began, in milliseconds since 1970: the zero of `job.steps` and of events' times. */
  get startedAt(): number {
    return this.#kernel.startedAt;
  }

  /** Waits for all jobs (or cancels them) and ends all threads. Idempotent: a later call may still force it. */
  close(options: CloseOptions = {}): Promise<void> {
    const closed = this.#kernel.close(requireOptions('options', options, ['force']).force ?? false);
    // All of the memory goes with the runtime: what is dropped now is no leak.
    return (this.#closing ??= closed.then(() => {
      this.#events.emit('closed', {});
      return this.memory.detectLeaks();
    }));
  }

  /** As {@link close}, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Makes a runtime.
 *
 * @throws TypeError, RangeError for wrong options
 * @throws InosError `runtime/unsupported`, `memory/out-of-memory`, `capsule/region-overlap`, `credits/insufficient`
 * @example
 * ```ts
 * await using inos = await createInos({ capsules: { mining: mining({ threads: 4 }) }, credits: 1_000_000n });
 * const digest = await inos.mining.hash('blake3', new TextEncoder().encode('hello'));
 * ```
 */
export async function createInos<const C extends Capsules>(
  options: InosOptions<C>,
): Promise<Inos & { readonly [K in keyof C]: ApiOf<C[K]> }> {
  return start(requireOptions('options', options, ['capsules', ...RUNTIME_OPTIONS]));
}

/** Makes a runtime of options whose names were checked. */
async function start<const C extends Capsules>(
  options: InosOptions<C>,
): Promise<Inos & { readonly [K in keyof C]: ApiOf<C[K]> }> {
  const { capsules, memory = {} } = options;
  const keys = Object.keys(requireOptions('capsules', capsules));
  requireInteger('the number of capsules', keys.length, 1, Layout.MAXIMUM_CAPSULES);
  const backlogLimit = requireInteger(
    'backlogLimit',
    options.backlogLimit ?? DEFAULT_BACKLOG,
    0,
    2 ** 31,
  );
  const { leaks, ...room } = requireOptions('memory', memory, ['maximumBytes', 'leaks']);
  const sab = SafeSAB.create(room);
  await sab.detectLeaks(leaks);
  const ledger = new Ledger(sab);
  ledger.found();
  const credits = new Credits(ledger, options.credits ?? DEFAULT_CREDITS);
  const events = new Emitter();
  const kernel = new Kernel(sab, ledger, {
    backlogLimit,
    zero: performance.now(),
    mayBlock: platform().mayBlock,
    events,
    onPaid: (index) => {
      const account = credits.becameLow(index);
      if (account) events.emit('credits-low', { account, available: account.available });
    },
  });
  const { tracing = false } = options;
  if (tracing !== false) {
    const { jobsPerSecond, Tracer } = await import('./kernel/trace/tracer.js');
    kernel.tracer = new Tracer(sab, kernel, jobsPerSecond(tracing));
  }
  const apis = new Map<string, unknown>();
  for (const key of keys) {
    const handle = capsules[key];
    if (typeof handle?.attach !== 'function') {
      throw wrongType(`capsules.${key}`, 'a capsule such as mining()', handle);
    }
    if (key in Inos.prototype || key === 'memory' || key === 'credits') {
      throw new RangeError(
        `capsules.${key} must have another name: the runtime has a ${key} of its own`,
      );
    }
    apis.set(key, await handle.attach({ sab, kernel, credits }, key));
  }
  const inos = new Inos(sab, credits, kernel, events);
  platform().onCreated?.(inos);
  return Object.assign(inos, Object.fromEntries(apis)) as Inos & {
    readonly [K in keyof C]: ApiOf<C[K]>;
  };
}

/** Options of a runtime for one capsule. */
export type StandaloneOptions = Omit<InosOptions<Capsules>, 'capsules'>;

/** One capsule with a runtime of its own. */
export type Standalone<Api> = Api & {
  /** The runtime below. */
  readonly runtime: Inos;
  /** The shared memory. */
  readonly memory: SafeSAB;
  /** Accounts and their micro-credits. */
  readonly credits: Credits;
  /** As {@link Inos.close}. */
  close(options?: CloseOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Makes a runtime for one capsule and gives its API with the runtime's own parts beside it. Capsule packages
 * build their `createMining`, `createPhysics` … on it.
 */
export async function createStandalone<Api extends object>(
  handle: CapsuleHandle<Api>,
  options: StandaloneOptions = {},
): Promise<Standalone<Api>> {
  // The capsule has seen to their names, its package's own among them.
  const runtime = await start({ ...options, capsules: { [handle.name]: handle } });
  return {
    ...runtime[handle.name],
    runtime,
    memory: runtime.memory,
    credits: runtime.credits,
    close: (closeOptions?: CloseOptions) => runtime.close(closeOptions),
    [asyncDispose]: () => runtime.close(),
  } as unknown as Standalone<Api>;
}
