// `node docs/trace-picture.mjs TRACE.json PICTURE.svg`: draws a Chrome trace, as `inos hash --trace` writes it: a row for
// each job of the host's that is in flight at once, a row for each thread, and how many jobs wait and run.
// docs/images/trace.svg was made so; the viewers themselves show more and can be moved about in.
import { readFileSync, writeFileSync } from 'node:fs';
import { Failure, main } from '../scripts/process.mjs';

const WIDTH = 1000;
const LEFT = 90;
const ROW = 16;
const GAP = 10;
const COUNTER = 40;
const COLOURS = ['#4e79a7', '#f28e2b', '#59a14f', '#b07aa1', '#76b7b2', '#edc948'];

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The jobs from queue to end, each in the first row that is free. */
function jobsOf(events) {
  const begun = new Map();
  const jobs = [];
  const rows = [];
  for (const event of events.toSorted((one, other) => one.ts - other.ts)) {
    if (event.ph === 'b') {
      const free = rows.findIndex((taken) => !taken);
      const row = free < 0 ? rows.length : free;
      rows[row] = true;
      begun.set(event.id, { ...event, row });
    } else if (event.ph === 'e' && begun.has(event.id)) {
      const job = begun.get(event.id);
      rows[job.row] = false;
      jobs.push({ ...job, end: event.ts });
    }
  }
  return { jobs, rows: rows.length };
}

function draw(events) {
  const timed = events.filter(({ ph }) => ph !== 'M');
  const first = Math.min(...timed.map(({ ts }) => ts));
  const last = Math.max(...timed.map(({ ts, dur = 0 }) => ts + dur));
  const x = (ts) => (LEFT + ((ts - first) / (last - first)) * (WIDTH - LEFT - 4)).toFixed(1);
  const names = [...new Set(events.filter(({ ph }) => ph === 'b').map(({ name }) => name))];
  const colour = (name) => COLOURS[names.findIndex((full) => full.endsWith(name)) % COLOURS.length];
  const parts = [];
  let y = 4;
  const label = (text) => {
    parts.push(`<text x="${LEFT - 6}" y="${y + 12}" text-anchor="end">${escaped(text)}</text>`);
  };
  const slice = (from, to, top, name) => {
    const width = Math.max(0.6, x(to) - x(from)).toFixed(1);
    const title = `${name}, ${((to - from) / 1000).toFixed(2)} ms`;
    parts.push(
      `<rect x="${x(from)}" y="${top}" width="${width}" height="${ROW - 3}" fill="${colour(name)}">` +
        `<title>${escaped(title)}</title></rect>`,
    );
  };
  const { jobs, rows } = jobsOf(events);
  label('host: jobs');
  for (const { ts, end, row, name } of jobs) slice(ts, end, y + row * ROW, name);
  y += rows * ROW + GAP;
  const threads = events.filter(({ ph, name }) => ph === 'M' && name === 'thread_name');
  for (const { pid, tid, args } of threads) {
    if (pid === 1) continue;
    label(args.name);
    for (const event of events) {
      if (event.cat !== 'work' || event.pid !== pid || event.tid !== tid) continue;
      slice(event.ts, event.ts + (event.dur ?? 0), y, event.name);
    }
    y += ROW;
  }
  y += GAP;
  label('waiting');
  const counts = events.filter(({ ph }) => ph === 'C');
  const most = Math.max(1, ...counts.map(({ args }) => args.waiting));
  const steps = counts.map(({ ts, args }) => {
    return `H${x(ts)} V${(y + COUNTER - (args.waiting / most) * COUNTER).toFixed(1)}`;
  });
  parts.push(
    `<path d="M${LEFT} ${y + COUNTER} ${steps.join(' ')} V${y + COUNTER} Z" fill="#9c755f"/>`,
  );
  parts.push(`<text x="${LEFT - 6}" y="${y + 28}" text-anchor="end">at most ${most}</text>`);
  y += COUNTER + 18;
  parts.push(`<text x="${LEFT}" y="${y}">0 ms</text>`);
  const span = ((last - first) / 1000).toFixed(0);
  parts.push(`<text x="${WIDTH - 4}" y="${y}" text-anchor="end">${span} ms</text>`);
  const size = `width="${WIDTH}" height="${y + 8}" viewBox="0 0 ${WIDTH} ${y + 8}"`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12" fill="#333">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`
  );
}

await main(() => {
  const [trace, picture] = process.argv.slice(2);
  if (picture === undefined) {
    throw new Failure('usage: node docs/trace-picture.mjs TRACE.json PICTURE.svg', 2);
  }
  writeFileSync(picture, draw(JSON.parse(readFileSync(trace, 'utf8')).traceEvents));
});
