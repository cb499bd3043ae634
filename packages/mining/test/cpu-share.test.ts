/** What a search with a CPU share takes of the machine, as the operating system counts it. */
import { createMining } from '@inos/mining';
import { expect, it } from 'vitest';

const header = new Uint8Array(80);
const hopeless = { zeroBits: 250 };

/** The processor time that a search takes in a second, of one thread's. */
async function loadOf(cpuShare: number): Promise<number> {
  await using mining = await createMining({ threads: 1 });
  await mining.search({ header, target: hopeless, lastNonce: 1_000_000 });
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const job = mining.search({ header, target: hopeless, cpuShare }, { deadlineMs: 1500 });
  await expect(job).rejects.toMatchObject({ code: 'job/expired' });
  const { user, system } = process.cpuUsage(before);
  expect(job.usage.units).toBeGreaterThan(100_000n);
  return (user + system) / 1000 / (performance.now() - startedAt);
}

it('is at most its share of one thread, and some for what watches it', async () => {
  expect(await loadOf(0.1)).toBeLessThan(0.25);
  expect(await loadOf(0.5)).toBeLessThan(0.65);
});
