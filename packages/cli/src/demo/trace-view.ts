/**
 * The demo for people: a table of the six steps of each job as it ends, results beside their checks, and the
 * books. Laid out for 80 columns; wider terminals get longer rules.
 */
import { basename } from 'node:path';
import { formatBytes, formatCount, formatMicroseconds, formatSeconds } from '../format.js';
import { drawBar } from '../progress.js';
import type { Style, Terminal } from '../terminal.js';
import type {
  AccountReport,
  ChallengeReport,
  DemoReport,
  DemoView,
  JobPlan,
  JobReport,
} from './report.js';
import type { OpeningReport, PhysicsReport, StepReport } from './report.js';
import { noteFor } from './step-notes.js';

const NARROWEST = 80;
const WIDEST = 100;
const TIME_COLUMN = 12;
const NAME_COLUMN = 16;

/** Shows the demo while it runs. */
export class TraceView implements DemoView {
  readonly #terminal: Terminal;
  readonly #style: Style;
  readonly #width: number;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#style = terminal.style;
    this.#width = Math.min(WIDEST, Math.max(NARROWEST, terminal.columns));
  }

  #print(line = ''): void {
    this.#terminal.print(line);
  }

  #rule(left: string, right = ''): void {
    const end = right === '' ? '──' : ` ${right} ──`;
    const length = this.#width - left.length - end.length - 4;
    const rule = this.#style(`${'─'.repeat(Math.max(2, length))}${end}`, 'dim');
    this.#print();
    this.#print(`${this.#style('──', 'dim')} ${this.#style(left, 'bold')} ${rule}`);
  }

  opened({ file, threads, startMilliseconds }: OpeningReport): void {
    const style = this.#style;
    const row = (name: string, text: string) => `${style(name.padEnd(NAME_COLUMN), 'dim')}${text}`;
    const where = `0x${file.offset.toString(16)}`;
    const workers = threads === 1 ? '1 thread' : `${threads} threads`;
    this.#print(
      `${style('inos demo', 'bold', 'cyan')}  one shared memory, a Rust capsule, the loop in six steps`,
    );
    this.#print();
    this.#print(row('file', `${basename(file.path)}, ${formatBytes(file.bytes)}`));
    this.#print(row('', `read to ${where} of the shared memory in ${took(file.readMicroseconds)}`));
    this.#print(
      row('capsule', `mining, ${workers}, started in ${formatSeconds(startMilliseconds / 1000)}`),
    );
  }

  busy(text: string, fraction: () => number): void {
    this.#terminal.progress.start(() => `${drawBar(fraction(), 20)} ${text}`);
  }

  jobStarted({ title, quotedMinimum, quotedMaximum }: JobPlan, fraction: () => number): void {
    this.#terminal.progress.end();
    const quote =
      quotedMinimum === quotedMaximum
        ? formatCount(quotedMaximum)
        : `${formatCount(quotedMinimum)} to ${formatCount(quotedMaximum)}`;
    this.#rule(title, `quote: ${quote} µcr`);
    const [at, span] = ['done at', 'took'].map((text) => text.padStart(TIME_COLUMN));
    this.#print(this.#style(`  ${'step'.padEnd(NAME_COLUMN)}${at ?? ''}${span ?? ''}`, 'dim'));
    this.busy('running', fraction);
  }

  jobEnded(job: JobReport): void {
    this.#terminal.progress.end();
    for (const step of job.steps) this.#print(this.#stepLine(step, job));
    if (job.search) this.#searchLines(job);
    else this.#resultLines(job, (digest) => digest);
    if (job.error) this.#print(this.#labelled(' ', job.status, job.error.message));
  }

  #stepLine(step: StepReport, job: JobReport): string {
    const style = this.#style;
    const { isReached, doneAtMicroseconds: at, tookMicroseconds: span } = step;
    const time = (value: number | null, blank: string) =>
      (value === null ? blank : formatMicroseconds(value)).padStart(TIME_COLUMN);
    const name = step.name.padEnd(NAME_COLUMN);
    return [
      style(String(step.step), isReached ? 'cyan' : 'dim'),
      ' ',
      isReached ? name : style(name, 'dim'),
      style(time(at, '·'), isReached ? 'yellow' : 'dim'),
      style(time(span, '·'), 'dim'),
      '  ',
      noteFor(step.step, job),
    ].join('');
  }

  #labelled(mark: string, name: string, text: string): string {
    return `${mark} ${this.#style(name.padEnd(NAME_COLUMN - 3), 'dim')} ${text}`;
  }

  #tick(isGood: boolean): string {
    return isGood ? this.#style('✓', 'green', 'bold') : this.#style('✗', 'red', 'bold');
  }

  /** The digest, and below it the other implementation's. */
  #resultLines({ digest, check }: JobReport, show: (digest: string) => string): void {
    if (digest === null) return;
    this.#print(this.#labelled(' ', 'capsule', show(digest)));
    if (check === null) return;
    this.#print(this.#labelled(this.#tick(check.isEqual), check.by, show(check.digest)));
  }

  /** Digests as the numbers that are compared with the target: their bytes reversed. */
  #searchLines(job: JobReport): void {
    const { search } = job;
    if (search === null) return;
    const nonce = search.nonce === null ? 'none' : formatCount(search.nonce);
    this.#print(this.#labelled(' ', 'nonce', this.#style(nonce, 'bold')));
    this.#print(this.#labelled(' ', 'target', search.target));
    this.#resultLines(job, reverseHex);
  }

  physicsEnded(report: PhysicsReport): void {
    this.#terminal.progress.end();
    const { boxes, millisecondsPerStep, bodySteps, charged, isEqual } = report;
    this.#rule(
      `a world of ${formatCount(boxes)} boxes`,
      `quote: ${formatCount(report.quoted)} µcr`,
    );
    const line = (name: string, text: string) => this.#print(this.#labelled(' ', name, text));
    line('stepped', `60 steps, ${formatMicroseconds(millisecondsPerStep * 1000)} each`);
    line('charged', `${formatCount(charged)} µcr for ${formatCount(bodySteps)} body-steps`);
    line('saved', `at step ${report.restoredTo}, ${formatBytes(report.stateBytes)}`);
    line(`step ${report.steps}`, report.digest);
    this.#print(this.#labelled(this.#tick(isEqual), 'rolled back', report.digestAgain));
  }

  /** A challenge as both sides see it. */
  #challengeLines(challenge: ChallengeReport): void {
    const { difficulty, nonce, hashes, milliseconds, isVerified, refusedAgain } = challenge;
    this.#rule('a challenge', `${formatCount(difficulty)} hashes on average`);
    const tried = `${formatCount(hashes)} hashes in ${formatSeconds(milliseconds / 1000)}`;
    this.#print(
      this.#labelled(' ', 'nonce', `${this.#style(formatCount(nonce), 'bold')}  ${tried}`),
    );
    const verified = isVerified ? 'the server verifies the solution' : 'the server refuses it';
    this.#print(`${this.#tick(isVerified)} ${verified}`);
    const again =
      refusedAgain === null ? 'and takes it again' : `and refuses it again: ${refusedAgain}`;
    this.#print(`${this.#tick(challenge.isAsExpected)} ${again}`);
  }

  finished(report: DemoReport): void {
    const { accounts, ledger, jobs, bytesCopied, payloadBytes } = report;
    const checks = jobs.filter(({ check }) => check !== null);
    const equal = checks.filter(({ check }) => check?.isEqual === true).length;
    this.#terminal.progress.end();
    this.#challengeLines(report.challenge);
    this.#rule('the books, in micro-credits (µcr)');
    for (const account of accounts) this.#print(`  ${accountLine(account)}`);
    const sum = formatCount(ledger.after);
    this.#print(
      `${this.#tick(ledger.isEqual)} the ledger’s sum was ${formatCount(ledger.before)} and is ${sum}`,
    );
    const copied = `${formatCount(bytesCopied)} of ${formatBytes(payloadBytes)} of payload copied`;
    this.#print(`${this.#tick(bytesCopied === 0)} ${copied}`);
    const agreed = `${equal} of ${checks.length} results are those of independent implementations`;
    this.#print(`${this.#tick(equal === checks.length)} ${agreed}`);
    if (!report.ok) this.#print(this.#style('Something is not as it should be.', 'red', 'bold'));
  }
}

function took(microseconds: number): string {
  return microseconds < 10_000
    ? formatMicroseconds(microseconds)
    : formatSeconds(microseconds / 1e6);
}

function accountLine({ name, before, after }: AccountReport): string {
  const change = after - before;
  const sign = change < 0 ? '−' : '+';
  const moved = change === 0 ? 'unchanged' : `${sign}${formatCount(Math.abs(change))}`;
  const amounts = [formatCount(before), '→', formatCount(after), moved];
  const widths = [12, 3, 12, 12];
  return name.padEnd(20) + amounts.map((text, index) => text.padStart(widths[index] ?? 0)).join('');
}

function reverseHex(digits: string): string {
  return (digits.match(/../g) ?? []).reverse().join('');
}
