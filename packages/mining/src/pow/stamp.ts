/**
 * The package's own format, a stamp: everything that was signed, the signature and the nonce in one line of text,
 * whose SHA-256 is low enough.
 *
 *     inos1.DIFFICULTY.EXPIRES.CONTEXT.SALT.SIGNATURE.NONCE
 *
 * DIFFICULTY (expected hashes), EXPIRES (Unix milliseconds) and NONCE are decimal, CONTEXT (UTF-8) and SIGNATURE
 * (HMAC-SHA-256 of all before it) base64url, SALT random letters of it. Without its nonce it is a challenge. The salt
 * is as long as makes the nonce begin a new block of SHA-256: so each try costs one block, the least there can be.
 */
import { requireDifficulty, targetOfDifficulty } from './difficulty.js';
import { fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from './encoding.js';
import { malformed } from './errors.js';
import { atMost, type Puzzle } from './puzzle.js';
import { isSigned, sign, type Secrets } from './signature.js';

/** What a stamp says. */
export interface Stamp {
  readonly difficulty: number;
  readonly expiresAtMs: number;
  readonly context: string;
  /** Names the challenge. */
  readonly salt: string;
}

/** A stamp that was read, not verified yet. */
export interface ReadStamp extends Stamp {
  /** What the signature is of. */
  readonly signed: string;
  readonly signature: Bytes;
  /** The challenge: all but the nonce. */
  readonly challenge: string;
  /** The nonce's digits, unless it is a challenge. */
  readonly nonce: string | undefined;
}

const VERSION = 'inos1';
const BLOCK_BYTES = 64;
/** 132 random bits at least. */
const SALT_LETTERS = 22;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SIGNATURE_LETTERS = 43;
const SALT = /^[\w-]{22,}$/;
const DECIMAL = /^(0|[1-9]\d{0,15})$/;
/** The longest challenge: what a search takes is 1,024 bytes with its nonce. */
const MAXIMUM_LETTERS = 960;
const MAXIMUM_CONTEXT_BYTES = 512;

/** The longest context that a challenge can be bound to, in bytes of UTF-8. */
export const CONTEXT_BYTES = MAXIMUM_CONTEXT_BYTES;

/** As many random letters as make the challenge and the point after it fill whole blocks. */
function saltAfter(text: string): string {
  const others = text.length + 1 + SIGNATURE_LETTERS + 1;
  const most = SALT_LETTERS + BLOCK_BYTES - 1;
  const letters = most - ((others + most) % BLOCK_BYTES);
  const random = crypto.getRandomValues(new Uint8Array(letters));
  return Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Makes a challenge. */
export async function createStamp(
  { difficulty, expiresAtMs, context }: Omit<Stamp, 'salt'>,
  secrets: Secrets,
): Promise<string> {
  const head = `${VERSION}.${difficulty}.${expiresAtMs}.${toBase64Url(utf8(context))}.`;
  const text = head + saltAfter(head);
  return `${text}.${toBase64Url(await sign(secrets, text))}`;
}

/** Whether text claims to be a stamp or its challenge. */
export function isStamp(text: string): boolean {
  return text.startsWith(`${VERSION}.`);
}

function number(digits: string | undefined, name: string): number {
  const value = DECIMAL.test(digits ?? '') ? Number(digits) : NaN;
  if (Number.isSafeInteger(value)) return value;
  throw malformed(`the stamp's ${name} is no whole number`);
}

/**
 * Takes a challenge or a stamp apart.
 *
 * @throws InosError `mining/challenge-malformed`
 */
export function readStamp(text: string): ReadStamp {
  const parts = text.split('.');
  const [version, difficulty, expires, context, salt, signature, nonce] = parts;
  if (version !== VERSION || parts.length < 6 || parts.length > 7) {
    throw malformed(`a stamp begins with ${VERSION} and has six parts, or seven with its nonce`);
  }
  const signatureBytes = fromBase64Url(signature ?? '');
  const contextBytes = fromBase64Url(context ?? '');
  const contextText = contextBytes && fromUtf8(contextBytes);
  if (contextText === undefined) throw malformed("the stamp's context isn't base64url of UTF-8");
  if (!SALT.test(salt ?? ''))
    throw malformed("the stamp's salt isn't 22 letters of base64url or more");
  if (signatureBytes?.length !== 32) throw malformed("the stamp's signature isn't 32 bytes");
  if (nonce !== undefined) number(nonce, 'nonce');
  const signed = parts.slice(0, 5).join('.');
  const challenge = parts.slice(0, 6).join('.');
  if (challenge.length > MAXIMUM_LETTERS) throw malformed('the stamp is too long');
  const read = number(difficulty, 'difficulty');
  if (read < 1) throw malformed("the stamp's difficulty is below 1");
  return {
    difficulty: requireDifficulty(read),
    expiresAtMs: number(expires, 'time of expiry'),
    context: contextText,
    salt: salt ?? '',
    signed,
    signature: signatureBytes,
    challenge,
    nonce,
  };
}

/** Whether one of the secrets signed it. */
export function isStampSigned(
  { signed, signature }: ReadStamp,
  secrets: Secrets,
): Promise<boolean> {
  return isSigned(secrets, signed, signature);
}

/** What the challenge asks for. */
export function stampPuzzle({ challenge, difficulty }: ReadStamp): Puzzle {
  return {
    message: utf8(`${challenge}.`),
    nonce: 'decimal',
    first: 0,
    last: Number.MAX_SAFE_INTEGER,
    range: atMost(targetOfDifficulty(difficulty)),
    expectedHashes: difficulty,
    answer: (nonce) => `${challenge}.${nonce}`,
  };
}
