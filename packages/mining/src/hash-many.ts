/**
 * Many messages in one call, four side by side on each thread. The twin of `crates/inos-mining/src/many.rs`.
 */
import {
  defineMethod,
  MAXIMUM_THREADS,
  outOfRange,
  requireInteger,
  wrongType,
  type CapsuleRuntime,
  type JobOptions,
  type MethodsOf,
} from '@inos/sdk';
import {
  HashManyParams,
  MiningMethod,
  type HashAlgorithm as AlgorithmNumber,
} from './generated/mining.js';
import { digestBytes, HASH_PRICE, requireAlgorithm, type HashAlgorithm } from './hash.js';

/** Messages one after another in one array, which is read in place if it lies in the shared memory. */
export interface PackedMessages {
  /** The messages, without gaps. */
  readonly data: Uint8Array;
  /** How long each message is. Either this or `ends`. */
  readonly messageBytes?: number;
  /** Where in `data` each message ends. */
  readonly ends?: Uint32Array;
}

/** Options of {@link Mining.hashMany}. */
export interface HashManyOptions extends JobOptions {
  /**
   * Where the digests go, one after another: an array over the shared memory. It is what is returned then.
   * @default a new array
   */
  readonly output?: Uint8Array;
}

/** What {@link manyMethods} takes. */
export interface ManyInput {
  readonly algorithm: AlgorithmNumber;
  readonly data: Uint8Array;
  readonly count: number;
  readonly messageBytes: number;
  readonly ends: Uint32Array;
  readonly output: Uint8Array;
}

const fillMany = defineMethod({
  id: MiningMethod.HASH_MANY,
  arity: 1,
  params: HashManyParams,
  price: HASH_PRICE,
  isReusable: true,
  parse: (input: ManyInput) => input,
  estimate: ({ data }) => ({ minimum: data.length, maximum: data.length }),
  threads: ({ data }) => (data.length < SMALLEST_SHARED ? 1 : MAXIMUM_THREADS),
  encode: (params, input, job) => {
    params.algorithm = input.algorithm;
    job.region(params.input, input.data, 'data', 'read');
    params.count = input.count;
    params.messageBytes = input.messageBytes;
    job.region(params.ends, input.ends, 'ends', 'read');
    job.region(params.output, input.output, 'output');
  },
  decode: () => undefined,
});

/** Below so many bytes a second thread isn't worth its waking. */
const SMALLEST_SHARED = 2 ** 18;

/** The method behind {@link hashMany}. */
export const manyMethods = { fillMany };

type Layout = Pick<ManyInput, 'data' | 'count' | 'messageBytes' | 'ends'>;

const NO_ENDS = new Uint32Array(0);

function requirePacked({ data, messageBytes, ends }: PackedMessages): Layout {
  if (!(data instanceof Uint8Array)) throw wrongType('messages.data', 'a Uint8Array', data);
  if (ends === undefined) {
    const each = requireInteger('messages.messageBytes', messageBytes, 1, 2 ** 31 - 1);
    if (data.length % each !== 0) {
      throw outOfRange('messages.data', `a multiple of ${each} bytes long`, data);
    }
    return { data, count: data.length / each, messageBytes: each, ends: NO_ENDS };
  }
  if (messageBytes !== undefined) {
    throw outOfRange('messages', 'given messageBytes or ends, not both', { messageBytes, ends });
  }
  if (!(ends instanceof Uint32Array)) throw wrongType('messages.ends', 'a Uint32Array', ends);
  let before = 0;
  for (const end of ends) {
    if (end < before || end > data.length) {
      throw outOfRange('messages.ends', `ascending, up to ${data.length}`, end);
    }
    before = end;
  }
  return { data: data.subarray(0, before), count: ends.length, messageBytes: 0, ends };
}

function requireList(messages: readonly Uint8Array[], runtime: CapsuleRuntime): Layout {
  const ends = new Uint32Array(messages.length);
  let total = 0;
  for (const [index, message] of messages.entries()) {
    if (!(message instanceof Uint8Array)) {
      throw wrongType(`messages[${index}]`, 'a Uint8Array', message);
    }
    total += message.length;
    ends[index] = total;
  }
  requireInteger('the messages’ length', total, 0, 2 ** 31 - 1);
  const data = runtime.memory.alloc(Uint8Array, total, { zeroed: false });
  let start = 0;
  for (const message of messages) {
    data.set(message, start);
    start += message.length;
  }
  runtime.countCopied(total);
  return { data, count: messages.length, messageBytes: 0, ends };
}

function requireOutput(output: unknown, bytes: number, { memory }: CapsuleRuntime): Uint8Array {
  if (!(output instanceof Uint8Array) || !memory.owns(output)) {
    throw wrongType('options.output', 'a Uint8Array over the shared memory', output);
  }
  if (output.length < bytes) {
    throw outOfRange('options.output', `at least ${bytes} bytes long`, output);
  }
  return output.subarray(0, bytes);
}

/** Hashes many messages: their digests one after another. */
export async function hashMany(
  methods: MethodsOf<typeof manyMethods>,
  runtime: CapsuleRuntime,
  algorithm: HashAlgorithm,
  messages: readonly Uint8Array[] | PackedMessages,
  { output: wanted, ...job }: HashManyOptions,
): Promise<Uint8Array> {
  const { memory } = runtime;
  const number = requireAlgorithm(algorithm);
  if (typeof messages !== 'object' || messages === null) {
    throw wrongType('messages', 'an array of Uint8Arrays or packed messages', messages);
  }
  const isList = Array.isArray(messages);
  const layout = isList
    ? requireList(messages, runtime)
    : requirePacked(messages as PackedMessages);
  const bytes = layout.count * digestBytes(number);
  let own: Uint8Array | undefined;
  try {
    if (bytes === 0) return new Uint8Array(0);
    const output =
      wanted === undefined
        ? (own = memory.alloc(Uint8Array, bytes, { zeroed: false }))
        : requireOutput(wanted, bytes, runtime);
    await methods.fillMany({ ...layout, algorithm: number, output }, job);
    return own ? Uint8Array.from(own) : output;
  } finally {
    if (own) memory.free(own);
    if (isList) memory.free(layout.data);
  }
}
