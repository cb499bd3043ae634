/**
 * Hashing in one call. The twin of `crates/inos-mining/src/hash.rs`.
 */
import { defineMethod, outOfRange, wrongType, type Price } from '@inos/sdk';
import {
  HashAlgorithm as AlgorithmNumber,
  HashParams,
  MiningLimits,
  MiningMethod,
} from './generated/mining.js';

/** Hash functions: SHA-256 (FIPS 180-4), SHA-256 of the SHA-256 (as Bitcoin uses it), BLAKE3. */
export type HashAlgorithm = 'sha256' | 'sha256d' | 'blake3';

const ALGORITHMS: Readonly<Record<HashAlgorithm, AlgorithmNumber>> = {
  sha256: AlgorithmNumber.SHA256,
  sha256d: AlgorithmNumber.SHA256D,
  blake3: AlgorithmNumber.BLAKE3,
};

/** What hashing costs: 100 micro-credits and one for each started 1,024 bytes. */
export const HASH_PRICE: Price = { base: 100n, price: 1n, units: 1024n, unit: 'byte' };

/** The number that stands for an algorithm in messages. */
export function requireAlgorithm(value: unknown): AlgorithmNumber {
  if (typeof value !== 'string') throw wrongType('algorithm', 'a string', value);
  const number = Object.hasOwn(ALGORITHMS, value) ? ALGORITHMS[value as HashAlgorithm] : undefined;
  if (number === undefined) throw outOfRange('algorithm', "'sha256', 'sha256d' or 'blake3'", value);
  return number;
}

/** Checks that a value can be hashed. */
export function requireBytes(argument: string, value: unknown): ArrayBufferView {
  if (ArrayBuffer.isView(value)) return value;
  throw wrongType(argument, 'a Uint8Array or another typed array', value);
}

/** `hash(algorithm, data)`: 32 bytes. */
export const hash = defineMethod({
  id: MiningMethod.HASH,
  arity: 2,
  params: HashParams,
  price: HASH_PRICE,
  outputBytes: MiningLimits.DIGEST_BYTES,
  isReusable: true,
  parse: (algorithm: HashAlgorithm, data: ArrayBufferView) => ({
    algorithm: requireAlgorithm(algorithm),
    data: requireBytes('data', data),
  }),
  estimate: ({ data }) => ({ minimum: data.byteLength, maximum: data.byteLength }),
  encode: (params, { algorithm, data }, job) => {
    params.algorithm = algorithm;
    job.region(params.input, data, 'data', 'read');
  },
  decode: (result) => result.output(),
});
