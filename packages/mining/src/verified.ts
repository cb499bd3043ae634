/**
 * BLAKE3 verified streaming: a part of a file is checked against the digest of the whole, without the rest. The
 * twin of `crates/inos-mining/src/verified.rs`; the format is that of the crate bao.
 */
import {
  defineMethod,
  outOfRange,
  readResult,
  requireInteger,
  wrongType,
  type CapsuleRuntime,
  type JobOptions,
  type MethodsOf,
  type Price,
} from '@inos/sdk';
import {
  EncodeOutboardParams,
  EncodeSubtreeParams,
  ExtractSliceParams,
  JoinSubtreesParams,
  MiningLimits,
  MiningMethod,
  SliceResult,
  VerifySliceParams,
} from './generated/mining.js';
import { HASH_PRICE } from './hash.js';

/** Which part of the data a slice is about. */
export interface SliceRange {
  /** Its first byte. */
  readonly start: number;
  /** How many bytes; what lies beyond the data's end is left out. */
  readonly length: number;
}

/** What {@link Mining.encodeOutboard} makes. */
export interface Outboard {
  /** BLAKE3's digest of the data: the same as `hash('blake3', data)`. */
  readonly digest: Uint8Array;
  /** The inner nodes of BLAKE3's tree: about a sixteenth of the data. */
  readonly outboard: Uint8Array;
}

/** What is hashed as one leaf of the tree. */
export const CHUNK_BYTES = 1024;
const NODE_BYTES = 64;
const HEAD_BYTES = 8;
/** No tree is higher: its chunks are counted in 54 bits. */
const MOST_LEVELS = 54;
const PRICE: Price = HASH_PRICE;

const fillOutboard = defineMethod({
  id: MiningMethod.ENCODE_OUTBOARD,
  arity: 1,
  params: EncodeOutboardParams,
  price: PRICE,
  outputBytes: MiningLimits.DIGEST_BYTES,
  parse: (input: { readonly data: Uint8Array; readonly outboard: Uint8Array }) => input,
  estimate: ({ data }) => ({ minimum: data.length, maximum: data.length }),
  encode: (params, { data, outboard }, job) => {
    job.region(params.input, data, 'data', 'read');
    job.region(params.outboard, outboard, 'outboard');
  },
  decode: (result) => result.output(),
});

const fillSubtree = defineMethod({
  id: MiningMethod.ENCODE_SUBTREE,
  arity: 1,
  params: EncodeSubtreeParams,
  price: { ...PRICE, base: 0n },
  outputBytes: MiningLimits.DIGEST_BYTES,
  parse: (input: { data: Uint8Array; number: number; outboard: Uint8Array }) => input,
  estimate: ({ data }) => ({ minimum: data.length, maximum: data.length }),
  encode: (params, { data, number, outboard }, job) => {
    job.region(params.input, data, 'data', 'read');
    params.number = BigInt(number);
    job.region(params.outboard, outboard, 'outboard');
  },
  decode: (result) => result.output(),
});

const joinSubtrees = defineMethod({
  id: MiningMethod.JOIN_SUBTREES,
  arity: 1,
  params: JoinSubtreesParams,
  price: PRICE,
  outputBytes: MiningLimits.DIGEST_BYTES,
  parse: (input: { values: Uint8Array; bytes: number; outboard: Uint8Array }) => input,
  estimate: ({ values }) => ({ minimum: values.length, maximum: values.length }),
  encode: (params, { values, bytes, outboard }, job) => {
    job.region(params.values, values, 'values', 'read');
    params.bytes = BigInt(bytes);
    job.region(params.outboard, outboard, 'outboard');
  },
  decode: (result) => result.output(),
});

/** What taking a slice needs. */
export interface ExtractInput extends SliceRange {
  readonly data: Uint8Array;
  /** Where in the whole the data lies. */
  readonly dataStart: number;
  readonly outboard: Uint8Array;
  readonly slice: Uint8Array;
}

const fillSlice = defineMethod({
  id: MiningMethod.EXTRACT_SLICE,
  arity: 1,
  params: ExtractSliceParams,
  price: PRICE,
  resultBytes: 64,
  parse: (input: ExtractInput) => input,
  estimate: ({ slice }) => ({ minimum: 0, maximum: slice.length }),
  encode: (params, { data, dataStart, outboard, slice, start, length }, job) => {
    job.region(params.input, data, 'data', 'read');
    job.region(params.outboard, outboard, 'outboard', 'read');
    params.start = BigInt(start);
    params.length = BigInt(length);
    job.region(params.slice, slice, 'slice');
    params.inputStart = BigInt(dataStart);
  },
  decode: (result) => readResult(result.result(), SliceResult).bytes,
});

/** What checking a slice needs. */
export interface VerifyInput extends SliceRange {
  readonly slice: Uint8Array;
  readonly digest: Uint8Array;
  readonly output: Uint8Array;
}

const fillVerified = defineMethod({
  id: MiningMethod.VERIFY_SLICE,
  arity: 1,
  params: VerifySliceParams,
  price: PRICE,
  resultBytes: 64,
  parse: (input: VerifyInput) => input,
  estimate: ({ output }) => ({ minimum: 0, maximum: output.length }),
  encode: (params, { slice, digest, output, start, length }, job) => {
    job.region(params.slice, slice, 'slice', 'read');
    params._initDigest(digest.length).copyBuffer(digest);
    params.start = BigInt(start);
    params.length = BigInt(length);
    job.region(params.output, output, 'output');
  },
  decode: (result) => readResult(result.result(), SliceResult).bytes,
});

/** The methods of verified streaming. */
export const verifiedMethods = {
  fillOutboard,
  fillSlice,
  fillVerified,
  fillSubtree,
  joinSubtrees,
};

/** Those as the runtime makes them callable. */
export type VerifiedMethods = MethodsOf<typeof verifiedMethods>;

function requireArray(argument: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw wrongType(argument, 'a Uint8Array', value);
}

/** Checks a range. */
export function requireRange(range: unknown): SliceRange {
  if (typeof range !== 'object' || range === null) {
    throw wrongType('range', 'an object with start and length', range);
  }
  const { start, length } = range as SliceRange;
  return {
    start: requireInteger('start', start, 0, Number.MAX_SAFE_INTEGER),
    length: requireInteger('length', length, 0, 2 ** 30),
  };
}

/** Works on an array in the shared memory, and returns a copy of as much of it as was filled. */
export async function filled(
  { memory }: CapsuleRuntime,
  bytes: number,
  fill: (array: Uint8Array) => PromiseLike<number>,
): Promise<Uint8Array> {
  const array = memory.alloc(Uint8Array, bytes, { zeroed: false });
  try {
    return array.slice(0, await fill(array));
  } finally {
    memory.free(array);
  }
}

/** Length of the outboard of so many bytes. */
export function outboardBytes(bytes: number): number {
  return HEAD_BYTES + (Math.max(1, Math.ceil(bytes / CHUNK_BYTES)) - 1) * NODE_BYTES;
}

/** Makes the outboard of some data. */
export async function encodeOutboard(
  methods: VerifiedMethods,
  runtime: CapsuleRuntime,
  data: Uint8Array,
  job: JobOptions,
): Promise<Outboard> {
  requireArray('data', data);
  let digest = new Uint8Array(0);
  const outboard = await filled(runtime, outboardBytes(data.length), async (array) => {
    digest = await methods.fillOutboard({ data, outboard: array }, job);
    return array.length;
  });
  return { digest, outboard: Uint8Array.from(outboard) };
}

/** Takes from data and its outboard what proves a part of the data. Of the data a part will do. */
export async function extractSlice(
  methods: VerifiedMethods,
  runtime: CapsuleRuntime,
  source: { readonly data: Uint8Array; readonly dataStart?: number; readonly outboard: Uint8Array },
  range: SliceRange,
  job: JobOptions,
): Promise<Uint8Array> {
  const data = requireArray('data', source.data);
  const outboard = requireArray('outboard', source.outboard);
  const { dataStart = 0 } = source;
  const { start, length } = requireRange(range);
  // Two chunks more than the length has, as many nodes, and the paths to the first and the last.
  const chunks = Math.ceil(Math.min(length, data.length) / CHUNK_BYTES) + 2;
  const bytes = HEAD_BYTES + chunks * (CHUNK_BYTES + NODE_BYTES) + 2 * MOST_LEVELS * NODE_BYTES;
  const slice = await filled(runtime, bytes, (array) =>
    methods.fillSlice({ data, dataStart, outboard, slice: array, start, length }, job),
  );
  return Uint8Array.from(slice);
}

/** The bytes that a slice proves. */
export async function verifySlice(
  methods: VerifiedMethods,
  runtime: CapsuleRuntime,
  proof: { readonly slice: Uint8Array; readonly digest: Uint8Array },
  range: SliceRange,
  job: JobOptions,
): Promise<Uint8Array> {
  const slice = requireArray('slice', proof.slice);
  const digest = requireArray('digest', proof.digest);
  if (digest.length !== MiningLimits.DIGEST_BYTES) {
    throw outOfRange('digest', `${MiningLimits.DIGEST_BYTES} bytes long`, digest);
  }
  const { start, length } = requireRange(range);
  // A slice holds all that it proves.
  const bytes = Math.max(1, Math.min(length, slice.length));
  const proven = await filled(runtime, bytes, (output) =>
    methods.fillVerified({ slice, digest, output, start, length }, job),
  );
  return Uint8Array.from(proven);
}
