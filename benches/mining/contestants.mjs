// Ours and the peers, each behind functions that the measurements call in turns.
import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { createMining } from '@inos/mining';
import { createBLAKE3, createSHA256 } from 'hash-wasm';
import { createHash } from 'node:crypto';

/** Eighty bytes, the nonce at their end, as the native program has them. */
export const HEADER = Uint8Array.from({ length: 80 }, (_, index) => index);
export const NONCE_OFFSET = 76;

/** Everybody who hashes. Peers are functions from bytes to a digest. */
export async function openContestants(threads) {
  const [sha256, blake3, single, all] = await Promise.all([
    createSHA256(),
    createBLAKE3(),
    createMining({ threads: 1 }),
    createMining({ threads }),
  ]);
  await Promise.all([single.start(), all.start()]);
  const hashWasm = (hasher) => (bytes) => hasher.init().update(bytes).digest('binary');
  return {
    single,
    all,
    peers: {
      'hash-wasm': { sha256: hashWasm(sha256), blake3: hashWasm(blake3) },
      noble: { sha256: (bytes) => nobleSha256(bytes), blake3: (bytes) => nobleBlake3(bytes) },
      'node:crypto': { sha256: (bytes) => createHash('sha256').update(bytes).digest() },
    },
    close: () => Promise.all([single.close(), all.close()]),
  };
}
