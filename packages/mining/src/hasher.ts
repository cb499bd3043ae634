/**
 * Incremental hashing: the capsule keeps the state, jobs feed it. The twin of `crates/inos-mining/src/hasher.rs`.
 */
import {
  defineMethod,
  InosError,
  readResult,
  wrongType,
  type CapsuleRuntime,
  type JobOptions,
  type MethodsOf,
  type Price,
} from '@inos/sdk';
import {
  HasherCloseParams,
  HasherFinishParams,
  HasherOpenParams,
  HasherOpenResult,
  HasherUpdateParams,
  MiningLimits,
  MiningMethod,
} from './generated/mining.js';
import { HASH_PRICE, requireAlgorithm, requireBytes, type HashAlgorithm } from './hash.js';

const FREE: Price = { base: 0n, price: 0n, unit: 'call' };
const NO_WORK = { minimum: 0, maximum: 0 };

/** Opens a hasher in the capsule: its number. */
const openHasher = defineMethod({
  id: MiningMethod.HASHER_OPEN,
  arity: 1,
  params: HasherOpenParams,
  price: { ...FREE, base: HASH_PRICE.base },
  resultBytes: 64,
  isReusable: true,
  parse: (algorithm: HashAlgorithm) => requireAlgorithm(algorithm),
  estimate: () => NO_WORK,
  encode: (params, algorithm) => {
    params.algorithm = algorithm;
  },
  decode: (result) => readResult(result.result(), HasherOpenResult).hasher,
});

const updateHasher = defineMethod({
  id: MiningMethod.HASHER_UPDATE,
  arity: 2,
  params: HasherUpdateParams,
  price: { ...HASH_PRICE, base: 0n },
  isReusable: true,
  parse: (hasher: number, data: ArrayBufferView) => ({ hasher, data: requireBytes('data', data) }),
  estimate: ({ data }) => ({ minimum: data.byteLength, maximum: data.byteLength }),
  encode: (params, { hasher, data }, job) => {
    params.hasher = hasher;
    job.region(params.input, data, 'data', 'read');
  },
  decode: () => undefined,
});

const finishHasher = defineMethod({
  id: MiningMethod.HASHER_FINISH,
  arity: 1,
  params: HasherFinishParams,
  price: FREE,
  outputBytes: MiningLimits.DIGEST_BYTES,
  isReusable: true,
  parse: (hasher: number) => hasher,
  estimate: () => NO_WORK,
  encode: (params, hasher) => {
    params.hasher = hasher;
  },
  decode: (result) => result.output(),
});

const closeHasher = defineMethod({
  id: MiningMethod.HASHER_CLOSE,
  arity: 1,
  params: HasherCloseParams,
  price: FREE,
  isReusable: true,
  parse: (hasher: number) => hasher,
  estimate: () => NO_WORK,
  encode: (params, hasher) => {
    params.hasher = hasher;
  },
  decode: () => undefined,
});

/** The methods behind {@link Hasher}. */
export const hasherMethods = { openHasher, updateHasher, finishHasher, closeHasher };

type HasherMethods = MethodsOf<typeof hasherMethods>;

/** What a hasher's jobs are submitted with. `budget` and `deadlineMs` hold for all of them together. */
export type HasherOptions = Pick<
  JobOptions,
  'account' | 'budget' | 'deadlineMs' | 'priority' | 'signal'
>;

/** What is left of a stream's budget and time. */
class Allowance {
  readonly #options: HasherOptions;
  readonly #endsAt: number;
  #budget: bigint | undefined;

  constructor(options: HasherOptions) {
    this.#options = options;
    this.#budget = options.budget;
    this.#endsAt = performance.now() + (options.deadlineMs ?? 0);
  }

  next(): JobOptions {
    const { deadlineMs, ...rest } = this.#options;
    return {
      ...rest,
      ...(this.#budget === undefined ? {} : { budget: this.#budget }),
      ...(deadlineMs === undefined
        ? {}
        : { deadlineMs: Math.max(0, this.#endsAt - performance.now()) }),
    };
  }

  spend(charged: bigint): void {
    if (this.#budget !== undefined) this.#budget -= charged;
  }
}

/**
 * A hash in the making.
 *
 * @example
 * ```ts
 * await using hasher = await mining.createHasher('sha256');
 * await hasher.update(firstPart);
 * await hasher.update(secondPart);
 * const digest = await hasher.digest();
 * ```
 */
export class Hasher {
  readonly #methods: HasherMethods;
  readonly #number: number;
  readonly #allowance: Allowance;
  /** Updates run one after another, whatever their caller awaits. */
  #last: Promise<unknown> = Promise.resolve();
  #isEnded = false;

  private constructor(methods: HasherMethods, number: number, allowance: Allowance) {
    this.#methods = methods;
    this.#number = number;
    this.#allowance = allowance;
  }

  /** @internal */
  static async open(
    methods: HasherMethods,
    algorithm: HashAlgorithm,
    options: HasherOptions,
  ): Promise<Hasher> {
    const allowance = new Allowance(options);
    const job = methods.openHasher(algorithm, allowance.next());
    const number = await job;
    allowance.spend(job.usage.charged);
    return new Hasher(methods, number, allowance);
  }

  #requireOpen(): void {
    if (this.#isEnded) throw new InosError('mining/unknown-hasher', 'the hasher has ended');
  }

  #after<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Adds bytes. Those of a view over the shared memory are read in place and must stay until this resolves. */
  update(data: ArrayBufferView): Promise<void> {
    this.#requireOpen();
    requireBytes('data', data);
    return this.#after(async () => {
      const job = this.#methods.updateHasher(this.#number, data, this.#allowance.next());
      await job;
      this.#allowance.spend(job.usage.charged);
    });
  }

  /** Ends the hasher: the digest of all that was added, 32 bytes. */
  digest(): Promise<Uint8Array> {
    this.#requireOpen();
    this.#isEnded = true;
    return this.#after(async () => this.#methods.finishHasher(this.#number));
  }

  /** Ends the hasher without a digest. Idempotent. */
  async dispose(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#after(async () => this.#methods.closeHasher(this.#number));
  }

  /** As {@link dispose}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** Where a stream's bytes may come from. */
export type ByteSource =
  AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;

/** How many bytes of a stream are gathered in shared memory before they are handed over. */
const STAGE_BYTES = 2 ** 20;

/** Hashes a stream: gathers its pieces in two stages of shared memory, one filling while the other is hashed. */
export async function hashSource(
  methods: HasherMethods,
  runtime: CapsuleRuntime,
  algorithm: HashAlgorithm,
  source: ByteSource,
  options: HasherOptions,
): Promise<Uint8Array> {
  const hasher = await Hasher.open(methods, algorithm, options);
  const { memory } = runtime;
  const stages = [0, 1].map(() => memory.alloc(Uint8Array, STAGE_BYTES, { zeroed: false }));
  const pending: Promise<void>[] = [];
  let turn = 0;
  let filled = 0;
  const handOver = async () => {
    const stage = stages[turn % 2];
    if (stage === undefined || filled === 0) return;
    pending[turn % 2] = hasher.update(stage.subarray(0, filled));
    turn++;
    filled = 0;
    // The other stage may be filled again once its own update is through.
    await pending[turn % 2];
  };
  try {
    for await (const piece of iterate(source)) {
      if (!(piece instanceof Uint8Array)) throw wrongType('the source', 'of Uint8Arrays', piece);
      runtime.countCopied(piece.length);
      for (let start = 0; start < piece.length;) {
        const part = piece.subarray(start, start + STAGE_BYTES - filled);
        stages[turn % 2]?.set(part, filled);
        filled += part.length;
        start += part.length;
        if (filled === STAGE_BYTES) await handOver();
      }
    }
    await handOver();
    await Promise.all(pending);
    return await hasher.digest();
  } finally {
    await hasher.dispose();
    await Promise.allSettled(pending);
    for (const stage of stages) memory.free(stage);
  }
}

function iterate(source: ByteSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof source !== 'object' || source === null)
    throw wrongType('source', 'a stream or an iterable', source);
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
  if (!('getReader' in source)) throw wrongType('source', 'a stream or an iterable', source);
  return readAll(source);
}

/** For engines whose streams can't be iterated. */
export async function* readAll(
  stream: Pick<ReadableStream<Uint8Array>, 'getReader'>,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
