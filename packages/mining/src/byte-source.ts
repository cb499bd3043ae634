/**
 * Hashing streams and iterables, gathered in shared memory.
 */
import { wrongType, type CapsuleRuntime } from '@inos/sdk';
import { Allowance } from './allowance.js';
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

/** Hashes a stream: gathers its pieces in shared memory. */
export async function hashSource(
  methods: HasherMethods,
  runtime: CapsuleRuntime,
  hashFunction: HashFunction,
  source: ByteSource,
  { output, ...options }: HashStreamOptions,
): Promise<Uint8Array> {
  const allowance = new Allowance(options);
  const { memory } = runtime;
  const room = memory.alloc(Uint8Array, 2 * STAGE_BYTES, { zeroed: false });
  try {
    const hasher = await Hasher.open(methods, runtime, hashFunction, options);
    try {
      runtime.countCopied(await feed(hasher, room, whileAllowed(piecesOf(source), allowance)));
      return await hasher.digest(output);
    } finally {
      await hasher.dispose();
    }
  } finally {
    memory.free(room);
  }
}

/** Gathers pieces in two stages, one filling while the other is hashed; how many bytes they had. */
async function feed(
  hasher: Hasher,
  room: Uint8Array,
  pieces: AsyncIterable<unknown>,
): Promise<number> {
  const pending: Promise<void>[] = [];
  let total = 0;
  let turn = 0;
  let filled = 0;
  const handOver = async () => {
    if (filled === 0) return;
    const start = turn * STAGE_BYTES;
    pending[turn] = hasher.update(room.subarray(start, start + filled));
    turn = 1 - turn;
    filled = 0;
    // The other stage may be filled again once its own update is through.
    await pending[turn];
  };
  try {
    for await (const piece of pieces) {
      if (!(piece instanceof Uint8Array)) throw wrongType('the source', 'of Uint8Arrays', piece);
      total += piece.length;
      for (let start = 0; start < piece.length;) {
        const part = piece.subarray(start, start + STAGE_BYTES - filled);
        room.set(part, turn * STAGE_BYTES + filled);
        filled += part.length;
        start += part.length;
        if (filled === STAGE_BYTES) await handOver();
      }
    }
    await handOver();
    await Promise.all(pending);
    return total;
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Pieces of a source, one after another. */
interface Pieces {
  next(): Promise<IteratorResult<unknown>>;
  /** Ends the source, also one that is waited for. */
  end(): Promise<unknown>;
}

type Iterated = (AsyncIterable<unknown> | Iterable<unknown>) & { destroy?: () => unknown };

function piecesOf(source: ByteSource): Pieces {
  const isObject = typeof source === 'object' && source !== null;
  if (isObject && 'getReader' in source) {
    const reader = source.getReader();
    return {
      next: () => reader.read() as Promise<IteratorResult<unknown>>,
      end: () => reader.cancel(),
    };
  }
  const isIterable = isObject && (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (!isIterable || ArrayBuffer.isView(source)) {
    throw wrongType('source', 'a stream or an iterable of Uint8Arrays', source);
  }
  const iterated: Iterated = source;
  const iterator =
    Symbol.asyncIterator in iterated
      ? iterated[Symbol.asyncIterator]()
      : iterated[Symbol.iterator]();
  return {
    next: async () => iterator.next(),
    end: async () => {
      // Node's streams: their iterators end no earlier than what they wait for.
      iterated.destroy?.();
      await iterator.return?.();
    },
  };
}

/** Pieces until their source ends, or what hashes them may go on no longer. */
async function* whileAllowed(pieces: Pieces, allowance: Allowance): AsyncGenerator {
  let isWaiting = false;
  try {
    for (;;) {
      isWaiting = true;
      const step = await allowance.wait(pieces.next());
      isWaiting = false;
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    const ended = pieces.end().catch(() => undefined);
    // What is waited for may never come.
    if (!isWaiting) await ended;
  }
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
