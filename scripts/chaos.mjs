// `pnpm chaos [--seed N] [--jobs N] [--runs N] [--seconds N] [--write]`: storms of jobs, crashes, kills, delays, closes
// and corrupted words (packages/fixture/test/chaos), one after another with seeds from N on, until there were so many
// and for so long. --write keeps what they came through in docs/chaos.md.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writePart } from './document.mjs';
import { Failure, main, root, run } from './process.mjs';
import { ensureBuildTools } from './setup.mjs';
import { turbo } from './turbo.mjs';

const PACKAGE = join(root, 'packages/fixture');
const REPORT = join(PACKAGE, '.cache/chaos.md');
const DOCUMENT = join(root, 'docs/chaos.md');
const AGAIN = { runs: '1', seconds: '0' };
const LONG = { runs: '4', seconds: '120' };

await main(async () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      jobs: { type: 'string', default: '25000' },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  for (const name of ['seed', 'jobs', 'runs', 'seconds']) {
    const value = values[name];
    if (value !== undefined && !/^\d+$/.test(value))
      throw new Failure(`--${name} must be a whole number, got ${value}`, 2);
  }
  await ensureBuildTools();
  const code = await turbo(['build'], ['--filter=@inos/fixture...'], { output: 'stderr' });
  if (code !== 0) throw new Failure('the build failed: see above', code);
  rmSync(REPORT, { force: true });
  // A seed that is named is run again; otherwise as the tests do it.
  const { seed, jobs } = values;
  const { runs, seconds } = { ...(seed ? AGAIN : LONG), ...values };
  const env = { ...process.env, INOS_CHAOS_JOBS: jobs, INOS_CHAOS_RUNS: runs };
  Object.assign(env, { INOS_CHAOS_SECONDS: seconds });
  Object.assign(env, { INOS_CHAOS_REPORT: REPORT }, seed && { INOS_CHAOS_SEED: seed });
  await run('pnpm', ['exec', 'vitest', 'run', 'test/chaos'], { cwd: PACKAGE, env });
  if (values.write) await writePart(DOCUMENT, 'runs', readFileSync(REPORT, 'utf8').trim());
});
