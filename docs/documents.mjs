// The Markdown files that people read, for what checks them.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/process.mjs';

/**
 * Every document, by its path from the root.
 *
 * @returns {{ name: string, text: string }[]}
 */
export function documents() {
  const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`);
  const docs = readdirSync(join(root, 'docs'), { recursive: true }).map((name) => `docs/${name}`);
  return ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...packages, ...docs.sort()]
    .filter((name) => name.endsWith('.md') && existsSync(join(root, name)))
    .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
}

/** The line, from 1, that an index into a text lies in. */
export function lineAt(text, index) {
  return text.slice(0, index).split('\n').length;
}
