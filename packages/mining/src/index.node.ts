/**
 * Hashing and nonce search in a Rust capsule: the entry point for Node.
 */
import { hashPath, openPath } from './file.node.js';
import { spawnGpuThread } from './lanes/gpu-thread.node.js';
import { miningFor } from './mining.js';

export * from './exports.js';

const entry = miningFor({ hashPath, openPath, spawnGpuThread });

/** The mining capsule, for `createInos({ capsules: { mining: mining() } })`. */
export const mining = entry.mining;

/**
 * The mining capsule with a runtime of its own.
 *
 * @example
 * ```ts
 * await using mining = await createMining({ threads: 2 });
 * const digest = await mining.hashFile('blake3', 'archive.tar');
 * ```
 */
export const createMining = entry.createMining;
