/** Nonce search: the lowest nonce whatever the threads; budget, cancel, deadline; wrong arguments. */
import { sha256 } from '@noble/hashes/sha2.js';
import { createMining, type SearchOptions } from '@inos/mining';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, hexOf, SEARCHES } from './vectors.js';

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 4 });
});
afterAll(() => mining.close());

const header = Uint8Array.from({ length: 80 }, (_, index) => index);
const impossible = new Uint8Array(32);

describe('search', () => {
  it.each(SEARCHES)('$name', async ({ name: _, found, nonce, digest, ...options }) => {
    const expected = found ? { found, nonce, digest } : { found };
    for (const threads of [1, 3]) {
      const outcome = await mining.search({ ...options, threads });
      expect(outcome.found ? { ...outcome, digest: hexOf(outcome.digest) } : outcome).toEqual(
        expected,
      );
    }
  });

  it('finds Bitcoin’s first block by its defaults', async () => {
    const genesis = SEARCHES.find(({ name }) => name === 'Bitcoin block 0');
    if (genesis === undefined) throw new Error('the vectors have lost block 0');
    const outcome = await mining.search({
      header: genesis.header,
      target: genesis.target,
      firstNonce: 2_083_000_000,
    });
    expect(outcome).toMatchObject({ found: true, nonce: 2_083_236_893 });
  });

  it('gives the lowest of many nonces, whatever the threads', async () => {
    const target = bytesOf(`0007${'ff'.repeat(30)}`);
    const reference = (() => {
      for (let nonce = 0; ; nonce++) {
        const bytes = header.slice();
        new DataView(bytes.buffer).setUint32(10, nonce, true);
        const digest = sha256(bytes);
        if (hexOf(digest) <= hexOf(target)) return { found: true, nonce, digest };
      }
    })();
    const search: SearchOptions = { header, target, algorithm: 'sha256', nonceOffset: 10 };
    for (let threads = 1; threads <= 4; threads++) {
      expect(await mining.search({ ...search, threads })).toEqual(reference);
    }
  });

  it('counts the hashes it tried exactly when nothing is found', async () => {
    const job = mining.search({ header, target: impossible, lastNonce: 99_999 });
    expect(await job).toEqual({ found: false });
    expect(job.usage).toMatchObject({ units: 100_000n, charged: 100n + 98n });
  });

  it('counts the hashes it tried exactly on one thread', async () => {
    const target = bytesOf(`00ff${'ff'.repeat(30)}`);
    const job = mining.search({ header, target, algorithm: 'sha256', threads: 1 });
    const outcome = await job;
    if (!outcome.found) throw new Error('one in 256 qualifies');
    expect(job.usage.units).toBe(BigInt(outcome.nonce) + 1n);
  });

  it('stops where its budget is spent and says how far it came', async () => {
    const job = mining.search({ header, target: impossible }, { budget: 150n });
    await expect(job).rejects.toMatchObject({
      code: 'job/out-of-budget',
      details: { units: 51_200n, charged: 150n },
    });
    expect(job.status).toBe('out-of-budget');
  });

  it('stops when it is cancelled or past its deadline', async () => {
    const job = mining.search({ header, target: impossible });
    setTimeout(() => job.cancel(), 30);
    await expect(job).rejects.toMatchObject({ code: 'job/cancelled' });
    const late = mining.search({ header, target: impossible }, { deadlineMs: 30 });
    await expect(late).rejects.toMatchObject({ code: 'job/expired' });
    expect(late.usage.units).toBeGreaterThan(0n);
  });

  it('says how far it has come', async () => {
    const job = mining.search({ header, target: impossible, lastNonce: 3_000_000 });
    let last = { fraction: 0, units: 0n };
    for await (const progress of job.progress) last = progress;
    expect(last).toEqual({ fraction: 1, units: 3_000_001n });
  });

  it.each<[Partial<Record<keyof SearchOptions, unknown>>, string]>([
    [{ header: 'text' }, 'header must be a Uint8Array'],
    [{ header: new Uint8Array(3) }, 'header must be 4 to 1024 bytes long'],
    [{ header: new Uint8Array(1025) }, 'header must be 4 to 1024 bytes long'],
    [{ target: new Uint8Array(31) }, 'target must be 32 bytes long, got Uint8Array(31)'],
    [{ target: '00' }, 'target must be a Uint8Array'],
    [{ nonceOffset: 77 }, 'nonceOffset must be an integer from 0 to 76'],
    [{ nonceOffset: -1 }, 'nonceOffset must be'],
    [{ nonceOffset: 1.5 }, 'nonceOffset must be'],
    [{ algorithm: 'scrypt' }, 'algorithm must be'],
    [{ digestOrder: 'middle' }, 'digestOrder must be'],
    [{ threads: 0 }, 'threads must be'],
    [{ firstNonce: 2 ** 32 }, 'firstNonce must be'],
    [{ firstNonce: 10, lastNonce: 9 }, 'lastNonce must be an integer from 10'],
  ])('refuses %o', (wrong, message) => {
    const options = { header, target: impossible, ...wrong } as SearchOptions;
    expect(() => mining.search(options)).toThrow(message);
  });

  it('refuses what is no object', () => {
    expect(() => mining.search(undefined as never)).toThrow('search must be');
  });
});
