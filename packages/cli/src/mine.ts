/**
 * `inos mine`: searches the lowest nonce whose digest is at or below a target.
 */
import type {
  DigestOrder,
  GpuShare,
  NonceFormat,
  SearchAlgorithm,
  SearchOptions,
  SearchOutcome,
  SearchTarget,
} from '@inos/mining';
import { InosError, type Job, type JobOptions, type JobProgress, type JobStatus } from '@inos/sdk';
import { UsageError, type Arguments, type Bounds } from './arguments.js';
import type { CommandContext } from './command.js';
import { ExitCode } from './exit-codes.js';
import { formatCount, formatRate, formatSeconds, toHex } from './format.js';
import { drawBar } from './progress.js';
import { defaultThreads, openRuntime, THREAD_BOUNDS } from './runtime.js';
import type { Terminal } from './terminal.js';

const ALGORITHMS = ['sha256d', 'sha256', 'blake3'] as const;
const ORDERS = ['big-endian', 'little-endian'] as const;
const MODES = ['first', 'any'] as const;
const LANES = ['cpu', 'gpu'] as const;
const FORMATS = ['uint32-le', 'uint32-be', 'uint64-le', 'uint64-be', 'decimal'] as const;
const NONCE_BYTES: Readonly<Record<NonceFormat, number>> = {
  'uint32-le': 4,
  'uint32-be': 4,
  'uint64-le': 8,
  'uint64-be': 8,
  decimal: 0,
};
const MAXIMUM_HEADER_BYTES = 1024;
const TARGET_BOUNDS = { minimum: 32, maximum: 32 } as const;
const PREFIX_BOUNDS = { minimum: 1, maximum: 32 } as const;
const ZERO_BOUNDS = { minimum: 0, maximum: 255 } as const;
const LAST_OF_32_BITS = 0xffffffff;
const CREDIT_BOUNDS = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const DEADLINE_BOUNDS = { minimum: 0, maximum: 2 ** 31 - 1 } as const;

const EXIT_CODES: Readonly<Record<JobStatus, number>> = {
  queued: ExitCode.FAILED,
  running: ExitCode.FAILED,
  done: ExitCode.OK,
  failed: ExitCode.FAILED,
  cancelled: ExitCode.INTERRUPTED,
  expired: ExitCode.EXPIRED,
  'out-of-budget': ExitCode.OUT_OF_BUDGET,
};

/** What to search, with every default filled in. */
interface Request extends SearchOptions {
  readonly algorithm: SearchAlgorithm;
  readonly nonceFormat: NonceFormat;
  readonly digestOrder: DigestOrder;
  readonly firstNonce: number;
  readonly lastNonce: number;
}

/** How a search ended. */
interface Result {
  readonly status: JobStatus;
  readonly outcome: SearchOutcome;
  readonly hashes: number;
  readonly seconds: number;
  readonly charged: number;
  readonly error: InosError | undefined;
}

function readRequest(args: Arguments): Request {
  const extra = args.positionals[0];
  if (extra !== undefined) throw new UsageError(`mine takes options only, got ${extra}`);
  const algorithm = args.choice('algorithm', ALGORITHMS, 'sha256d');
  const nonceFormat = args.choice('nonce-format', FORMATS, 'uint32-le');
  const nonceBytes = NONCE_BYTES[nonceFormat];
  const header = args.bytes('header', { minimum: nonceBytes, maximum: MAXIMUM_HEADER_BYTES });
  const maximum = header.length - nonceBytes;
  const nonceOffset = args.integer('nonce-offset', { minimum: 0, maximum }) ?? maximum;
  const last = nonceBytes === 4 ? LAST_OF_32_BITS : Number.MAX_SAFE_INTEGER - 1;
  const firstNonce = args.integer('from', { minimum: 0, maximum: last }) ?? 0;
  const lastNonce = args.integer('to', { minimum: firstNonce, maximum: last }) ?? last;
  const target = readTarget(args);
  const digestOrder = readOrder(args, algorithm, target);
  const place = { nonceFormat, nonceOffset, firstNonce, lastNonce };
  const mode = args.choice('mode', MODES, 'first');
  const lanes = args.list('lanes', LANES, ['cpu']);
  const cpuShare = args.share('cpu-share') ?? 1;
  return { algorithm, header, target, ...place, mode, digestOrder, lanes, cpuShare };
}

/** How digests are numbers. Zero bits and a prefix are of their bytes as they stand. */
function readOrder(args: Arguments, algorithm: SearchAlgorithm, target: SearchTarget): DigestOrder {
  const order = args.choice('digest-order', ORDERS, undefined);
  if (target instanceof Uint8Array) {
    return order ?? (algorithm === 'sha256d' ? 'little-endian' : 'big-endian');
  }
  if (order !== 'little-endian') return 'big-endian';
  throw new UsageError('--digest-order little-endian needs --target');
}

function readTarget(args: Arguments): SearchTarget {
  const given = ['target', 'zero-bits', 'prefix'].filter((name) => args.has(name));
  if (given.length > 1) throw new UsageError(`--${given.join(' and --')} exclude one another`);
  if (args.has('prefix')) return { prefix: readNumber(args, 'prefix', PREFIX_BOUNDS) };
  const zeroBits = args.integer('zero-bits', ZERO_BOUNDS);
  return zeroBits === undefined ? readNumber(args, 'target', TARGET_BOUNDS) : { zeroBits };
}

/** Bytes that a digest can be expected to meet: not the 32 zeros of a target that nobody has filled in. */
function readNumber(args: Arguments, name: string, bounds: Bounds): Uint8Array {
  const bytes = args.bytes(name, bounds);
  if (bytes.length < TARGET_BOUNDS.minimum || bytes.some((byte) => byte !== 0)) return bytes;
  throw new UsageError(`--${name} must be above zero: the digest of zeros alone is none to find`);
}

function readLimits(args: Arguments): JobOptions {
  const budget = args.integer('budget', CREDIT_BOUNDS);
  const deadlineMs = args.integer('deadline-ms', DEADLINE_BOUNDS);
  return {
    ...(budget === undefined ? {} : { budget: BigInt(budget) }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
}

/** Runs the command. */
export async function runMine({ args, terminal, signal }: CommandContext): Promise<number> {
  const request = readRequest(args);
  const limits = readLimits(args);
  const threads = args.integer('threads', THREAD_BOUNDS) ?? defaultThreads();
  await using inos = await openRuntime({ threads });
  const startedAt = performance.now();
  const job = inos.mining.search(request, { ...limits, signal });
  if (terminal.progress.isVisible) void showProgress(terminal, job, startedAt);
  const ended = await settle(job);
  terminal.progress.end();
  const result: Result = {
    ...ended,
    status: job.status,
    hashes: Number(job.usage.units),
    seconds: (performance.now() - startedAt) / 1000,
    charged: Number(job.usage.charged),
  };
  if (args.has('json')) terminal.print(JSON.stringify(toJson(result)));
  else for (const line of describe(result, request, terminal)) terminal.print(line);
  return result.status === 'done' && !result.outcome.found
    ? ExitCode.FAILED
    : EXIT_CODES[result.status];
}

async function settle(job: Job<SearchOutcome>): Promise<Pick<Result, 'outcome' | 'error'>> {
  try {
    return { outcome: await job, error: undefined };
  } catch (error) {
    if (error instanceof InosError) return { outcome: { found: false }, error };
    throw error;
  }
}

async function showProgress(
  terminal: Terminal,
  job: Job<SearchOutcome>,
  startedAt: number,
): Promise<void> {
  let last: JobProgress = { fraction: 0, units: 0n };
  terminal.progress.start(() => {
    const seconds = (performance.now() - startedAt) / 1000;
    const percent = `${(last.fraction * 100).toFixed(1)} % of the range`;
    const rate = formatRate(Number(last.units) / seconds, 'H/s');
    return `${drawBar(last.fraction, 24)} ${percent}  ${formatCount(last.units)} hashes  ${rate}`;
  });
  for await (const progress of job.progress) last = progress;
}

function toJson({ status, outcome, hashes, seconds, charged, error }: Result): object {
  return {
    found: outcome.found,
    nonce: outcome.found ? outcome.nonce : null,
    digest: outcome.found ? toHex(outcome.digest) : null,
    hashes,
    seconds,
    chargedMicroCredits: charged,
    status,
    ...(outcome.gpu ? { gpu: gpuToJson(outcome.gpu) } : {}),
    ...(error ? { error: { code: error.code, message: error.message } } : {}),
  };
}

function gpuToJson({ hashes, missing }: GpuShare): object {
  return { hashes: Number(hashes), missing: missing ?? null };
}

function describeGpu({ hashes, missing }: GpuShare): string {
  const part = `${formatCount(hashes)} of the hashes`;
  return missing === undefined ? part : `${part}; ${missing}`;
}

function describe(result: Result, request: Request, { style }: Terminal): readonly string[] {
  const { outcome, hashes, seconds, charged } = result;
  const row = (name: string, value: string) => `${style(name.padEnd(8), 'dim')} ${value}`;
  const lines: string[] = [];
  if (outcome.found) {
    const { nonce, digest } = outcome;
    lines.push(row('nonce', `${style(String(nonce), 'bold', 'green')}  (0x${toHexWord(nonce)})`));
    lines.push(row('digest', toHex(digest)));
    if (request.digestOrder === 'little-endian') {
      lines.push(row('reversed', toHex(digest.slice().reverse())));
    }
  } else {
    lines.push(row('nonce', style(whyNot(result, request), 'yellow')));
  }
  lines.push(row('hashes', formatCount(hashes)));
  if (outcome.gpu) lines.push(row('gpu', describeGpu(outcome.gpu)));
  lines.push(row('time', `${formatSeconds(seconds)}  (${formatRate(hashes / seconds, 'H/s')})`));
  lines.push(row('charged', `${formatCount(charged)} micro-credits`));
  return lines;
}

function toHexWord(nonce: number): string {
  return nonce.toString(16).padStart(8, '0');
}

/** Why there is no nonce to show. */
function whyNot({ status, error }: Result, { firstNonce, lastNonce }: Request): string {
  if (status === 'done') return `none from ${firstNonce} to ${lastNonce} meets the target`;
  return `none yet: ${error?.message ?? status}`;
}
