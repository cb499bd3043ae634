// Installs the packed packages with npm into a folder outside the workspace, once, and gives each consumer a copy of
// its own: what works there works for users. (Inside, a forgotten file or dependency would be found by accident.)
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from '../../scripts/process.mjs';
import { PACKAGES, pack } from './pack.mjs';

const HERE = join(root, 'tools/packaging');
const FEATURES = 'features.js';

/** Also installed: a capsule that crashes and hangs on request. It isn't published. */
const FIXTURE = 'fixture';

/**
 * Installs everything into a new folder and removes it after `work`.
 *
 * @param {(installed: { consumer: (paths: string[], name: string) => string }) => Promise<void>} work is given a function
 * that makes a consumer's project of that name: the packages, what all consumers share, and the files of those folders
 * of `tools/packaging'
 */
export async function withInstalled(work) {
  const tarballs = await pack([...PACKAGES, FIXTURE]);
  const folder = mkdtempSync(join(tmpdir(), 'inos-packaging-'));
  try {
    const template = join(folder, 'template');
    await install(template, Object.values(tarballs));
    await work({
      consumer(paths, name) {
        const project = join(folder, name);
        cpSync(template, project, { recursive: true });
        cpSync(join(HERE, FEATURES), join(project, FEATURES));
        for (const path of paths) cpSync(join(HERE, path), project, { recursive: true });
        return project;
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function install(folder, tarballs) {
  mkdirSync(folder);
  const manifest = { name: 'consumer', private: true, type: 'module' };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...quiet, ...tarballs], { cwd: folder, output: 'quiet' });
}
