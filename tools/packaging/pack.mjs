// Packs the packages as `pnpm publish` would.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePnpm } from '../../scripts/pnpm.mjs';
import { Failure, isMain, main, root, run } from '../../scripts/process.mjs';
import { ensureBuildTools } from '../../scripts/setup.mjs';
import { turbo } from '../../scripts/turbo.mjs';

const PACKED = join(root, '.cache/packed');

/** The packages that are published. */
export const PACKAGES = ['sdk', 'mining', 'physics', 'cli'];

/**
 * Packs packages, by default every one that is published.
 *
 * @returns {Promise<Record<string, string>>} the tarball of each
 */
export async function pack(names = PACKAGES) {
  await ensurePnpm();
  rmSync(PACKED, { recursive: true, force: true });
  mkdirSync(PACKED, { recursive: true });
  const tarballs = {};
  for (const name of names) {
    const file = join(PACKED, `inos-${name}.tgz`);
    await run('pnpm', ['pack', '--out', file], {
      cwd: join(root, 'packages', name),
      output: 'quiet',
    });
    tarballs[name] = file;
  }
  return tarballs;
}

// `npm run tarballs`: builds and packs them for programs outside the repository, until there is a release.
if (isMain(import.meta)) {
  await main(async () => {
    await ensureBuildTools();
    const code = await turbo(['build'], ['--filter=@inos/cli...'], { output: 'stderr' });
    if (code !== 0) throw new Failure('the build failed: see above', code);
    for (const file of Object.values(await pack())) process.stdout.write(`${file}\n`);
  });
}
