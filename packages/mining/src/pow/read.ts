/**
 * Reads a challenge of any format that can be solved: text, JSON or an object.
 */
import {
  altchaPuzzle,
  altchaV2Puzzle,
  isAltcha,
  isAltchaV2,
  readAltcha,
  readAltchaV2,
  type AltchaChallenge,
  type AltchaV2Challenge,
} from './altcha.js';
import type { CounterMode } from './altcha-key.js';
import { malformed } from './errors.js';
import {
  anubisPuzzle,
  isAnubis,
  isMcaptcha,
  mcaptchaPuzzle,
  type AnubisChallenge,
  type McaptchaChallenge,
} from './foreign.js';
import type { Puzzle } from './puzzle.js';
import { isStamp, readStamp, stampPuzzle } from './stamp.js';

/** A challenge that can be solved: our own text, or an object of another protocol. */
export type SolvableChallenge =
  string | AltchaChallenge | AltchaV2Challenge | AnubisChallenge | McaptchaChallenge;

/** Longer text is no challenge. */
const MAXIMUM_LETTERS = 8192;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw malformed('the challenge is neither a stamp nor JSON', error);
  }
}

/**
 * What a challenge asks for.
 *
 * @param challenge - an object, or text: a challenge of our own, or JSON
 * @param mode - how counters are written, of ALTCHA's version 2
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`
 */
export function readPuzzle(challenge: unknown, mode?: CounterMode): Puzzle {
  if (typeof challenge === 'string') {
    const text = challenge.trim();
    if (text.length > MAXIMUM_LETTERS) throw malformed('the challenge is too long');
    if (!isStamp(text)) return puzzleOf(parsed(text), mode);
    const stamp = readStamp(text);
    if (stamp.nonce !== undefined)
      throw malformed('the challenge has a nonce: it is solved already');
    return stampPuzzle(stamp);
  }
  return puzzleOf(challenge, mode);
}

function puzzleOf(value: unknown, mode?: CounterMode): Puzzle {
  // JSON of a stamp is a string.
  if (typeof value === 'string' && isStamp(value)) return readPuzzle(value);
  if (isMcaptcha(value)) return mcaptchaPuzzle(value);
  if (isAnubis(value)) return anubisPuzzle(value);
  if (isAltchaV2(value)) return altchaV2Puzzle(readAltchaV2(value), mode);
  if (isAltcha(value)) return altchaPuzzle(readAltcha(value));
  throw malformed('the challenge is of no known format');
}
