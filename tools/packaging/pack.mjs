// Packs the packages as `pnpm publish` would, and installs the tarballs with npm into an empty folder
// outside the workspace: what works there works for users. (Inside, a forgotten file or dependency would
// be found by accident.)
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePnpm } from '../../scripts/pnpm.mjs';
import { isMain, main, root, run } from '../../scripts/process.mjs';

const PACKED = join(root, '.cache/packed');

/** The packages that are published. */
export const PACKAGES = ['sdk', 'mining', 'physics', 'cli'];

/**
 * Packs every published package.
 *
 * @returns {Promise<Record<string, string>>} the tarball of each
 */
export async function packAll() {
  await ensurePnpm();
  rmSync(PACKED, { recursive: true, force: true });
  mkdirSync(PACKED, { recursive: true });
  const tarballs = {};
  for (const name of PACKAGES) {
    const file = join(PACKED, `inos-${name}.tgz`);
    await run('pnpm', ['pack', '--out', file], {
      cwd: join(root, 'packages', name),
      output: 'quiet',
    });
    tarballs[name] = file;
  }
  return tarballs;
}

/**
 * Installs the tarballs into a new folder together with a consumer's files, and removes it afterwards.
 *
 * @param {string} consumer folder whose files are copied in
 * @param {string[]} extra further packages that the consumer needs
 * @param {(folder: string) => Promise<void>} work what to do there
 */
export async function withConsumer(consumer, extra, work) {
  const tarballs = await packAll();
  const folder = mkdtempSync(join(tmpdir(), 'inos-packaging-'));
  try {
    cpSync(consumer, folder, { recursive: true });
    const manifest = { name: 'consumer', private: true, type: 'module' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    const args = ['install', ...quiet, ...Object.values(tarballs), ...extra];
    await run('npm', args, { cwd: folder, output: 'quiet' });
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// `npm run tarballs`: for programs outside the repository, until there is a release.
if (isMain(import.meta)) {
  await main(async () => {
    for (const file of Object.values(await packAll())) process.stdout.write(`${file}\n`);
  });
}
