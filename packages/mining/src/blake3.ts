/**
 * BLAKE3 with a key, for key derivation, and with output of any length. The twin of
 * `crates/inos-mining/src/function.rs`.
 */
import {
  defineMethod,
  outOfRange,
  requireInteger,
  wrongType,
  type CapsuleRuntime,
  type JobOptions,
  type MethodsOf,
} from '@inos/sdk';
import { requireOptions } from '@inos/sdk/errors';
import {
  Blake3Mode,
  Blake3Params,
  MiningLimits,
  MiningMethod,
  type Blake3Options as OptionsStruct,
  type HashAlgorithm as AlgorithmNumber,
} from './generated/mining.js';
import {
  HASH_PRICE,
  requireAlgorithm,
  requireBytes,
  scratchBytes,
  treeThreads,
  type HashAlgorithm,
} from './hash.js';

/** BLAKE3's mode: plain, with a key, or deriving a key for a context. */
export interface Blake3Options {
  /** 32 bytes: makes the digest a message authentication code. */
  readonly key?: Uint8Array;
  /** What a derived key is for: a constant of the application. The data is then key material. */
  readonly context?: string;
}

/** Which part of BLAKE3's output is wanted. */
export interface OutputOptions {
  /**
   * How many bytes, 1 to 2³¹ − 1.
   * @default 32
   */
  readonly length?: number;
  /**
   * Where in the output to begin, up to 2⁵³ − 1.
   * @default 0
   */
  readonly position?: number;
}

/** A hash function: a name, or BLAKE3 with options. */
export type HashFunction = HashAlgorithm | ({ readonly algorithm: 'blake3' } & Blake3Options);

/** A hash function, checked. */
export interface ParsedFunction {
  readonly algorithm: AlgorithmNumber;
  readonly isBlake3: boolean;
  readonly options: Blake3Options;
}

const LONGEST_OUTPUT = 2 ** 31 - 1;

/** All that is said of BLAKE3, here or there. A key that is misspelt would be none. */
const OPTIONS = ['algorithm', 'key', 'context', 'length', 'position'];

/** Checks BLAKE3's options. */
export function requireBlake3Options(options: unknown): Blake3Options {
  const { key, context } = requireOptions('options', options, OPTIONS) as Blake3Options;
  if (key !== undefined) {
    if (context !== undefined) throw outOfRange('options', 'a key or a context, not both', options);
    if (!(key instanceof Uint8Array)) throw wrongType('key', 'a Uint8Array', key);
    if (key.length !== MiningLimits.KEY_BYTES) {
      throw outOfRange('key', `${MiningLimits.KEY_BYTES} bytes long`, key);
    }
  } else if (context !== undefined) {
    if (typeof context !== 'string') throw wrongType('context', 'a string', context);
    // As UTF-8 all of them would be the same replacement character, and different contexts one.
    if (!context.isWellFormed()) throw outOfRange('context', 'without lone surrogates', context);
  }
  return { ...(key && { key }), ...(context !== undefined && { context }) };
}

/** Checks a hash function. */
export function requireFunction(value: unknown): ParsedFunction {
  if (typeof value !== 'object' || value === null) {
    return { algorithm: requireAlgorithm(value), isBlake3: value === 'blake3', options: {} };
  }
  const { algorithm } = value as { readonly algorithm?: unknown };
  if (algorithm !== 'blake3') throw outOfRange('algorithm', "'blake3' to take options", algorithm);
  return {
    algorithm: requireAlgorithm(algorithm),
    isBlake3: true,
    options: requireBlake3Options(value),
  };
}

/** Writes options into a message. */
export function writeOptions(target: OptionsStruct, { key, context }: Blake3Options): void {
  if (key) {
    target.mode = Blake3Mode.KEYED;
    target._initKey(key.length).copyBuffer(key);
  } else if (context !== undefined) {
    target.mode = Blake3Mode.DERIVE_KEY;
    target.context = context;
  }
}

/** Checks which part of the output is wanted. */
export function requireOutput(output: OutputOptions): {
  readonly length: number;
  readonly position: number;
} {
  const { length = 32, position = 0 } = requireOptions('output', output, OPTIONS);
  return {
    length: requireInteger('length', length, 1, LONGEST_OUTPUT),
    position: requireInteger('position', position, 0, Number.MAX_SAFE_INTEGER),
  };
}

/** What {@link blake3Methods} takes. */
export interface Blake3Input extends Blake3Options {
  readonly data: ArrayBufferView;
  readonly position: number;
  readonly output: Uint8Array;
}

/** Fills an array in the shared memory with BLAKE3's output. */
const fillBlake3 = defineMethod({
  id: MiningMethod.BLAKE3,
  arity: 1,
  params: Blake3Params,
  price: HASH_PRICE,
  parse: (input: Blake3Input) => input,
  estimate: ({ data, output }) => {
    const bytes = data.byteLength + output.length;
    return { minimum: bytes, maximum: bytes };
  },
  threads: ({ data }) => treeThreads(true, data.byteLength),
  encode: (params, input, job) => {
    writeOptions(params._initOptions(), input);
    job.scratch(params.scratch, scratchBytes(true, input.data.byteLength));
    job.region(params.input, input.data, 'data', 'read');
    params.position = BigInt(input.position);
    job.region(params.output, input.output, 'output');
  },
  decode: () => undefined,
});

/** The method behind {@link hashBlake3}. */
export const blake3Methods = { fillBlake3 };

/** Hashes data by BLAKE3 with options. */
export async function hashBlake3(
  methods: MethodsOf<typeof blake3Methods>,
  { memory }: CapsuleRuntime,
  data: ArrayBufferView,
  options: Blake3Options & OutputOptions,
  job: JobOptions,
): Promise<Uint8Array> {
  requireBytes('data', data);
  const checked = requireBlake3Options(options);
  const { length, position } = requireOutput(options);
  const output = memory.alloc(Uint8Array, length, { zeroed: false });
  try {
    await methods.fillBlake3({ ...checked, data, position, output }, job);
    return Uint8Array.from(output);
  } finally {
    memory.free(output);
  }
}

/**
 * Whether two digests are equal, in a time that depends on their lengths alone: to compare a code that somebody
 * claims with the one that a key gives, without telling by the time how much of it is right.
 */
export function equalDigests(left: Uint8Array, right: Uint8Array): boolean {
  for (const [name, value] of Object.entries({ left, right })) {
    if (!(value instanceof Uint8Array)) throw wrongType(name, 'a Uint8Array', value);
  }
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) {
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  }
  return difference === 0;
}
