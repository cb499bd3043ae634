/** One memory in several threads: what one allocates another frees, and none gets what another has. */
import type { SafeSAB } from '@inos/sdk';
import { beforeAll, expect, test } from 'vitest';
import { smallMemory } from '../memories.js';
import { runThread } from './run.js';

let sab: SafeSAB;
beforeAll(() => {
  sab = smallMemory();
});

const LENGTHS = [1, 64, 1000, 16_384, 65_536, 3_000_000];

test('a thread frees what this one allocated, once', async () => {
  const views = LENGTHS.map((length) => sab.alloc(Uint8Array, length));
  const offsets = views.map(({ byteOffset }) => byteOffset);
  expect(await runThread(sab, 'free', { offsets })).toBe(0);
  for (const view of views) {
    expect(() => sab.region(view)).toThrow(expect.objectContaining({ code: 'memory/freed' }));
  }
  expect(await runThread(sab, 'free', { offsets })).toBe(LENGTHS.length);
});

test('this thread reads and frees what another allocated, also where that grew the memory', async () => {
  const before = sab.byteLength;
  const lengths = [...LENGTHS, 12_000_000];
  const offsets = (await runThread(sab, 'allocate', { lengths, mark: 0xab })) as number[];
  expect(sab.byteLength).toBeGreaterThan(before);
  const views = offsets.map((offset, index) => sab.view(Uint8Array, offset, lengths[index] ?? 0));
  for (const view of views) expect(view.every((byte) => byte === 0xab)).toBe(true);
  for (const view of views) sab.free(view);
  for (const offset of offsets) expect(sab.arena.extent(offset)).toBeUndefined();
});

test('threads that allocate at once never share a byte', async () => {
  const marks = [1, 2, 3];
  const threads = marks.map((mark) => runThread(sab, 'churn', { seed: mark, mark, turns: 1500 }));
  expect(await Promise.all(threads)).toEqual([0, 0, 0]);
});

test('of threads that free the same at once one is told that it did', async () => {
  for (const length of [100, 200_000]) {
    const offsets = Array.from({ length: 50 }, () => sab.alloc(Uint8Array, length).byteOffset);
    const threads = [1, 2, 3].map(() => runThread(sab, 'free', { offsets }));
    const refused = (await Promise.all(threads)) as number[];
    expect(refused.reduce((sum, count) => sum + count, 0)).toBe(2 * offsets.length);
  }
});
