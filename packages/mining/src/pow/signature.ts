/**
 * HMAC and SHA by WebCrypto, SHA-256 unless a format wants another, which Node, browsers and edge runtimes all have. Its `verify` compares in
 * constant time, so how long a refusal takes says nothing about the right signature.
 */
import { outOfRange, wrongType } from '@inos/sdk/errors';
import { utf8, type Bytes } from './encoding.js';

/** The least that a secret may have, in bytes: below it, guessing is cheaper than solving. */
const MINIMUM_SECRET_BYTES = 16;

/** A hash function, by WebCrypto's name. */
export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** A secret that signs: text or bytes, at least 16 of them. */
export type Secret = string | Uint8Array;

/** One secret, or several: the first signs, all of them verify, so that secrets can be replaced. */
export type Secrets = Secret | readonly Secret[];

function bytesOf(secret: unknown): Bytes {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    throw wrongType('secret', 'a string or a Uint8Array', typeof secret);
  }
  const bytes = typeof secret === 'string' ? utf8(secret) : Uint8Array.from(secret);
  if (bytes.length < MINIMUM_SECRET_BYTES) {
    throw outOfRange('secret', `at least ${MINIMUM_SECRET_BYTES} bytes long`, bytes.length);
  }
  return bytes;
}

function keyOf(secret: unknown, hash: HashName): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash };
  return crypto.subtle.importKey('raw', bytesOf(secret), algorithm, false, ['sign', 'verify']);
}

function listOf(secrets: Secrets): readonly Secret[] {
  const list = Array.isArray(secrets) ? (secrets as readonly Secret[]) : [secrets as Secret];
  if (list.length === 0) throw outOfRange('secret', 'one secret at least', secrets);
  return list;
}

/**
 * Checks what is to sign.
 *
 * @throws TypeError, RangeError unless each secret is text or bytes, and long enough
 */
export function requireSecrets(secrets: Secrets): void {
  listOf(secrets).forEach(bytesOf);
}

/** Signs text with the first secret: 32 bytes. */
export async function sign(secrets: Secrets, text: string): Promise<Bytes> {
  const [first] = listOf(secrets);
  return new Uint8Array(
    await crypto.subtle.sign('HMAC', await keyOf(first, 'SHA-256'), utf8(text)),
  );
}

/** Whether any of the secrets made a signature. All are tried, so that it takes as long whichever did. */
export async function isSigned(
  secrets: Secrets,
  text: string,
  signature: Bytes,
  hash: HashName = 'SHA-256',
): Promise<boolean> {
  let found = false;
  for (const secret of listOf(secrets)) {
    const key = await keyOf(secret, hash);
    const is = await crypto.subtle.verify('HMAC', key, signature, utf8(text));
    found ||= is;
  }
  return found;
}

/** A digest. */
export async function digestOf(hash: HashName, data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(hash, data));
}

/** SHA-256: 32 bytes. */
export function sha256(data: Bytes): Promise<Bytes> {
  return digestOf('SHA-256', data);
}
