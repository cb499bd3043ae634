// A page that solves challenges of a million expected hashes, by ours and by the solver that the altcha package ships,
// in turns, in Chromium: the same challenges, the same number of threads, the same solutions.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createChallenge } from '@inos/mining/pow';
import { inos } from '@inos/sdk/vite';
import { build } from 'vite';
import { Failure } from '../../scripts/process.mjs';
import { withBrowser } from '../../tools/packaging/browser.mjs';
import { ISOLATION, whileServing } from '../../tools/packaging/static-server.mjs';
import { addRatios } from '../loop/statistics.mjs';

const DIFFICULTY = 1_000_000;
const SECRET = 'a secret of the benchmark';

async function makeChallenges(count) {
  const options = { secret: SECRET, difficulty: DIFFICULTY, format: 'altcha-v2' };
  return Promise.all(Array.from({ length: count }, () => createChallenge(options)));
}

async function solveInPage(challenges) {
  const folder = mkdtempSync(join(tmpdir(), 'inos-altcha-'));
  try {
    await build({
      root: fileURLToPath(new URL('altcha-page', import.meta.url)),
      plugins: [inos()],
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    });
    writeFileSync(join(folder, 'challenges.json'), JSON.stringify(challenges));
    return await whileServing(folder, ISOLATION, (address) =>
      withBrowser(({ openPage }) => openPage(address, 'globalThis.outcome', LONGEST_MS)),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How long the page may take for all of it. */
const LONGEST_MS = 240_000;

/**
 * Measures both. Numbers tried differ from challenge to challenge but not between the two, so sums are compared.
 *
 * @param {number} rounds how many challenges
 */
export async function measureAltcha(rounds) {
  const { error, threads, isolated, samples } = await solveInPage(await makeChallenges(rounds + 1));
  if (error !== undefined) throw new Failure(`the page: ${error}`);
  if (!isolated) throw new Failure('the page is not cross-origin isolated');
  const rows = Object.entries(samples).map(([name, times]) => ({
    name,
    time: times.reduce((sum, time) => sum + time, 0) / times.length,
  }));
  return {
    id: 'altcha',
    title: `A page solving a challenge of 1,000,000 expected hashes, ${threads} threads: milliseconds on average`,
    columns: [
      { key: 'time', title: 'ms' },
      { key: 'ratio', title: '× ours' },
    ],
    rows: addRatios(rows, { key: 'time', of: 'ours', as: 'ratio' }),
    thresholds: [{ name: 'altcha', key: 'ratio', atLeast: 10 }],
  };
}
