/**
 * The host reads words that a hostile capsule writes: before it looks and between two looks. Whatever they say, each step
 * ends, touches only what it may, and gives a result or an error that has a name. Inputs that were findings once are kept
 * in `test/hostile/findings.json` and run first.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
// Before all others: from here on reads of shared words are seen.
import { Endless, watch } from '../hostile/watched.js';
import { kernel } from '../hostile/kernel.js';
import { ledger } from '../hostile/ledger.js';
import { ring } from '../hostile/ring.js';
import { tables } from '../hostile/tables.js';
import findings from '../hostile/findings.json';

type Target = (bytes: Uint8Array) => void | Promise<void>;

const TARGETS: Readonly<Record<keyof typeof findings, readonly [Target, number]>> = {
  ring: [ring, 2000],
  tables: [tables, 2000],
  ledger: [ledger, 200],
  kernel: [kernel, 150],
};

const bytesOf = (hex: string) =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
const hexOf = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Runs a target; what it throws names its input, to be kept among the findings. */
async function run(name: string, target: Target, bytes: Uint8Array): Promise<void> {
  try {
    await target(bytes);
  } catch (cause) {
    throw new Error(`${name}: "${hexOf(bytes)}": ${String(cause)}`, { cause });
  }
}

/** Time passes by the look: nobody waits for a lock that is kept. */
let now = 0;
beforeAll(() => void vi.spyOn(performance, 'now').mockImplementation(() => (now += 500)));
afterAll(() => void vi.restoreAllMocks());

describe.each(Object.entries(TARGETS))('%s', (name, [target, runs]) => {
  const known: readonly string[] = findings[name as keyof typeof findings];

  test.each(known.map((hex) => [hex]))('%s was a finding once', async (hex) => {
    await run(name, target, bytesOf(hex));
  });

  test('words that say anything, and change between two looks', { timeout: 120_000 }, async () => {
    const numRuns = runs * Number(import.meta.env.VITE_HOSTILE_FACTOR ?? 1);
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 400, size: 'max' }), (bytes) =>
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
