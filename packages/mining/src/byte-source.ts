/**
 * Hashing streams and iterables, gathered in shared memory.
 */
import { wrongType, type CapsuleRuntime } from '@inos/sdk';
import type { HashFunction, OutputOptions } from './blake3.js';
import { Hasher, type HasherMethods, type HasherOptions } from './hasher.js';

/** Where a stream's bytes may come from. */
export type ByteSource =
  AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ReadableStream<Uint8Array>;

/** How many bytes of a stream are gathered in shared memory before they are handed over. */
const STAGE_BYTES = 2 ** 20;

/** Options of {@link Mining.hashStream}. */
export interface HashStreamOptions extends HasherOptions {
  /**
   * Which part of BLAKE3's output is wanted.
   * @default the digest
   */
  readonly output?: OutputOptions;
}

/** Hashes a stream: gathers its pieces in two stages of shared memory, one filling while the other is hashed. */
export async function hashSource(
  methods: HasherMethods,
  runtime: CapsuleRuntime,
  hashFunction: HashFunction,
  source: ByteSource,
  { output, ...options }: HashStreamOptions,
): Promise<Uint8Array> {
  const hasher = await Hasher.open(methods, runtime, hashFunction, options);
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
    return await hasher.digest(output);
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
