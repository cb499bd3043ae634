/**
 * The whole way in a real Chromium: the server gives a challenge out, the page solves it when it is asked, the form is
 * taken once. INOS_SCREENSHOT=FILE takes a picture of the page at work.
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPage } from '../server.mjs';

const executablePath = process.env.INOS_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage'];

let browser: Browser;
beforeAll(async () => {
  await build({ root: fileURLToPath(new URL('..', import.meta.url)), logLevel: 'error' });
  browser = await chromium.launch({ executablePath, args: ARGUMENTS });
}, 60_000);
afterAll(() => browser.close());

async function withPage(
  options: Parameters<typeof createPage>[0],
  work: (page: Page, address: string) => Promise<void>,
): Promise<void> {
  const server: Server = createPage(options);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page = await browser.newPage({ viewport: { width: 820, height: 640 } });
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await page.goto(address);
    await work(page, address);
  } finally {
    await page.close();
    server.close();
    server.closeAllConnections();
  }
}

const state = (page: Page) =>
  page.locator('inos-pow').evaluate((pow) => (pow as { state?: string }).state);

/** How many of the plot's pixels are its line's. */
const linePixels = (page: Page) =>
  page.locator('canvas').evaluate((canvas) => {
    const plot = canvas as HTMLCanvasElement;
    const { data } = plot.getContext('2d')?.getImageData(0, 0, plot.width, plot.height) ?? {
      data: [],
    };
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
      if ((data[at + 2] ?? 0) > 180 && (data[at] ?? 0) < 90 && (data[at + 3] ?? 0) > 200) count++;
    }
    return count;
  });

describe.each([true, false])('isolated: %s', (isolated) => {
  it('solves when it is asked, and the form is taken once', async () => {
    await withPage({ difficulty: 400_000, isolated }, async (page, address) => {
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(isolated);
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      // Without a solution the browser itself doesn't send the form.
      await page.locator('#send').click();
      expect([asked, await state(page)]).toEqual([[], 'idle']);
      await page.getByRole('button', { name: 'Verify' }).press('Enter');
      await page.getByRole('button', { name: 'Verified' }).waitFor();
      expect(asked.filter((path) => path === '/pow/challenge')).toHaveLength(1);
      expect(await linePixels(page)).toBeGreaterThan(20);
      expect(await page.locator('#rate').textContent()).toContain('million hashes a second');
      const value = await page
        .locator('inos-pow')
        .evaluate((pow) => (pow as { value?: string }).value);
      await page.locator('#send').click();
      await page.waitForURL('**/sign');
      expect(await page.locator('body').textContent()).toBe('thank you: 400000 hashes on average');
      const body = new URLSearchParams({ 'inos-pow': value ?? '' });
      const again = await fetch(`${address}sign`, { method: 'POST', body });
      expect([again.status, await again.json()]).toEqual([
        403,
        { error: { code: 'mining/challenge-replayed', message: expect.any(String) } },
      ]);
    });
  });

  it('is cancelled by its button', async () => {
    await withPage({ difficulty: 1e13, isolated }, async (page) => {
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Verify' }).waitFor();
      expect(await state(page)).toBe('idle');
    });
  });
});

it.skipIf(process.env.INOS_SCREENSHOT === undefined)('has its picture taken', async () => {
  await withPage({ difficulty: 1e8 }, async (page) => {
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.waitForTimeout(4000);
    await page.screenshot({ path: process.env.INOS_SCREENSHOT ?? '' });
  });
});
