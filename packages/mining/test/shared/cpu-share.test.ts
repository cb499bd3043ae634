/** Searches whose threads may work for a part of the time only. */
import { createMining, type SearchOptions } from '@inos/mining';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 2 });
  await mining.start();
});
afterAll(() => mining.close());

const header = Uint8Array.from({ length: 80 }, (_, index) => index);
const hopeless = { zeroBits: 250 };
/** What the first slice has, before anybody knows how fast the threads are. */
const FIRST_SLICE = 65_536n;

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

it('finds what a search without finds, and tries each hash once', async () => {
  const search = { header, target: { zeroBits: 18 }, algorithm: 'sha256' } as const;
  const found = await mining.search(search);
  for (const cpuShare of [0.5, 0.9, 1]) {
    expect(await mining.search({ ...search, cpuShare })).toEqual(found);
  }
  const all = mining.search({ header, target: hopeless, lastNonce: 999_999, cpuShare: 0.5 });
  expect(await all).toEqual({ found: false });
  expect(all.usage.units).toBe(1_000_000n);
});

it('sleeps between slices, and hears a cancel meanwhile', async () => {
  const job = mining.search({ header, target: hopeless, cpuShare: 1e-9 });
  for await (const { units } of job.progress) if (units >= FIRST_SLICE) break;
  await after(50);
  const cancelledAt = performance.now();
  job.cancel();
  await expect(job).rejects.toMatchObject({ code: 'job/cancelled' });
  expect(performance.now() - cancelledAt).toBeLessThan(200);
  expect(job.usage.units).toBe(FIRST_SLICE);
});

it('stops where its budget is spent, and is over with its deadline', async () => {
  const search = { header, target: hopeless, cpuShare: 0.5 };
  await expect(mining.search(search, { budget: 150n })).rejects.toMatchObject({
    code: 'job/out-of-budget',
    details: { units: 51_200n },
  });
  const late = mining.search({ ...search, cpuShare: 1e-6 }, { deadlineMs: 50 });
  await expect(late).rejects.toMatchObject({ code: 'job/expired' });
});

it('works behind a border', async () => {
  await using own = await createMining({ threads: 1, isolated: true });
  const job = own.search({ header, target: hopeless, lastNonce: 99_999, cpuShare: 0.5 });
  expect(await job).toEqual({ found: false });
  expect(job.usage.units).toBe(100_000n);
});

it('lets go of its memory', async () => {
  const [alloc, free] = [vi.spyOn(mining.memory, 'alloc'), vi.spyOn(mining.memory, 'free')];
  await mining.search({ header, target: hopeless, lastNonce: 9, cpuShare: 0.5 });
  const own: unknown[] = alloc.mock.results.map(({ value }) => value as unknown);
  expect(own).toHaveLength(1);
  await vi.waitFor(() => {
    expect(free.mock.calls).toEqual([own]);
  });
});

it.each([0, -1, 1.1, NaN, '1'])('of %j is refused', (cpuShare) => {
  const search = { header, target: hopeless, cpuShare } as SearchOptions;
  expect(() => mining.search(search)).toThrow('cpuShare must be');
});

it('is not for prepared jobs', () => {
  const search = { header, target: hopeless, cpuShare: 0.5 };
  expect(() => mining.search.prepare(search)).toThrow('cpuShare must be 1 for a prepared job');
});
