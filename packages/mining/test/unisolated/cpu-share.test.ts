/** Searches with a CPU share, in a page that isn't cross-origin isolated. */
import { createMining } from '@inos/mining';
import { expect, it } from 'vitest';

it('are refused, and those without go on', async () => {
  await using mining = await createMining();
  const search = { header: new Uint8Array(80), target: { zeroBits: 4 } };
  expect(() => mining.search({ ...search, cpuShare: 0.5 })).toThrow(
    expect.objectContaining({ code: 'runtime/unsupported' }) as Error,
  );
  expect(await mining.search({ ...search, cpuShare: 1 })).toMatchObject({ found: true });
});
