/**
 * Looks for inputs that reach code which none has reached, and keeps the fewest in `test/hostile/corpus.json`, from where
 * the other tests feed them again and change them: `INOS_HOSTILE_SECONDS=…` says how long for each target.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
// Before all others: from here on reads of shared words are seen.
import './hostile/watched.js';
import { Coverage } from './hostile/coverage.js';
import {
  anyBytes,
  bytesOf,
  hexOf,
  keptOf,
  run,
  TARGETS,
  type TargetName,
} from './hostile/targets.js';

const FILE = new URL('./hostile/corpus.json', import.meta.url);
const SECONDS = Number(process.env.INOS_HOSTILE_SECONDS ?? '0');
const BATCH = 50;
const names = Object.keys(TARGETS) as TargetName[];

/** Time passes by the look: nobody waits for a lock that is kept. */
let now = 0;
const coverage = new Coverage();
beforeAll(async () => {
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 500));
  await coverage.start();
});
afterAll(() => {
  coverage.stop();
  vi.restoreAllMocks();
});

/** Those of some inputs, in their order, that reach what those before them don't. */
async function fewest(name: TargetName, inputs: readonly Uint8Array[]): Promise<Uint8Array[]> {
  coverage.reset();
  await coverage.hasGrown();
  coverage.reset();
  const kept: Uint8Array[] = [];
  for (const bytes of inputs) {
    await run(name, TARGETS[name][0], bytes);
    if (await coverage.hasGrown()) kept.push(bytes);
  }
  return kept;
}

it.each(names)('%s: an input that was seen reaches nothing new, another one does', async (name) => {
  const { findings, corpus } = keptOf(name);
  const known = [...corpus, ...findings].map(bytesOf);
  await fewest(name, known);
  // Whatever was set up once is set up by now.
  const kept = await fewest(name, [...known, ...known]);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(known.length);
});

it.skipIf(SECONDS === 0).each(names)(
  '%s is fed, and what reaches further is kept',
  { timeout: 2 * SECONDS * 1000 + 60_000 },
  async (name) => {
    const { findings, corpus } = keptOf(name);
    const kept = await fewest(name, [...findings, ...corpus].map(bytesOf));
    const end = Date.now() + SECONDS * 1000;
    let executions = 0;
    while (Date.now() < end) {
      for (const bytes of fc.sample(anyBytes(kept), BATCH)) {
        await run(name, TARGETS[name][0], bytes);
        executions++;
        if (await coverage.hasGrown()) kept.push(bytes);
      }
    }
    const shortFirst = kept.sort((one, other) => one.length - other.length);
    const inputs = (await fewest(name, shortFirst)).map(hexOf);
    const all = JSON.parse(readFileSync(FILE, 'utf8')) as Record<
      TargetName,
      { seconds: number; executions: number; inputs: string[] }
    >;
    const before = all[name];
    all[name] = {
      seconds: before.seconds + SECONDS,
      executions: before.executions + executions,
      inputs,
    };
    writeFileSync(FILE, `${JSON.stringify(all, undefined, 2)}\n`);
  },
);
