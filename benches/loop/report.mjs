// The results as text for a terminal, as data, and as a page for docs/benchmarks/.

/**
 * @typedef {object} Group
 * @property {string} id
 * @property {string} title
 * @property {{ key: string, title: string }[]} columns
 * @property {({ name: string } & Record<string, number>)[]} rows
 * @property {{ name: string, key: string, atMost?: number, atLeast?: number }[]} thresholds
 */

/** Each threshold of the groups beside what was measured. @param {Group[]} groups */
export function verdicts(groups) {
  return groups.flatMap(({ id, columns, rows, thresholds }) =>
    thresholds.map(({ name, key, atMost, atLeast }) => {
      const value = rows.find((row) => row.name === name)[key];
      const limit = atMost ?? atLeast;
      return {
        group: id,
        name,
        measure: columns.find((column) => column.key === key).title,
        value,
        comparison: atMost === undefined ? '≥' : '≤',
        limit,
        pass: atMost === undefined ? value >= limit : value <= limit,
      };
    }),
  );
}

/** Three significant digits, thousands apart. */
export function formatNumber(value) {
  if (value === undefined) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-GB');
  return Number(value.toPrecision(3)).toString();
}

function tableOf({ columns, rows }) {
  return [
    ['', ...columns.map(({ title }) => title)],
    ...rows.map((row) => [row.name, ...columns.map(({ key }) => formatNumber(row[key]))]),
  ];
}

function verdictTable(list) {
  return [
    ['', 'what', 'measured', 'limit'],
    ...list.map(({ pass, group, name, measure, value, comparison, limit }) => [
      pass ? 'PASS' : 'FAIL',
      `${group}: ${name}, ${measure}`,
      formatNumber(value),
      `${comparison} ${formatNumber(limit)}`,
    ]),
  ];
}

/** Columns aligned with spaces: the first to the left, numbers to the right. */
function plainTable(cells, leftColumns = 1) {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const pad = (cell, column) =>
    column < leftColumns ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return cells.map((row) => row.map(pad).join('   ').trimEnd()).join('\n');
}

/** For a terminal. @param {Group[]} groups */
export function toText(groups, list, facts) {
  const parts = groups.map((group) => `${group.title}\n${plainTable(tableOf(group))}`);
  parts.push(`Thresholds\n${plainTable(verdictTable(list), 2)}`);
  return `${parts.join('\n\n')}\n\n${factsLine(facts)}\n`;
}

function factsLine({ cpu, cores, system, node, date, busyOthers }) {
  const noise = `other programs kept ${formatNumber(busyOthers)} cores busy meanwhile`;
  return `${cpu}, ${cores} cores, ${system}, Node ${node}, ${date}; ${noise}.`;
}

function markdownTable(cells, leftColumns = 1) {
  const rule = cells[0].map((_, column) => (column < leftColumns ? '---' : '--:'));
  return [cells[0], rule, ...cells.slice(1)].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** What a page begins with. */
const LOOP_PAGE = {
  title: 'The loop beside its peers',
  introduction:
    'What `pnpm bench loop` measured. One worker each, equal work checked equal, in turns within one run; ' +
    '`--markdown FILE` writes this page. Times differ from machine to machine: compare the ratios.',
};

/** A page; Prettier still has to align it. @param {Group[]} groups */
export function toMarkdown(groups, list, facts, { title, introduction } = LOOP_PAGE) {
  const parts = [
    `# ${title}`,
    introduction,
    factsLine(facts),
    '## Thresholds',
    markdownTable(verdictTable(list), 2),
    ...groups.flatMap((group) => [`## ${group.title}`, markdownTable(tableOf(group))]),
  ];
  return `${parts.join('\n\n')}\n`;
}
