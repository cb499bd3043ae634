// `pnpm sizes`: how many bytes users download, as a table, and whether each part stays within its limit. Limits
// are for what is loaded at the start; chunks that a dynamic import loads have rows of their own.
// The SDK is bundled and minified as an application would; Brotli is what servers send.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { Failure, isMain, main, root } from './process.mjs';

const KB = 1024;

/** Limits in bytes after Brotli; a part without one is only shown. `rows` gives what it is made of. */
const PARTS = [
  {
    name: '@inos/sdk (browser, without capsules)',
    limit: 25 * KB,
    rows: () => bundle('sdk', [], ['index', 'worker']),
  },
  {
    name: '@inos/mining (browser, without the SDK)',
    rows: () => bundle('mining', ['@inos/*'], ['index']),
  },
  {
    name: '@inos/mining/pow (servers)',
    limit: 8 * KB,
    rows: () => bundle('mining', ['@inos/sdk'], ['pow']),
  },
  {
    name: '@inos/mining/solve (browser, without the SDK)',
    limit: 12 * KB,
    rows: () => bundle('mining', ['@inos/*'], ['solve']),
  },
  {
    name: '@inos/mining/element (browser, without the SDK)',
    limit: 4 * KB,
    rows: () => bundle('mining', ['@inos/*'], ['element']),
  },
  {
    name: 'mining.wasm',
    // 60 KB is the goal, which verified streaming and the many forms of a search brought it above.
    limit: 80 * KB,
    rows: () => [{ content: readFileSync(built('mining/wasm/mining.wasm')) }],
  },
  {
    name: '@inos/mining (worker that owns a GPU)',
    limit: 20 * KB,
    rows: () => bundle('mining', [], ['gpu-worker']),
  },
  {
    name: 'mining-gpu.wasm',
    limit: 60 * KB,
    rows: () => [{ content: readFileSync(built('mining/wasm/mining-gpu.wasm')) }],
  },
  {
    name: '@inos/physics (browser, without the SDK)',
    rows: () => bundle('physics', ['@inos/*'], ['index']),
  },
  {
    name: 'physics.wasm',
    limit: 650 * KB,
    rows: () => [{ content: readFileSync(built('physics/wasm/physics.wasm')) }],
  },
  {
    name: 'physics-soft.wasm, for worlds with soft bodies',
    limit: 772 * KB,
    rows: () => [{ content: readFileSync(built('physics/wasm/physics-soft.wasm')) }],
  },
];

function built(path) {
  const file = join(root, 'packages', path);
  if (!existsSync(file)) throw new Failure(`packages/${path} isn't built: run pnpm build`);
  return file;
}

/**
 * What a package's browser entries load, bundled and minified: first all that they load at their start, together,
 * then each chunk that only a dynamic import loads.
 */
async function bundle(name, external, entries) {
  const result = await build({
    entryPoints: entries.map((entry) => built(`${name}/dist/${entry}.js`)),
    external,
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    absWorkingDir: root,
    outdir: 'out',
    chunkNames: '[name]-[hash]',
  });
  const { outputs } = result.metafile;
  const contentOf = (paths) => {
    const files = result.outputFiles.filter(({ path }) => paths.has(relative(root, path)));
    // Hashes in the names of chunks, noise to Brotli, would measure equal code differently from build to build.
    return Buffer.from(files.map(({ text }) => text.replace(/-[A-Z0-9]{8}\.js/g, '.js')).join(''));
  };
  const isEntry = (path) => entries.some((entry) => path === `out/${entry}.js`);
  const initial = loadedBy(outputs, Object.keys(outputs).filter(isEntry));
  const lazy = Object.entries(outputs).filter(
    ([path, { entryPoint }]) => entryPoint !== undefined && !initial.has(path),
  );
  return [
    { content: contentOf(initial) },
    ...lazy.map(([path, { entryPoint }]) => {
      const own = [...loadedBy(outputs, [path])].filter((file) => !initial.has(file));
      return { chunk: chunkName(entryPoint), content: contentOf(new Set(own)) };
    }),
  ];
}

/** Output files that are loaded with these: they and their static imports. */
function loadedBy(outputs, paths) {
  const loaded = new Set();
  const queue = [...paths];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (loaded.has(path)) continue;
    loaded.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') queue.push(next);
    }
  }
  return loaded;
}

/** A chunk's name without its folder and its hash. */
function chunkName(path) {
  return basename(path, '.js').replace(/-[A-Z0-9]{8}$/, '');
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
  for (const { name, limit, rows: measure } of PARTS) {
    for (const { chunk, content } of await measure()) {
      const raw = content.length;
      const brotli = brotliBytes(content);
      // What is loaded later, and only by those who ask for it, has no limit.
      if (chunk === undefined) rows.push({ name, raw, brotli, limit });
      else rows.push({ name: `  ${chunk}, loaded only when used`, raw, brotli });
    }
  }
  return rows;
}

async function printSizes() {
  const rows = await measureSizes();
  const line = (...cells) =>
    `${cells[0].padEnd(48)}${cells
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
