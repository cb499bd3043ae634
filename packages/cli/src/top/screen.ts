/**
 * What `inos top` shows of a runtime: its totals, and a line for each capsule.
 */
import { basename } from 'node:path';
import type { CapsuleSnapshot, Snapshot } from '@inos/sdk';
import { formatCount, formatRate, formatSeconds } from '../format.js';
import type { Style } from '../terminal.js';

const PAGE_BYTES = 65_536;

interface Column {
  readonly title: string;
  readonly width: number;
  readonly of: (
    now: CapsuleSnapshot,
    before: CapsuleSnapshot | undefined,
    seconds: number,
  ) => string;
}

const ended = ({ jobs }: CapsuleSnapshot) =>
  jobs.done + jobs.failed + jobs.cancelled + jobs.expired + jobs['out-of-budget'];

/** How much a counter has grown in a second. */
function rate(
  count: (stats: CapsuleSnapshot) => number,
  unit: string,
): (now: CapsuleSnapshot, before: CapsuleSnapshot | undefined, seconds: number) => string {
  return (now, before, seconds) =>
    before === undefined ? '–' : formatRate((count(now) - count(before)) / seconds, unit);
}

const COLUMNS: readonly Column[] = [
  { title: 'THREADS', width: 7, of: ({ threads }) => formatCount(threads) },
  { title: 'QUEUED', width: 8, of: ({ queued }) => formatCount(queued) },
  { title: 'JOBS/S', width: 8, of: rate(ended, '/s') },
  { title: 'DONE', width: 13, of: ({ jobs }) => formatCount(jobs.done) },
  { title: 'ENDED ELSE', width: 10, of: (stats) => formatCount(ended(stats) - stats.jobs.done) },
  { title: 'UNITS/S', width: 9, of: rate(({ units }) => units, '/s') },
  { title: 'CHARGED', width: 15, of: ({ charged }) => formatCount(charged) },
  { title: 'PAGES', width: 7, of: ({ pages }) => formatCount(pages) },
  { title: 'STATE', width: 10, of: ({ state }) => state },
  { title: 'RESTARTS', width: 8, of: ({ restarts }) => formatCount(restarts) },
];

/** What a terminal that is too narrow for all columns goes without, the first first. */
const DISPENSABLE = ['CHARGED', 'UNITS/S', 'PAGES', 'ENDED ELSE'];
const GAP = '  ';

function columnsWithin(width: number): readonly Column[] {
  let columns = COLUMNS;
  for (const dispensable of DISPENSABLE) {
    if (columns.reduce((sum, column) => sum + GAP.length + column.width, 0) <= width) break;
    columns = columns.filter(({ title }) => title !== dispensable);
  }
  return columns;
}

/** A runtime's counters as lines of at most so many characters. */
export function screenOf(
  now: Snapshot,
  before: Snapshot | undefined,
  style: Style,
  width: number,
): string[] {
  const seconds = before === undefined ? NaN : (now.uptimeMs - before.uptimeMs) / 1000;
  const { credits, inFlight, jobs, memoryBytes } = now;
  const megabytes = formatCount(Math.round(memoryBytes / 2 ** 20));
  const pages = formatCount(Math.round(memoryBytes / PAGE_BYTES));
  const capsules = Object.entries(now.capsules);
  const nameWidth = Math.max('CAPSULE'.length, ...capsules.map(([name]) => name.length));
  const columns = columnsWithin(width - nameWidth);
  // Before they are styled: codes have no width.
  const cut = (text: string) => text.slice(0, width);
  const line = (name: string, cellOf: (column: Column) => string) => {
    const cells = columns.map((column) => cellOf(column).padStart(column.width));
    return cut([name.padEnd(nameWidth), ...cells].join(GAP));
  };
  const program = basename(now.program) || 'a program';
  const title = cut(`${program}  pid ${now.pid}  up ${formatSeconds(now.uptimeMs / 1000)}`);
  return [
    style(title.slice(0, program.length), 'bold') + title.slice(program.length),
    cut(
      `jobs ${formatCount(jobs)}, ${formatCount(inFlight)} in flight; memory ${megabytes} MiB in ${pages} pages; ` +
        `credits ${formatCount(credits.available)}, ${formatCount(credits.reserved)} reserved`,
    ),
    '',
    style(
      line('CAPSULE', ({ title }) => title),
      'bold',
    ),
    ...capsules.map(([name, stats]) =>
      line(name, ({ of }) => of(stats, before?.capsules[name], seconds)),
    ),
  ];
}
