/**
 * Challenges of other servers that can be solved here, not made: Anubis' and mCaptcha's.
 */
import { toBytes32, toHex, toNumber, utf8, type Bytes } from './encoding.js';
import { malformed, powError } from './errors.js';
import { atLeast, beginning, concatenate, type Puzzle } from './puzzle.js';

/**
 * A challenge of Anubis, as its pages embed it: the digest of the random data and a decimal nonce must begin with so
 * many zeros, as hexadecimal digits.
 */
export interface AnubisChallenge {
  readonly challenge: string | { readonly id?: string; readonly randomData: string };
  readonly rules: { readonly difficulty: number; readonly algorithm?: string };
}

/**
 * A challenge of mCaptcha, as its API gives it: of the digest of salt, string and decimal nonce, the first 16 bytes
 * are a number, which must be above all but one in `difficulty_factor` others.
 */
export interface McaptchaChallenge {
  readonly string: string;
  readonly salt: string;
  readonly difficulty_factor: number;
}

type Fields = Readonly<Record<string, unknown>>;

const MAXIMUM_LETTERS = 960;
const HIGHEST_128 = (1n << 128n) - 1n;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && utf8(value).length <= MAXIMUM_LETTERS / 2;

/** Whether an object looks like a challenge of Anubis. */
export function isAnubis(value: unknown): boolean {
  return isFields(value) && isFields(value.rules) && 'challenge' in value;
}

/** Whether an object looks like a challenge of mCaptcha. */
export function isMcaptcha(value: unknown): boolean {
  return isFields(value) && 'difficulty_factor' in value;
}

/**
 * What a challenge of Anubis asks for. Its answer is the query string of `/.within.website/x/cmd/anubis/api/pass-challenge`:
 * `response`, `nonce`, `elapsedTime` in whole milliseconds, and `id` if the challenge has one. What is left to add is
 * `redir`: the page to be sent to.
 *
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`
 */
export function anubisPuzzle(value: unknown): Puzzle {
  const { rules, challenge } = isFields(value) ? value : {};
  if (!isFields(rules)) throw malformed('an Anubis challenge has rules');
  const { difficulty, algorithm = 'fast' } = rules;
  const { id, randomData } = isFields(challenge)
    ? challenge
    : { id: undefined, randomData: challenge };
  if (algorithm !== 'fast' && algorithm !== 'slow') {
    const name = typeof algorithm === 'string' ? algorithm.slice(0, 40) : typeof algorithm;
    const text = `Anubis' algorithm ${name} isn't supported: fast and slow are`;
    const supported = ['fast', 'slow'];
    throw powError('mining/challenge-unsupported', text, { algorithm, supported });
  }
  if (
    typeof difficulty !== 'number' ||
    !Number.isInteger(difficulty) ||
    difficulty < 0 ||
    difficulty > 64
  ) {
    throw malformed("the challenge's difficulty is no whole number from 0 to 64");
  }
  if (!isShortText(randomData))
    throw malformed("the challenge's random data is no text, or too long");
  return {
    message: utf8(randomData),
    nonce: 'decimal',
    first: 0,
    last: Number.MAX_SAFE_INTEGER,
    range: beginning('0'.repeat(difficulty)),
    expectedHashes: 16 ** difficulty,
    answer: (nonce, digest, elapsedMs) => {
      const query = new URLSearchParams({
        response: toHex(digest),
        nonce: String(nonce),
        // Its server refuses answers without.
        elapsedTime: String(Math.max(0, Math.round(elapsedMs))),
      });
      if (typeof id === 'string') query.set('id', id);
      return query.toString();
    },
  };
}

/** Text as Rust's bincode writes it: its length in 8 bytes, the least significant first, then its bytes. */
function bincode(text: string): Bytes {
  const bytes = utf8(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return concatenate(length, bytes);
}

/**
 * What a challenge of mCaptcha asks for. Its answer is the JSON that its API takes, but for the site's key.
 *
 * @throws InosError `mining/challenge-malformed`
 */
export function mcaptchaPuzzle(value: unknown): Puzzle {
  const { string, salt, difficulty_factor: factor } = isFields(value) ? value : {};
  if (
    typeof factor !== 'number' ||
    !Number.isInteger(factor) ||
    factor < 1 ||
    factor > 0xffffffff
  ) {
    throw malformed("the challenge's difficulty factor is no whole number of 32 bits above 0");
  }
  if (!isShortText(string) || !isShortText(salt)) {
    throw malformed("the challenge's string or salt is no text, or too long");
  }
  const score = HIGHEST_128 - HIGHEST_128 / BigInt(factor);
  return {
    message: concatenate(utf8(salt), bincode(string)),
    nonce: 'decimal',
    // Its own solvers begin with 1.
    first: 1,
    last: Number.MAX_SAFE_INTEGER,
    range: atLeast(toBytes32(score << 128n)),
    expectedHashes: factor,
    answer: (nonce, digest) => {
      const result = toNumber(digest.subarray(0, 16)).toString();
      return JSON.stringify({ string, result, nonce });
    },
  };
}
