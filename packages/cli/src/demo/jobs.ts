/**
 * The demo's jobs: each is submitted, watched to its end, checked and reported.
 */
import { InosError, type Account, type Job, type Quote } from '@inos/sdk';
import { toHex } from '../format.js';
import type { MiningRuntime } from '../runtime.js';
import { checkDigest, checkNonce, type FileDigests } from './independent.js';
import type { DemoView, JobReport } from './report.js';
import { reportSteps } from './steps.js';

/** What the jobs work with. */
export interface DemoStage {
  readonly inos: MiningRuntime;
  readonly view: DemoView;
  readonly signal: AbortSignal;
  /** The file, in the shared memory. */
  readonly input: Uint8Array;
  /** Its digests by other implementations. */
  readonly expected: FileDigests;
}

/** What a job came to, beyond what every job reports. */
type Outcome = Pick<JobReport, 'digest' | 'search' | 'check'>;

/** A job to be done: what it is about, on what terms, and what to make of its result. */
interface Assignment<R> {
  readonly plan: Pick<JobReport, 'title' | 'method' | 'algorithm' | 'payloadBytes'>;
  readonly quote: Quote;
  readonly budget: bigint;
  readonly account: Account;
  readonly submit: () => Job<R>;
  /** Called if the job succeeds. */
  readonly finish: (result: R) => Outcome;
}

/** Which other implementation knows an algorithm. */
const CHECKED_BY = { sha256: 'node:crypto', blake3: '@noble/hashes' } as const;
const TITLES = { sha256: 'SHA-256 of the file', blake3: 'BLAKE3 of the file' } as const;

/** Room for a hundred million hashes, a hundred times what the target takes on average. */
const SEARCH_BUDGET = 100_000n;

/** About one digest in 2^20 is at or below 0x0fffff × 2^216, as Bitcoin's "bits" field writes it. */
const TARGET_BITS = 0x1e0fffff;

/** Submits a job, shows it, and reports it whatever becomes of it. */
async function carryOut<R>(stage: DemoStage, assignment: Assignment<R>): Promise<JobReport> {
  const { plan, quote } = assignment;
  stage.signal.throwIfAborted();
  let fraction = 0;
  const quotes = { quotedMinimum: Number(quote.minimum), quotedMaximum: Number(quote.maximum) };
  stage.view.jobStarted({ ...plan, ...quotes }, () => fraction);
  const job = assignment.submit();
  void (async () => {
    for await (const progress of job.progress) fraction = progress.fraction;
  })();
  let outcome: Outcome = NOTHING;
  let failure: InosError | undefined;
  try {
    outcome = assignment.finish(await job);
  } catch (error) {
    if (!(error instanceof InosError)) throw error;
    failure = error;
  }
  const report = reportJob(job, assignment, outcome, failure);
  stage.view.jobEnded(report);
  return report;
}

function reportJob<R>(
  { id, status, steps, usage }: Job<R>,
  { plan, quote, budget, account }: Assignment<R>,
  outcome: Outcome,
  failure: InosError | undefined,
): JobReport {
  return {
    id,
    ...plan,
    account: account.name,
    status,
    error: failure ? { code: failure.code, message: failure.message } : null,
    steps: reportSteps(steps, status === 'done' || usage.reserved > 0n),
    credits: {
      quotedMinimum: Number(quote.minimum),
      quotedMaximum: Number(quote.maximum),
      budget: Number(budget),
      reserved: Number(usage.reserved),
      charged: Number(usage.charged),
      refunded: Number(usage.refunded),
    },
    units: Number(usage.units),
    unit: plan.method === 'hash' ? 'byte' : 'hash',
    bytesCopied: usage.bytesCopied,
    ...outcome,
  };
}

const NOTHING = { digest: null, search: null, check: null } as const;

/** Hashes the file where it lies. */
export function runHashJob(stage: DemoStage, algorithm: 'sha256' | 'blake3'): Promise<JobReport> {
  const { inos, input, signal, expected } = stage;
  const quote = inos.mining.hash.quote(algorithm, input);
  const budget = quote.maximum;
  return carryOut(stage, {
    plan: { title: TITLES[algorithm], method: 'hash', algorithm, payloadBytes: input.byteLength },
    quote,
    budget,
    account: inos.credits.default,
    submit: () => inos.mining.hash(algorithm, input, { signal, budget }),
    finish: (digest) => ({
      digest: toHex(digest),
      search: null,
      check: checkDigest(CHECKED_BY[algorithm], expected[algorithm], digest),
    }),
  });
}

/** The same, paid from an account that holds too little: refused before any work is done. */
export function runRefusedJob(stage: DemoStage, account: Account): Promise<JobReport> {
  const { inos, input, signal } = stage;
  const title = 'the same from an empty purse';
  const quote = inos.mining.hash.quote('blake3', input);
  const budget = quote.maximum;
  return carryOut(stage, {
    plan: { title, method: 'hash', algorithm: 'blake3', payloadBytes: input.byteLength },
    quote,
    budget,
    account,
    submit: () => inos.mining.hash('blake3', input, { signal, budget, account }),
    finish: (digest) => ({ ...NOTHING, digest: toHex(digest) }),
  });
}

/** A header as Bitcoin's blocks have it, made of the file's digests, without a nonce yet. */
function headerOf({ sha256, blake3 }: FileDigests): Uint8Array {
  const header = Buffer.alloc(80);
  header.writeUInt32LE(1, 0);
  header.set(sha256, 4);
  header.set(blake3, 36);
  header.writeUInt32LE(TARGET_BITS, 72);
  return new Uint8Array(header);
}

/** The 32 bytes, big-endian, that a "bits" field stands for: three digits and where they begin. */
function targetOf(bits: number): Uint8Array {
  const target = new Uint8Array(32);
  const first = 32 - (bits >>> 24);
  target.set([(bits >>> 16) & 0xff, (bits >>> 8) & 0xff, bits & 0xff], first);
  return target;
}

/** Searches a nonce for a header made of the file's digests. */
export function runSearchJob(stage: DemoStage): Promise<JobReport> {
  const { inos, signal, expected } = stage;
  const header = headerOf(expected);
  const nonceOffset = header.length - 4;
  const target = targetOf(TARGET_BITS);
  const request = { algorithm: 'sha256d', header, nonceOffset, target } as const;
  const title = 'a nonce for a header of both digests';
  return carryOut(stage, {
    plan: { title, method: 'search', algorithm: 'sha256d', payloadBytes: 0 },
    quote: inos.mining.search.quote(request),
    budget: SEARCH_BUDGET,
    account: inos.credits.default,
    submit: () => inos.mining.search(request, { signal, budget: SEARCH_BUDGET }),
    finish: (outcome) => {
      const search = { header: toHex(header), target: toHex(target), nonce: null };
      if (!outcome.found) return { ...NOTHING, search };
      const { nonce, digest } = outcome;
      const check = checkNonce({ header, nonceOffset, nonce, target, digest });
      return { digest: toHex(digest), search: { ...search, nonce }, check };
    },
  });
}
