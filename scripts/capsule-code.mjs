// What `inos capsule build` does to modules, for the build of the repository's own: it runs before any package is
// built, so it takes that code from its source.
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './process.mjs';

/** The exports of a file of `packages/cli/src/capsule`. */
export async function loadCapsuleCode(...names) {
  const folder = join(root, 'packages/cli/src/capsule');
  const { outputFiles } = await build({
    stdin: {
      contents: names.map((name) => `export * from './${name}.ts';`).join('\n'),
      resolveDir: folder,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const [{ text }] = outputFiles;
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}
