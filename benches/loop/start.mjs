// How long a runtime takes from `createInos` to the first job done, in a fresh process of Node and on a fresh page of
// Chromium each time: with one capsule, and with eight until each has done a job. A page is left alone for half a
// second first: when it has loaded, the browser still paints it, ends the one before and starts a process ahead.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../../scripts/chromium.mjs';
import { root } from '../../scripts/process.mjs';
import { interleave } from './interleave.mjs';
import { median, percentile } from './statistics.mjs';

const COUNTS = [1, 8];
const PROCESS = fileURLToPath(new URL('./start-process.mjs', import.meta.url));
const SETTLE_MS = 500;
const LIMIT_MS = 60;
/** How many times as long eight may take: as one may, and, stricter, as one does. */
const LIMIT_OF_EIGHT = 2;
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
/** Loads the packages; what is measured begins when it is told to. */
const PAGE = `<!doctype html><script type="importmap">${JSON.stringify({
  imports: {
    '@inos/sdk': '/packages/sdk/dist/index.js',
    '@inos/sdk/schema': '/packages/sdk/dist/schema.js',
    '@inos/sdk/capnp': '/packages/sdk/dist/capnp.js',
  },
})}</script><script type="module">
import { timeStart } from '/benches/loop/start-runtime.mjs';
globalThis.timeStart = timeStart;
</script>`;

/** @param {{ rounds: number }} plan @param {(phase: string) => void} say */
export async function measureStart({ rounds }, say) {
  say('starting');
  const server = await serve();
  const executablePath = await ensureChromium();
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath, args });
  const address = `http://localhost:${server.address().port}/`;
  const starts = { Node: inNode, Chromium: (count) => inChromium(browser, address, count) };
  const cases = Object.entries(starts).flatMap(([engine, start]) =>
    COUNTS.map((count) => ({ engine, count, start, samples: [] })),
  );
  try {
    await interleave(cases, rounds, async ({ count, start, samples }) => {
      samples.push(await start(count));
    });
  } finally {
    await browser.close();
    server.close();
  }
  return group(cases);
}

async function inNode(count) {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, String(count)]);
  return Number(stdout);
}

async function inChromium(browser, address, count) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    await page.waitForFunction('globalThis.timeStart');
    await setTimeout(SETTLE_MS);
    return await page.evaluate((wanted) => globalThis.timeStart(wanted), count);
  } finally {
    await context.close();
  }
}

/** Serves the repository's files out of memory, cross-origin isolated, and at / the page. */
async function serve() {
  const files = new Map();
  const read = (path) => {
    if (!files.has(path)) files.set(path, existsSync(path) ? readFileSync(path) : undefined);
    return files.get(path);
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = join(root, normalize(pathname));
    if (pathname === '/') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html' }).end(PAGE);
      return;
    }
    const content = read(path);
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    if (content === undefined) response.writeHead(404, HEADERS).end();
    else response.writeHead(200, { ...HEADERS, 'Content-Type': type }).end(content);
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}

function group(cases) {
  const rows = cases.map(({ engine, count, samples }) => {
    const one = cases.find((other) => other.engine === engine && other.count === 1);
    return {
      name: `${engine}, ${count === 1 ? 'one capsule' : `${count} capsules`}`,
      p50: median(samples),
      p90: percentile(samples, 0.9),
      ratio: median(samples) / median(one.samples),
    };
  });
  return {
    id: 'start',
    title: 'From createInos to the first job done of each capsule',
    columns: [
      { key: 'p50', title: 'p50 ms' },
      { key: 'p90', title: 'p90 ms' },
      { key: 'ratio', title: '÷ one capsule' },
    ],
    rows,
    thresholds: rows.flatMap(({ name }) =>
      name.endsWith('one capsule')
        ? { name, key: 'p50', atMost: LIMIT_MS }
        : [
            { name, key: 'p50', atMost: LIMIT_OF_EIGHT * LIMIT_MS },
            { name, key: 'ratio', atMost: LIMIT_OF_EIGHT },
          ],
    ),
  };
}
