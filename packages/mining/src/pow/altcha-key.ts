/**
 * The functions of ALTCHA's version 2 that every platform brings along: SHA-2, once or again and again, and PBKDF2.
 * By WebCrypto, off the page's thread. Its memory-hard ones, scrypt and Argon2, no platform has everywhere.
 */
import { concatenate, messageWith } from './puzzle.js';
import type { Bytes } from './encoding.js';

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
  readonly hash: string;
  readonly isPbkdf2: boolean;
  readonly maximumCost: number;
  readonly maximumKeyBytes: number;
}

const LONGEST_KEY_BYTES = 64;
const HASHES = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };

const DERIVATIONS = new Map<string, Derivation>(
  Object.entries(HASHES).flatMap(([hash, digestBytes]) => [
    [hash, { hash, isPbkdf2: false, maximumCost: 100_000, maximumKeyBytes: digestBytes }],
    [
      `PBKDF2/${hash}`,
      { hash, isPbkdf2: true, maximumCost: 10_000_000, maximumKeyBytes: LONGEST_KEY_BYTES },
    ],
  ]),
);

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
  nonce: Bytes,
  counter: number,
): Promise<Bytes> {
  const { hash = '', isPbkdf2 = false } = derivationOf(algorithm) ?? {};
  const password = messageWith({ message: nonce, nonce: 'uint32-be' }, counter);
  const { subtle } = crypto;
  if (isPbkdf2) {
    const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    const terms = { name: 'PBKDF2', hash, salt, iterations: cost };
    return new Uint8Array(await subtle.deriveBits(terms, key, keyLength * 8));
  }
  let data = concatenate(salt, password);
  for (let turn = 0; turn < cost; turn++) data = new Uint8Array(await subtle.digest(hash, data));
  return data.subarray(0, keyLength);
}
