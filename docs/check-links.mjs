// Checks that the documents' links between files of the repository lead somewhere, headings included, and that
// the guide's table of errors lists every code there is.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Failure, main, root, say } from '../scripts/process.mjs';
import { documents, lineAt } from './documents.mjs';

const LINK = /(?:\]\(|(?:src|href)=")(?![a-z]+:)([^)"\s]+)/g;
const ERRORS = 'docs/guide/jobs.md';

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(text) {
  const headings = text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

function isDead(target, from) {
  const [path, anchor] = target.split('#');
  const file = path === '' ? join(root, from) : join(root, normalize(join(dirname(from), path)));
  if (!existsSync(file)) return true;
  if (anchor === undefined) return false;
  return statSync(file).isDirectory() || !anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

/** What stands in blocks of code leads where that code is used. Lines stay where they are. */
function withoutCode(text) {
  return text.replaceAll(/^```.*?^```/gms, (block) => block.replaceAll(/[^\n]/g, ' '));
}

function deadLinks({ name, text }) {
  return [...withoutCode(text).matchAll(LINK)]
    .filter(([, target]) => isDead(target, name))
    .map(({ 1: target, index }) => `${name}:${lineAt(text, index)}: leads nowhere: ${target}`);
}

/** Codes that the guide doesn't explain, and codes that it explains and nobody gives. */
function errorTableProblems({ text }) {
  const { description: _, ...packages } = JSON.parse(
    readFileSync(join(root, 'vectors/errors.json'), 'utf8'),
  );
  const known = Object.values(packages).flatMap((list) => list.map(({ code }) => code));
  const listed = [...text.matchAll(/^\| `([a-z]+\/[a-z-]+)`/gm)].map(([, code]) => code);
  return [
    ...known.filter((code) => !listed.includes(code)).map((code) => `${ERRORS} lacks ${code}`),
    ...listed.filter((code) => !known.includes(code)).map((code) => `${ERRORS} invents ${code}`),
  ];
}

await main(async () => {
  const all = documents();
  const guide = all.find(({ name }) => name === ERRORS);
  const problems = all.flatMap(deadLinks);
  if (guide === undefined) problems.push(`${ERRORS} isn't there`);
  else problems.push(...errorTableProblems(guide));
  if (problems.length > 0) throw new Failure(problems.join('\n'));
  say(`the links of ${all.length} documents lead somewhere; every error is explained`);
});
