/**
 * The page in a real Chromium: ten thousand boxes fall, the scrubber rolls them back, and the digest of a step is the
 * same before and after. `SCREENSHOT=FILE` keeps what it looks like.
 */
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];
/** Ten thousand boxes take their time on a small machine, and drawing them without a GPU, too. */
const PATIENCE_MS = 240_000;

let server: ViteDevServer;
let browser: Browser;

beforeAll(async () => {
  server = await createServer({ root, logLevel: 'warn', server: { host: '127.0.0.1', port: 0 } });
  await server.listen();
  browser = await chromium.launch({
    executablePath: process.env.INOS_CHROMIUM ?? '/usr/bin/chromium',
    args: ARGUMENTS,
  });
}, PATIENCE_MS);

afterAll(async () => {
  await browser.close();
  await server.close();
});

test(
  'boxes fall, roll back through time and come to the same bits',
  async () => {
    const page = await browser.newPage({ viewport: { width: 1200, height: 750 } });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    const [address] = server.resolvedUrls?.local ?? [];
    await page.goto(address ?? '');
    const shown = (id: string) => page.locator(`#${id}`).innerText();
    const atStep = (step: number) =>
      page.waitForFunction(
        (least) =>
          Number(/step (\d+)/.exec(document.querySelector('#step')?.textContent ?? '')?.[1]) >=
          least,
        step,
        { timeout: PATIENCE_MS },
      );
    const digestAt = async (step: number) => {
      await page.locator('#time').fill(String(step));
      await page.waitForFunction(
        (text) => document.querySelector('#digest')?.textContent?.startsWith(text),
        `digest after step ${step}:`,
        { timeout: PATIENCE_MS },
      );
      return shown('digest');
    };

    await atStep(40);
    await page.locator('#toggle').click();
    expect(await shown('toggle')).toBe('Play');
    const before = await digestAt(20);
    expect(before).toMatch(/: [\da-f]{64}$/);
    const later = await digestAt(36);
    expect(later.slice(-64)).not.toBe(before.slice(-64));
    expect(await digestAt(20)).toBe(before);

    // Played on from there, it comes by the same states again.
    await page.locator('#toggle').click();
    expect(await shown('toggle')).toBe('Pause');
    await atStep(44);
    expect(await digestAt(36)).toBe(later);
    if (process.env.SCREENSHOT !== undefined) {
      await page.locator('#toggle').click();
      await atStep(150);
      // Paused, so that what is seen and the digest below it are of one step.
      await page.locator('#toggle').click();
      await digestAt(150);
      await page.screenshot({ path: process.env.SCREENSHOT });
    }
    expect(await shown('problem')).toBe('');
    expect(problems).toEqual([]);
  },
  PATIENCE_MS * 2,
);
