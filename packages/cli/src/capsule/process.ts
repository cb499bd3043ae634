/**
 * How other programs are found and run.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a file exists and may be run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The file that a command's name stands for, or undefined when it isn't in PATH. */
export function which(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Options of {@link execute}. */
export interface ExecuteOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** What it reads from stdin. */
  readonly input?: Uint8Array;
  /** Whether what it says is kept rather than shown on stderr. */
  readonly isQuiet?: boolean;
}

/** How a program ended. */
export interface Execution {
  readonly code: number;
  readonly stdout: Buffer;
  /** What it said, if it was to be quiet. */
  readonly stderr: string;
}

/** Runs a program to its end. Rejects if it can't be started or is aborted. */
export function execute(
  program: string,
  args: readonly string[],
  { cwd, env, signal, input, isQuiet = false }: ExecuteOptions,
): Promise<Execution> {
  const child = spawn(program, args, {
    cwd,
    ...(env && { env }),
    ...(signal && { signal }),
    stdio: ['pipe', 'pipe', isQuiet ? 'pipe' : 'inherit'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program that doesn't read its stdin may be gone before all is written.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const said = Buffer.concat(stderr).toString().trim();
      resolve({ code: code ?? 1, stdout: Buffer.concat(stdout), stderr: said });
    });
  });
}
