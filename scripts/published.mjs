// Checks what would be published: publint reads the packed packages' manifests, attw resolves their types as
// every kind of importer would.
import { join } from 'node:path';
import { pack } from '../tools/packaging/pack.mjs';
import { exitCode, main, root, say } from './process.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);

/** The packages are ES modules; the command has no types to resolve, a wasm file neither. */
const TYPED = ['sdk', 'mining', 'physics'];
const ATTW = [
  '--profile',
  'esm-only',
  '--format',
  'ascii',
  '--no-emoji',
  '--exclude-entrypoints',
  'mining.wasm',
  'physics.wasm',
  'physics-soft.wasm',
];

await main(async () => {
  const tarballs = await pack();
  let failures = 0;
  for (const [name, file] of Object.entries(tarballs)) {
    failures += await exitCode(bin('publint'), ['run', file, '--strict']);
    if (TYPED.includes(name)) {
      failures += await exitCode(bin('attw'), [file, ...ATTW], { output: 'quiet' });
    }
  }
  if (failures === 0) say('publint and attw have no complaint about the packed packages');
  process.exitCode = failures === 0 ? 0 : 1;
});
