/**
 * Hashing and nonce search in a Rust capsule: the entry point for browsers.
 */
import { wrongType } from '@inos/sdk';
import { spawnGpuThread } from './lanes/gpu-thread.web.js';
import { miningFor } from './mining.js';

export * from './exports.js';

const entry = miningFor({
  hashPath: (_methods, _runtime, _algorithm, path) => {
    throw wrongType('file', 'a Blob or File: browsers have no paths', path);
  },
  openPath: (file) => {
    throw wrongType('data', 'a Uint8Array, a Blob or a File: browsers have no paths', file);
  },
  spawnGpuThread,
});

/** The mining capsule, for `createInos({ capsules: { mining: mining() } })`. */
export const mining = entry.mining;

/**
 * The mining capsule with a runtime of its own.
 *
 * @example
 * ```ts
 * await using mining = await createMining({ threads: 2 });
 * const digest = await mining.hash('sha256', new TextEncoder().encode('hello'));
 * ```
 */
export const createMining = entry.createMining;
