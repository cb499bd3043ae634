/**
 * Challenges: made and verified by a server that remembers nothing of them but, until they expire, which were spent.
 * One HMAC and one hash verify a solution, without the capsule, in any engine that has WebCrypto.
 */
import { outOfRange, requireInteger, requireOptions, wrongType } from '@inos/sdk/errors';
import {
  createAltcha,
  createAltchaV2,
  isAltchaSigned,
  isAltchaV2Signed,
  readAltchaPayload,
  readAltchaSolution,
  readAltchaV2Solution,
  altchaPuzzle,
  altchaV2Puzzle,
  saltTerms,
  type AltchaChallenge,
  type AltchaV2Challenge,
} from './altcha.js';
import type { CounterMode } from './altcha-key.js';
import { requireDifficulty } from './difficulty.js';
import { toHex, utf8 } from './encoding.js';
import { expired, malformed, powError } from './errors.js';
import { isIn, messageWith, type Puzzle } from './puzzle.js';
import { sha256, type Secrets } from './signature.js';
import {
  CONTEXT_BYTES,
  createStamp,
  isStamp,
  isStampSigned,
  readStamp,
  stampPuzzle,
} from './stamp.js';
import { requireStore, type SpentStore } from './store.js';

/** The formats that challenges can be made in, with what they are made of. */
export interface ChallengeOf {
  /** Our own: one line of text. */
  readonly inos: string;
  /** ALTCHA, version 1. */
  readonly altcha: AltchaChallenge;
  /** ALTCHA, version 2 with SHA-256. */
  readonly 'altcha-v2': AltchaV2Challenge;
}

/** The name of a format. */
export type ChallengeFormat = keyof ChallengeOf;

/** Options of {@link createChallenge}. */
export interface ChallengeOptions<F extends ChallengeFormat = ChallengeFormat> {
  /** What signs: at least 16 bytes that nobody else knows. Of several the first. */
  readonly secret: Secrets;
  /** How many hashes it takes on average: 1 to 2⁵³ − 1, at most 2³¹ for `altcha-v2`. */
  readonly difficulty: number;
  /**
   * How long it can be used, solving included. ALTCHA's formats count whole seconds: the next one.
   * @default 600_000
   */
  readonly lifetimeMs?: number;
  /**
   * What it is for, such as `signup` or an address: verifying checks it. Anybody can read it. At most 512 bytes of
   * UTF-8; for `altcha` it must fit its salt as a part of a query string, 800 letters at least.
   * @default ''
   */
  readonly context?: string;
  /** @default 'inos' */
  readonly format?: F;
  /**
   * How its solver will write counters, for `altcha-v2`: as 4 bytes, or as digits. The challenge doesn't say.
   * @default 'uint32'
   */
  readonly counterMode?: CounterMode;
  /**
   * The present time, in Unix milliseconds.
   * @default Date.now()
   */
  readonly nowMs?: number;
}

/** Options of {@link verify}. */
export interface VerifyOptions {
  /** What signed: one secret, or several, any of which may have. */
  readonly secret: Secrets;
  /** Makes challenges single-use. `'reusable'` lets each be used again and again until it expires. */
  readonly store: SpentStore | 'reusable';
  /**
   * What the challenge must be for.
   * @default ''
   */
  readonly context?: string;
  /**
   * How hard it must have been, in expected hashes: refuses challenges that were given out before the difficulty was
   * raised, and those that don't say theirs.
   * @default 1
   */
  readonly minimumDifficulty?: number;
  /**
   * How solvers write counters, in ALTCHA's version 2.
   * @default 'uint32'
   */
  readonly counterMode?: CounterMode;
  /**
   * The present time, in Unix milliseconds.
   * @default Date.now()
   */
  readonly nowMs?: number;
}

/** What a solution proves. */
export interface Verified {
  readonly format: ChallengeFormat;
  /** Names the challenge. */
  readonly id: string;
  readonly context: string;
  /** `Infinity` for challenges of others that never expire. */
  readonly expiresAtMs: number;
  /** How many hashes it took on average; `undefined` for ALTCHA challenges made elsewhere, which don't say. */
  readonly difficulty: number | undefined;
}

/** A solution, read: what it claims and how the claim is checked. */
interface Claim {
  readonly verified: Verified;
  readonly nonce: number;
  readonly puzzle: Puzzle;
  readonly isSigned: (secrets: Secrets) => Promise<boolean>;
  /** The digest that the solver says it has, if the format has it say so. */
  readonly derivedKey?: string;
}

const DEFAULT_LIFETIME_MS = 600_000;
const LONGEST_LIFETIME_MS = 366 * 86_400_000;
const ALTCHA_V2_DIFFICULTY = 2 ** 31;
/** How much longer spent challenges are remembered: clocks differ, and verifying takes time. */
const GRACE_MS = 60_000;
/** The longest solution: ALTCHA's version 2 has all its fields twice encoded. */
const MAXIMUM_PAYLOAD = 8192;

/** What challenges are made, verified and guarded with: who does all of it may keep it in one object. */
const OPTIONS = [
  'secret',
  'store',
  'difficulty',
  'minimumDifficulty',
  'lifetimeMs',
  'context',
  'format',
  'counterMode',
  'nowMs',
  'path',
  'isGuarded',
  'solution',
  'onError',
];

/**
 * Checks the names of options.
 *
 * @throws TypeError for one that isn't known
 */
export function requirePowOptions<T>(options: T): T {
  return requireOptions('options', options, OPTIONS);
}

function requireContext(value: unknown): string {
  if (typeof value !== 'string') throw wrongType('context', 'a string', value);
  if (!value.isWellFormed()) throw outOfRange('context', 'without lone surrogates', value);
  if (utf8(value).length > CONTEXT_BYTES) {
    throw outOfRange('context', `at most ${CONTEXT_BYTES} bytes of UTF-8`, value);
  }
  return value;
}

function requireTime(value: unknown): number {
  return requireInteger('nowMs', value, 0, Number.MAX_SAFE_INTEGER - LONGEST_LIFETIME_MS);
}

/**
 * Makes a challenge. Nothing of it need be remembered.
 *
 * @throws TypeError, RangeError for options that make no sense
 * @example
 * ```ts
 * const challenge = await createChallenge({ secret, difficulty: 1_000_000, context: 'signup' });
 * ```
 */
export async function createChallenge<F extends ChallengeFormat = 'inos'>(
  options: ChallengeOptions<F>,
): Promise<ChallengeOf[F]> {
  const {
    secret,
    lifetimeMs = DEFAULT_LIFETIME_MS,
    nowMs = Date.now(),
  } = requirePowOptions(options);
  const difficulty = requireDifficulty(options.difficulty);
  const lifetime = requireInteger('lifetimeMs', lifetimeMs, 1, LONGEST_LIFETIME_MS);
  const expiresAtMs = requireTime(nowMs) + lifetime;
  const terms = { difficulty, expiresAtMs, context: requireContext(options.context ?? '') };
  const format: ChallengeFormat = options.format ?? 'inos';
  switch (format) {
    case 'inos':
      return (await createStamp(terms, secret)) as ChallengeOf[F];
    case 'altcha':
      return (await createAltcha(terms, secret)) as ChallengeOf[F];
    case 'altcha-v2':
      if (difficulty > ALTCHA_V2_DIFFICULTY) {
        throw outOfRange('difficulty', `at most ${ALTCHA_V2_DIFFICULTY} for altcha-v2`, difficulty);
      }
      return (await createAltchaV2(terms, secret, options.counterMode)) as ChallengeOf[F];
    default:
      throw outOfRange('format', "'inos', 'altcha' or 'altcha-v2'", format);
  }
}

function claimOfStamp(payload: string): Claim {
  const stamp = readStamp(payload);
  if (stamp.nonce === undefined) throw malformed('the stamp has no nonce: it is a challenge');
  const { salt: id, context, expiresAtMs, difficulty } = stamp;
  return {
    verified: { format: 'inos', id, context, expiresAtMs, difficulty },
    nonce: Number(stamp.nonce),
    puzzle: stampPuzzle(stamp),
    isSigned: (secrets) => isStampSigned(stamp, secrets),
  };
}

function claimOfAltcha(value: unknown): Claim {
  const solution = readAltchaSolution(value);
  const { number: nonce, challenge: id } = solution;
  return {
    verified: { format: 'altcha', id, ...saltTerms(solution.salt) },
    nonce,
    puzzle: altchaPuzzle(solution),
    isSigned: (secrets) => isAltchaSigned(solution, secrets),
  };
}

function claimOfAltchaV2(value: unknown, mode?: CounterMode): Claim {
  const { challenge, solution } = readAltchaV2Solution(value, mode);
  const { expiresAt = Infinity, data = {} } = challenge.parameters;
  const context = typeof data.context === 'string' ? data.context : '';
  const id = challenge.signature ?? '';
  const difficulty = typeof data.difficulty === 'number' ? data.difficulty : undefined;
  const terms = { id, context, expiresAtMs: expiresAt * 1000, difficulty };
  return {
    verified: { format: 'altcha-v2', ...terms },
    nonce: solution.counter,
    puzzle: altchaV2Puzzle(challenge, mode),
    isSigned: (secrets) => isAltchaV2Signed(challenge, secrets),
    derivedKey: solution.derivedKey,
  };
}

function readClaim(payload: string, mode?: CounterMode): Claim {
  if (payload.length > MAXIMUM_PAYLOAD) throw malformed('the solution is too long');
  if (isStamp(payload)) return claimOfStamp(payload);
  const value = readAltchaPayload(payload);
  const isV2 = typeof value === 'object' && value !== null && 'solution' in value;
  return isV2 ? claimOfAltchaV2(value, mode) : claimOfAltcha(value);
}

async function isProven({ puzzle, nonce, derivedKey }: Claim): Promise<boolean> {
  const digest = await (puzzle.derive?.(nonce) ?? sha256(messageWith(puzzle, nonce)));
  if (derivedKey !== undefined && !toHex(digest).startsWith(derivedKey)) return false;
  return isIn(puzzle.range, digest);
}

/**
 * Verifies a solution of a challenge in any of the formats: that it is signed, has not expired, is for this, is hard
 * enough, took the work, and was not used before. In this order; only what passes all else is spent.
 *
 * @param payload - what the solver sent
 * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`, `mining/challenge-forged`,
 * `mining/challenge-expired`, `mining/challenge-mismatch`, `mining/challenge-too-easy`, `mining/proof-wrong`,
 * `mining/challenge-replayed`; what the store throws
 * @example
 * ```ts
 * const { id } = await verify(form.get('inos-pow'), { secret, store, context: 'signup' });
 * ```
 */
export async function verify(payload: unknown, options: VerifyOptions): Promise<Verified> {
  const { secret, store } = requirePowOptions(options);
  requireStore(store);
  const now = requireTime(options.nowMs ?? Date.now());
  const context = requireContext(options.context ?? '');
  const { minimumDifficulty } = options;
  if (minimumDifficulty !== undefined) requireDifficulty(minimumDifficulty, 'minimumDifficulty');
  if (typeof payload !== 'string') throw malformed('the solution is no text');
  const claim = readClaim(payload, options.counterMode);
  const { verified } = claim;
  const { id, expiresAtMs } = verified;
  if (!(await claim.isSigned(secret))) {
    throw powError('mining/challenge-forged', 'none of the secrets signed this challenge', { id });
  }
  if (now >= expiresAtMs) throw expired(now, expiresAtMs, { id });
  if (verified.context !== context) {
    const text = `the challenge is for ${JSON.stringify(verified.context)}, not for ${JSON.stringify(context)}`;
    throw powError('mining/challenge-mismatch', text, { id, context: verified.context });
  }
  if (minimumDifficulty !== undefined && !((verified.difficulty ?? 0) >= minimumDifficulty)) {
    const text = `the challenge's difficulty is ${verified.difficulty ?? 'unknown'}, ${minimumDifficulty} is needed`;
    const details = { id, difficulty: verified.difficulty, minimumDifficulty };
    throw powError('mining/challenge-too-easy', text, details);
  }
  if (!(await isProven(claim))) {
    throw powError('mining/proof-wrong', "the nonce doesn't solve the challenge", { id });
  }
  if (store !== 'reusable' && !(await store.spend(id, expiresAtMs + GRACE_MS))) {
    throw powError('mining/challenge-replayed', 'the challenge was used before', { id });
  }
  return verified;
}
