// `pnpm sizes`: how many bytes users download, as a table, and whether each part stays within its limit.
// The SDK is bundled and minified as an application would; Brotli is what servers send.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { Failure, isMain, main, root } from './process.mjs';

const KB = 1024;

/** Limits in bytes after Brotli; a part without one is only shown. */
const PARTS = [
  { name: '@inos/sdk (browser, without capsules)', limit: 25 * KB, bytes: () => bundle('sdk') },
  { name: '@inos/mining (browser, without the SDK)', bytes: () => bundle('mining', ['@inos/*']) },
  {
    name: 'mining.wasm',
    limit: 60 * KB,
    bytes: () => readFileSync(built('mining/wasm/mining.wasm')),
  },
];

function built(path) {
  const file = join(root, 'packages', path);
  if (!existsSync(file)) throw new Failure(`packages/${path} isn't built: run pnpm build`);
  return file;
}

/** Everything that a package's browser entry loads, its worker too, bundled and minified. */
async function bundle(name, external = []) {
  const worker = join(root, 'packages', name, 'dist/worker.js');
  const entryPoints = [built(`${name}/dist/index.js`), ...(existsSync(worker) ? [worker] : [])];
  const result = await build({
    entryPoints,
    external,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    outdir: 'out',
  });
  return Buffer.concat(result.outputFiles.map((file) => file.contents));
}

function brotliBytes(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return brotliCompressSync(bytes, { params }).length;
}

const kilobytes = (bytes) => (bytes === undefined ? '–' : (bytes / KB).toFixed(1));

/**
 * Measures every part, in bytes.
 *
 * @returns {Promise<{ name: string, raw: number, brotli: number, limit?: number }[]>}
 */
export async function measureSizes() {
  const rows = [];
  for (const { name, limit, bytes } of PARTS) {
    const content = await bytes();
    rows.push({ name, raw: content.length, brotli: brotliBytes(content), limit });
  }
  return rows;
}

async function printSizes() {
  const rows = await measureSizes();
  const line = (...cells) =>
    `${cells[0].padEnd(42)}${cells
      .slice(1)
      .map((cell) => cell.padStart(12))
      .join('')}\n`;
  process.stdout.write(line('part', 'raw KB', 'brotli KB', 'limit KB'));
  for (const { name, raw, brotli, limit } of rows) {
    process.stdout.write(line(name, kilobytes(raw), kilobytes(brotli), kilobytes(limit)));
  }
  const over = rows.filter(({ brotli, limit }) => limit !== undefined && brotli > limit);
  if (over.length > 0) throw new Failure(`too large: ${over.map(({ name }) => name).join(', ')}`);
}

if (isMain(import.meta)) await main(printSizes);
