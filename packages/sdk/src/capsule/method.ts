/**
 * Methods of capsules: what one is defined by, and what its users call.
 */
import type { Credits } from '../credits/credits.js';
import { PriceTag, type Price, type Quote } from '../credits/price-list.js';
import {
  outOfRange,
  requireCredits,
  requireOptions,
  requireLimits,
  wrongType,
  type InosError,
} from '../errors.js';
import type { Region as RegionStruct } from '../generated/job.js';
import {
  JOB_OPTIONS,
  SUBMIT_OPTIONS,
  type Job,
  type JobOptions,
  type JobPriority,
} from '../kernel/job.js';
import { FIRST_LINGER_MICROSECONDS } from '../kernel/waits.js';
import {
  RequestTemplate,
  writeRegion,
  type EncodedRequest,
  type Struct,
  type StructClass,
} from '../kernel/message.js';
import type { Crossing, JobRequest, JobResult, MethodPlan, RegionAccess } from '../kernel/task.js';
import type { Region } from '../memory/region.js';
import { isShared, type SafeSAB } from '../memory/safe-sab.js';

/** How many units of work a job takes. */
export interface WorkEstimate {
  /** The least: below what these cost the job isn't started. */
  readonly minimum: number;
  /** The most. */
  readonly maximum: number;
}

/**
 * One method of a capsule.
 *
 * @typeParam A - its positional arguments
 * @typeParam I - those arguments, checked and with defaults filled in
 * @typeParam P - the schema's struct of its parameters
 * @typeParam R - what its jobs result in
 */
export interface MethodDefinition<A extends readonly unknown[], I, P extends Struct, R> {
  /** Its number in the capsule's schema. */
  readonly id: number;
  /** How many positional arguments come before the options. */
  readonly arity: A['length'];
  readonly params: StructClass<P>;
  readonly price: Price;
  /**
   * Bytes of the area that the capsule writes its output into.
   * @default 0
   */
  readonly outputBytes?: number;
  /**
   * Bytes that the method's result message needs at most, framing included.
   * @default 0
   */
  readonly resultBytes?: number;
  /**
   * Whether `encode` always sets the same fields and allocates nothing of varying size in the message.
   * @default false
   */
  readonly isReusable?: boolean;
  /** Checks the arguments; throws `TypeError` or `RangeError` naming the wrong one. */
  parse(...args: A): I;
  /** How much work the job is. */
  estimate(input: I): WorkEstimate;
  /**
   * How many threads may work on it together.
   * @default 1
   */
  threads?(input: I): number;
  /** Fills in the parameters. */
  encode(params: P, input: I, job: JobEncoder): void;
  /** Makes what the capsule left into what the caller awaits. */
  decode(result: JobResult, input: I): R;
}

/** Any method. */
export interface AnyMethod extends Omit<
  MethodDefinition<never[], unknown, never, unknown>,
  'params'
> {
  readonly params: StructClass<Struct>;
}

/** What `encode` does with bulk data. */
export interface JobEncoder {
  /**
   * Names a view's bytes in the message. Views over the shared memory stay where they are; others are copied
   * into it until the job ends.
   *
   * @param argument - how to name the view in errors
   * @param access - whether the capsule only reads it, or also writes it: what a capsule with a memory of its own
   * writes is copied back
   */
  region(
    target: RegionStruct,
    view: ArrayBufferView,
    argument: string,
    access?: RegionAccess,
  ): void;
  /** Names so many bytes, zeroed, that a job's threads share until it ends: none, if none are asked for. */
  scratch(target: RegionStruct, byteLength: number): void;
}

/** What a user calls. */
export interface CapsuleMethod<A extends readonly unknown[], R> {
  /** Submits a job. */
  (...args: [...A, options?: JobOptions]): Job<R>;
  /** What such a job would cost. */
  quote(...args: A): Quote;
  /** Encodes a job once, to submit it again and again. */
  prepare(...args: [...A, options?: JobOptions]): PreparedJob<R>;
}

/** What may differ between submissions of a prepared job. */
export type SubmitOptions = Pick<JobOptions, 'deadlineMs' | 'signal' | 'whenFull'>;

/** A job that is encoded once and submitted as often as needed. Its regions stay pinned until it is disposed. */
export interface PreparedJob<R> {
  /** Submits it once more. */
  submit(options?: SubmitOptions): Job<R>;
  /** Lets go of its regions, as soon as its last job has ended. Idempotent; later submissions throw. */
  dispose(): void;
  [Symbol.dispose](): void;
}

const PRIORITIES: readonly JobPriority[] = ['high', 'normal', 'low'];

/** What takes a capsule's jobs: the kernel of the runtime, or the border of a capsule's own memory. */
export interface JobTaker {
  submit<R>(request: JobRequest<R>): Job<R>;
  countCopied(bytes: number): void;
  /** Hears that a capsule's first job is about to come. */
  expect?(capsule: number): void;
  /**
   * Takes a view that lies beyond the border; `undefined` if there is none or the view is on the capsule's side.
   *
   * @throws TypeError, InosError as {@link SafeSAB.region}
   */
  cross?(
    target: RegionStruct,
    view: ArrayBufferView,
    argument: string,
    access: RegionAccess,
  ): Crossing | undefined;
}

/** The parts of the runtime that methods work with. */
export interface MethodRuntime {
  readonly sab: SafeSAB;
  readonly kernel: JobTaker;
  readonly credits: Credits;
  /** The capsule's number. */
  readonly capsule: number;
  readonly toError: (code: number, message: string) => InosError;
}

/** What a method's jobs share besides their plan. */
interface MethodParts<I, R> {
  readonly sab: SafeSAB;
  readonly kernel: JobTaker;
  readonly plan: MethodPlan;
  readonly decode: (result: JobResult, input: I) => R;
}

/** One job of a method, and what it keeps until it ends: pins on regions, copies of the caller's bytes. */
class MethodRequest<I, R> implements JobRequest<R>, JobEncoder {
  readonly plan: MethodPlan;
  account = 0;
  threads = 1;
  budget = 0;
  minimum = 0;
  priority = 0;
  deadlineMs: number | undefined;
  signal: AbortSignal | undefined;
  whenFull: 'wait' | 'throw' = 'wait';
  bytesCopied = 0;
  readonly message: EncodedRequest;
  crossings: Crossing[] | undefined;
  life: number | undefined;
  readonly #parts: MethodParts<I, R>;
  /** Kept also so that nobody takes its arrays for dropped while a job works on them. */
  readonly #input: I;
  #pins: number[] | undefined;
  #copies: Uint8Array<SharedArrayBuffer>[] | undefined;

  constructor(parts: MethodParts<I, R>, message: EncodedRequest, input: I) {
    this.#parts = parts;
    this.plan = parts.plan;
    this.message = message;
    this.#input = input;
  }

  decode(result: JobResult): R {
    return this.#parts.decode(result, this.#input);
  }

  region(
    target: RegionStruct,
    view: ArrayBufferView,
    argument: string,
    access: RegionAccess = 'write',
  ): void {
    const { sab, kernel } = this.#parts;
    if (!ArrayBuffer.isView(view)) throw wrongType(argument, 'a typed array', view);
    const crossing = kernel.cross?.(target, view, argument, access);
    if (crossing) {
      (this.crossings ??= []).push(crossing);
      return;
    }
    if (sab.owns(view)) {
      const region = sab.region(view, argument);
      this.life = sab.life;
      if (region.byteLength > 0) (this.#pins ??= []).push(sab.pin(region.offset));
      writeRegion(target, region);
      return;
    }
    if (isShared(view.buffer)) {
      throw wrongType(
        argument,
        'a view over this runtime’s memory or over memory that is not shared',
        view,
      );
    }
    const copy = sab.alloc(Uint8Array, view.byteLength, { zeroed: false });
    copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    (this.#copies ??= []).push(copy);
    this.bytesCopied += view.byteLength;
    writeRegion(target, sab.region(copy, argument));
  }

  scratch(target: RegionStruct, byteLength: number): void {
    if (byteLength === 0) {
      writeRegion(target, NO_REGION);
      return;
    }
    const { bytesCopied } = this;
    this.region(target, new Uint8Array(byteLength), 'scratch');
    // It carries nothing.
    this.bytesCopied = bytesCopied;
  }

  release(): void {
    const { sab } = this.#parts;
    if (this.#pins) for (const pin of this.#pins.splice(0)) sab.unpin(pin);
    // Should a capsule have ruined the tables, there is less room; the job has ended none the less.
    if (this.#copies) for (const copy of this.#copies.splice(0)) sab.arena.free(copy.byteOffset);
    if (this.crossings) for (const crossing of this.crossings.splice(0)) crossing.release();
  }
}

/** A request's bytes, kept for a prepared job. */
class KeptRequest implements EncodedRequest {
  readonly #bytes: Uint8Array;

  constructor(request: EncodedRequest) {
    this.#bytes = new Uint8Array(request.byteLength);
    request.writeTo(this.#bytes, 0);
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  writeTo(target: Uint8Array, offset: number): void {
    target.set(this.#bytes, offset);
  }
}

const NO_OPTIONS: JobOptions = {};
const NO_REGION: Region = { offset: 0, byteLength: 0, elementType: 0 };

/** Makes a definition into what users call. */
export function createMethod<A extends readonly unknown[], I, P extends Struct, R>(
  runtime: MethodRuntime,
  name: string,
  definition: MethodDefinition<A, I, P, R>,
  price: PriceTag,
): CapsuleMethod<A, R> {
  const { kernel } = runtime;
  const template = new RequestTemplate(
    definition.id,
    definition.params,
    definition.isReusable ?? false,
  );
  const parts: MethodParts<I, R> = {
    sab: runtime.sab,
    kernel,
    plan: {
      capsule: runtime.capsule,
      method: definition.id,
      outputBytes: definition.outputBytes ?? 0,
      resultBytes: definition.resultBytes ?? 0,
      price,
      pace: { lingerMicroseconds: FIRST_LINGER_MICROSECONDS },
      toError: runtime.toError,
    },
    decode: (result, input) => definition.decode(result, input),
  };

  const optionsOf = (args: readonly unknown[]): JobOptions => {
    if (args.length > definition.arity + 1) {
      throw new TypeError(
        `${name} takes ${definition.arity} arguments and options, got ${args.length}`,
      );
    }
    const { [definition.arity]: options = NO_OPTIONS } = args;
    return requireOptions('options', options as JobOptions, JOB_OPTIONS);
  };

  /** Checks everything, then encodes: what it throws has queued and kept nothing. */
  const build = (args: readonly unknown[]): MethodRequest<I, R> => {
    const options = optionsOf(args);
    const input = definition.parse(...(args as unknown as A));
    const { minimum, maximum } = definition.estimate(input);
    // Encoding takes some milliseconds the first time.
    if (template.isNew) kernel.expect?.(runtime.capsule);
    const request = new MethodRequest(parts, template, input);
    request.account = accountOf(runtime, options);
    request.minimum = price.cost(minimum);
    request.budget = budgetOf(
      runtime,
      options,
      request.account,
      request.minimum,
      price.cost(maximum),
    );
    request.priority = priorityOf(options);
    request.threads = definition.threads?.(input) ?? 1;
    setLimits(request, options);
    const seed = seedOf(options);
    try {
      definition.encode(template.begin(seed), input, request);
    } catch (error) {
      request.release();
      throw error;
    }
    return request;
  };

  const call = (...args: readonly unknown[]): Job<R> => {
    const request = build(args);
    try {
      return kernel.submit(request);
    } catch (error) {
      request.release();
      throw error;
    }
  };

  const quote = (...args: readonly unknown[]): Quote => {
    const { minimum, maximum } = definition.estimate(definition.parse(...(args as unknown as A)));
    return {
      minimum: BigInt(price.cost(minimum)),
      maximum: BigInt(price.cost(maximum)),
      units: BigInt(maximum),
    };
  };

  const prepare = (...args: readonly unknown[]): PreparedJob<R> =>
    createPrepared(kernel, name, build(args));

  return Object.assign(call, { quote, prepare });
}

function createPrepared<I, R>(
  kernel: JobTaker,
  name: string,
  built: MethodRequest<I, R>,
): PreparedJob<R> {
  let pending = 0;
  let isDisposed = false;
  kernel.countCopied(built.bytesCopied);
  const releaseIfLast = () => {
    if (isDisposed && pending === 0) built.release();
  };
  const request: JobRequest<R> & Limits = {
    ...(built as JobRequest<R>),
    message: new KeptRequest(built.message),
    bytesCopied: 0,
    decode: (result) => built.decode(result),
    release: () => {
      pending--;
      releaseIfLast();
    },
  };
  const withLimits = (options: SubmitOptions): JobRequest<R> => {
    const limited = { ...request };
    setLimits(limited, requireOptions('options', options, SUBMIT_OPTIONS));
    return limited;
  };
  const dispose = () => {
    if (isDisposed) return;
    isDisposed = true;
    releaseIfLast();
  };
  return {
    submit(options) {
      if (isDisposed) throw new TypeError(`the prepared ${name} job is disposed`);
      const submitted = options === undefined ? request : withLimits(options);
      pending++;
      try {
        return kernel.submit(submitted);
      } catch (error) {
        pending--;
        throw error;
      }
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function accountOf({ credits }: MethodRuntime, options: JobOptions): number {
  const { account = credits.default } = options;
  return credits.indexOf('options.account', account);
}

function budgetOf(
  runtime: MethodRuntime,
  options: JobOptions,
  account: number,
  minimum: number,
  maximum: number,
): number {
  if (options.budget !== undefined)
    return Math.min(requireCredits('options.budget', options.budget), maximum);
  return Math.max(minimum, Math.min(maximum, runtime.credits.availableTo(account)));
}

function seedOf({ seed = 0n }: JobOptions): bigint {
  if (typeof seed !== 'bigint') throw wrongType('options.seed', 'a bigint', seed);
  if (BigInt.asUintN(64, seed) !== seed)
    throw outOfRange('options.seed', 'an unsigned 64-bit number', seed);
  return seed;
}

function priorityOf({ priority = 'normal' }: JobOptions): number {
  const index = PRIORITIES.indexOf(priority);
  if (index < 0) throw outOfRange('options.priority', "'high', 'normal' or 'low'", priority);
  return index;
}

/** What a submission may set anew. */
interface Limits {
  deadlineMs: number | undefined;
  signal: AbortSignal | undefined;
  whenFull: 'wait' | 'throw';
}

function setLimits(limits: Limits, options: SubmitOptions): void {
  const { deadlineMs = limits.deadlineMs, signal = limits.signal } = requireLimits(options);
  const { whenFull = limits.whenFull } = options;
  if (whenFull !== 'wait' && whenFull !== 'throw') {
    throw outOfRange('options.whenFull', "'wait' or 'throw'", whenFull);
  }
  limits.deadlineMs = deadlineMs;
  limits.signal = signal;
  limits.whenFull = whenFull;
}

/** Checks a price list's entry. */
export function priceTag(capsule: string, method: string, price: Price): PriceTag {
  return new PriceTag(`prices.${capsule}.${method}`, price);
}
