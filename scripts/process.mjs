// How the scripts start other programs and talk to people. Everything they say goes to stderr, so that a
// command's own output (`npm run demo -- --json`) stays alone on stdout.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/** Ends the script with a message for people instead of a stack trace. */
export class Failure extends Error {
  /**
   * @param {string} message what went wrong and what to do
   * @param {number} [exitCode]
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Tells the user one line about what happens. */
export function say(line) {
  process.stderr.write(`inos: ${line}\n`);
}

/** The file that a command's name stands for, or undefined when it isn't in PATH. */
export function which(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return undefined;
}

/** Whether a file exists and may be run. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether this process may write in a folder, or make it where its parent is writable. */
export function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return !existsSync(folder) && folder !== '/' && isWritable(join(folder, '..'));
  }
}

/** Standard output of a quick command, trimmed; undefined when it fails or takes over `timeoutMs`. */
export function capture(command, args, { timeoutMs = 20_000, ...options } = {}) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
    ...options,
  });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/**
 * Runs a command to its end and resolves its exit code. Unless told otherwise it has this process's
 * terminal; `output: 'stderr'` keeps what it prints off stdout, `'quiet'` shows it only if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, output?: 'inherit' | 'stderr' | 'quiet', timeoutMs?: number }} [options]
 * @returns {Promise<number>}
 */
export function exitCode(command, args, options = {}) {
  const { env = process.env, cwd = root, output = 'inherit', timeoutMs } = options;
  const stdio = { inherit: 'inherit', stderr: ['ignore', 2, 2], quiet: ['ignore', 'pipe', 'pipe'] };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: stdio[output] });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    const timer = timeoutMs && setTimeout(() => child.kill(), timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Failure(`cannot start ${command}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code !== 0 && chunks.length > 0) process.stderr.write(Buffer.concat(chunks));
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** As `exitCode`, but a command that fails ends the script. */
export async function run(command, args, options = {}) {
  const code = await exitCode(command, args, options);
  if (code !== 0) throw new Failure(`failed (${code}): ${[command, ...args].join(' ')}`, code);
}

/** What `parseArgs` complains of is the caller's mistake: its first line says which. */
function asFailure(error) {
  if (!/^ERR_PARSE_ARGS_/.test(error?.code)) return error;
  return new Failure(error.message.split('\n')[0], 2);
}

/** Runs a script's main function; a Failure is printed, anything else is a bug and keeps its stack. */
export async function main(work) {
  try {
    await work();
  } catch (thrown) {
    const error = asFailure(thrown);
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    process.exitCode = error.exitCode;
  }
}

/** Whether a module is the one that node was started with. */
export function isMain(meta) {
  return process.argv[1] === fileURLToPath(meta.url);
}
