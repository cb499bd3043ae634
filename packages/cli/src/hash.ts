/**
 * `inos hash`: digests of files and of stdin, several files at once, lines in the order of the arguments.
 */
import { statSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import type { HashAlgorithm } from '@inos/mining';
import { UsageError } from './arguments.js';
import { checksumLine } from './checksum-line.js';
import type { CommandContext } from './command.js';
import { ExitCode } from './exit-codes.js';
import { formatCount, formatRate, toHex } from './format.js';
import { inOrder } from './in-order.js';
import { drawBar } from './progress.js';
import {
  defaultThreads,
  openRuntime,
  THREAD_BOUNDS,
  writeTrace,
  type MiningRuntime,
} from './runtime.js';
import { reasonOf } from './system-error.js';
import type { Terminal } from './terminal.js';

const ALGORITHMS = ['sha256', 'sha256d', 'blake3'] as const;
const STDIN = '-';
/** Each file in flight has 8 MiB of shared memory to be read into. */
const MOST_FILES_IN_FLIGHT = 64;

/** What became of one file. */
type Outcome = { readonly name: string } & (
  { readonly digest: Uint8Array } | { readonly error: unknown }
);

/** How far all files together have come. */
class Tally {
  readonly #total: number;
  readonly #startedAt = performance.now();
  files = 0;
  bytes = 0;

  constructor(names: readonly string[]) {
    this.#total = names.reduce((sum, name) => sum + sizeOf(name), 0);
  }

  draw(count: number): string {
    const rate = formatRate(this.bytes / ((performance.now() - this.#startedAt) / 1000), 'B/s');
    const files = count === 1 ? '' : `  ${formatCount(this.files)} of ${formatCount(count)} files`;
    if (this.#total === 0) return `${formatCount(this.bytes)} bytes  ${rate}${files}`;
    const fraction = this.bytes / this.#total;
    const percent = `${Math.floor(Math.min(1, fraction) * 100)} %`.padStart(5);
    return `${drawBar(fraction, 30)} ${percent}  ${rate}${files}`;
  }
}

/** A file's size; 0 for what has none or can't be asked, whose reading will say why. */
function sizeOf(name: string): number {
  if (name === STDIN) return 0;
  const stats = statSync(name, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : 0;
}

/** Runs the command. */
export async function runHash({ args, terminal, signal }: CommandContext): Promise<number> {
  const algorithm = args.choice('algorithm', ALGORITHMS, 'sha256');
  const wanted = args.integer('threads', THREAD_BOUNDS) ?? defaultThreads();
  const names = args.positionals.length === 0 ? [STDIN] : args.positionals;
  if (names.filter((name) => name === STDIN).length > 1) {
    throw new UsageError('stdin (-) can be hashed once only');
  }
  // A file's bytes are hashed one after another: more threads than files would have nothing to do.
  const threads = Math.min(wanted, names.length);
  const trace = args.text('trace');
  await using inos = await openRuntime({ threads, tracing: trace !== undefined });
  const written = trace === undefined ? undefined : writeTrace(inos, trace);
  // What goes wrong with it is said when the work is done.
  written?.catch(() => undefined);
  const tally = terminal.progress.isVisible ? new Tally(names) : undefined;
  if (tally) terminal.progress.start(() => tally.draw(names.length));
  const lanes = Math.min(threads + 2, names.length, MOST_FILES_IN_FLIGHT);
  let hasFailed = false;
  const hashNext = (name: string) => hashOne(inos, algorithm, name, signal, tally);
  for await (const outcome of inOrder(names, lanes, hashNext)) {
    if ('digest' in outcome) terminal.print(checksumLine(toHex(outcome.digest), outcome.name));
    else if (!signal.aborted) complain(terminal, outcome.name, outcome.error);
    hasFailed ||= 'error' in outcome;
  }
  terminal.progress.end();
  await inos.close();
  await written;
  return hasFailed ? ExitCode.FAILED : ExitCode.OK;
}

/** Hashes one file or stdin. Never rejects: the other files go on. */
async function hashOne(
  inos: MiningRuntime,
  algorithm: HashAlgorithm,
  name: string,
  signal: AbortSignal,
  tally: Tally | undefined,
): Promise<Outcome> {
  let counted = 0;
  const count = (done: number) => {
    if (tally) tally.bytes += done - counted;
    counted = done;
  };
  try {
    signal.throwIfAborted();
    const digest =
      name === STDIN
        ? await inos.mining.hashStream(algorithm, stdin(signal, count), { signal })
        : await inos.mining.hashFile(algorithm, name, { signal, onProgress: count });
    return { name, digest };
  } catch (error) {
    return { name, error };
  } finally {
    if (tally) tally.files++;
  }
}

/** The pieces of stdin. Waiting for one ends when the signal is aborted. */
async function* stdin(
  signal: AbortSignal,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of addAbortSignal(signal, process.stdin)) {
    // Without an encoding, stdin gives bytes.
    if (!(piece instanceof Uint8Array)) throw new TypeError('stdin must give bytes');
    yield piece;
    bytes += piece.length;
    count(bytes);
  }
}

function complain(terminal: Terminal, name: string, error: unknown): void {
  const program = terminal.errorStyle('inos hash:', 'red');
  terminal.complain(`${program} ${name === STDIN ? 'stdin' : name}: ${reasonOf(error)}`);
}
