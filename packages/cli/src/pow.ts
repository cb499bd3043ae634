/**
 * `inos pow`: makes, solves and verifies proof-of-work challenges.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createChallenge, verify, type SpentStore, type Verified } from '@inos/mining/pow';
import { solve, type Solution, type SolveProgress } from '@inos/mining/solve';
import { InosError } from '@inos/sdk';
import { UsageError, type Arguments } from './arguments.js';
import type { CommandContext } from './command.js';
import { ExitCode } from './exit-codes.js';
import { formatCount, formatRate, formatSeconds, toHex } from './format.js';
import { drawBar } from './progress.js';
import { defaultThreads, THREAD_BOUNDS } from './runtime.js';
import { readStdin } from './stdin.js';
import { isSystemError, reasonOf } from './system-error.js';
import type { Terminal } from './terminal.js';

const FORMATS = ['inos', 'altcha', 'altcha-v2'] as const;
const COUNTER_MODES = ['uint32', 'string'] as const;
const DIFFICULTY_BOUNDS = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const;
const LIFETIME_BOUNDS = { minimum: 1, maximum: 366 * 86_400_000 } as const;
const DEADLINE_BOUNDS = { minimum: 0, maximum: 2 ** 31 - 1 } as const;
const STDIN = '-';
const SECRET_VARIABLE = 'INOS_POW_SECRET';

/** Which options belong to which action; the others take all. */
const OWN_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  create: ['difficulty', 'lifetime-ms', 'context', 'format', 'secret-file'],
  solve: ['threads', 'cpu-share', 'deadline-ms'],
  verify: ['context', 'secret-file', 'spent'],
};

/** What a file system says about a secret or the folder of spent challenges. */
class FileError extends Error {
  override readonly name = 'FileError';
  readonly code = 'pow/unreadable';
}

function onFile<R>(name: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error)) throw new FileError(`${name}: ${reasonOf(error)}`);
    throw error;
  }
}

function readSecret(args: Arguments): string {
  const file = args.text('secret-file');
  const secret =
    file === undefined
      ? process.env[SECRET_VARIABLE]
      : onFile(file, () => readFileSync(file, 'utf8').trimEnd());
  if (secret === undefined || secret.length < 16) {
    throw new UsageError(
      `a secret of 16 letters or more is needed: in ${SECRET_VARIABLE}, or a --secret-file`,
    );
  }
  return secret;
}

/** The text that an action works on: an argument, or standard input. */
async function readInput({ args, signal }: CommandContext, action: string): Promise<string> {
  const [, given, extra] = args.positionals;
  if (extra !== undefined) throw new UsageError(`pow ${action} takes one text, got ${extra}`);
  const isGiven = given !== undefined && given !== STDIN;
  return (isGiven ? given : (await readStdin(signal)).toString()).trim();
}

/** Remembers spent challenges as files of a folder: the system creates each of them once. */
function folderStore(folder: string): SpentStore {
  return {
    spend: (id, expiresAtMs) =>
      onFile(folder, () => {
        mkdirSync(folder, { recursive: true });
        try {
          writeFileSync(join(folder, id), `${expiresAtMs}\n`, { flag: 'wx' });
          return true;
        } catch (error) {
          if (isSystemError(error) && error.code === 'EEXIST') return false;
          throw error;
        }
      }),
  };
}

async function runCreate({ args, terminal }: CommandContext): Promise<number> {
  const extra = args.positionals[1];
  if (extra !== undefined) throw new UsageError(`pow create takes options only, got ${extra}`);
  const difficulty = args.integer('difficulty', DIFFICULTY_BOUNDS);
  if (difficulty === undefined) throw new UsageError('--difficulty N is needed');
  const lifetimeMs = args.integer('lifetime-ms', LIFETIME_BOUNDS);
  const format = args.choice('format', FORMATS, 'inos');
  const counterMode = args.choice('counter-mode', COUNTER_MODES, 'uint32');
  if (format !== 'altcha-v2' && args.has('counter-mode')) {
    throw new UsageError(`--counter-mode is for --format altcha-v2, not for ${format}`);
  }
  const secret = readSecret(args);
  const context = args.text('context') ?? '';
  let challenge: unknown;
  try {
    challenge = await createChallenge({
      secret,
      difficulty,
      format,
      context,
      counterMode,
      ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
    });
  } catch (error) {
    // What the options' own bounds don't say.
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
  if (args.has('json')) terminal.print(JSON.stringify({ format, difficulty, challenge }));
  else terminal.print(typeof challenge === 'string' ? challenge : JSON.stringify(challenge));
  return ExitCode.OK;
}

function showProgress(terminal: Terminal): (progress: SolveProgress) => void {
  let last: SolveProgress | undefined;
  terminal.progress.start(() => {
    if (last === undefined) return 'starting';
    const { hashes, expectedHashes, hashesPerSecond } = last;
    const share = Math.min(hashes / expectedHashes, 1);
    const tried = `${formatCount(hashes)} hashes of ${formatCount(expectedHashes)} on average`;
    return `${drawBar(share, 24)} ${tried}  ${formatRate(hashesPerSecond, 'H/s')}`;
  });
  return (progress) => (last = progress);
}

function printSolution(
  terminal: Terminal,
  args: Arguments,
  solution: Solution,
  seconds: number,
): void {
  const { payload, nonce, digest, hashes } = solution;
  terminal.progress.end();
  if (args.has('json')) {
    terminal.print(JSON.stringify({ payload, nonce, digest: toHex(digest), hashes, seconds }));
    return;
  }
  terminal.print(payload);
  if (terminal.progress.isVisible) {
    const rate = formatRate(hashes / seconds, 'H/s');
    terminal.complain(`${formatCount(hashes)} hashes, ${formatSeconds(seconds)} (${rate})`);
  }
}

async function runSolve(command: CommandContext): Promise<number> {
  const { args, terminal, signal } = command;
  const threads = args.integer('threads', THREAD_BOUNDS) ?? defaultThreads();
  const cpuShare = args.share('cpu-share') ?? 1;
  const deadlineMs = args.integer('deadline-ms', DEADLINE_BOUNDS);
  const counterMode = args.choice('counter-mode', COUNTER_MODES, 'uint32');
  const challenge = await readInput(command, 'solve');
  const late = deadlineMs === undefined ? undefined : AbortSignal.timeout(deadlineMs);
  const started = performance.now();
  try {
    const solution = await solve(challenge, {
      threads,
      cpuShare,
      counterMode,
      signal: late === undefined ? signal : AbortSignal.any([signal, late]),
      ...(terminal.progress.isVisible ? { onProgress: showProgress(terminal) } : {}),
    });
    printSolution(terminal, args, solution, (performance.now() - started) / 1000);
    return ExitCode.OK;
  } catch (error) {
    if (late?.aborted !== true || error !== late.reason) throw error;
    return refuse(terminal, args, { code: 'job/expired', message: 'the deadline passed first' });
  }
}

async function runVerify(command: CommandContext): Promise<number> {
  const { args, terminal } = command;
  const folder = args.text('spent');
  const secret = readSecret(args);
  const context = args.text('context') ?? '';
  const counterMode = args.choice('counter-mode', COUNTER_MODES, 'uint32');
  const payload = await readInput(command, 'verify');
  const store = folder === undefined ? 'reusable' : folderStore(folder);
  const verified: Verified = await verify(payload, { secret, store, context, counterMode });
  if (args.has('json')) {
    const { expiresAtMs, difficulty = null, ...rest } = verified;
    const expires = Number.isFinite(expiresAtMs) ? expiresAtMs : null;
    terminal.print(JSON.stringify({ ok: true, ...rest, expiresAtMs: expires, difficulty }));
  } else {
    terminal.print(`${terminal.style('valid', 'green')}  ${verified.id}`);
  }
  return ExitCode.OK;
}

function refuse(
  terminal: Terminal,
  args: Arguments,
  { code, message }: { readonly code: string; readonly message: string },
): number {
  terminal.progress.end();
  if (args.has('json')) terminal.print(JSON.stringify({ ok: false, error: { code, message } }));
  else terminal.complain(`inos pow: ${message}`);
  return code === 'job/expired' ? ExitCode.EXPIRED : ExitCode.FAILED;
}

const ACTIONS: Readonly<Record<string, (context: CommandContext) => Promise<number>>> = {
  create: runCreate,
  solve: runSolve,
  verify: runVerify,
};

function requireOwnOptions(args: Arguments, action: string): void {
  const own = OWN_OPTIONS[action] ?? [];
  const foreign = Object.values(OWN_OPTIONS)
    .flat()
    .find((name) => args.has(name) && !own.includes(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} isn't for pow ${action}`);
}

/** Runs the command. */
export async function runPow(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const [action = 'none of them'] = args.positionals;
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run === undefined) throw new UsageError(`pow takes create, solve or verify, got ${action}`);
  requireOwnOptions(args, action);
  try {
    return await run(context);
  } catch (error) {
    if (!(error instanceof InosError) && !(error instanceof FileError)) throw error;
    return refuse(terminal, args, error);
  }
}
