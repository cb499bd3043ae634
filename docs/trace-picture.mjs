// `node docs/trace-picture.mjs TRACE.json PICTURE.png`: opens a trace in Chromium's own viewer, chrome://tracing, and
// takes its picture. docs/images/trace.png was made so, of what `inos hash --trace` wrote.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { ensureChromium } from '../scripts/chromium.mjs';
import { Failure, main } from '../scripts/process.mjs';

const SIZE = { width: 1280, height: 620 };
/** What the viewer takes to lay a trace out and draw it. */
const DRAW_MS = 1500;
const LOOK_MS = 50;

await main(async () => {
  const [trace, picture] = process.argv.slice(2);
  if (picture === undefined) {
    throw new Failure('usage: node docs/trace-picture.mjs TRACE.json PICTURE.png', 2);
  }
  const executablePath = await ensureChromium();
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto('chrome://tracing');
    // The page's policy forbids what Playwright's own waiting does.
    const isReady = () => globalThis.profilingView !== undefined;
    while (!(await page.evaluate(isReady))) await page.waitForTimeout(LOOK_MS);
    await page.evaluate(
      (text) => globalThis.profilingView.setActiveTrace('trace.json', text),
      readFileSync(trace, 'utf8'),
    );
    await page.waitForTimeout(DRAW_MS);
    await page.screenshot({ path: picture });
  } finally {
    await browser.close();
  }
});
