// Where the bundlers and engines lie that packages are tried with, and which versions they are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of their packages. */
export const MODULES = join(import.meta.dirname, 'node_modules');

/** The version of one of them. */
export function versionOf(name) {
  return JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')).version;
}
