/** The SQLite store, in the SQLite that Node has: this Node's, or else the newer one among the packages. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** A Node that has SQLite, if there is one here. */
function nodeWithSqlite(): string | undefined {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return process.execPath;
  try {
    const manifest = createRequire(import.meta.url).resolve('node-22/package.json');
    return join(dirname(manifest), 'bin/node');
  } catch {
    return undefined;
  }
}

const node = nodeWithSqlite();

/** What two processes do with one file: the first spends, the second finds it spent. */
const PROGRAM = `
import { DatabaseSync } from 'node:sqlite';
import { sqliteStore } from './sqlite.js';
const database = new DatabaseSync(process.argv[2]);
const store = sqliteStore(database);
const later = Date.now() + 60_000;
console.log(JSON.stringify({
  expired: store.spend('old', 5),
  first: store.spend('id', later),
  second: store.spend('id', later),
  forEver: store.spend('for ever', Infinity),
  rows: database.prepare('SELECT count(*) AS count FROM spent').get().count,
}));`;

it.skipIf(node === undefined)(
  'remembers across processes, and forgets what has expired',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'inos-spent-'));
    try {
      const program = join(folder, 'program.mjs');
      await build({
        stdin: { contents: PROGRAM, resolveDir: fileURLToPath(new URL('../src', import.meta.url)) },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: program,
        logLevel: 'silent',
      });
      const once = async () => {
        const { stdout } = await run(node ?? '', [program, join(folder, 'spent.db')]);
        return JSON.parse(stdout) as unknown;
      };
      const fresh = { expired: true, first: true, second: false, forEver: true, rows: 3 };
      expect(await once()).toEqual(fresh);
      // Its first use sweeps: the expired one is forgotten, and can be spent again.
      expect(await once()).toEqual({ ...fresh, first: false, forEver: false });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
