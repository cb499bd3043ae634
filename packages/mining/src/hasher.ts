/**
 * Incremental hashing: the capsule keeps the state, jobs feed it. The twin of `crates/inos-mining/src/hasher.rs`.
 */
import {
  defineMethod,
  InosError,
  MAXIMUM_THREADS,
  readResult,
  type CapsuleRuntime,
  type MethodsOf,
  type Price,
} from '@inos/sdk';
import { Allowance, type SharedOptions } from './allowance.js';
import {
  requireFunction,
  requireOutput,
  writeOptions,
  type HashFunction,
  type OutputOptions,
  type ParsedFunction,
} from './blake3.js';
import {
  HasherCloseParams,
  HasherExtendParams,
  HasherFinishParams,
  HasherOpenParams,
  HasherOpenResult,
  HasherUpdateParams,
  HasherUpdateTreeParams,
  MiningLimits,
  MiningMethod,
} from './generated/mining.js';
import { digestBytes, HASH_PRICE, requireBytes, scratchBytes, treeThreads } from './hash.js';

const FREE: Price = { base: 0n, price: 0n, unit: 'call' };
const NO_WORK = { minimum: 0, maximum: 0 };

/** Opens a hasher in the capsule: its number. */
const openHasher = defineMethod({
  id: MiningMethod.HASHER_OPEN,
  arity: 1,
  params: HasherOpenParams,
  price: { ...FREE, base: HASH_PRICE.base },
  resultBytes: 64,
  parse: (hashFunction: ParsedFunction) => hashFunction,
  estimate: () => NO_WORK,
  encode: (params, { algorithm, options }) => {
    params.algorithm = algorithm;
    writeOptions(params._initOptions(), options);
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

/** An update of BLAKE3 by all threads. */
const updateTree = defineMethod({
  id: MiningMethod.HASHER_UPDATE_TREE,
  arity: 2,
  params: HasherUpdateTreeParams,
  price: { ...HASH_PRICE, base: 0n },
  isReusable: true,
  parse: (hasher: number, data: ArrayBufferView) => ({ hasher, data: requireBytes('data', data) }),
  estimate: ({ data }) => ({ minimum: data.byteLength, maximum: data.byteLength }),
  threads: () => MAXIMUM_THREADS,
  encode: (params, { hasher, data }, job) => {
    params.hasher = hasher;
    job.region(params.input, data, 'data', 'read');
    job.scratch(params.scratch, scratchBytes(true, data.byteLength));
  },
  decode: () => undefined,
});

const finishHasher = defineMethod({
  id: MiningMethod.HASHER_FINISH,
  arity: 1,
  params: HasherFinishParams,
  price: FREE,
  outputBytes: MiningLimits.LONGEST_DIGEST_BYTES,
  isReusable: true,
  parse: (hasher: number) => hasher,
  estimate: () => NO_WORK,
  encode: (params, hasher) => {
    params.hasher = hasher;
  },
  decode: (result) => result.output(),
});

/** Which part of the output goes where. */
export interface ExtendInput {
  readonly hasher: number;
  readonly position: number;
  readonly output: Uint8Array;
}

const extendHasher = defineMethod({
  id: MiningMethod.HASHER_EXTEND,
  arity: 1,
  params: HasherExtendParams,
  price: { ...HASH_PRICE, base: 0n },
  parse: (input: ExtendInput) => input,
  estimate: ({ output }) => ({ minimum: output.length, maximum: output.length }),
  encode: (params, { hasher, position, output }, job) => {
    params.hasher = hasher;
    params.position = BigInt(position);
    job.region(params.output, output, 'output');
  },
  decode: () => undefined,
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
export const hasherMethods = {
  openHasher,
  updateHasher,
  updateTree,
  finishHasher,
  extendHasher,
  closeHasher,
};

/** Those as the runtime makes them callable. */
export type HasherMethods = MethodsOf<typeof hasherMethods>;

/** What a hasher's jobs are submitted with. `budget` and `deadlineMs` hold for all of them together. */
export type HasherOptions = SharedOptions;

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
  readonly #runtime: CapsuleRuntime;
  readonly #function: ParsedFunction;
  readonly #number: number;
  readonly #allowance: Allowance;
  /** Updates run one after another, whatever their caller awaits. */
  #last: Promise<unknown> = Promise.resolve();
  #isEnded = false;

  private constructor(
    methods: HasherMethods,
    runtime: CapsuleRuntime,
    hashFunction: ParsedFunction,
    open: { readonly number: number; readonly allowance: Allowance },
  ) {
    this.#methods = methods;
    this.#runtime = runtime;
    this.#function = hashFunction;
    this.#number = open.number;
    this.#allowance = open.allowance;
  }

  /** @internal */
  static async open(
    methods: HasherMethods,
    runtime: CapsuleRuntime,
    hashFunction: HashFunction,
    options: HasherOptions,
  ): Promise<Hasher> {
    const parsed = requireFunction(hashFunction);
    const allowance = new Allowance(options);
    const number = await allowance.run((job) => methods.openHasher(parsed, job));
    return new Hasher(methods, runtime, parsed, { number, allowance });
  }

  #requireOpen(): void {
    if (this.#isEnded) throw new InosError('mining/unknown-hasher', 'the hasher has ended');
  }

  #after<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Adds bytes. They must stay as they are until this resolves; those of a view over the shared memory are read in place. */
  update(data: ArrayBufferView): Promise<void> {
    this.#requireOpen();
    requireBytes('data', data);
    const isTree = treeThreads(this.#function.isBlake3, data.byteLength) > 1;
    const update = isTree ? this.#methods.updateTree : this.#methods.updateHasher;
    return this.#after(() => this.#allowance.run((job) => update(this.#number, data, job)));
  }

  /**
   * Ends the hasher: the digest of all that was added, 32 bytes or for SHA-512 64.
   *
   * @param output - which part of BLAKE3's output instead
   * @throws RangeError for output options with another function than BLAKE3
   */
  digest(output?: OutputOptions): Promise<Uint8Array> {
    this.#requireOpen();
    const part = output && requireOutput(output);
    if (part && !this.#function.isBlake3) {
      throw new RangeError('output options need blake3: other digests have one length');
    }
    this.#isEnded = true;
    return this.#after(async () => {
      if (part) {
        return this.#extend(part).catch(async (error: unknown) => {
          // A job that was refused has left it open.
          await this.#close().then(undefined, () => undefined);
          throw error;
        });
      }
      const digest = await this.#methods.finishHasher(this.#number);
      return digest.slice(0, digestBytes(this.#function.algorithm));
    });
  }

  async #extend({ length, position }: Required<OutputOptions>): Promise<Uint8Array> {
    const { memory } = this.#runtime;
    const output = memory.alloc(Uint8Array, length, { zeroed: false });
    try {
      const input = { hasher: this.#number, position, output };
      await this.#allowance.run((job) => this.#methods.extendHasher(input, job));
      return Uint8Array.from(output);
    } finally {
      memory.free(output);
    }
  }

  #close(): PromiseLike<void> {
    return this.#methods.closeHasher(this.#number);
  }

  /** Ends the hasher without a digest. Idempotent. */
  async dispose(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#after(async () => this.#close());
  }

  /** As {@link dispose}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
