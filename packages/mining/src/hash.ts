/**
 * Hashing in one call. The twin of `crates/inos-mining/src/hash.rs`.
 */
import { defineMethod, MAXIMUM_THREADS, outOfRange, wrongType, type Price } from '@inos/sdk';
import {
  HashAlgorithm as AlgorithmNumber,
  HashParams,
  MiningLimits,
  MiningMethod,
} from './generated/mining.js';

/** Hash functions: SHA-256 (FIPS 180-4), SHA-256 of the SHA-256 (as Bitcoin uses it), SHA-512, BLAKE3. */
export type HashAlgorithm = 'sha256' | 'sha256d' | 'sha512' | 'blake3';

const ALGORITHMS: Readonly<Record<HashAlgorithm, AlgorithmNumber>> = {
  sha256: AlgorithmNumber.SHA256,
  sha256d: AlgorithmNumber.SHA256D,
  sha512: AlgorithmNumber.SHA512,
  blake3: AlgorithmNumber.BLAKE3,
};

/** What hashing costs: 100 micro-credits and one for each started 1,024 bytes. */
export const HASH_PRICE: Price = { base: 100n, price: 1n, units: 1024n, unit: 'byte' };

/** The number that stands for an algorithm in messages. */
export function requireAlgorithm(value: unknown): AlgorithmNumber {
  if (typeof value !== 'string') throw wrongType('algorithm', 'a string', value);
  const number = Object.hasOwn(ALGORITHMS, value) ? ALGORITHMS[value as HashAlgorithm] : undefined;
  if (number === undefined)
    throw outOfRange('algorithm', Object.keys(ALGORITHMS).join(', '), value);
  return number;
}

/** How long an algorithm's digests are: 64 bytes for SHA-512, 32 for the others. */
export function digestBytes(algorithm: AlgorithmNumber): number {
  const { DIGEST_BYTES, LONGEST_DIGEST_BYTES } = MiningLimits;
  return algorithm === AlgorithmNumber.SHA512 ? LONGEST_DIGEST_BYTES : DIGEST_BYTES;
}

/** Checks that a value can be hashed. */
export function requireBytes(argument: string, value: unknown): ArrayBufferView {
  if (ArrayBuffer.isView(value)) return value;
  throw wrongType(argument, 'a Uint8Array or another typed array', value);
}

/** From so many bytes on BLAKE3 is worth all threads. */
const SMALLEST_TREE = 4 * MiningLimits.SUBTREE_BYTES;
/** More bytes than Rust lends at once are hashed piece by piece, by one thread. */
const LARGEST_TREE = 2 ** 31 - 1;

/** How many bytes the threads that hash an input together need for what they leave to the last: 0 for one thread. */
export function scratchBytes(isBlake3: boolean, byteLength: number): number {
  if (!isBlake3 || byteLength < SMALLEST_TREE || byteLength > LARGEST_TREE) return 0;
  return Math.ceil(byteLength / MiningLimits.SUBTREE_BYTES) * MiningLimits.DIGEST_BYTES;
}

/** How many threads may hash an input together. */
export function treeThreads(isBlake3: boolean, byteLength: number): number {
  return scratchBytes(isBlake3, byteLength) > 0 ? MAXIMUM_THREADS : 1;
}

/** `hash(algorithm, data)`: 32 bytes, or 64 for SHA-512. Large inputs of BLAKE3 by all threads. */
export const hash = defineMethod({
  id: MiningMethod.HASH,
  arity: 2,
  params: HashParams,
  price: HASH_PRICE,
  outputBytes: MiningLimits.LONGEST_DIGEST_BYTES,
  isReusable: true,
  parse: (algorithm: HashAlgorithm, data: ArrayBufferView) => ({
    algorithm: requireAlgorithm(algorithm),
    data: requireBytes('data', data),
  }),
  estimate: ({ data }) => ({ minimum: data.byteLength, maximum: data.byteLength }),
  threads: ({ algorithm, data }) =>
    treeThreads(algorithm === AlgorithmNumber.BLAKE3, data.byteLength),
  encode: (params, { algorithm, data }, job) => {
    const isBlake3 = algorithm === AlgorithmNumber.BLAKE3;
    params.algorithm = algorithm;
    job.region(params.input, data, 'data', 'read');
    job.scratch(params.scratch, scratchBytes(isBlake3, data.byteLength));
  },
  decode: (result, { algorithm }) => result.output().slice(0, digestBytes(algorithm)),
});
