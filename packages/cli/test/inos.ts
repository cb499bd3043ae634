/**
 * Runs the built `inos` as users do: a process of its own, with pipes for its outputs.
 */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a run of the command left. */
export interface Run {
  /** The exit code; `null` if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@link inos}. */
export interface RunOptions {
  readonly cwd?: string;
  /** What it reads from stdin. */
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
}

const PROGRAM = fileURLToPath(new URL('../bin/inos.js', import.meta.url));

/** Starts `inos` with these arguments. */
export function start(
  args: readonly string[],
  options: Pick<RunOptions, 'cwd' | 'env'> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [PROGRAM, ...args], options);
}

/** Runs `inos` to its end with open files in place of pipes. */
export function inosOn(args: readonly string[], stdin: number, stdout?: number): Promise<Run> {
  const stdio = [stdin, stdout ?? 'pipe', 'pipe'] as const;
  return ended(spawn(process.execPath, [PROGRAM, ...args], { stdio: [...stdio] }));
}

/** Waits for a process to end and gathers what it wrote. */
export function ended(child: ChildProcess): Promise<Run> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => (text.stdout += piece));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => (text.stderr += piece));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, ...text });
    });
  });
}

/** Runs `inos` to its end. */
export function inos(
  args: readonly string[],
  { input, ...options }: RunOptions = {},
): Promise<Run> {
  const child = start(args, options);
  // A command that doesn't read its stdin may be gone before all is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  return ended(child);
}

/**
 * Runs `inos` with work that never ends and interrupts it, as Ctrl-C does: later and later, until it wasn't ended before
 * it could listen, which takes as long as the machine takes to load it.
 */
export async function interrupted(args: readonly string[]): Promise<Run> {
  for (let afterMs = 1000; ; afterMs *= 2) {
    const child = start(args);
    const run = ended(child);
    setTimeout(() => child.kill('SIGINT'), afterMs);
    const { code } = await run;
    if (code !== null || afterMs > 15_000) return run;
  }
}

/** Runs another program to its end. */
export function program(name: string, args: readonly string[], cwd: string): Promise<Run> {
  const child = spawn(name, args, { cwd });
  child.stdin.end();
  return ended(child);
}
