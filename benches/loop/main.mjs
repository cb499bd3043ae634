// `pnpm bench loop [--json] [--quick] [--markdown FILE]`: a whole job's round trip, its payload, jobs per
// second, idle CPU and sizes, beside raw postMessage, Comlink, piscina and tinypool; what a memory of its own and
// tracing cost, recovery from crashes and starting. Prints PASS or FAIL for each threshold and judges nothing by it: only results that differ make it fail. For a pipe, where pnpm's
// banner is in the way: `pnpm --silent bench loop --json`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { Failure, main, say } from '../../scripts/process.mjs';
import { measureSizes } from '../../scripts/sizes.mjs';
import { measureIdle } from './idle.mjs';
import { measureIsolated } from './isolated.mjs';
import { measurePayload } from './payload.mjs';
import { measureRecovery } from './recovery.mjs';
import { machineFacts, startNoiseMeter } from './machine.mjs';
import { toMarkdown, toText, verdicts } from './report.mjs';
import { measureSmallJobs } from './small-jobs.mjs';
import { measureStart } from './start.mjs';
import { measureTracing } from './tracing.mjs';

const FULL = {
  hot: { rounds: 12, count: 300, warmUp: 1500, firstWarmUp: 3000 },
  asleep: { rounds: 150, sleepMs: 6 },
  inFlight: { rounds: 11, warmUpRounds: 4, milliseconds: 150 },
  payload: { rounds: 20, count: 125, warmUp: 25 },
  tracing: { runtimes: 20, rounds: 8, warmUpRounds: 3, milliseconds: 25, count: 3000 },
  recovery: { rounds: 100 },
  start: { rounds: 15 },
  idle: { idleMs: 3000 },
};
/** Enough to see that everybody gives the same results. */
const QUICK = {
  hot: { rounds: 3, count: 50, warmUp: 10, firstWarmUp: 200 },
  asleep: { rounds: 5, sleepMs: 6 },
  inFlight: { rounds: 1, warmUpRounds: 1, milliseconds: 5 },
  payload: { rounds: 2, count: 50, warmUp: 10 },
  tracing: { runtimes: 2, rounds: 1, warmUpRounds: 1, milliseconds: 5, count: 50 },
  recovery: { rounds: 3 },
  start: { rounds: 1 },
  idle: { idleMs: 500 },
};

async function measureEverything(plan) {
  return [
    ...(await measureSmallJobs(plan, say)),
    await measurePayload(plan.payload, say),
    await measureIsolated(plan.payload, say),
    await measureTracing(plan.tracing, say),
    await measureRecovery(plan.recovery, say),
    await measureStart(plan.start, say),
    await measureIdle(plan.idle, say),
    await sizesGroup(),
  ];
}

async function sizesGroup() {
  say('sizes');
  const parts = await measureSizes();
  const limited = parts.filter(({ limit }) => limit !== undefined);
  return {
    id: 'sizes',
    title: 'Sizes, in KB',
    columns: [
      { key: 'raw', title: 'minified' },
      { key: 'brotli', title: 'Brotli' },
    ],
    rows: parts.map(({ name, raw, brotli }) => ({ name, raw: raw / 1024, brotli: brotli / 1024 })),
    thresholds: limited.map(({ name, limit }) => ({ name, key: 'brotli', atMost: limit / 1024 })),
  };
}

function readOptions() {
  const options = {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    markdown: { type: 'string' },
  };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const usage = 'usage: pnpm bench loop [--json] [--quick] [--markdown FILE]';
    throw new Failure(`${error.message}\n${usage}`, 2);
  }
}

async function writeMarkdown(file, markdown) {
  const path = resolve(process.env.INIT_CWD ?? '.', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await format(markdown, { parser: 'markdown', printWidth: 100 }));
  say(`wrote ${path}`);
}

await main(async () => {
  const { json, quick, markdown } = readOptions();
  const started = performance.now();
  const busyOthers = startNoiseMeter();
  const groups = await measureEverything(quick ? QUICK : FULL);
  const list = verdicts(groups);
  const facts = { ...machineFacts(), busyOthers: busyOthers() };
  const seconds = (performance.now() - started) / 1000;
  const data = { machine: facts, isQuick: quick, seconds, groups, verdicts: list };
  process.stdout.write(
    json ? `${JSON.stringify(data, undefined, 2)}\n` : toText(groups, list, facts),
  );
  if (markdown !== undefined) await writeMarkdown(markdown, toMarkdown(groups, list, facts));
  say(`measured in ${seconds.toFixed(0)} s`);
});
