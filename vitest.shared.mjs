// How every package is tested: `vitest run` in Node, `vitest run --mode browser` in a real Chromium.
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
const CHROMIUM_ARGUMENTS = ['--no-sandbox', '--disable-dev-shm-usage', `--js-flags=${EXPOSE_GC}`];

/** Files in test/browser run only in browsers, test/shared in both, all others only in Node. */
const BROWSER = ['test/browser/**/*.test.ts', 'test/shared/**/*.test.ts'];

const node = {
  environment: 'node',
  include: ['test/**/*.test.ts'],
  exclude: ['test/browser/**'],
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

/** The configuration of a package's tests. */
export default defineConfig(({ mode }) => {
  const name = mode === 'browser' ? 'browser' : 'node';
  return {
    server: { headers: ISOLATION },
    test: {
      ...(mode === 'browser' ? browser : node),
      passWithNoTests: true,
      testTimeout: 30_000,
      reporters: ['default', 'json'],
      // scripts/test.mjs adds these up; turbo keeps them with the cached run.
      outputFile: { json: `.cache/tests-${name}.json` },
    },
  };
});
