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

/** A runtime's counters as lines. */
export function screenOf(now: Snapshot, before: Snapshot | undefined, style: Style): string[] {
  const seconds = before === undefined ? NaN : (now.uptimeMs - before.uptimeMs) / 1000;
  const { credits, inFlight, jobs, memoryBytes } = now;
  const megabytes = formatCount(Math.round(memoryBytes / 2 ** 20));
  const pages = formatCount(Math.round(memoryBytes / PAGE_BYTES));
  const names = Object.keys(now.capsules);
  const nameWidth = Math.max('CAPSULE'.length, ...names.map((name) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    [
      name.padEnd(nameWidth),
      ...cells.map((cell, index) => cell.padStart(COLUMNS[index]?.width ?? 0)),
    ].join('  ');
  return [
    `${style(basename(now.program) || 'a program', 'bold')}  pid ${now.pid}  up ${formatSeconds(now.uptimeMs / 1000)}`,
    `jobs ${formatCount(jobs)}, ${formatCount(inFlight)} in flight; memory ${megabytes} MiB in ${pages} pages; ` +
      `credits ${formatCount(credits.available)}, ${formatCount(credits.reserved)} reserved`,
    '',
    style(
      line(
        'CAPSULE',
        COLUMNS.map(({ title }) => title),
      ),
      'bold',
    ),
    ...names.map((name) => {
      const stats = now.capsules[name];
      if (stats === undefined) return name;
      return line(
        name,
        COLUMNS.map(({ of }) => of(stats, before?.capsules[name], seconds)),
      );
    }),
  ];
}
