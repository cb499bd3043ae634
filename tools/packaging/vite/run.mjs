// The packed packages in a browser: Vite bundles a page that uses them, Chromium opens it, once isolated
// (so that workers share its memory) and on a server that emits nothing but static files.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { ensureChromium } from '../../../scripts/chromium.mjs';
import { Failure, main, root, say } from '../../../scripts/process.mjs';
import { withConsumer } from '../pack.mjs';

const TIMEOUT_MS = 60_000;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
};
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A server of static files; resolves it and its address. */
function serve(folder) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(folder, path === '/' ? 'index.html' : path);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'text/plain', ...ISOLATION });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ server, address: `http://127.0.0.1:${server.address().port}/` });
    });
  });
}

/** Opens the page and resolves what it wrote into `globalThis.outcome`. */
async function openPage(address) {
  const executablePath = await ensureChromium();
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(address);
    try {
      await page.waitForFunction('globalThis.outcome', undefined, { timeout: TIMEOUT_MS });
    } catch {
      throw new Failure(`the page never finished:\n${complaints.join('\n')}`);
    }
    return await page.evaluate('globalThis.outcome');
  } finally {
    await browser.close();
  }
}

await main(() =>
  withConsumer(join(root, 'tools/packaging/vite/consumer'), [], async (folder) => {
    await build({
      root: folder,
      logLevel: 'warn',
      build: { target: 'es2022' },
      worker: { format: 'es' },
    });
    const { server, address } = await serve(join(folder, 'dist'));
    try {
      const outcome = await openPage(address);
      if (outcome !== 'ok') throw new Failure(`in Chromium: ${outcome}`);
      say('hash and search ran from the packed packages, bundled by Vite, in Chromium');
    } finally {
      server.close();
    }
  }),
);
