/**
 * The capsule: its methods, and the API that users hold.
 */
import {
  createStandalone,
  defineCapsule,
  STATIC_REGIONS,
  wrongType,
  type CapsuleHandle,
  type CapsuleMethod,
  type CapsuleOptions,
  type CapsuleRuntime,
  type MethodsOf,
  type Standalone,
  type StandaloneOptions,
} from '@inos/sdk';
import { MINING_ERRORS } from './errors.js';
import { hash, type HashAlgorithm } from './hash.js';
import {
  Hasher,
  hasherMethods,
  hashSource,
  readAll,
  type ByteSource,
  type HasherOptions,
} from './hasher.js';
import type { GpuLane, SpawnGpuThread } from './lanes/gpu-lane.js';
import { lanedSearch } from './lanes/laned-search.js';
import { search, type SearchOptions, type SearchOutcome } from './search.js';
import { wasm } from './wasm.js';

const methods = { hash, search, ...hasherMethods };

/** The methods as the runtime makes them callable. */
export type MiningMethods = MethodsOf<typeof methods>;

/** Options of {@link Mining.hashFile}. */
export interface HashFileOptions extends HasherOptions {
  /** Called after each piece with the bytes hashed so far and the file's size. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Hashing and nonce search. */
export interface Mining {
  /** Hashes bytes: 32 bytes. A view over the shared memory is read in place, others are copied there. */
  readonly hash: CapsuleMethod<
    readonly [algorithm: HashAlgorithm, data: ArrayBufferView],
    Uint8Array
  >;
  /** Searches the lowest nonce whose digest is at or below a target. */
  readonly search: CapsuleMethod<readonly [options: SearchOptions], SearchOutcome>;
  /** Begins an incremental hash. */
  createHasher(algorithm: HashAlgorithm, options?: HasherOptions): Promise<Hasher>;
  /** Hashes all bytes of a stream or an iterable: 32 bytes. */
  hashStream(
    algorithm: HashAlgorithm,
    source: ByteSource,
    options?: HasherOptions,
  ): Promise<Uint8Array>;
  /**
   * Hashes a file: 32 bytes. In Node a path or a file URL is read straight into shared memory; a `Blob` or
   * `File`, the only kind that browsers have, is copied there piece by piece.
   *
   * @throws Node's own errors (`ENOENT`, `EISDIR`, …) if it can't be read
   */
  hashFile(
    algorithm: HashAlgorithm,
    file: string | URL | Blob,
    options?: HashFileOptions,
  ): Promise<Uint8Array>;
  /** Starts the capsule's threads now rather than with its first job. */
  start(): Promise<void>;
}

/** Hashes the file at a path. Only Node can. */
export type HashPath = (
  methods: MiningMethods,
  runtime: CapsuleRuntime,
  algorithm: HashAlgorithm,
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
  readonly spawnGpuThread: SpawnGpuThread;
}

function api(
  methods: MiningMethods,
  runtime: CapsuleRuntime,
  { hashPath }: MiningEngine,
  loadLane: () => Promise<GpuLane>,
): Mining {
  return {
    hash: methods.hash,
    search: lanedSearch(methods.search, runtime.memory, loadLane),
    createHasher: (algorithm, options = {}) => Hasher.open(methods, algorithm, options),
    hashStream: (algorithm, source, options = {}) =>
      hashSource(methods, runtime, algorithm, source, options),
    hashFile: async (algorithm, file, { onProgress = () => undefined, ...options } = {}) => {
      if (typeof file === 'string' || file instanceof URL) {
        return hashPath(methods, runtime, algorithm, file, { ...options, onProgress });
      }
      if (!(file instanceof Blob)) throw wrongType('file', 'a path, a URL or a Blob', file);
      return hashSource(methods, runtime, algorithm, reporting(file, onProgress), options);
    },
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
    (lane ??= import('./lanes/gpu-lane.js').then(({ GpuLane }) => new GpuLane(engine.spawnGpuThread)));
  const mining = defineCapsule({
    name: 'mining',
    wasm,
    staticOffset: STATIC_REGIONS.mining.offset,
    staticBytes: STATIC_REGIONS.mining.bytes,
    methods,
    errors: MINING_ERRORS,
    api: (callable: MiningMethods, runtime: CapsuleRuntime) => api(callable, runtime, engine, loadLane),
  });
  return { mining, createMining: (options = {}) => createStandalone(mining(options), options) };
}
