/**
 * `inos top`: the counters of a running program's runtimes, again and again.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Snapshot } from '@inos/sdk';
import { UsageError } from '../arguments.js';
import type { CommandContext } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { widthOf } from '../progress.js';
import { defaultFolder, findPrograms, type Program } from './programs.js';
import { screenOf } from './screen.js';

const INTERVAL_BOUNDS = { minimum: 50, maximum: 3_600_000 };
const DEFAULT_INTERVAL_MS = 1000;
/** How long a program may take to answer. */
const PATIENCE_MS = 5000;
/** How long a program that was just started may take to make its first runtime, looked for this often. */
const LOOK_MS = 20;
const HOME = '\u001b[H';
const ERASE_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR = '\u001b[2J';

/** Which programs are looked at. */
interface Target {
  readonly folder: string;
  readonly pid: number | undefined;
  readonly child: ChildProcess | undefined;
}

/** Runs the command. */
export async function runTop(context: CommandContext): Promise<number> {
  const { args, signal } = context;
  const [first, ...rest] = args.positionals;
  const isPid = first !== undefined && /^\d+$/.test(first);
  if (isPid && rest.length > 0) throw new UsageError('inos top takes one PID, or -- COMMAND');
  if (first === undefined || isPid) {
    return watch(context, {
      folder: defaultFolder(),
      pid: isPid ? Number(first) : undefined,
      child: undefined,
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'inos-top-'));
  // Its output would run into the screen; what it complains about is wanted.
  const child = spawn(first, rest, {
    stdio: ['inherit', 'ignore', 'inherit'],
    env: { ...process.env, INOS_TOP: folder },
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', reject);
    });
    return await watch(context, { folder, pid: undefined, child });
  } finally {
    stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The runtimes to look at, also those that came since. A program that was started here may take its time to make one. */
async function find(
  { folder, pid, child }: Target,
  known: readonly Program[],
  signal: AbortSignal,
): Promise<Program[]> {
  for (;;) {
    const found = findPrograms(folder, known).filter(
      (program) => pid === undefined || program.pid === pid,
    );
    if (found.length > 0 || child === undefined || hasEnded(child) || signal.aborted) return found;
    await sleep(LOOK_MS);
  }
}

async function watch(context: CommandContext, target: Target): Promise<number> {
  const { args, terminal, signal } = context;
  const isOnce = args.has('once');
  const isJson = args.has('json');
  const intervalMs = args.integer('interval-ms', INTERVAL_BOUNDS) ?? DEFAULT_INTERVAL_MS;
  const isScreen = process.stdout.isTTY && !isOnce && !isJson;
  const before = new Map<Program, Snapshot>();
  let programs: Program[] = [];
  let silent: readonly Program[] = [];
  let hasShown = false;
  if (isScreen) process.stdout.write(HIDE_CURSOR + HOME + CLEAR);
  try {
    while (!signal.aborted) {
      programs = await find(target, programs, signal);
      const answers = await askAll(programs);
      const { told } = answers;
      silent = answers.silent;
      programs = [...told.keys(), ...silent];
      const isOver = hasShown || target.child === undefined || hasEnded(target.child);
      if (programs.length === 0 && isOver) break;
      const snapshots = [...told.values()];
      if (isJson) for (const snapshot of snapshots) terminal.print(JSON.stringify(snapshot));
      else draw(context, told, before, isScreen);
      if (!isScreen) for (const program of silent) terminal.complain(silenceOf(program));
      hasShown ||= told.size > 0;
      for (const [program, snapshot] of told) before.set(program, snapshot);
      if (isOnce && programs.length > 0) break;
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    if (isScreen) process.stdout.write(SHOW_CURSOR);
    for (const program of programs) program.close();
  }
  if (hasShown || signal.aborted) return ExitCode.OK;
  if (silent.length === 0) terminal.complain(nothingFound(target));
  return ExitCode.FAILED;
}

function silenceOf({ pid }: Program): string {
  return `inos top: PID ${pid} didn’t answer within ${PATIENCE_MS / 1000} s: its main thread is busy or stopped`;
}

/** What those who answer tell, and who doesn't. Those who are gone are forgotten. */
interface Answers {
  readonly told: ReadonlyMap<Program, Snapshot>;
  readonly silent: readonly Program[];
}

async function askAll(programs: readonly Program[]): Promise<Answers> {
  const told = new Map<Program, Snapshot>();
  const silent: Program[] = [];
  const answers = await Promise.all(programs.map((program) => program.ask(PATIENCE_MS)));
  for (const [index, program] of programs.entries()) {
    const answer = answers[index];
    if (answer === 'silent') silent.push(program);
    else if (answer === undefined || answer === 'gone') program.forget();
    else told.set(program, answer);
  }
  return { told, silent };
}

function draw(
  { terminal }: CommandContext,
  told: ReadonlyMap<Program, Snapshot>,
  before: ReadonlyMap<Program, Snapshot>,
  isScreen: boolean,
): void {
  const width = isScreen ? widthOf(process.stdout) : Infinity;
  const parts = [...told].map(([program, now]) =>
    screenOf(now, before.get(program), terminal.style, width),
  );
  const lines = parts.flatMap((part, index) => (index === 0 ? part : ['', ...part]));
  if (!isScreen) {
    for (const line of [...lines, '']) terminal.print(line);
    return;
  }
  const rows = Math.max(1, (process.stdout.rows || 24) - 1);
  const shown = lines.slice(0, rows).map((line) => `${line}${ERASE_LINE}\n`);
  process.stdout.write(HOME + shown.join('') + ERASE_BELOW);
}

function nothingFound({ pid, child }: Target): string {
  if (child !== undefined)
    return 'inos top: the program made no runtime, or ended before it was seen';
  const which = pid === undefined ? 'no program' : `no program with PID ${pid}`;
  return `inos top: ${which} tells its counters. Start it with INOS_TOP=1, or as: inos top -- COMMAND`;
}
