/** BLAKE3's modes and output of any length; verified streaming; equality in constant time. */
import { blake3 } from '@noble/hashes/blake3.js';
import { createMining, equalDigests } from '@inos/mining';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BLAKE3_OUTPUTS, hexOf } from './vectors.js';

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 3 });
});
afterAll(() => mining.close());

const bytesTo = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);
const key = new TextEncoder().encode('whats the Elvish word for friend');
const context = 'BLAKE3 2019-12-27 16:29:52 test vectors context';

describe('blake3', () => {
  it.each(BLAKE3_OUTPUTS)('official vector of $length bytes', async (vector) => {
    const data = bytesTo(vector.length);
    const length = vector.hash.length / 2;
    expect(hexOf(await mining.blake3(data, { length }))).toBe(vector.hash);
    expect(hexOf(await mining.blake3(data, { key, length }))).toBe(vector.keyed);
    expect(hexOf(await mining.blake3(data, { context, length }))).toBe(vector.derived);
    const hasher = await mining.createHasher({ algorithm: 'blake3', key });
    await hasher.update(data);
    const part = await hasher.digest({ length: 30, position: 70 });
    expect(hexOf(part)).toBe(vector.keyed.slice(140, 200));
  });

  it('is right at every length from 0 to 4,096 with a key', async () => {
    const data = bytesTo(4096);
    for (let length = 0; length <= 4096; length += 1 + (length % 7)) {
      const input = data.subarray(0, length);
      const dkLen = 1 + (length % 100);
      const found = await mining.blake3(input, { key, length: dkLen });
      expect(hexOf(found), `length ${length}`).toBe(hexOf(blake3(input, { key, dkLen })));
    }
  });

  it('gives output from any position on', async () => {
    const whole = blake3(key, { dkLen: 5000 });
    const range = fc.tuple(fc.nat(4000), fc.integer({ min: 1, max: 1000 }));
    await fc.assert(
      fc.asyncProperty(range, async ([position, length]) => {
        const part = await mining.blake3(key, { position, length });
        expect(part).toEqual(whole.slice(position, position + length));
      }),
      { numRuns: 40 },
    );
  });

  it('hashes what is large on all threads, whatever the pieces', async () => {
    const data = bytesTo(3_500_017);
    const expected = blake3(data);
    for (const size of [3_500_017, 1_048_576, 1_300_001]) {
      await using hasher = await mining.createHasher('blake3');
      for (let start = 0; start < data.length; start += size) {
        await hasher.update(data.subarray(start, start + size));
      }
      expect(await hasher.digest()).toEqual(expected);
    }
  });

  it('adds nothing when the budget does not cover a large update', async () => {
    const data = bytesTo(2_000_000);
    await using hasher = await mining.createHasher('blake3', { budget: 2200n });
    await hasher.update(data);
    await expect(hasher.update(data)).rejects.toMatchObject({ code: 'job/budget-too-small' });
    expect(await hasher.digest()).toEqual(blake3(data));
  });

  it.each<[object, string]>([
    [{ key: new Uint8Array(31) }, 'key must be 32 bytes long'],
    [{ key: 'text' }, 'key must be a Uint8Array'],
    [{ context: 5 }, 'context must be a string'],
    [{ context: '\ud800' }, 'context must be without lone surrogates'],
    [{ key, context }, 'a key or a context, not both'],
    [{ length: 0 }, 'length must be an integer from 1'],
    [{ position: -1 }, 'position must be'],
  ])('refuses %o', async (options, message) => {
    await expect(mining.blake3(key, options)).rejects.toThrow(message);
  });

  it('refuses misspelt options: a key would be none', async () => {
    const keys = new Uint8Array(32);
    const message = 'keys must be one of the known names';
    await expect(mining.blake3(keys, { keys } as never)).rejects.toThrow(message);
    const hashFunction = { algorithm: 'blake3', keys } as const;
    await expect(mining.hashStream(hashFunction, [keys])).rejects.toThrow(message);
    await using hasher = await mining.createHasher('blake3');
    expect(() => hasher.digest({ size: 64 } as never)).toThrow('size must be one of');
  });

  it('refuses options for other functions', async () => {
    const wrong = { algorithm: 'sha256', key } as never;
    await expect(mining.createHasher(wrong)).rejects.toThrow('algorithm must be');
    await using hasher = await mining.createHasher('sha512');
    expect(() => hasher.digest({ length: 5 })).toThrow('output options need blake3');
  });
});

describe('equalDigests', () => {
  it('tells equal from different', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
        expect(equalDigests(bytes, bytes.slice())).toBe(true);
        expect(equalDigests(bytes, Uint8Array.from([...bytes, 0]))).toBe(false);
        if (bytes.length === 0) return;
        const other = bytes.slice();
        other[at % bytes.length] = (other[at % bytes.length] ?? 0) ^ (1 << bit);
        expect(equalDigests(bytes, other)).toBe(false);
      }),
    );
    expect(() => equalDigests(key, 'text' as never)).toThrow('right must be');
  });
});

describe('verified streaming', () => {
  it('proves any part, and nothing that was changed', async () => {
    const data = bytesTo(50_000);
    const { digest, outboard } = await mining.encodeOutboard(data);
    expect(digest).toEqual(blake3(data));
    const range = fc.record({ start: fc.nat(51_000), length: fc.nat(9_000) });
    await fc.assert(
      fc.asyncProperty(range, fc.nat(), fc.nat(7), async (part, at, bit) => {
        const slice = await mining.extractSlice({ data, outboard }, part);
        const proven = await mining.verifySlice({ slice, digest }, part);
        expect(proven).toEqual(data.slice(part.start, part.start + part.length));
        // The first 8 bytes say the length, which only a slice that reaches the end proves.
        const changed = slice.slice();
        const place = 8 + (at % (slice.length - 8));
        changed[place] = (changed[place] ?? 0) ^ (1 << bit);
        await expect(mining.verifySlice({ slice: changed, digest }, part)).rejects.toMatchObject({
          code: 'mining/corrupt-slice',
        });
      }),
      { numRuns: 40 },
    );
  });

  it('refuses what is cut short, belongs elsewhere or is no digest', async () => {
    const data = bytesTo(10_000);
    const { digest, outboard } = await mining.encodeOutboard(data);
    const range = { start: 2000, length: 3000 };
    const slice = await mining.extractSlice({ data, outboard }, range);
    const corrupt = { code: 'mining/corrupt-slice' };
    const cut = slice.subarray(0, -1);
    await expect(mining.verifySlice({ slice: cut, digest }, range)).rejects.toMatchObject(corrupt);
    const elsewhere = { start: 6000, length: 3000 };
    await expect(mining.verifySlice({ slice, digest }, elsewhere)).rejects.toMatchObject(corrupt);
    const short = digest.subarray(1);
    await expect(mining.verifySlice({ slice, digest: short }, range)).rejects.toThrow(
      'digest must be 32 bytes long',
    );
    await expect(mining.extractSlice({ data, outboard }, { start: -1, length: 1 })).rejects.toThrow(
      'start must be',
    );
  });

  it('knows the outboard of nothing', async () => {
    const { digest, outboard } = await mining.encodeOutboard(new Uint8Array(0));
    expect(digest).toEqual(blake3(new Uint8Array(0)));
    expect(outboard).toEqual(new Uint8Array(8));
  });
});
