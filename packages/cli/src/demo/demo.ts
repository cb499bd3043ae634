/**
 * `inos demo`: the whole loop on a real file, traced and checked.
 */
import type { Account } from '@inos/sdk';
import { UsageError } from '../arguments.js';
import type { CommandContext } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { defaultThreads, openDemoRuntime, THREAD_BOUNDS } from '../runtime.js';
import { version } from '../version.js';
import { runChallenge } from './challenge.js';
import { digestFile } from './independent.js';
import { chooseFile, loadFile, memoryFor, type DemoFile, type LoadedFile } from './input.js';
import { runHashJob, runRefusedJob, runSearchJob, type DemoStage } from './jobs.js';
import { runPhysics } from './physics.js';
import type { AccountReport, DemoReport, DemoView, JobReport, OpeningReport } from './report.js';
import { JsonView } from './json-view.js';
import { TraceView } from './trace-view.js';

/** What the default account starts with, in micro-credits. */
const CREDITS = 10_000_000n;
/** Less than any job costs. */
const EMPTY_PURSE = 10n;

/** Runs the command. */
export async function runDemo({ args, terminal, signal }: CommandContext): Promise<number> {
  const [named, extra] = args.positionals;
  if (extra !== undefined) throw new UsageError(`demo takes one file, got another: ${extra}`);
  const threads = args.integer('threads', THREAD_BOUNDS) ?? defaultThreads();
  const view = args.has('json') ? new JsonView(terminal) : new TraceView(terminal);
  const report = await demonstrate(chooseFile(named), threads, view, signal);
  view.finished(report);
  return report.ok ? ExitCode.OK : ExitCode.FAILED;
}

async function demonstrate(
  file: DemoFile,
  threads: number,
  view: DemoView,
  signal: AbortSignal,
): Promise<DemoReport> {
  const startedAt = performance.now();
  const maximumBytes = memoryFor(file);
  await using inos = await openDemoRuntime({ threads, maximumBytes, credits: CREDITS });
  const startMilliseconds = performance.now() - startedAt;
  const loaded = loadFile(inos.memory, file);
  const opening = reportOpening(file, loaded, threads, startMilliseconds);
  view.opened(opening);

  let fraction = 0;
  view.busy('hashing the file with node:crypto and @noble/hashes, to compare', () => fraction);
  const expected = await digestFile(file.path, file.bytes, signal, (done) => (fraction = done));
  const purse = inos.credits.open({ name: 'empty purse', credits: EMPTY_PURSE });
  const operators = ['mining', 'physics'].map((capsule) => inos.credits.operator(capsule));
  const books = openBooks([inos.credits.default, purse, ...operators]);
  const before = Number(inos.credits.total);
  const stage: DemoStage = { inos, view, signal, input: loaded.view, expected };
  const jobs = [
    await runHashJob(stage, 'blake3'),
    await runHashJob(stage, 'sha256'),
    await runSearchJob(stage),
    await runRefusedJob(stage, purse),
  ];
  const physics = await runPhysics(inos, view, signal);
  view.busy('solving a challenge as a visitor would, and verifying it as a server', () => 0);
  const challenge = await runChallenge(threads, signal);
  const after = Number(inos.credits.total);
  const ledger = { before, after, isEqual: before === after };
  const { bytesCopied } = inos.stats;
  return {
    ...opening,
    jobs,
    physics,
    challenge,
    accounts: books(),
    ledger,
    payloadBytes: jobs.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0),
    bytesCopied,
    ok:
      ledger.isEqual &&
      bytesCopied === 0 &&
      jobs.every(isAsExpected) &&
      physics.isEqual &&
      challenge.isAsExpected,
  };
}

/** Whether a job that was paid for was done and checked, and one that wasn't paid for was refused. */
function isAsExpected({ account, check, credits, status }: JobReport): boolean {
  if (account === 'empty purse') return status === 'out-of-budget' && credits.charged === 0;
  return status === 'done' && check?.isEqual === true;
}

function reportOpening(
  file: DemoFile,
  { view, readMicroseconds }: LoadedFile,
  threads: number,
  startMilliseconds: number,
): OpeningReport {
  return {
    inos: version(),
    node: process.version,
    threads,
    startMilliseconds: Math.round(startMilliseconds * 1000) / 1000,
    file: { ...file, readMicroseconds, offset: view.byteOffset },
  };
}

/** Notes what accounts hold now; the function returned says what has become of it. */
function openBooks(accounts: readonly (Account | undefined)[]): () => readonly AccountReport[] {
  const known = accounts.filter((account) => account !== undefined);
  const before = known.map((account) => ({ account, held: Number(account.available) }));
  return () =>
    before.map(({ account, held }) => ({
      name: account.name,
      before: held,
      after: Number(account.available),
    }));
}
