/**
 * BLAKE3 verified streaming from files, of which only the part at work is in memory.
 */
import { wrongType, type CapsuleRuntime } from '@inos/sdk';
import { Allowance, type SharedOptions } from './allowance.js';
import { readWhole, type DataSource } from './data-file.js';
import { MiningLimits } from './generated/mining.js';
import {
  CHUNK_BYTES,
  encodeOutboard,
  extractSlice,
  filled,
  outboardBytes,
  requireRange,
  type Outboard,
  type SliceRange,
  type VerifiedMethods,
} from './verified.js';

const { DIGEST_BYTES, SUBTREE_BYTES } = MiningLimits;

/** Reads a part of a file into shared memory and works with it. */
async function withPart<T>(
  { memory }: CapsuleRuntime,
  source: DataSource,
  { start, length }: SliceRange,
  work: (part: Uint8Array) => Promise<T>,
): Promise<T> {
  const part = memory.alloc(Uint8Array, length, { zeroed: false });
  try {
    await readWhole(source, part, start);
    return await work(part);
  } finally {
    memory.free(part);
  }
}

/** Where each subtree's nodes begin in an outboard: behind those above it and of all subtrees to its left. */
function* places(bytes: number, place = outboardBytes(0)): Generator<number> {
  if (bytes <= SUBTREE_BYTES) {
    yield place;
    return;
  }
  const left = 2 ** Math.ceil(Math.log2(bytes) - 1);
  const below = place + outboardBytes(2 * CHUNK_BYTES) - outboardBytes(0);
  yield* places(left, below);
  yield* places(bytes - left, below + outboardBytes(left) - outboardBytes(0));
}

/** Makes the outboard of a file, one subtree being read while the one before is hashed. */
export async function encodeFileOutboard(
  methods: VerifiedMethods,
  runtime: CapsuleRuntime,
  source: DataSource,
  options: SharedOptions,
): Promise<Outboard> {
  const { memory } = runtime;
  const { size } = source;
  if (size <= SUBTREE_BYTES) {
    return withPart(runtime, source, { start: 0, length: size }, (data) =>
      encodeOutboard(methods, runtime, data, options),
    );
  }
  const allowance = new Allowance(options);
  const stagesBytes = 2 * SUBTREE_BYTES;
  const valuesBytes = Math.ceil(size / SUBTREE_BYTES) * DIGEST_BYTES;
  const room = memory.alloc(Uint8Array, stagesBytes + valuesBytes, { zeroed: false });
  const values = room.subarray(stagesBytes);
  let digest = new Uint8Array(0);
  let pending: Promise<void> = Promise.resolve();
  const encode = async (data: Uint8Array, number: number, outboard: Uint8Array) => {
    const input = { data, number, outboard };
    const value = await allowance.run((job) => methods.fillSubtree(input, job));
    values.set(value, number * DIGEST_BYTES);
  };
  const fill = async (outboard: Uint8Array) => {
    let number = 0;
    for (const place of places(size)) {
      const start = number * SUBTREE_BYTES;
      const stage = room.subarray((number % 2) * SUBTREE_BYTES, stagesBytes);
      const data = stage.subarray(0, Math.min(SUBTREE_BYTES, size - start));
      await readWhole(source, data, start);
      await pending;
      const end = place + outboardBytes(data.length) - outboardBytes(0);
      pending = encode(data, number++, outboard.subarray(place, end));
      // Whoever awaits it comes later, after a read that may fail.
      pending.catch(() => undefined);
    }
    await pending;
    const input = { values, bytes: size, outboard };
    digest = await allowance.run((job) => methods.joinSubtrees(input, job));
    return outboard.length;
  };
  try {
    const outboard = await filled(runtime, outboardBytes(size), async (array) => {
      try {
        return await fill(array);
      } finally {
        await pending.catch(() => undefined);
      }
    });
    return { digest, outboard: Uint8Array.from(outboard) };
  } finally {
    memory.free(room);
  }
}

/** The chunks that a slice of so many bytes takes: the last one, if it begins beyond them. */
function chunksOf({ start, length }: SliceRange, bytes: number): SliceRange {
  const first = Math.max(0, Math.min(start, bytes - 1));
  const from = first - (first % CHUNK_BYTES);
  const end = Math.ceil((start + Math.max(length, 1)) / CHUNK_BYTES) * CHUNK_BYTES;
  return { start: from, length: Math.min(bytes, end) - from };
}

/** Takes a slice from a file and its outboard: of the file only its chunks are read. */
export async function extractFileSlice(
  methods: VerifiedMethods,
  runtime: CapsuleRuntime,
  { source, outboard }: { readonly source: DataSource; readonly outboard: Uint8Array },
  range: SliceRange,
  options: SharedOptions,
): Promise<Uint8Array> {
  const wanted = requireRange(range);
  if (!(outboard instanceof Uint8Array)) throw wrongType('outboard', 'a Uint8Array', outboard);
  const chunks = chunksOf(wanted, source.size);
  return withPart(runtime, source, chunks, (data) => {
    const part = { data, dataStart: chunks.start, outboard };
    return extractSlice(methods, runtime, part, wanted, options);
  });
}
