/**
 * Definitions of capsules: the one place from which all types of a capsule's API flow.
 */
import type { Credits } from '../credits/credits.js';
import type { Price } from '../credits/price-list.js';
import { InosError, requireInteger, requireOptions, sdkError } from '../errors.js';
import type { CapsuleSpec } from '../kernel/capsule-host.js';
import type { Kernel } from '../kernel/kernel.js';
import type { LoadSupervisor } from '../kernel/kernel-parts.js';
import type { Struct } from '../kernel/message.js';
import { FailureCode, Layout } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import { openEarly } from './early-workers.js';
import { fetchOnce } from './fetched-wasm.js';
import {
  createMethod,
  priceTag,
  type AnyMethod,
  type CapsuleMethod,
  type JobTaker,
  type MethodDefinition,
} from './method.js';
import { platform } from './platform.js';
import { isLocated, requireWasmSource, type WasmSource } from './wasm-source.js';

/** What users call of a capsule that defines no API of its own: its methods. */
export type MethodsOf<M> = {
  readonly [K in keyof M]: M[K] extends MethodDefinition<infer A, infer _I, infer _P, infer R>
    ? CapsuleMethod<A, R>
    : never;
};

/** What a capsule's own API may use of its runtime. */
export interface CapsuleRuntime {
  /** The shared memory. */
  readonly memory: SafeSAB;
  /** How many threads the capsule runs on. */
  readonly threads: number;
  /** Whether it takes no more jobs: it is closed, or will be when those there are have ended. */
  readonly isClosed: boolean;
  /** Starts the capsule's threads now rather than with its first job. */
  start(): Promise<void>;
  /** Resolves when the capsule takes jobs without keeping them waiting on the host's side. */
  room(): Promise<void>;
  /** Counts payload bytes that the API copied into the shared memory. */
  countCopied(bytes: number): void;
}

/** A capsule's definition. */
export interface CapsuleDefinition<M extends Readonly<Record<string, AnyMethod>>, Api> {
  /** Its name, in kebab case. */
  readonly name: string;
  /** Its module. */
  readonly wasm: WasmSource;
  /** Where its static data is linked (`--global-base`) and how much room it has there. */
  readonly staticOffset: number;
  readonly staticBytes: number;
  /** Its methods, by the names that users call. Their numbers run from 0 without gaps. */
  readonly methods: M;
  /** The codes that its own failure numbers stand for. */
  readonly errors?: Readonly<Record<number, string>>;
  /**
   * How long its threads may take to leave, after a crash of one of them, before they are terminated: longer for
   * capsules whose methods put in order what outlives them (`Halt::CapsuleEnding` in Rust).
   * @default 50
   */
  readonly graceMs?: number;
  /** Makes the methods into what users hold. By default they hold the methods. */
  readonly api?: (methods: MethodsOf<M>, runtime: CapsuleRuntime) => Api;
}

/** Options that every capsule takes. */
export interface CapsuleOptions {
  /**
   * How many threads run it.
   * @default 1
   */
  readonly threads?: number;
  /**
   * Where its module comes from, for instance a CDN.
   * @default the one in the capsule's package
   */
  readonly wasm?: WasmSource;
  /**
   * The most its heap and its threads' stacks may take, in bytes.
   * @default the whole memory
   */
  readonly memoryBytes?: number;
  /**
   * How many times in a row it may crash, without a job done between them, before it is given up: then its jobs
   * fail with `capsule/given-up`.
   * @default 16
   */
  readonly crashLimit?: number;
  /**
   * Milliseconds after which a job that gives no sign of life (Rust: `JobContext::check`, `charge` or `progress`)
   * counts as stuck: then the capsule is restarted. `Infinity` never. A start of its threads for which nothing comes
   * for as long, and for at least 30 seconds, fails the jobs that wait for it with `capsule/start-failed`.
   * @default 60_000
   */
  readonly stuckAfterMs?: number;
  /**
   * Whether it gets a memory of its own, for code that isn't trusted: it can't reach what others have in the
   * runtime's memory. The bytes of its jobs' regions are copied there and back.
   * @default false
   */
  readonly isolated?: boolean;
  /** Prices to use instead of the capsule's own, by method. */
  readonly prices?: Readonly<Record<string, Price>>;
}

/** A capsule with its options, ready to be put into a runtime. */
export interface CapsuleHandle<Api> {
  /** The capsule's name. */
  readonly name: string;
  /** @internal Puts it into a runtime. */
  readonly attach: (parts: RuntimeParts<Kernel>, key: string) => Api | Promise<Api>;
}

/** What looks after capsules and takes their jobs. */
export interface CapsuleKernel extends JobTaker {
  /** Whether it refuses new jobs. */
  readonly isClosed: boolean;
  /** Adds a capsule: its number. */
  attach(spec: CapsuleSpec, load: LoadSupervisor, source: WasmSource): { readonly index: number };
  /** Starts its threads. */
  start(capsule: number): Promise<void>;
  /** Resolves when it takes jobs without keeping them waiting. */
  room(capsule: number): Promise<void>;
}

/** The parts of a runtime that a capsule is put into. */
export interface RuntimeParts<K extends CapsuleKernel = CapsuleKernel> {
  readonly sab: SafeSAB;
  readonly kernel: K;
  readonly credits: Credits;
}

/** What a handle's users hold. */
export type ApiOf<H> = H extends CapsuleHandle<infer Api> ? Api : never;

/** The codes of the SDK’s own failures by their numbers in a job’s record. */
export const SDK_CODES: Readonly<Record<number, Parameters<typeof sdkError>[0]>> = {
  [FailureCode.MALFORMED_REQUEST]: 'job/malformed-request',
  [FailureCode.UNKNOWN_METHOD]: 'job/unknown-method',
  [FailureCode.REGION_OUT_OF_BOUNDS]: 'job/region-out-of-bounds',
  [FailureCode.INSUFFICIENT_CREDITS]: 'credits/insufficient',
  [FailureCode.BUDGET_TOO_SMALL]: 'job/budget-too-small',
  [FailureCode.RESULT_TOO_LARGE]: 'job/result-too-large',
  [FailureCode.BAD_LEDGER]: 'protocol/bad-ledger',
};

/** Gives a method's definition its types: arguments, input, parameters and result flow from its functions. */
export function defineMethod<const A extends readonly unknown[], I, P extends Struct, R>(
  definition: MethodDefinition<A, I, P, R>,
): MethodDefinition<A, I, P, R> {
  return definition;
}

/**
 * Defines a capsule.
 *
 * @returns a function that takes the capsule's options and gives a handle for `createInos`
 * @example
 * ```ts
 * export const mining = defineCapsule({ name: 'mining', wasm, staticOffset, staticBytes, methods: { hash } });
 * const inos = await createInos({ capsules: { mining: mining({ threads: 2 }) } });
 * ```
 */
export function defineCapsule<
  const M extends Readonly<Record<string, AnyMethod>>,
  Api = MethodsOf<M>,
>(definition: CapsuleDefinition<M, Api>): (options?: CapsuleOptions) => CapsuleHandle<Api> {
  requireStaticRegion(definition);
  return (options = {}) => ({
    name: requireOptions('options', options) && definition.name,
    attach: (parts, key) => {
      const { isolated = false }: { readonly isolated?: unknown } = options;
      if (isolated === false && platform().canShare) {
        return attach(definition, options, parts, key);
      }
      return import('./isolation/enclose.js').then(({ enclose }) =>
        enclose(parts, key, options, (inner) => attach(definition, options, inner, key)),
      );
    },
  });
}

/** The names of a runtime's options besides its capsules. */
export const RUNTIME_OPTIONS: readonly string[] = ['memory', 'credits', 'backlogLimit', 'tracing'];

/**
 * The names of a capsule's options, and of a runtime's: who makes one for one capsule gives all in one object. One that
 * is misspelt might let code that isn't trusted into the shared memory.
 */
const CAPSULE_OPTIONS: readonly string[] = [
  'threads',
  'wasm',
  'memoryBytes',
  'crashLimit',
  'stuckAfterMs',
  'isolated',
  'prices',
  ...RUNTIME_OPTIONS,
];

function requireStaticRegion({
  staticOffset,
  staticBytes,
}: {
  staticOffset: number;
  staticBytes: number;
}): void {
  const end = Layout.ARENA_OFFSET;
  requireInteger('staticOffset', staticOffset, Layout.STATIC_OFFSET, end - Layout.PAGE_BYTES);
  requireInteger('staticBytes', staticBytes, 1, end - staticOffset);
}

function attach<M extends Readonly<Record<string, AnyMethod>>, Api>(
  definition: CapsuleDefinition<M, Api>,
  options: CapsuleOptions,
  { sab, kernel, credits }: RuntimeParts,
  key: string,
): Api {
  const argument = (name: string) => `capsules.${key}.${name}`;
  requireOptions(`capsules.${key}`, options, CAPSULE_OPTIONS);
  const integer = (
    name: 'threads' | 'memoryBytes' | 'crashLimit' | 'stuckAfterMs',
    standard: number,
    minimum: number,
    maximum: number,
  ) => requireInteger(argument(name), options[name] ?? standard, minimum, maximum);
  const threads = integer('threads', 1, 1, Layout.MAXIMUM_THREADS);
  const memoryBytes = integer('memoryBytes', sab.maximumBytes, Layout.PAGE_BYTES, 2 ** 32);
  const crashLimit = integer('crashLimit', 16, 0, Infinity);
  const stuckAfterMs = integer('stuckAfterMs', 60_000, 1, Infinity);
  const source = requireWasmSource(argument('wasm'), options.wasm ?? definition.wasm);
  const names = namesById(definition.methods);
  const own = requireOptions(argument('prices'), options.prices ?? {}, names);
  const prices = names.map((name) =>
    priceTag(key, name, own[name] ?? methodOf(definition.methods, name).price),
  );
  const host = kernel.attach(
    {
      name: definition.name,
      key,
      methods: names,
      threads,
      staticOffset: definition.staticOffset,
      staticBytes: definition.staticBytes,
      graceMs: definition.graceMs,
      memoryBytes,
      crashLimit,
      stuckAfterMs,
      prices,
      operator: credits.openOperator(key).index,
    },
    async (inner, member) => {
      openEarly(inner.sab);
      // While what awaits it is loaded. What fails here fails there.
      if (isLocated(source)) fetchOnce(String(source));
      const { start } = await import('./starter.js');
      return start(inner, member, source);
    },
    source,
  );
  const runtime = {
    sab,
    kernel,
    credits,
    capsule: host.index,
    toError: (code: number, message: string) => toError(definition, code, message),
  };
  const methods = Object.fromEntries(
    prices.map((price, id) => {
      const name = names[id] ?? '';
      return [name, createMethod(runtime, name, methodOf(definition.methods, name), price)];
    }),
  ) as unknown as MethodsOf<M>;
  if (definition.api === undefined) return methods as unknown as Api;
  return definition.api(methods, {
    memory: sab,
    threads,
    get isClosed() {
      return kernel.isClosed;
    },
    start: () => kernel.start(host.index),
    room: () => kernel.room(host.index),
    countCopied: (bytes) => {
      kernel.countCopied(bytes);
    },
  });
}

function methodOf(methods: Readonly<Record<string, AnyMethod>>, name: string) {
  // The definition's own types were checked where it was written; here they only pass through.
  return methods[name] as unknown as MethodDefinition<unknown[], unknown, Struct, unknown>;
}

/** The methods' names in the order of their numbers, which are where their prices lie. */
function namesById(methods: Readonly<Record<string, AnyMethod>>): readonly string[] {
  const names = Object.keys(methods);
  requireInteger('the number of methods', names.length, 1, Layout.MAXIMUM_METHODS);
  return names.map((_, id) => {
    const name = names.find((candidate) => methods[candidate]?.id === id);
    if (name === undefined)
      throw new RangeError(`methods must be numbered from 0 without gaps, got no ${id}`);
    return name;
  });
}

function toError(
  definition: { readonly name: string; readonly errors?: Readonly<Record<number, string>> },
  code: number,
  message: string,
): InosError {
  const details = { capsule: definition.name, code };
  const own = definition.errors?.[code];
  if (own !== undefined) return new InosError(own, message, { details });
  return sdkError(SDK_CODES[code] ?? 'capsule/failed', message, { details });
}

/** How many threads the machine runs at once. */
export function hardwareThreads(): number {
  return platform().hardwareThreads;
}
