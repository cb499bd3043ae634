/**
 * `inos hash`: digests of files and of stdin, several files at once, lines in the order of the arguments; or, with
 * `--check`, whether files still have the digests that such lines say.
 */
import { readFileSync, statSync } from 'node:fs';
import { equalDigests, type HashAlgorithm, type HashFunction } from '@inos/mining';
import { UsageError } from './arguments.js';
import { checksumLine } from './checksum-line.js';
import { readChecksums, type Expected } from './checksum-list.js';
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
import { readStdin, stdinPieces } from './stdin.js';
import { reasonOf } from './system-error.js';
import type { Terminal } from './terminal.js';

const ALGORITHMS = ['sha256', 'sha256d', 'sha512', 'blake3'] as const;
const STDIN = '-';
const KEY_BYTES = 32;
const LENGTH_BOUNDS = { minimum: 1, maximum: 2 ** 20 } as const;
/** Each file in flight has 8 MiB of shared memory to be read into. */
const MOST_FILES_IN_FLIGHT = 64;

/** How to hash. */
interface Request {
  readonly algorithm: HashAlgorithm;
  readonly hashFunction: HashFunction;
  /** How many bytes of BLAKE3's output, if not its digest. */
  readonly length: number | undefined;
  readonly threads: number;
}

/** A file, and how to hash it. */
interface Source {
  readonly name: string;
  readonly hashFunction: HashFunction;
}

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

  constructor(sources: readonly Source[]) {
    this.#total = sources.reduce((sum, { name }) => sum + sizeOf(name), 0);
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

function isBlake3(hashFunction: HashFunction): boolean {
  return hashFunction === 'blake3' || typeof hashFunction === 'object';
}

async function readRequest({ args, signal }: CommandContext): Promise<Request> {
  const algorithm = args.choice('algorithm', ALGORITHMS, 'sha256');
  const threads = args.integer('threads', THREAD_BOUNDS) ?? defaultThreads();
  const length = args.integer('length', LENGTH_BOUNDS);
  for (const option of ['keyed', 'length']) {
    if (args.has(option) && algorithm !== 'blake3') {
      throw new UsageError(`--${option} needs --algorithm blake3`);
    }
  }
  if (!args.has('keyed')) return { algorithm, hashFunction: algorithm, length, threads };
  return {
    algorithm,
    hashFunction: { algorithm: 'blake3', key: await readKey(signal) },
    length,
    threads,
  };
}

/** The key, from stdin as b3sum takes it: on the command line everybody could read it. */
async function readKey(signal: AbortSignal): Promise<Uint8Array> {
  const key = new Uint8Array(await readStdin(signal));
  if (key.length === KEY_BYTES) return key;
  throw new UsageError(`--keyed needs a key of ${KEY_BYTES} bytes on stdin, got ${key.length}`);
}

/** Runs the command. */
export async function runHash(context: CommandContext): Promise<number> {
  const { args } = context;
  const names = args.positionals.length === 0 ? [STDIN] : args.positionals;
  if (names.filter((name) => name === STDIN).length > 1) {
    throw new UsageError('stdin (-) can be hashed once only');
  }
  if (args.has('keyed') && names.includes(STDIN)) {
    throw new UsageError('--keyed reads the key from stdin: name the files');
  }
  const request = await readRequest(context);
  if (args.has('check')) return checkAll(context, request, names);
  let hasFailed = false;
  const { hashFunction } = request;
  const sources = names.map((name) => ({ name, hashFunction }));
  await hashAll(context, request, sources, (outcome) => {
    const { terminal, signal } = context;
    if ('digest' in outcome) terminal.print(checksumLine(toHex(outcome.digest), outcome.name));
    else if (!signal.aborted) complain(terminal, outcome.name, outcome.error);
    hasFailed ||= 'error' in outcome;
  });
  return hasFailed ? ExitCode.FAILED : ExitCode.OK;
}

/** Hashes files, several at once, and tells what became of each, in order. */
async function hashAll(
  { args, terminal, signal }: CommandContext,
  request: Request,
  sources: readonly Source[],
  tell: (outcome: Outcome, index: number) => void,
): Promise<void> {
  // A file's bytes are hashed one after another, but BLAKE3's: more threads would have nothing to do.
  const threads = sources.some(({ hashFunction }) => isBlake3(hashFunction))
    ? request.threads
    : Math.max(1, Math.min(request.threads, sources.length));
  const trace = args.text('trace');
  await using inos = await openRuntime({ threads, tracing: trace !== undefined });
  const written = trace === undefined ? undefined : writeTrace(inos, trace);
  // What goes wrong with it is said when the work is done.
  written?.catch(() => undefined);
  const tally = terminal.progress.isVisible ? new Tally(sources) : undefined;
  if (tally) terminal.progress.start(() => tally.draw(sources.length));
  const lanes = Math.min(threads + 2, sources.length, MOST_FILES_IN_FLIGHT);
  const hashNext = (source: Source) => hashOne(inos, source, request.length, signal, tally);
  let index = 0;
  for await (const outcome of inOrder(sources, lanes, hashNext)) tell(outcome, index++);
  terminal.progress.end();
  await inos.close();
  await written;
}

/** Reads a list; says what is wrong with it. `undefined` if there is nothing in it to check. */
async function readList(
  { terminal, signal }: CommandContext,
  request: Request,
  list: string,
): Promise<readonly Expected[] | undefined> {
  try {
    const bytes = list === STDIN ? await readStdin(signal) : readFileSync(list);
    const text = bytes.toString();
    const { expected, malformed } = readChecksums(text, request);
    if (expected.length === 0) throw new Error('no properly formatted checksum lines found');
    if (malformed > 0) {
      const lines = malformed === 1 ? 'line is' : 'lines are';
      const warning = `WARNING: ${formatCount(malformed)} ${lines} improperly formatted`;
      complain(terminal, list, new Error(warning));
    }
    return expected;
  } catch (error) {
    signal.throwIfAborted();
    complain(terminal, list, error);
    return undefined;
  }
}

/** Checks the files that checksum files name. */
async function checkAll(
  context: CommandContext,
  request: Request,
  lists: readonly string[],
): Promise<number> {
  const { terminal, signal } = context;
  const read = await Promise.all(lists.map((list) => readList(context, request, list)));
  const expected = read.flatMap((list) => list ?? []);
  let hasFailed = read.includes(undefined);
  let failures = 0;
  await hashAll(context, request, expected, (outcome, index) => {
    if (signal.aborted) return;
    if ('error' in outcome) complain(terminal, outcome.name, outcome.error);
    const digest = expected[index]?.digest;
    // With a key the digest is a secret's: nobody shall learn by the time how much of a guess is right.
    const isRight =
      'digest' in outcome && digest !== undefined && equalDigests(outcome.digest, digest);
    if (!isRight) failures++;
    const shown = checksumLine('', outcome.name).replace('  ', '');
    terminal.print(`${shown}: ${isRight ? 'OK' : 'FAILED'}`);
  });
  if (failures > 0) {
    const program = terminal.errorStyle('inos hash:', 'red');
    terminal.complain(`${program} ${formatCount(failures)} of the checks failed`);
    hasFailed = true;
  }
  return hasFailed ? ExitCode.FAILED : ExitCode.OK;
}

/** Hashes one file or stdin. Never rejects: the other files go on. */
async function hashOne(
  { mining }: MiningRuntime,
  { name, hashFunction }: Source,
  length: number | undefined,
  signal: AbortSignal,
  tally: Tally | undefined,
): Promise<Outcome> {
  let counted = 0;
  const count = (done: number) => {
    if (tally) tally.bytes += done - counted;
    counted = done;
  };
  const output = isBlake3(hashFunction) && length !== undefined ? { output: { length } } : {};
  const options = { signal, ...output };
  try {
    signal.throwIfAborted();
    const digest =
      name === STDIN
        ? await mining.hashStream(hashFunction, counting(stdinPieces(signal), count), options)
        : await mining.hashFile(hashFunction, name, { ...options, onProgress: count });
    return { name, digest };
  } catch (error) {
    return { name, error };
  } finally {
    if (tally) tally.files++;
  }
}

/** The pieces of stdin, counted once they are hashed. */
async function* counting(
  pieces: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    yield piece;
    bytes += piece.length;
    count(bytes);
  }
}

function complain(terminal: Terminal, name: string, error: unknown): void {
  const program = terminal.errorStyle('inos hash:', 'red');
  terminal.complain(`${program} ${name === STDIN ? 'stdin' : name}: ${reasonOf(error)}`);
}
