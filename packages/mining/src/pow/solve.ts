/**
 * `@inos/mining/solve`: solves challenges, in pages and in Node. Nothing is started before it is asked for, and it
 * takes no more threads and no greater share of their time than it was given.
 */
import {
  createStandalone,
  defineCapsule,
  hardwareThreads,
  MAXIMUM_THREADS,
  requireInteger,
  STATIC_REGIONS,
  type MethodsOf,
  type WasmSource,
} from '@inos/sdk';
import { requireOptions } from '@inos/sdk/errors';
import { MINING_ERRORS } from '../errors.js';
import { hash } from '../hash.js';
import { Pacer, requireCpuShare, type Pace } from '../pacer.js';
import { search, type SearchOptions } from '../search.js';
import { wasm as defaultWasm } from '../wasm.js';
import type { CounterMode } from './altcha-key.js';
import { searchDerived, type TriedSlice } from './derived-search.js';
import { expired, powError } from './errors.js';
import { expiryOf } from './expiry.js';
import type { Puzzle } from './puzzle.js';
import { readPuzzle, type SolvableChallenge } from './read.js';

export type { CounterMode } from './altcha-key.js';
export type { AltchaChallenge, AltchaV2Challenge } from './altcha.js';
export { POW_ERROR_CODES, type PowErrorCode } from './errors.js';
export type { AnubisChallenge, McaptchaChallenge } from './foreign.js';
export type { Pace } from '../pacer.js';
export type { SolvableChallenge } from './read.js';

/** How far a solver is. */
export interface SolveProgress {
  /** Tried so far. */
  readonly hashes: number;
  /** How many it takes on average. Half of all searches take more than 0.69 of it, one in 150 more than five times. */
  readonly expectedHashes: number;
  /** While it works: pauses don't count. */
  readonly hashesPerSecond: number;
}

/** Options of one search for a solution. */
export interface SolveOptions {
  /**
   * How much of the time its threads may work: above 0, at most 1. Between slices of work they sleep.
   * @default 1
   */
  readonly cpuShare?: number;
  /** Ends the search: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each slice of work, about ten times a second. */
  readonly onProgress?: (progress: SolveProgress) => void;
  /**
   * The present time, in Unix milliseconds: a challenge that has expired by then is refused. For machines whose clocks
   * go wrong.
   * @default Date.now()
   */
  readonly nowMs?: number;
  /**
   * How the challenge's server wants counters written, which ALTCHA's version 2 leaves to agreement: as 4 bytes, or as
   * digits.
   * @default 'uint32'
   */
  readonly counterMode?: CounterMode;
  /** Time itself, for tests. */
  readonly pace?: Pace;
}

/** Options of {@link createSolver}. */
export interface SolverOptions {
  /**
   * How many threads work: pages that aren't cross-origin isolated have one.
   * @default one fewer than the machine has, so that the page stays smooth, and at least one
   */
  readonly threads?: number;
  /** Where the capsule's WebAssembly is, if not beside this module. */
  readonly wasm?: WasmSource;
}

/** A challenge's solution. */
export interface Solution {
  /** What is sent back, as the challenge's protocol wants it. */
  readonly payload: string;
  readonly nonce: number;
  /** SHA-256 of the message with its nonce; what ALTCHA's other functions give instead. */
  readonly digest: Uint8Array;
  /** How many were tried, exactly. */
  readonly hashes: number;
  /** Until when it can be used, in Unix milliseconds, as far as the challenge says; `Infinity` if it says nothing. */
  readonly expiresAtMs: number;
}

/** Solves one challenge after the other with threads that are started once. */
export interface Solver {
  /**
   * Solves a challenge.
   *
   * @throws InosError `mining/challenge-malformed`, `mining/challenge-unsupported`, `mining/challenge-expired`,
   * `mining/challenge-unsolvable`; the signal's reason
   */
  solve(challenge: SolvableChallenge, options?: SolveOptions): Promise<Solution>;
  /** Ends the threads. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Methods are numbered without gaps: hashing comes before searching. */
const methods = { hash, search };

/** The capsule with no more methods than are needed here, so that pages load no other. */
const capsule = defineCapsule({
  name: 'mining',
  wasm: defaultWasm,
  staticOffset: STATIC_REGIONS.mining.offset,
  staticBytes: STATIC_REGIONS.mining.bytes,
  methods,
  errors: MINING_ERRORS,
  api: (callable: MethodsOf<typeof methods>) => callable,
});

const OPTIONS = [
  'cpuShare',
  'signal',
  'onProgress',
  'nowMs',
  'counterMode',
  'pace',
  'threads',
  'wasm',
];

/** Reads a challenge, and refuses one that nobody would take the solution of. */
function requireSolvable(
  challenge: SolvableChallenge,
  options: SolveOptions,
): { readonly puzzle: Puzzle; readonly expiresAtMs: number; readonly refuseLate: () => void } {
  const { nowMs, counterMode } = requireOptions('options', options, OPTIONS);
  const puzzle = readPuzzle(challenge, counterMode);
  const startedAt = Date.now();
  const started = requireInteger('nowMs', nowMs ?? startedAt, 0, Number.MAX_SAFE_INTEGER);
  const expiresAtMs = expiryOf(challenge);
  const refuseLate = () => {
    const now = started + Date.now() - startedAt;
    if (now >= expiresAtMs) throw expired(now, expiresAtMs);
  };
  refuseLate();
  if (puzzle.range.highest.some((byte) => byte !== 0)) return { puzzle, expiresAtMs, refuseLate };
  throw powError('mining/challenge-unsolvable', 'only a digest of zeros alone would solve it');
}

function searchOf({ message, nonce, range }: Puzzle): Omit<SearchOptions, 'firstNonce'> {
  const isDecimal = nonce === 'decimal';
  const header = isDecimal ? message : new Uint8Array(message.length + 4);
  if (!isDecimal) header.set(message);
  const { lowest, highest } = range;
  const target = { between: [lowest, highest] } as const;
  return { algorithm: 'sha256', header, nonceFormat: nonce, target };
}

/** Tries the nonces of a slice: how many it tried, exactly, and what it found. */
type TrySlice = (
  nonces: { readonly first: number; readonly last: number },
  signal?: AbortSignal,
) => Promise<TriedSlice>;

/** By the capsule, whose threads share a slice. */
function bySearch(method: MethodsOf<typeof methods>['search'], puzzle: Puzzle): TrySlice {
  const options = searchOf(puzzle);
  return async ({ first, last }, signal) => {
    const nonces = { ...options, firstNonce: first, lastNonce: last };
    const job = method(nonces, signal === undefined ? {} : { signal });
    try {
      const outcome = await job;
      return { tried: Number(job.usage.units), found: outcome.found ? outcome : undefined };
    } catch (error) {
      // Whoever aborts hears their own reason.
      signal?.throwIfAborted();
      throw error;
    }
  };
}

async function searchPaced(
  { puzzle, refuseLate }: ReturnType<typeof requireSolvable>,
  trySlice: TrySlice,
  pacer: Pacer,
  { signal, onProgress }: SolveOptions,
): Promise<Omit<Solution, 'payload' | 'expiresAtMs'>> {
  const { expectedHashes } = puzzle;
  let hashes = 0;
  for (let first = puzzle.first; first <= puzzle.last;) {
    signal?.throwIfAborted();
    const { found, last, tried } = await pacer.slice(async (count) => {
      const last = Math.min(first + count - 1, puzzle.last);
      return { last, ...(await trySlice({ first, last }, signal)) };
    }, signal);
    hashes += tried;
    const hashesPerSecond = (hashes * 1000) / Math.max(pacer.workedMs, 1);
    onProgress?.({ hashes, expectedHashes, hashesPerSecond });
    if (found) return { nonce: found.nonce, digest: found.digest, hashes };
    first = last + 1;
    refuseLate();
  }
  const text = `no nonce from ${puzzle.first} to ${puzzle.last} solves the challenge`;
  throw powError('mining/challenge-unsolvable', text, { hashes });
}

/**
 * Starts threads that solve challenges until they are closed.
 *
 * @throws InosError `runtime/unsupported`, `capsule/start-failed`
 * @example
 * ```ts
 * await using solver = await createSolver({ threads: 2 });
 * const { payload } = await solver.solve(challenge, { cpuShare: 0.5 });
 * ```
 */
export async function createSolver(options: SolverOptions = {}): Promise<Solver> {
  const { threads, wasm } = requireOptions('options', options, OPTIONS);
  const count =
    threads === undefined
      ? Math.min(Math.max(hardwareThreads() - 1, 1), MAXIMUM_THREADS)
      : requireInteger('threads', threads, 1, MAXIMUM_THREADS);
  const standalone = await createStandalone(
    capsule({ threads: count, ...(wasm === undefined ? {} : { wasm }) }),
  );
  const close = () => standalone.close({ force: true });
  return {
    solve: async (challenge, options = {}) => {
      const startedAt = performance.now();
      const solvable = requireSolvable(challenge, options);
      const { puzzle, expiresAtMs } = solvable;
      const share = requireCpuShare(options.cpuShare ?? 1);
      const { derive } = puzzle;
      const [trySlice, pacer] =
        derive === undefined
          ? [bySearch(standalone.search, puzzle), new Pacer(share, options.pace)]
          : [
              ((nonces, signal) =>
                searchDerived(puzzle, derive, nonces, count, signal)) satisfies TrySlice,
              new Pacer(share, options.pace, { first: count, fewest: 1 }),
            ];
      const solved = await searchPaced(solvable, trySlice, pacer, options);
      const elapsedMs = performance.now() - startedAt;
      const payload = puzzle.answer(solved.nonce, solved.digest, elapsedMs);
      return { payload, ...solved, expiresAtMs };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Solves one challenge: our own, ALTCHA's, Anubis' or mCaptcha's, as an object or as text.
 *
 * @throws as {@link Solver.solve} and {@link createSolver}
 * @example
 * ```ts
 * const challenge = await (await fetch('/pow/challenge')).text();
 * const { payload } = await solve(challenge, { cpuShare: 0.5, signal });
 * ```
 */
export async function solve(
  challenge: SolvableChallenge,
  options: SolveOptions & SolverOptions = {},
): Promise<Solution> {
  // What can't be solved is refused before anything is loaded.
  requireSolvable(challenge, options);
  requireCpuShare(options.cpuShare ?? 1);
  options.signal?.throwIfAborted();
  const solver = await createSolver(options);
  try {
    return await solver.solve(challenge, options);
  } finally {
    await solver.close();
  }
}
