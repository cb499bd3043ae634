// `node tools/packaging/run.mjs [WORD …]`: installs the packed packages once, then runs jobs with them in every
// environment, or in those whose names contain a word given. What worked must be what docs/guide/support.md says.
// With --write that is written instead.
import { Failure, main, say } from '../../scripts/process.mjs';
import { runSteps } from '../../scripts/steps.mjs';
import { withBrowser } from './browser.mjs';
import { ENVIRONMENTS } from './environments.mjs';
import { withInstalled } from './install.mjs';
import { compareTable, writeTable } from './support-table.mjs';

/** What doesn't agree with what an environment is known to lack, or to do at times only. */
function surprises({ lacks = {}, wavers = {} }, outcomes) {
  return Object.entries(outcomes).flatMap(([feature, outcome]) => {
    if (feature in wavers) return [];
    const works = outcome === 'ok';
    if (works && feature in lacks) return [`${feature} works: it is listed as lacking`];
    return works || feature in lacks ? [] : [`${feature}: ${outcome}`];
  });
}

async function tryOne(environment, tools, rows) {
  const outcomes = await environment.try(tools);
  const problems = surprises(environment, outcomes);
  if (problems.length > 0) throw new Failure(problems.join('\n'));
  rows.push({ ...environment, outcomes });
}

function chosen(words) {
  const named = ENVIRONMENTS.filter(
    ({ name }) =>
      words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())),
  );
  if (named.length > 0) return named;
  const names = ENVIRONMENTS.map(({ name }) => name).join('\n  ');
  throw new Failure(`no environment has such a name; there are:\n  ${names}`, 2);
}

await main(async () => {
  const words = process.argv.slice(2);
  const isWriting = words.includes('--write');
  const environments = chosen(words.filter((word) => word !== '--write'));
  for (const { name } of environments.filter(({ isThere }) => !isThere)) {
    say(`${name} isn't there for this machine: not tried`);
  }
  const rows = [];
  const there = environments.filter(({ isThere }) => isThere);
  let failed = [];
  await withInstalled((installed) =>
    withBrowser(async (browser) => {
      const tools = { ...installed, ...browser };
      const work = (environment) => tryOne(environment, tools, rows);
      failed = await runSteps(there.map((one) => ({ name: one.name, work: () => work(one) })));
    }),
  );
  if (failed.length > 0) throw new Failure(`failed: ${failed.join(', ')}`);
  if (isWriting) await writeTable(ENVIRONMENTS, rows);
  else compareTable(ENVIRONMENTS, rows);
  say(
    `jobs ran in ${rows.length} environments from the packed packages, as docs/guide/support.md says`,
  );
});
