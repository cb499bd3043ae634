/** A GPU that is lost while it searches, played by ending the worker that owns it. */
import { createMining } from '@inos/mining';
import { afterAll, beforeAll, expect, it } from 'vitest';

const { Worker } = globalThis;
const owners: Worker[] = [];
beforeAll(() => {
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      if (options?.name?.startsWith('mining gpu')) owners.push(this);
    }
  };
});
afterAll(() => {
  globalThis.Worker = Worker;
});

function lose(): void {
  const owner = owners.pop();
  if (owner === undefined) throw new Error('no worker owns a GPU');
  owner.terminate();
  owner.dispatchEvent(new ErrorEvent('error', { message: 'lost on purpose' }));
}

const header = new Uint8Array(80);
const target = { zeroBits: 255 };

it('leaves its slices to the CPU', { timeout: 120_000 }, async () => {
  await using mining = await createMining({ threads: 2 });
  await mining.search({ header, target, lastNonce: 99, lanes: ['gpu'] });
  const job = mining.search({ header, target, lastNonce: 5_999_999, lanes: ['cpu', 'gpu'] });
  for await (const { units } of job.progress) {
    if (units > 100_000n && owners.length > 0) lose();
  }
  const { found, gpu } = await job;
  expect(found).toBe(false);
  expect(gpu?.missing).toBe('lost on purpose');
  expect(job.usage.units).toBe(6_000_000n);
});

it(
  'fails a search that only it was to do, and the next gets another',
  { timeout: 120_000 },
  async () => {
    await using mining = await createMining();
    const job = mining.search({ header, target, lanes: ['gpu'] });
    for await (const { units } of job.progress) if (units > 0n && owners.length > 0) lose();
    await expect(job).rejects.toMatchObject({
      code: 'mining/no-gpu',
      message: expect.stringContaining('lost') as string,
    });
    const next = await mining.search({ header, target, lastNonce: 99, lanes: ['gpu'] });
    expect(next).toEqual({ found: false, gpu: { hashes: 100n } });
  },
);
