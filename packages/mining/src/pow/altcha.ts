/**
 * ALTCHA's published formats: version 1, where the server keeps a number secret and gives its digest away, and
 * version 2, where it gives the first half of the digest away. Those made here are one SHA-256; solved and verified are
 * those of version 1 by other SHA, too, and those of version 2 whose functions `altcha-key.ts` has.
 */
import { outOfRange } from '@inos/sdk/errors';
import {
  derivationOf,
  deriveKey,
  isOneSha256,
  KEY_ALGORITHMS,
  requireCounterMode,
  type CounterMode,
} from './altcha-key.js';
import { randomBelow } from './difficulty.js';
import { fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8, type Bytes } from './encoding.js';
import { malformed, powError } from './errors.js';
import { beginning, concatenate, messageWith, type Puzzle } from './puzzle.js';
import { digestOf, isSigned, sha256, sign, type HashName, type Secrets } from './signature.js';

/** A challenge of ALTCHA's version 1. */
export interface AltchaChallenge {
  /** SHA-256 if it was made here. */
  readonly algorithm: HashName;
  /** The digest of the salt and the number in decimal digits, as hexadecimal digits. */
  readonly challenge: string;
  /** The highest that the number can be. */
  readonly maxnumber?: number;
  /** Random digits and, as in a query string, `expires` (Unix seconds), `context` and `difficulty`; ends with `&`. */
  readonly salt: string;
  /** HMAC of `challenge` by the same function, as hexadecimal digits. */
  readonly signature: string;
}

/** Its solution: what base64 of JSON is sent back. */
export interface AltchaSolution extends Omit<AltchaChallenge, 'maxnumber'> {
  readonly number: number;
}

/** What a challenge of ALTCHA's version 2 asks for. */
export interface AltchaV2Parameters {
  readonly algorithm: string;
  /** 16 bytes as hexadecimal digits, as is `salt`. */
  readonly nonce: string;
  readonly salt: string;
  /** How often it is hashed. */
  readonly cost: number;
  readonly keyLength: number;
  /** What the digest begins with, as hexadecimal digits. */
  readonly keyPrefix: string;
  /** Unix seconds. */
  readonly expiresAt?: number;
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
  readonly keySignature?: string;
}

/** A challenge of ALTCHA's version 2. */
export interface AltchaV2Challenge {
  readonly parameters: AltchaV2Parameters;
  /** HMAC-SHA-256, if it was made here, of the parameters as JSON with sorted keys, as hexadecimal digits. */
  readonly signature?: string;
}

/** Its solution: what base64 of JSON is sent back. */
export interface AltchaV2Solution {
  readonly challenge: AltchaV2Challenge;
  readonly solution: { readonly counter: number; readonly derivedKey: string };
}

/** What both versions of a challenge are made from. */
export interface AltchaTerms {
  readonly difficulty: number;
  readonly expiresAtMs: number;
  readonly context: string;
}

type Fields = Readonly<Record<string, unknown>>;

const HEX = /^[\da-f]*$/;
/** The functions of version 1, and the hexadecimal digits of their digests. */
const HASH_DIGITS: ReadonlyMap<string, number> = new Map<HashName, number>([
  ['SHA-1', 40],
  ['SHA-256', 64],
  ['SHA-384', 96],
  ['SHA-512', 128],
]);
const SIGNATURE_DIGITS = /^([\da-f]{2}){16,64}$/;
const SALT_BYTES = 16;
/** Room for the number behind it in the 1,024 bytes of a search. */
const MAXIMUM_SALT_LETTERS = 960;
const DEFAULT_MAXIMUM = 1_000_000;
/** What version 2 gives away of the digest, in bytes: half of it. */
const PREFIX_BYTES = 16;
/** Deeper JSON than this no solver makes, and what reads or writes it would run out of stack. */
const MAXIMUM_DEPTH = 16;

/** Whole seconds, so that a challenge lasts as long as it shall at least. */
const secondsOf = (milliseconds: number) => Math.ceil(milliseconds / 1000);

/** The most numbers that there are to try, when half of them is the difficulty. */
function countFor(difficulty: number, most: number): number {
  return Math.min(2 * difficulty, most);
}

/** Makes a challenge of version 1. */
export async function createAltcha(
  { difficulty, expiresAtMs, context }: AltchaTerms,
  secrets: Secrets,
): Promise<AltchaChallenge> {
  const maxnumber = countFor(difficulty, Number.MAX_SAFE_INTEGER - 1);
  const query = new URLSearchParams({
    ...(context === '' ? {} : { context }),
    difficulty: String(difficulty),
    expires: String(secondsOf(expiresAtMs)),
  });
  const random = toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  // The last letter keeps the number apart from the parameters: digits can't be moved between them.
  const salt = `${random}?${query.toString()}&`;
  if (salt.length > MAXIMUM_SALT_LETTERS) {
    const expected = `short enough for ALTCHA's salt of ${MAXIMUM_SALT_LETTERS} letters, as a query string`;
    throw outOfRange('context', expected, context);
  }
  const challenge = toHex(await sha256(utf8(salt + String(randomBelow(maxnumber) + 1))));
  const signature = toHex(await sign(secrets, challenge));
  return { algorithm: 'SHA-256', challenge, maxnumber, salt, signature };
}

/** Makes a challenge of version 2. */
export async function createAltchaV2(
  { difficulty, expiresAtMs, context }: AltchaTerms,
  secrets: Secrets,
  counterMode?: CounterMode,
): Promise<AltchaV2Challenge> {
  const { format, last } = requireCounterMode(counterMode);
  const [nonce, salt] = [0, 1].map(() => crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  const message = concatenate(salt as Bytes, nonce as Bytes);
  const counter = randomBelow(countFor(difficulty, last + 1));
  const digest = await sha256(messageWith({ message, nonce: format }, counter));
  const parameters: AltchaV2Parameters = {
    algorithm: 'SHA-256',
    cost: 1,
    data: context === '' ? { difficulty } : { context, difficulty },
    expiresAt: secondsOf(expiresAtMs),
    keyLength: 32,
    keyPrefix: toHex(digest.subarray(0, PREFIX_BYTES)),
    nonce: toHex(nonce as Bytes),
    salt: toHex(salt as Bytes),
  };
  return { parameters, signature: toHex(await sign(secrets, canonical(parameters))) };
}

/** JSON with sorted keys, as ALTCHA signs it: what is in arrays stays as it is. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (!isFields(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}

/** How many arrays and objects lie in one another, at most a few too many. */
function depthOf(value: unknown, most = MAXIMUM_DEPTH): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (most === 0) return 1;
  return 1 + Math.max(0, ...Object.values(value).map((each) => depthOf(each, most - 1)));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === 'string';

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** Whether an object looks like a challenge of version 1. */
export function isAltcha(value: unknown): boolean {
  return isFields(value) && isText(value.salt) && isText(value.challenge);
}

/** Whether an object looks like a challenge of version 2. */
export function isAltchaV2(value: unknown): boolean {
  return isFields(value) && isFields(value.parameters);
}

/**
 * Checks a challenge of version 1.
 *
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`
 */
export function readAltcha(value: unknown): AltchaChallenge {
  if (!isFields(value)) throw malformed('an ALTCHA challenge is an object');
  const { algorithm, challenge, maxnumber, salt, signature } = value;
  if (!isText(algorithm)) throw malformed('the challenge names no algorithm');
  const digits = HASH_DIGITS.get(algorithm);
  if (digits === undefined) throw unsupported(algorithm, HASH_DIGITS.keys());
  const isDigest = (text: unknown): text is string =>
    isText(text) && text.length === digits && HEX.test(text);
  if (!isDigest(challenge)) throw malformed(`the challenge isn't ${digits} hexadecimal digits`);
  if (!isDigest(signature)) throw malformed(`the signature isn't ${digits} hexadecimal digits`);
  if (!isText(salt) || utf8(salt).length > MAXIMUM_SALT_LETTERS) {
    throw malformed('the salt is no text, or too long');
  }
  if (maxnumber !== undefined && !isCount(maxnumber)) {
    throw malformed("the challenge's maxnumber is no whole number");
  }
  const limit = maxnumber === undefined ? {} : { maxnumber };
  return { algorithm: algorithm as HashName, challenge, ...limit, salt, signature };
}

function unsupported(algorithm: string, others: Iterable<string>): Error {
  const supported = [...others];
  const text = `the algorithm ${algorithm.slice(0, 40)} isn't supported: ${supported.join(', ')} are`;
  return powError('mining/challenge-unsupported', text, { algorithm, supported });
}

/** Checks how keys of version 2 are made. */
function requireTerms({ algorithm, cost, keyLength }: Fields): number {
  if (!isText(algorithm)) throw malformed('the challenge names no algorithm');
  const derivation = derivationOf(algorithm);
  if (derivation === undefined) throw unsupported(algorithm, KEY_ALGORITHMS);
  const { maximumCost, maximumKeyBytes } = derivation;
  if (!isCount(cost) || cost === 0) throw malformed("the challenge's cost is no whole number");
  if (cost > maximumCost) {
    const text = `${algorithm} at a cost of ${cost} isn't supported: up to ${maximumCost} it is`;
    throw powError('mining/challenge-unsupported', text, { algorithm, cost, maximumCost });
  }
  if (!isCount(keyLength) || keyLength === 0 || keyLength > maximumKeyBytes) {
    throw malformed("the challenge's key is longer than its function gives");
  }
  return keyLength;
}

/**
 * Checks a challenge of version 2.
 *
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`
 */
export function readAltchaV2(value: unknown): AltchaV2Challenge {
  const { parameters, signature } = isFields(value) ? value : {};
  if (!isFields(parameters)) throw malformed('an ALTCHA challenge of version 2 has parameters');
  const { keyPrefix, nonce, salt, expiresAt, data } = parameters;
  const keyLength = requireTerms(parameters);
  if (
    !isText(nonce) ||
    !isText(salt) ||
    fromHex(nonce) === undefined ||
    fromHex(salt) === undefined
  ) {
    throw malformed("the challenge's nonce and salt aren't hexadecimal digits");
  }
  if (nonce.length + salt.length > MAXIMUM_SALT_LETTERS)
    throw malformed('nonce and salt are too long');
  if (!isText(keyPrefix) || !/^[\da-f]{1,64}$/.test(keyPrefix)) {
    throw malformed("the challenge's key prefix isn't 1 to 64 hexadecimal digits");
  }
  if (keyLength < keyPrefix.length / 2) {
    throw malformed("the challenge's key is shorter than its prefix");
  }
  if (expiresAt !== undefined && !(typeof expiresAt === 'number' && Number.isFinite(expiresAt))) {
    throw malformed("the challenge's time of expiry is no number");
  }
  if (data !== undefined && !isFields(data)) throw malformed("the challenge's data is no object");
  // Of other lengths are those by other functions, which can be solved, though not verified here.
  if (signature !== undefined && (!isText(signature) || !SIGNATURE_DIGITS.test(signature))) {
    throw malformed("the signature isn't hexadecimal digits");
  }
  const read = parameters as unknown as AltchaV2Parameters;
  return signature === undefined ? { parameters: read } : { parameters: read, signature };
}

/** Reads the base64 of JSON that solvers of both versions send. */
export function readAltchaPayload(text: string): unknown {
  const json = fromUtf8(fromBase64(text) ?? new Uint8Array([0xff]));
  if (json === undefined) throw malformed('the solution is neither a stamp nor base64 of JSON');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw malformed('the solution is neither a stamp nor base64 of JSON', error);
  }
  if (depthOf(value) > MAXIMUM_DEPTH) throw malformed("the solution's JSON is nested too deeply");
  return value;
}

/**
 * Checks a solution of version 1.
 *
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`
 */
export function readAltchaSolution(value: unknown): AltchaSolution {
  const { algorithm, challenge, salt, signature } = readAltcha(value);
  const { number } = value as Fields;
  if (!isCount(number)) throw malformed("the solution's number is no whole number");
  return { algorithm, challenge, salt, signature, number };
}

/**
 * Checks a solution of version 2.
 *
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`
 */
export function readAltchaV2Solution(value: unknown, mode?: CounterMode): AltchaV2Solution {
  const { challenge, solution } = isFields(value) ? value : {};
  if (!isFields(solution)) throw malformed('an ALTCHA solution of version 2 has a solution');
  const { counter, derivedKey } = solution;
  const { last } = requireCounterMode(mode);
  if (!isCount(counter) || counter > last) {
    throw malformed(`the solution's counter isn't a whole number up to ${last}`);
  }
  if (!isText(derivedKey) || !/^([\da-f]{2}){1,64}$/.test(derivedKey)) {
    throw malformed("the solution's key isn't hexadecimal digits");
  }
  return { challenge: readAltchaV2(challenge), solution: { counter, derivedKey } };
}

/** What follows a salt's random digits, read as a query string. */
export function queryOf(salt: string): URLSearchParams {
  return new URLSearchParams(salt.slice(salt.indexOf('?') + 1));
}

/** When a salt's challenge expires, in Unix milliseconds: `Infinity` if it doesn't say, NaN if that makes no sense. */
export function saltExpiry(query: URLSearchParams): number {
  const text = query.get('expires') ?? query.get('expire');
  if (text === null) return Infinity;
  return /^\d{1,12}$/.test(text) ? Number(text) * 1000 : NaN;
}

/** What a salt of version 1 says beside its random digits. Digits could be moved to or from one that ends otherwise. */
export function saltTerms(salt: string): {
  expiresAtMs: number;
  context: string;
  difficulty: number | undefined;
} {
  if (!salt.endsWith('&'))
    throw malformed("the salt doesn't end with &, which keeps the number apart");
  const query = queryOf(salt);
  const expiresAtMs = saltExpiry(query);
  if (Number.isNaN(expiresAtMs)) throw malformed("the salt's time of expiry is no whole number");
  const difficulty = /^\d{1,16}$/.exec(query.get('difficulty') ?? '')?.[0];
  return {
    expiresAtMs,
    context: query.get('context') ?? '',
    difficulty: difficulty === undefined ? undefined : Number(difficulty),
  };
}

/** Whether one of the secrets signed a challenge of version 1. */
export function isAltchaSigned(
  { algorithm, challenge, signature }: AltchaSolution,
  secrets: Secrets,
): Promise<boolean> {
  return isSigned(secrets, challenge, fromHex(signature) ?? new Uint8Array(), algorithm);
}

/** Whether one of the secrets signed a challenge of version 2. */
export async function isAltchaV2Signed(
  { parameters, signature }: AltchaV2Challenge,
  secrets: Secrets,
): Promise<boolean> {
  const bytes = fromHex(signature ?? '');
  return bytes !== undefined && (await isSigned(secrets, canonical(parameters), bytes));
}

/** What a challenge of version 1 asks for. */
export function altchaPuzzle(challenge: AltchaChallenge): Puzzle {
  const { maxnumber = DEFAULT_MAXIMUM, ...rest } = challenge;
  const { algorithm } = challenge;
  const text = { message: utf8(challenge.salt), nonce: 'decimal' } as const;
  return {
    ...text,
    first: 0,
    last: maxnumber,
    range: beginning(challenge.challenge),
    expectedHashes: Math.ceil(maxnumber / 2),
    ...(algorithm === 'SHA-256'
      ? {}
      : { derive: (number: number) => digestOf(algorithm, messageWith(text, number)) }),
    answer: (number) => toBase64(utf8(JSON.stringify({ ...rest, number }))),
  };
}

/** What a challenge of version 2 asks for. */
export function altchaV2Puzzle(challenge: AltchaV2Challenge, mode?: CounterMode): Puzzle {
  const { format, last } = requireCounterMode(mode);
  const { parameters } = challenge;
  const { keyLength, keyPrefix } = parameters;
  const [nonce, salt] = [parameters.nonce, parameters.salt].map(
    (digits) => fromHex(digits) ?? new Uint8Array(),
  ) as [Bytes, Bytes];
  return {
    message: concatenate(salt, nonce),
    nonce: format,
    first: 0,
    last,
    range: beginning(keyPrefix),
    // Of a long prefix nobody but who made it knows how far the counter may lie.
    expectedHashes: 16 ** Math.min(keyPrefix.length, 8),
    ...(isOneSha256(parameters)
      ? {}
      : {
          derive: (counter: number) =>
            deriveKey(parameters, salt, { message: nonce, nonce: format }, counter),
        }),
    answer: (counter, digest) => {
      const solution = { counter, derivedKey: toHex(digest.subarray(0, keyLength)) };
      return toBase64(utf8(JSON.stringify({ challenge, solution })));
    },
  };
}
