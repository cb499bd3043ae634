// `npm test`: everything that can be tested, from nothing: Rust natively and under loom's model checker, the
// packages in Node and in Chromium, and the packed tarballs as a user installs them.
import { join } from 'node:path';
import { cargo } from './cargo.mjs';
import { ensureChromium } from './chromium.mjs';
import { Failure, exitCode, main, root } from './process.mjs';
import { ensureBuildTools } from './setup.mjs';
import { runSteps } from './steps.mjs';
import { countTests, countsLine, failures, removeReports } from './test-counts.mjs';
import { turbo } from './turbo.mjs';

/** Loom replaces the atomics at compile time: other flags, so another target folder. */
const LOOM = [
  'test',
  '--tests',
  '--package',
  'inos-sdk',
  '--target-dir',
  join(root, 'target/loom'),
];
const LOOM_ENVIRONMENT = { RUSTFLAGS: '--cfg loom' };

/** Some tests measure time and all use several threads: one package after another. */
const ONE_AT_A_TIME = ['--concurrency=1', '--continue=dependencies-successful'];

/** @type {import('./steps.mjs').Step[]} */
const steps = [
  { name: 'Rust tests', work: () => cargo(['test', '--workspace']) },
  { name: 'Rust models (loom)', work: () => cargo(LOOM, { env: LOOM_ENVIRONMENT }) },
  { name: 'build', work: () => turbo(['build']) },
  { name: 'tests in Node', work: () => turbo(['test'], ONE_AT_A_TIME) },
  { name: 'tests in Chromium', work: () => turbo(['test:browser'], ONE_AT_A_TIME) },
  {
    name: 'tests in Chromium, without isolation',
    work: () => turbo(['test:unisolated'], ONE_AT_A_TIME),
  },
  { name: 'packed packages, wherever they are installed', work: packaging },
];

function packaging() {
  return exitCode(process.execPath, [join(root, 'tools/packaging/run.mjs')]);
}

await main(async () => {
  await ensureBuildTools();
  await ensureChromium();
  removeReports();
  const failed = await runSteps(steps);
  for (const failure of failures()) process.stdout.write(`inos: ── failed: ${failure}\n`);
  const counts = countTests();
  process.stdout.write(`${countsLine(counts)}\n`);
  if (failed.length > 0) throw new Failure(`failed: ${failed.join(', ')}`);
  if (counts.failed > 0) throw new Failure('a test failed');
  if (counts.passed === 0) throw new Failure('no test ran');
});
