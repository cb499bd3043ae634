/**
 * The capsule: its methods, and the API that users hold.
 */
import {
  createStandalone,
  defineCapsule,
  JOB_OPTIONS,
  STATIC_REGIONS,
  wrongType,
  type CapsuleHandle,
  type CapsuleMethod,
  type CapsuleOptions,
  type CapsuleRuntime,
  type JobOptions,
  type MethodsOf,
  type Standalone,
  type StandaloneOptions,
} from '@inos/sdk';
import { requireOptions } from '@inos/sdk/errors';
import { SHARED_OPTIONS, type SharedOptions } from './allowance.js';
import {
  blake3Methods,
  hashBlake3,
  type Blake3Options,
  type HashFunction,
  type OutputOptions,
} from './blake3.js';
import { hashSource, readAll, type ByteSource, type HashStreamOptions } from './byte-source.js';
import { MINING_ERRORS } from './errors.js';
import { hash, type HashAlgorithm } from './hash.js';
import { hashMany, manyMethods, type HashManyOptions, type PackedMessages } from './hash-many.js';
import { Hasher, hasherMethods, type HasherOptions } from './hasher.js';
import { createHashingStream, type HashingStream } from './hashing-stream.js';
import type { GpuLane, SpawnGpuThread } from './lanes/gpu-lane.js';
import { lanedSearch } from './lanes/laned-search.js';
import { search, type SearchOptions, type SearchOutcome } from './search.js';
import { isDataFile, withFile, type DataFile, type OpenPath } from './data-file.js';
import {
  encodeOutboard,
  extractSlice,
  verifiedMethods,
  verifySlice,
  type Outboard,
  type SliceRange,
} from './verified.js';
import { encodeFileOutboard, extractFileSlice } from './verified-file.js';
import { wasm } from './wasm.js';

const methods = {
  hash,
  search,
  ...hasherMethods,
  ...manyMethods,
  ...blake3Methods,
  ...verifiedMethods,
};

/** The methods as the runtime makes them callable. */
export type MiningMethods = MethodsOf<typeof methods>;

/** Options of {@link Mining.hashFile}. */
export interface HashFileOptions extends HashStreamOptions {
  /** Called after each piece with the bytes hashed so far and the file's size. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Hashing and nonce search. */
export interface Mining {
  /** Hashes bytes: 32 bytes, or 64 for SHA-512. A view over the shared memory is read in place, others are copied there. */
  readonly hash: CapsuleMethod<
    readonly [algorithm: HashAlgorithm, data: ArrayBufferView],
    Uint8Array
  >;
  /** Searches a nonce whose digest meets a target: the lowest one, or any. */
  readonly search: CapsuleMethod<readonly [options: SearchOptions], SearchOutcome>;
  /** BLAKE3 with a key, for key derivation, or with output of any length: 32 bytes, or as many as asked for. */
  blake3(
    data: ArrayBufferView,
    options?: Blake3Options & OutputOptions,
    job?: JobOptions,
  ): Promise<Uint8Array>;
  /**
   * Hashes many messages in one call: their digests one after another. Much faster than a call for each, most of
   * all for short ones.
   *
   * @throws RangeError if the messages don't lie within their data or the output is too short
   * @example
   * ```ts
   * const digests = await mining.hashMany('sha256', [first, second]);
   * const second = digests.subarray(32, 64);
   * ```
   */
  hashMany(
    algorithm: HashAlgorithm,
    messages: readonly Uint8Array[] | PackedMessages,
    options?: HashManyOptions,
  ): Promise<Uint8Array>;
  /** Begins an incremental hash. */
  createHasher(hashFunction: HashFunction, options?: HasherOptions): Promise<Hasher>;
  /**
   * A pair of web streams that passes bytes through and tells their digest.
   *
   * @example
   * ```ts
   * const hashing = await mining.createHashingStream('sha256');
   * await response.body.pipeThrough(hashing).pipeTo(file);
   * const digest = await hashing.digest;
   * ```
   */
  createHashingStream(hashFunction: HashFunction, options?: HasherOptions): Promise<HashingStream>;
  /** Hashes all bytes of a stream or an iterable: 32 bytes, or 64 for SHA-512. */
  hashStream(
    hashFunction: HashFunction,
    source: ByteSource,
    options?: HashStreamOptions,
  ): Promise<Uint8Array>;
  /**
   * Hashes a file: 32 bytes, or 64 for SHA-512. In Node a path or a file URL is read straight into shared memory;
   * a `Blob` or `File`, the only kind that browsers have, is copied there piece by piece. BLAKE3 uses all threads.
   *
   * @throws Node's own errors (`ENOENT`, `EISDIR`, …) if it can't be read
   */
  hashFile(
    hashFunction: HashFunction,
    file: string | URL | Blob,
    options?: HashFileOptions,
  ): Promise<Uint8Array>;
  /**
   * Makes what slices are later taken from: the inner nodes of BLAKE3's tree over the data. A file is read piece by
   * piece, some 500 KiB of it being in memory beside its outboard.
   *
   * @throws Node's own errors (`ENOENT`, `EISDIR`, …) if it can't be read; RangeError if it got shorter meanwhile
   */
  encodeOutboard(data: Uint8Array | DataFile, job?: SharedOptions): Promise<Outboard>;
  /**
   * Takes from data and its outboard a slice: a part of the data and what proves it. Of a file only that part is read.
   *
   * @throws as {@link Mining.encodeOutboard}
   */
  extractSlice(
    source: { readonly data: Uint8Array | DataFile; readonly outboard: Uint8Array },
    range: SliceRange,
    job?: SharedOptions,
  ): Promise<Uint8Array>;
  /**
   * The bytes that a slice proves to lie there in the data whose BLAKE3 digest is given.
   *
   * @throws InosError `mining/corrupt-slice` if it proves nothing of the kind
   */
  verifySlice(
    proof: { readonly slice: Uint8Array; readonly digest: Uint8Array },
    range: SliceRange,
    job?: JobOptions,
  ): Promise<Uint8Array>;
  /** Starts the capsule's threads now rather than with its first job. */
  start(): Promise<void>;
}

/** Hashes the file at a path. Only Node can. */
export type HashPath = (
  methods: MiningMethods,
  runtime: CapsuleRuntime,
  hashFunction: HashFunction,
  path: string | URL,
  options: HashFileOptions,
) => Promise<Uint8Array>;

async function* reporting(
  file: Blob,
  onProgress: NonNullable<HashFileOptions['onProgress']>,
): AsyncGenerator<Uint8Array> {
  let doneBytes = 0;
  for await (const piece of readAll(file.stream())) {
    yield piece;
    doneBytes += piece.length;
    onProgress(doneBytes, file.size);
  }
}

/** What differs between engines. */
export interface MiningEngine {
  readonly hashPath: HashPath;
  readonly openPath: OpenPath;
  readonly spawnGpuThread: SpawnGpuThread;
}

const MANY_OPTIONS = [...JOB_OPTIONS, 'output'];
const STREAM_OPTIONS = [...SHARED_OPTIONS, 'output'];
const FILE_OPTIONS = [...STREAM_OPTIONS, 'onProgress'];

function api(
  methods: MiningMethods,
  runtime: CapsuleRuntime,
  { hashPath, openPath }: MiningEngine,
  loadLane: () => Promise<GpuLane>,
): Mining {
  return {
    hash: methods.hash,
    search: lanedSearch(methods.search, runtime.memory, loadLane),
    blake3: (data, options = {}, job = {}) => hashBlake3(methods, runtime, data, options, job),
    hashMany: async (algorithm, messages, options = {}) =>
      hashMany(
        methods,
        runtime,
        algorithm,
        messages,
        requireOptions('options', options, MANY_OPTIONS),
      ),
    createHasher: (hashFunction, options = {}) =>
      Hasher.open(methods, runtime, hashFunction, options),
    createHashingStream: (hashFunction, options = {}) =>
      createHashingStream(methods, runtime, hashFunction, options),
    hashStream: async (hashFunction, source, options = {}) =>
      hashSource(
        methods,
        runtime,
        hashFunction,
        source,
        requireOptions('options', options, STREAM_OPTIONS),
      ),
    hashFile: async (hashFunction, file, allOptions = {}) => {
      const { onProgress = () => undefined, ...options } = requireOptions(
        'options',
        allOptions,
        FILE_OPTIONS,
      );
      if (typeof onProgress !== 'function') throw wrongType('onProgress', 'a function', onProgress);
      if (typeof file === 'string' || file instanceof URL) {
        return hashPath(methods, runtime, hashFunction, file, { ...options, onProgress });
      }
      if (!(file instanceof Blob)) throw wrongType('file', 'a path, a URL or a Blob', file);
      return hashSource(methods, runtime, hashFunction, reporting(file, onProgress), options);
    },
    encodeOutboard: async (data, job = {}) =>
      isDataFile(data)
        ? withFile(data, runtime, openPath, (source) =>
            encodeFileOutboard(methods, runtime, source, job),
          )
        : encodeOutboard(methods, runtime, data, job),
    extractSlice: async (source, range, job = {}) => {
      const { data, outboard } = requireOptions('source', source);
      return isDataFile(data)
        ? withFile(data, runtime, openPath, (file) =>
            extractFileSlice(methods, runtime, { source: file, outboard }, range, job),
          )
        : extractSlice(methods, runtime, { data, outboard }, range, job);
    },
    verifySlice: async (proof, range, job = {}) =>
      verifySlice(methods, runtime, requireOptions('proof', proof), range, job),
    start: () => runtime.start(),
  };
}

/** What an entry point offers, given how its engine hashes a file by its path. */
export interface MiningEntry {
  readonly mining: (options?: CapsuleOptions) => CapsuleHandle<Mining>;
  readonly createMining: (
    options?: CapsuleOptions & StandaloneOptions,
  ) => Promise<Standalone<Mining>>;
}

/** Makes the capsule for an engine. */
export function miningFor(engine: MiningEngine): MiningEntry {
  let lane: Promise<GpuLane> | undefined;
  // One for all runtimes: a device is dear, and a page has few.
  const loadLane = () =>
    (lane ??= import('./lanes/gpu-lane.js').then(
      ({ GpuLane }) => new GpuLane(engine.spawnGpuThread),
    ));
  const mining = defineCapsule({
    name: 'mining',
    wasm,
    staticOffset: STATIC_REGIONS.mining.offset,
    staticBytes: STATIC_REGIONS.mining.bytes,
    methods,
    errors: MINING_ERRORS,
    api: (callable: MiningMethods, runtime: CapsuleRuntime) =>
      api(callable, runtime, engine, loadLane),
  });
  return { mining, createMining: (options = {}) => createStandalone(mining(options), options) };
}
