// Finds or installs the Chromium that the browser tests run in.
import { aptInstall } from './apt.mjs';
import { capture, which } from './process.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** Where Chromium is, or undefined. `INOS_CHROMIUM` wins. */
export function findChromium() {
  return process.env.INOS_CHROMIUM ?? NAMES.map((name) => which(name)).find(isRunnable);
}

/** Ubuntu's chromium-browser is a stub that tells to install a snap: a browser says its version. */
function isRunnable(file) {
  return file !== undefined && /\d+\.\d+/.test(capture(file, ['--version']) ?? '');
}

/** The path of a Chromium, installed if need be; tells the test runner where by `INOS_CHROMIUM`. */
export async function ensureChromium() {
  if (!findChromium()) await aptInstall(['chromium'], 'to test in a real browser');
  process.env.INOS_CHROMIUM = findChromium() ?? 'chromium';
  return process.env.INOS_CHROMIUM;
}
