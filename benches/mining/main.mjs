// `pnpm bench mining [--json] [--quick] [--markdown FILE]`: nonce search, hashing and files beside hash-wasm,
// noble, node:crypto, the altcha package and native code of the same source, in turns within one run, every result compared first.
// Prints PASS or FAIL for each threshold and judges nothing by it: only results that differ make it fail.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { Failure, main, say } from '../../scripts/process.mjs';
import { machineFacts, startNoiseMeter } from '../loop/machine.mjs';
import { toMarkdown, toText, verdicts } from '../loop/report.mjs';
import { measureAltcha } from './altcha.mjs';
import { openContestants } from './contestants.mjs';
import {
  measureCancel,
  measureFile,
  measureMany,
  measureMebibyte,
  measureSearch,
  measureThreads,
} from './measure.mjs';
import { startNative } from './native.mjs';

const PAGE = {
  title: 'Mining and hashing beside their peers',
  introduction:
    'What `pnpm bench mining` measured: in turns within one run, every result compared with the others first. ' +
    'Peers are called once per nonce or message, as they offer it. A peer named `awasm-noble` has no column: npm has ' +
    'no package of that name (asked on 2026-11-27). `--markdown FILE` writes this page. ' +
    'Rates differ from machine to machine: compare the ratios.\n\n' +
    'Everybody works for 0.6 s before anything counts, then in turns of about 10 ms, each in as many. A rate is what one ' +
    'turn in twenty reaches, of everybody: what else runs on the machine only makes turns slower, and medians differ ' +
    'with how much that is. A file takes longer than a turn, and has nine.\n\n' +
    'What bounds them: a round of SHA-256 with its part of the schedule takes 57 operations on vectors, of which a ' +
    'processor does three a cycle at most. The search does some 2.7, as does native code of the same source, which ' +
    'leaves little for a second set of lanes to fill: where native code in four lanes isn’t 15 times hash-wasm, ' +
    'WebAssembly can’t be. For files native code has vectors of 256 and 512 bits, WebAssembly 128: the row with ' +
    '128-bit vectors says what is left of the difference then.',
};

/** Everything, in about half a minute, or two and a half. */
async function measureEverything(isQuick) {
  const threads = availableParallelism();
  const native = await startNative();
  const narrow = await startNative(true);
  const contestants = await openContestants(threads);
  const rounds = isQuick ? 30 : 150;
  const groups = [];
  say('searching');
  groups.push(await measureSearch(contestants, native, rounds));
  groups.push(await measureThreads(contestants, threads, rounds));
  groups.push(await measureCancel(contestants, threads, isQuick ? 30 : 90));
  say('hashing');
  for (const algorithm of ['sha256', 'blake3']) {
    groups.push(await measureMebibyte(contestants, algorithm, rounds));
    groups.push(await measureMany(contestants, algorithm, rounds));
  }
  say('a large file');
  const mebibytes = isQuick ? 128 : 1024;
  const natives = {
    'blake3 crate, mapped file (as b3sum)': native,
    'the same with 128-bit vectors': narrow,
  };
  groups.push(
    await measureFile(contestants, natives, threads, {
      rounds: isQuick ? 3 : 9,
      mebibytes,
    }),
  );
  narrow.close();
  native.close();
  await contestants.close();
  say('a challenge in a page');
  groups.push(await measureAltcha(isQuick ? 2 : 6));
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
    const usage = 'usage: pnpm bench mining [--json] [--quick] [--markdown FILE]';
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
