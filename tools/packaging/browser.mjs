// Opens pages in a real Chromium.
import { chromium } from 'playwright-core';
import { ensureChromium } from '../../scripts/chromium.mjs';
import { Failure } from '../../scripts/process.mjs';

const TIMEOUT_MS = 30_000;
/** Chromium's own sandbox doesn't start as root or in most containers; the pages are our own. */
const ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage'];

/** Opens a page and resolves the value of an expression there, once it is something. */
async function openPage(browser, address, expression, timeout = TIMEOUT_MS) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) =>
      complaints.push(`${error.name}: ${error.message}\n${error.stack}`),
    );
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    await page.goto(address);
    try {
      const value = await page.waitForFunction(expression, undefined, { timeout });
      return await value.jsonValue();
    } catch (error) {
      throw new Failure([`${address}: ${error.message}`, ...complaints].join('\n'));
    }
  } finally {
    await context.close();
  }
}

/**
 * Gives `work` a function that opens pages, all in one browser, which is started by the first.
 *
 * @param {(tools: { openPage: (address: string, expression?: string, timeoutMs?: number) => Promise<unknown> }) => Promise<T>} work
 * @returns {Promise<T>}
 * @template T
 */
export async function withBrowser(work) {
  let started;
  const browser = async () => {
    const executablePath = await ensureChromium();
    started ??= chromium.launch({ executablePath, args: ARGUMENTS });
    return started;
  };
  try {
    return await work({
      openPage: async (address, expression = 'globalThis.outcomes', timeoutMs) =>
        openPage(await browser(), address, expression, timeoutMs),
    });
  } finally {
    await (await started)?.close();
  }
}
