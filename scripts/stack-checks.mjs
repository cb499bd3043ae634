// `node scripts/stack-checks.mjs FROM TO`: what `inos capsule build` does last, for the repository's own capsules: copies
// a module and adds its stack checks. It runs before any package is built, so it takes that code from its source.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { isMain, main, root } from './process.mjs';

/** The exports of `packages/cli/src/capsule/stack-checks.ts`. */
async function load() {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'packages/cli/src/capsule/stack-checks.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const [{ text }] = outputFiles;
  return import(`data:text/javascript,${encodeURIComponent(text)}`);
}

if (isMain(import.meta)) {
  await main(async () => {
    const [from, to] = process.argv.slice(2);
    const { addStackChecks } = await load();
    writeFileSync(to, addStackChecks(new Uint8Array(readFileSync(from))).bytes);
  });
}
