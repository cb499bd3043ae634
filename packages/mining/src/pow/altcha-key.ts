/**
 * The functions of ALTCHA's version 2 that every platform brings along: SHA-2, once or again and again, and PBKDF2.
 * By WebCrypto, off the page's thread. Its memory-hard ones, scrypt and Argon2, no platform has everywhere.
 */
import { outOfRange } from '@inos/sdk/errors';
import type { Bytes } from './encoding.js';
import { concatenate, messageWith, type Puzzle } from './puzzle.js';
import { digestOf, type HashName } from './signature.js';

/** What says how a key is made from a counter. */
export interface KeyTerms {
  readonly algorithm: string;
  /** How often it is hashed. */
  readonly cost: number;
  /** How many bytes of it are wanted. */
  readonly keyLength: number;
}

/** A function, and the most that it may cost: a single key must not take minutes that no signal ends. */
interface Derivation {
  readonly hash: HashName;
  readonly isPbkdf2: boolean;
  readonly maximumCost: number;
  readonly maximumKeyBytes: number;
}

const LONGEST_KEY_BYTES = 64;
const HASHES: readonly (readonly [HashName, number])[] = [
  ['SHA-256', 32],
  ['SHA-384', 48],
  ['SHA-512', 64],
];

/** How a counter is put behind the nonce. The challenge doesn't say: solver and server must agree on it. */
export type CounterMode = 'uint32' | 'string';

/** The same as a puzzle says it, and the last counter that there is. */
export interface CounterFormat {
  readonly format: Puzzle['nonce'];
  readonly last: number;
}

/** Checks a counter's mode. */
export function requireCounterMode(mode: unknown = 'uint32'): CounterFormat {
  if (mode === 'uint32') return { format: 'uint32-be', last: 0xffffffff };
  if (mode === 'string') return { format: 'decimal', last: Number.MAX_SAFE_INTEGER };
  throw outOfRange('counterMode', "'uint32' or 'string'", mode);
}

const DERIVATIONS = new Map<string, Derivation>(
  HASHES.flatMap(([hash, digestBytes]): [string, Derivation][] => [
    [hash, { hash, isPbkdf2: false, maximumCost: 100_000, maximumKeyBytes: digestBytes }],
    [
      `PBKDF2/${hash}`,
      { hash, isPbkdf2: true, maximumCost: 10_000_000, maximumKeyBytes: LONGEST_KEY_BYTES },
    ],
  ]),
);

/** The names of the functions. */
export const KEY_ALGORITHMS: readonly string[] = [...DERIVATIONS.keys()];

/** The most that a key of an algorithm may cost, and its greatest length; `undefined` if it is another's. */
export function derivationOf(algorithm: string): Derivation | undefined {
  return DERIVATIONS.get(algorithm);
}

/** Whether a key is one SHA-256, which the capsule is for. */
export function isOneSha256({ algorithm, cost }: Pick<KeyTerms, 'algorithm' | 'cost'>): boolean {
  return algorithm === 'SHA-256' && cost === 1;
}

/** The key that a counter gives. */
export async function deriveKey(
  { algorithm, cost, keyLength }: KeyTerms,
  salt: Bytes,
  nonce: Pick<Puzzle, 'message' | 'nonce'>,
  counter: number,
): Promise<Bytes> {
  const { hash = 'SHA-256', isPbkdf2 = false } = derivationOf(algorithm) ?? {};
  const password = messageWith(nonce, counter);
  const { subtle } = crypto;
  if (isPbkdf2) {
    const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    const terms = { name: 'PBKDF2', hash, salt, iterations: cost };
    return new Uint8Array(await subtle.deriveBits(terms, key, keyLength * 8));
  }
  let data = concatenate(salt, password);
  for (let turn = 0; turn < cost; turn++) data = await digestOf(hash, data);
  return data.subarray(0, keyLength);
}
