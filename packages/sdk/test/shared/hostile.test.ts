/**
 * The host reads words that a hostile capsule writes: before it looks and between two looks. Whatever they say, each step
 * ends, touches only what it may, and gives a result or an error that has a name. Inputs that were findings once
 * (`test/hostile/findings.json`) and those that reach furthest (`corpus.json`) run first, and are changed here and there.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
// Before all others: from here on reads of shared words are seen.
import { Endless, watch } from '../hostile/watched.js';
import { anyBytes, bytesOf, keptOf, run, TARGETS, type TargetName } from '../hostile/targets.js';

/** `VITE_HOSTILE_FACTOR=…` runs so many times as many. */
const { env } = import.meta as { readonly env?: Readonly<Record<string, string>> };
const factor = Number(env?.VITE_HOSTILE_FACTOR ?? 1);

/** Time passes by the look: nobody waits for a lock that is kept. */
let now = 0;
beforeAll(() => void vi.spyOn(performance, 'now').mockImplementation(() => (now += 500)));
afterAll(() => void vi.restoreAllMocks());

describe.each(Object.entries(TARGETS))('%s', (name, [target, runs]) => {
  const { findings, corpus } = keptOf(name as TargetName);

  test.each(findings.map((hex) => [hex]))('%s was a finding once', async (hex) => {
    await run(name, target, bytesOf(hex));
  });

  test('what reaches furthest', async () => {
    expect(corpus.length).toBeGreaterThan(0);
    for (const hex of corpus) await run(name, target, bytesOf(hex));
  });

  test('words that say anything, and change between two looks', { timeout: 120_000 }, async () => {
    const numRuns = runs * factor;
    const property = fc.asyncProperty(anyBytes([...findings, ...corpus].map(bytesOf)), (bytes) =>
      run(name, target, bytes),
    );
    await fc.assert(property, { numRuns, endOnFailure: false });
  });
});

test('somebody who reads for ever is found', () => {
  const words = new Uint32Array(new SharedArrayBuffer(4));
  const reading = () => {
    while (Atomics.load(words, 0) === 0);
  };
  expect(() => watch(() => undefined, reading)).toThrow(Endless);
});
