/**
 * The GPU lane: what it finds is what plain implementations and the CPU say, and what it does is paid like all work.
 * In Node it runs where the machine has a driver that Dawn takes; Chromium brings its own.
 */
import {
  createMining,
  searchMessage,
  searchProgress,
  type NonceFormat,
  type SearchAlgorithm,
  type SearchOptions,
} from '@inos/mining';
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, hexOf, SEARCHES } from './vectors.js';

const isNode = typeof window === 'undefined';
/** vitest.config.mjs sets it where there is a driver. */
const hasGpu = !isNode || process.env.VK_DRIVER_FILES !== undefined;

const HASHES: Readonly<Record<SearchAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  sha256,
  sha256d: (bytes) => sha256(sha256(bytes)),
  blake3: (bytes) => blake3(bytes),
};
const ALGORITHMS = Object.keys(HASHES) as SearchAlgorithm[];
/** How many bytes of the header each format overwrites. */
const HEADER_BYTES: Readonly<Record<NonceFormat, number>> = {
  'uint32-le': 4,
  'uint32-be': 4,
  'uint64-le': 8,
  'uint64-be': 8,
  decimal: 0,
};
const FORMATS = Object.keys(HEADER_BYTES) as NonceFormat[];
/** The first nonce of a range that ends near the last of 32 bits. */
const LAST_FIRST = 2n ** 32n - 141n;
const header = Uint8Array.from({ length: 80 }, (_, index) => index);
const impossible = new Uint8Array(32).fill(1, 31);

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 2 });
});
afterAll(() => mining.close());

interface Range extends SearchOptions {
  readonly algorithm: SearchAlgorithm;
  readonly firstNonce: bigint;
  readonly digestOrder: 'big-endian' | 'little-endian';
}

/** The nonce whose digest is the lowest number, and that number. */
function lowestOf(range: Omit<Range, 'target'>, count: number) {
  const digests = Array.from({ length: count }, (_, ahead) => {
    const digest = HASHES[range.algorithm](searchMessage(range, range.firstNonce + BigInt(ahead)));
    return range.digestOrder === 'big-endian' ? digest : digest.slice().reverse();
  });
  const numbers = digests.map((digest) => hexOf(digest));
  const lowest = numbers.toSorted()[0] ?? '';
  return { nonce: range.firstNonce + BigInt(numbers.indexOf(lowest)), number: bytesOf(lowest) };
}

/** Searches for exactly that nonce, and for one digest lower: there is none. */
async function expectLowest(range: Omit<Range, 'target'>, count: number): Promise<void> {
  const { nonce, number } = lowestOf(range, count);
  const lastNonce = range.firstNonce + BigInt(count - 1);
  const search = { ...range, lastNonce, lanes: ['gpu'] } as const;
  const job = mining.search({ ...search, target: number });
  expect(await job).toMatchObject({ found: true, exactNonce: nonce });
  const lower = bytesOf((BigInt(`0x${hexOf(number)}`) - 1n).toString(16).padStart(64, '0'));
  const vain = mining.search({ ...search, target: lower });
  expect(await vain).toEqual({ found: false, gpu: { hashes: BigInt(count) } });
  expect(vain.usage.units).toBe(BigInt(count));
}

describe.skipIf(!hasGpu)('a GPU (skipped where Node has no Vulkan driver)', () => {
  it('finds Bitcoin’s first block, alone and beside the CPU', { timeout: 120_000 }, async () => {
    const genesis = SEARCHES.find(({ name }) => name === 'Bitcoin block 0');
    if (genesis === undefined) throw new Error('the vectors have lost block 0');
    const { header, target } = genesis;
    const near = { header, target, firstNonce: 2_083_200_000 };
    for (const lanes of [['gpu'], ['cpu', 'gpu']] as const) {
      const outcome = await mining.search({ ...near, lanes });
      expect(outcome).toMatchObject({ found: true, nonce: 2_083_236_893 });
      expect(outcome.gpu?.missing).toBeUndefined();
    }
  });

  it(
    'gives the lowest at every place of a slice and of a workgroup',
    { timeout: 120_000 },
    async () => {
      for (const count of [1, 2, 63, 64, 65, 127, 128, 129]) {
        const ends = { header, firstNonce: 7n, lastNonce: 7n + BigInt(count - 1) } as const;
        for (const place of new Set([0, 1, 62, 63, 64, 65, count - 1])) {
          if (place >= count) continue;
          const nonce = 7n + BigInt(place);
          const digest = sha256(searchMessage({ header }, nonce));
          const search = {
            ...ends,
            algorithm: 'sha256',
            target: { digest },
            lanes: ['gpu'],
          } as const;
          expect(await mining.search(search)).toMatchObject({ found: true, exactNonce: nonce });
        }
      }
    },
  );

  it('hashes headers of every length', { timeout: 300_000 }, async () => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, index) => (index * 37) % 251);
    const lengths = Array.from({ length: 1021 }, (_, index) => index + 4);
    const check = async (length: number) => {
      const algorithm = ALGORITHMS[length % 3] ?? 'sha256';
      const options = {
        header: bytes.subarray(0, length),
        nonceOffset: (length * 7) % (length - 3),
      };
      const digest = HASHES[algorithm](searchMessage(options, 66));
      const found = await mining.search({
        ...options,
        algorithm,
        target: digest,
        digestOrder: 'big-endian',
        firstNonce: 66,
        lastNonce: 66,
        lanes: ['gpu'],
      });
      expect({ length, ...found }).toMatchObject({ length, found: true, digest });
    };
    for (let at = 0; at < lengths.length; at += 8) {
      await Promise.all(lengths.slice(at, at + 8).map(check));
    }
  });

  it('agrees with plain implementations', { timeout: 300_000 }, async () => {
    const edges = [0n, 95n, 995n, 99_995n, 4_294_967_196n, 9_999_999_950n, 2n ** 40n - 9n];
    const cases = fc.record({
      header: fc.uint8Array({ minLength: 8, maxLength: 1000 }),
      place: fc.double({ min: 0, max: 1, noNaN: true }),
      algorithm: fc.constantFrom(...ALGORITHMS),
      nonceFormat: fc.constantFrom(...FORMATS),
      digestOrder: fc.constantFrom('big-endian', 'little-endian'),
      first: fc.constantFrom(...edges),
      count: fc.integer({ min: 1, max: 140 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ place, first, count, ...range }) => {
        const nonceBytes = HEADER_BYTES[range.nonceFormat];
        const nonceOffset = Math.floor(place * (range.header.length - nonceBytes));
        const firstNonce = nonceBytes === 4 && first > LAST_FIRST ? LAST_FIRST : first;
        await expectLowest({ ...range, nonceOffset, firstNonce }, count);
      }),
      { numRuns: 60 },
    );
  });

  it(
    'shares the range with the CPU, and each hash is tried once',
    { timeout: 120_000 },
    async () => {
      const options = {
        header,
        target: impossible,
        lastNonce: 3_999_999,
        lanes: ['cpu', 'gpu'],
      } as const;
      const job = mining.search(options);
      let gpuHashRate = 0;
      for await (const progress of searchProgress(job, options))
        gpuHashRate = progress.gpuHashRate ?? NaN;
      const { found, gpu } = await job;
      expect(found).toBe(false);
      expect(job.usage.units).toBe(4_000_000n);
      expect(gpu?.hashes).toBeGreaterThan(0n);
      expect(gpu?.hashes).toBeLessThan(4_000_000n);
      expect(gpuHashRate).toBeGreaterThan(0);
    },
  );

  it('goes on while the threads sleep for their share', { timeout: 120_000 }, async () => {
    const options = { header, target: impossible, lanes: ['cpu', 'gpu'], cpuShare: 1e-9 } as const;
    const job = mining.search({ ...options, lastNonce: 299_999 });
    const { found, gpu } = await job;
    expect(found).toBe(false);
    expect(job.usage.units).toBe(300_000n);
    // All but the threads' first slice.
    expect(gpu?.hashes).toBeGreaterThanOrEqual(300_000n - 65_536n);
  });

  it('gives the lowest nonce whatever the lanes', { timeout: 120_000 }, async () => {
    const target = { zeroBits: 15 };
    for (let salt = 0; salt < 8; salt++) {
      const search = { header: header.map((byte) => byte ^ salt), target } as const;
      const alone = await mining.search(search);
      if (!alone.found) throw new Error('one in 32,768 qualifies');
      for (const lanes of [['gpu'], ['gpu', 'cpu']] as const) {
        const shared = await mining.search({ ...search, lanes });
        expect(shared).toMatchObject({ ...alone });
      }
      const any = await mining.search({ ...search, lanes: ['cpu', 'gpu'], mode: 'any' });
      if (!any.found) throw new Error('any will do');
      const digest = HASHES.sha256d(searchMessage(search, any.nonce));
      expect(hexOf(any.digest)).toBe(hexOf(digest));
      expect(any.digest[0]).toBe(0);
    }
  });

  it('works beside a capsule with a memory of its own', { timeout: 120_000 }, async () => {
    await using own = await createMining({ threads: 2, isolated: true });
    const search = { header, target: { zeroBits: 15 } } as const;
    const alone = await mining.search(search);
    const onGpu = await own.search({ ...search, lanes: ['gpu'] });
    expect(onGpu).toMatchObject({ ...alone, gpu: { hashes: expect.any(BigInt) as bigint } });
    const job = own.search({
      header,
      target: impossible,
      lastNonce: 999_999,
      lanes: ['cpu', 'gpu'],
    });
    expect(await job).toMatchObject({ found: false });
    expect(job.usage.units).toBe(1_000_000n);
  });

  it('stops where the budget is spent', { timeout: 120_000 }, async () => {
    for (const lanes of [['gpu'], ['cpu', 'gpu']] as const) {
      const job = mining.search({ header, target: impossible, lanes }, { budget: 150n });
      await expect(job).rejects.toMatchObject({
        code: 'job/out-of-budget',
        details: { units: 51_200n, charged: 150n },
      });
    }
  });

  it('stops when cancelled, and lets go of the memory', { timeout: 120_000 }, async () => {
    await mining.search({ header, target: impossible, lastNonce: 9, lanes: ['gpu'] });
    const controller = new AbortController();
    const options = { header, target: impossible, lanes: ['gpu'] } as const;
    const job = mining.search(options, { signal: controller.signal });
    // Its first slice counts from its start on, and no longer if it is given back untried.
    for await (const { gpuHashRate = 0 } of searchProgress(job, options)) {
      if (gpuHashRate > 0) controller.abort();
    }
    await expect(job).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(job.usage.units).toBeGreaterThan(0n);
    expect(job.usage.units).toBeLessThan(2n ** 32n);
    const next = await mining.search({ header, target: impossible, lastNonce: 99, lanes: ['gpu'] });
    expect(next).toEqual({ found: false, gpu: { hashes: 100n } });
  });

  it('leaves to the CPU what it can’t do, and says so', async () => {
    const search = {
      header: new Uint8Array(1023),
      target: { zeroBits: 4 },
      algorithm: 'blake3',
      nonceFormat: 'decimal',
    } as const;
    const missing = 'the GPU hashes BLAKE3 messages of at most 1,024 bytes, digits included';
    const alone = mining.search({ ...search, lanes: ['gpu'] });
    await expect(alone).rejects.toMatchObject({
      code: 'mining/no-gpu',
      message: expect.stringContaining(missing) as string,
    });
    const outcome = await mining.search({ ...search, lanes: ['cpu', 'gpu'] });
    expect(outcome.found).toBe(true);
    expect(outcome.gpu?.hashes).toBe(0n);
  });
});

describe('lanes', () => {
  it.each([[[]], [['gpu', 'gpu']], [['tpu']], ['gpu'], [1]])('refuses %j', (lanes) => {
    const options = { header, target: impossible, lanes } as unknown as SearchOptions;
    expect(() => mining.search(options)).toThrow(RangeError);
    expect(() => mining.search(options)).toThrow(/lanes must be a list of 'cpu', 'gpu' or both/);
  });

  it('of a prepared job are the CPU’s', () => {
    const options = { header, target: impossible, lastNonce: 9 } as const;
    expect(() => mining.search.prepare({ ...options, lanes: ['cpu', 'gpu'] })).toThrow(/lanes/);
    expect(mining.search.quote({ ...options, lanes: ['gpu'] })).toEqual(
      mining.search.quote(options),
    );
  });
});
