// The table of docs/guide/support.md: written from what ran, and compared with it.
import { join } from 'node:path';
import { readPart, writePart } from '../../scripts/document.mjs';
import { Failure, root } from '../../scripts/process.mjs';

const DOCUMENT = join(root, 'docs/guide/support.md');

/** What is tried, and the heading of its column. */
const COLUMNS = {
  job: 'job',
  threads: 'threads',
  memory: 'no copy',
  crash: 'crash',
  stuck: 'stuck',
  wake: 'woken',
  idle: 'idle',
};

/**
 * A place to try. What it `lacks` never works there; what `wavers` works at times, and one run can't tell how often.
 *
 * @typedef {{ name: string, version?: string, lacks?: Record<string, string>, wavers?: Record<string, string>,
 *   isListed?: boolean }} Environment
 */

/** A row's cells, and the notes of those that don't say yes. */
function cellsOf({ name, version, lacks = {}, wavers = {}, outcomes }) {
  const cells = Object.keys(COLUMNS).map((feature) => {
    if (outcomes[feature] === undefined) return '–';
    if (feature in wavers) return '**at times**';
    return outcomes[feature] === 'ok' ? 'yes' : '**no**';
  });
  const notes = Object.entries({ ...lacks, ...wavers }).map(
    ([feature, why]) => `- ${name}, ${COLUMNS[feature]}: ${why}`,
  );
  return { name, cells: [name, version ?? '', ...cells], notes };
}

/** What the document's table says of each environment, and its notes. */
function read() {
  const block = readPart(DOCUMENT, 'table');
  const [, , ...lines] = block.split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  // Prettier breaks the lines of notes.
  const notes = block.split(/^(?=- )/m).slice(1);
  return { rows, notes: notes.map((note) => note.trim().replaceAll(/\s+/g, ' ')) };
}

/**
 * Fails if the document says something else than what ran, or nothing of it, or lists what isn't tried. What can't be
 * tried on this machine stays as it is.
 *
 * @param {Environment[]} all everything that is tried somewhere
 * @param {(Environment & { outcomes: Record<string, string> })[]} ran what ran here, and how that went
 */
export function compareTable(all, ran) {
  const { rows, notes } = read();
  const problems = rows
    .filter(([name]) => !all.some((environment) => environment.name === name))
    .map(([name]) => `it lists ${name}, which nothing tries`);
  for (const environment of ran.filter(({ isListed = true }) => isListed)) {
    const wanted = cellsOf(environment);
    const there = rows.find(([name]) => name === wanted.name);
    if (there?.join() !== wanted.cells.join()) {
      problems.push(`it says ${there?.join(', ') ?? 'nothing'}: ran ${wanted.cells.join(', ')}`);
    }
    for (const note of wanted.notes.filter((line) => !notes.includes(line))) {
      problems.push(`it lacks the note ${note}`);
    }
  }
  if (problems.length === 0) return;
  const cure = 'if that is right: node tools/packaging/run.mjs --write';
  throw new Failure(['docs/guide/support.md is out of date', ...problems, cure].join('\n  '));
}

/** Writes the table: a row for each environment, in order; the row that is there for what didn't run here. */
export async function writeTable(all, ran) {
  const { rows } = read();
  const listed = all.filter(({ isListed = true }) => isListed);
  const made = listed.flatMap(({ name, lacks, wavers }) => {
    const row = ran.find((one) => one.name === name);
    const there = rows.find(([first]) => first === name);
    if (row === undefined && there === undefined) return [];
    const { cells, notes } = cellsOf(row ?? { name, lacks, wavers, outcomes: {} });
    return [{ cells: row === undefined ? there : cells, notes }];
  });
  const heads = ['where', 'version', ...Object.values(COLUMNS)];
  const lines = [heads, heads.map(() => '---'), ...made.map(({ cells }) => cells)];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const notes = made.flatMap((row) => row.notes).join('\n');
  await writePart(DOCUMENT, 'table', `${table}\n\n${notes}`);
}
