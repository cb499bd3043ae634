/** The vectors that Rust replays too, and what tests need to read them. */
import blake3Vectors from '../../../../vectors/mining/blake3.json';
import hashVectors from '../../../../vectors/mining/hash.json';
import searchVectors from '../../../../vectors/mining/search.json';
import sha512Vectors from '../../../../vectors/mining/sha512.json';
import type { DigestOrder, HashAlgorithm } from '@inos/mining';

type Input =
  | { readonly hex: string }
  | { readonly text: string; readonly repeat: number }
  | { readonly length: number; readonly cycle: number };

/** Bytes from hexadecimal digits. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

/** Hexadecimal digits of bytes. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function inputOf(input: Input): Uint8Array {
  if ('hex' in input) return bytesOf(input.hex);
  if ('text' in input) return new TextEncoder().encode(input.text.repeat(input.repeat));
  return Uint8Array.from({ length: input.length }, (_, index) => index % input.cycle);
}

const ofSha512 = sha512Vectors.vectors.map((vector) => ({ algorithm: 'sha512', ...vector }));
/** Digests that others published or agree on. */
export const HASHES = [...hashVectors.vectors, ...ofSha512].map(
  ({ algorithm, input, digest }, index) => ({
    name: `${index}: ${algorithm} of ${JSON.stringify(input).slice(0, 40)}`,
    algorithm: algorithm as HashAlgorithm,
    input: inputOf(input as Input),
    digest,
  }),
);

/** Searches with their lowest nonces. */
export const SEARCHES = searchVectors.vectors.map((vector) => ({
  ...vector,
  algorithm: vector.algorithm as HashAlgorithm,
  digestOrder: vector.digestOrder as DigestOrder,
  header: bytesOf(vector.header),
  target: bytesOf(vector.target),
}));

/** BLAKE3's official vectors: outputs of all modes for an input of so many bytes. */
export const BLAKE3_OUTPUTS = blake3Vectors.vectors;
