// How every package is tested: `vitest run` in Node, `vitest run --mode browser` in a real Chromium,
// `--mode unisolated` in one whose pages aren't cross-origin isolated.
// Tests import the packages by name and so get what users get: the built files in dist/.
import { defineConfig } from 'vitest/config';

/** Shared memory may be sent to workers only in pages that are cross-origin isolated. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Tests of what the garbage collector finds call it: `gc()`. */
const EXPOSE_GC = '--expose-gc';

/** Chromium's own sandbox doesn't start as root or in most containers; the pages are our own tests. */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  `--js-flags=${EXPOSE_GC}`,
  // WebGPU without a GPU: in software.
  '--enable-unsafe-webgpu',
];

/** Files in test/browser and test/unisolated run only in browsers, test/shared in both, all others only in Node. */
const BROWSER = ['test/browser/**/*.test.ts', 'test/shared/**/*.test.ts'];

const node = {
  environment: 'node',
  include: ['test/**/*.test.ts'],
  exclude: ['test/browser/**', 'test/unisolated/**'],
  // Node itself loads what is built, as it does for users.
  poolOptions: { forks: { execArgv: [EXPOSE_GC] } },
  server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
};

const browser = {
  include: BROWSER,
  browser: {
    enabled: true,
    provider: 'playwright',
    headless: true,
    screenshotFailures: false,
    instances: [
      {
        browser: 'chromium',
        launch: {
          executablePath: process.env.INOS_CHROMIUM ?? '/usr/bin/chromium',
          args: CHROMIUM_ARGUMENTS,
        },
      },
    ],
  },
};

/** The same page without the headers. */
const unisolated = { ...browser, include: ['test/unisolated/**/*.test.ts'] };

/** Vitest loads this file once more for the server of its pages, and says another mode then. */
const isUnisolated = process.argv.includes('unisolated');

const MODES = { browser, unisolated };

/** The configuration of a package's tests. */
export default defineConfig(({ mode }) => {
  return {
    server: { headers: isUnisolated ? {} : ISOLATION },
    test: {
      ...(MODES[mode] ?? node),
      passWithNoTests: true,
      testTimeout: 60_000,
      reporters: ['default', 'json'],
      // scripts/test.mjs adds these up; turbo keeps them with the cached run.
      outputFile: { json: `.cache/tests-${mode in MODES ? mode : 'node'}.json` },
    },
  };
});
