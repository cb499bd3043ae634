// `pnpm bench physics [--json] [--quick] [--markdown FILE]`: steps, rollback, rays and poses beside rapier's own
// packages, in turns within one process, equal scenes, poses compared bit by bit with the deterministic one.
// Prints PASS or FAIL for each threshold and judges nothing by it: only results that differ make it fail.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { Failure, main, say } from '../../scripts/process.mjs';
import { machineFacts, startNoiseMeter } from '../loop/machine.mjs';
import { toMarkdown, toText, verdicts } from '../loop/report.mjs';
import { openContestants, openOnAllThreads } from './contestants.mjs';
import {
  measureDownload,
  measureRays,
  measureReading,
  measureSaving,
  measureSteps,
  warmUp,
} from './measure.mjs';
import { buildNative } from './native.mjs';
import { scenes } from './scenes.mjs';

const PAGE = {
  title: 'Physics beside its peers',
  introduction:
    'What `pnpm bench physics` measured: equal scenes in turns within one process, poses equal bit by bit ' +
    'with rapier3d-deterministic and with native Rust; rapier3d-simd isn’t deterministic. ' +
    '`--markdown FILE` writes this page. ' +
    'Times differ from machine to machine: compare the ratios.',
};

async function measureEverything(isQuick) {
  const rounds = isQuick ? 3 : 15;
  const all = scenes(isQuick);
  const opened = await openContestants(await buildNative());
  const { physics, rapier, all: contestants } = opened;
  const groups = [];
  say('warming up');
  await warmUp(all[0], contestants, isQuick ? 500 : 10_000);
  for (const scene of all) {
    say(scene.name);
    const steps = isQuick || scene.items.length > 5000 ? 3 : 20;
    groups.push(await measureSteps(scene, contestants, { rounds, steps }));
  }
  const [small, , large] = all;
  say('saving, rays, reading');
  groups.push(...(await measureSaving(small, contestants, rapier, rounds)));
  const shared = await openOnAllThreads();
  groups.push(await measureRays(small, shared, opened, rounds));
  await shared.physics.close();
  groups.push(await measureReading(large, contestants, rounds * 5));
  groups.push(await measureDownload());
  await physics.close();
  return groups;
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
    const usage = 'usage: pnpm bench physics [--json] [--quick] [--markdown FILE]';
    throw new Failure(`${error.message}\n${usage}`, 2);
  }
}

await main(async () => {
  const { json, quick, markdown } = readOptions();
  const busyOthers = startNoiseMeter();
  const groups = await measureEverything(quick);
  const list = verdicts(groups);
  const facts = { ...machineFacts(), busyOthers: busyOthers() };
  const data = { machine: facts, isQuick: quick, groups, verdicts: list };
  process.stdout.write(
    json ? `${JSON.stringify(data, undefined, 2)}\n` : toText(groups, list, facts),
  );
  if (markdown === undefined) return;
  const path = resolve(process.env.INIT_CWD ?? '.', markdown);
  mkdirSync(dirname(path), { recursive: true });
  const page = toMarkdown(groups, list, facts, PAGE);
  writeFileSync(path, await format(page, { parser: 'markdown', printWidth: 100 }));
  say(`wrote ${path}`);
});
