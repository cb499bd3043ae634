/** Machines without a GPU, played by asking Dawn for a driver that Linux, macOS and Windows can't all have. */
import { createMining } from '@inos/mining';
import { afterAll, beforeAll, expect, it } from 'vitest';

const before = process.env.INOS_DAWN;
beforeAll(() => {
  process.env.INOS_DAWN = process.platform === 'darwin' ? 'backend=d3d12' : 'backend=metal';
});
afterAll(() => {
  if (before === undefined) delete process.env.INOS_DAWN;
  else process.env.INOS_DAWN = before;
});

const header = new Uint8Array(80);

it('goes on with the CPU and says why', async () => {
  await using mining = await createMining();
  const lastNonce = 1_999_999;
  const options = { header, target: { zeroBits: 255 }, lastNonce, lanes: ['cpu', 'gpu'] } as const;
  const job = mining.search(options);
  const outcome = await job;
  expect(outcome).toMatchObject({ found: false, gpu: { hashes: 0n } });
  expect(job.usage.units).toBe(2_000_000n);
});

it('fails if only the GPU was asked for', async () => {
  await using mining = await createMining();
  const job = mining.search({ header, target: { zeroBits: 8 }, lanes: ['gpu'] });
  await expect(job).rejects.toMatchObject({
    code: 'mining/no-gpu',
    message: expect.stringMatching(/GPU alone, which can't do it: .*adapter/) as string,
  });
  expect(job.usage).toMatchObject({ units: 0n });
});
