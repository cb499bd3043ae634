/** Verified streaming from Blobs: the same outboards and slices as of arrays. */
import { createMining } from '@inos/mining';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 2 });
});
afterAll(() => mining.close());

/** What is hashed at once. */
const SUBTREE = 262_144;

function bytesTo(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 9)) & 0xff);
}

const LENGTHS = [0, 1, 1023, 1024, 1025, 2048, 2049, 70_000, SUBTREE - 1, SUBTREE, SUBTREE + 1];
const LARGER = [SUBTREE + 1024, SUBTREE + 1025, 2 * SUBTREE, 2 * SUBTREE + 1, 3 * SUBTREE + 5000];

it.each([...LENGTHS, ...LARGER, 4 * SUBTREE, 5 * SUBTREE, 7 * SUBTREE + 1])(
  'of %i bytes',
  async (length) => {
    const data = bytesTo(length);
    const file = new Blob([data]);
    const { digest, outboard } = await mining.encodeOutboard(data);
    const encoded = await mining.encodeOutboard(file);
    expect(encoded.digest).toEqual(digest);
    expect(await mining.hash('blake3', data)).toEqual(digest);
    // Arrays of megabytes are compared too slowly by `toEqual`.
    expect(encoded.outboard).toHaveLength(outboard.length);
    expect(encoded.outboard.every((byte, at) => byte === outboard[at])).toBe(true);
    const middle = Math.floor(length / 2);
    for (const range of [
      { start: 0, length: 0 },
      { start: 0, length: 1 },
      { start: 0, length },
      { start: middle, length: 1 },
      { start: Math.max(0, middle - 1024), length: 2048 },
      { start: 1023, length: 2 },
      { start: Math.max(0, length - 1), length: 1 },
      { start: length, length: 1 },
      { start: length + 5000, length: 5000 },
    ]) {
      const slice = await mining.extractSlice({ data, outboard }, range);
      const fromFile = await mining.extractSlice({ data: file, outboard }, range);
      expect(fromFile).toHaveLength(slice.length);
      expect(fromFile.every((byte, at) => byte === slice[at])).toBe(true);
      const proven = await mining.verifySlice({ slice: fromFile, digest }, range);
      expect(proven).toHaveLength(Math.max(0, Math.min(range.length, length - range.start)));
    }
  },
);

it('holds no more of a file than is at work', async () => {
  const alloc = vi.spyOn(mining.memory, 'alloc');
  const free = vi.spyOn(mining.memory, 'free');
  const length = 20 * SUBTREE;
  const file = new Blob([bytesTo(length)]);
  const before = mining.runtime.stats.bytesCopied;
  const { outboard } = await mining.encodeOutboard(file);
  const allocated = alloc.mock.calls.reduce((sum, [, count]) => sum + count, 0);
  // Two stages, the outboard, and what the subtrees hash to.
  expect(allocated).toBe(2 * SUBTREE + outboard.length + 20 * 32);
  expect(free).toHaveBeenCalledTimes(alloc.mock.calls.length);
  expect(mining.runtime.stats.bytesCopied - before).toBe(length);
  alloc.mockClear();
  const range = { start: 10 * SUBTREE + 700, length: 1000 };
  const slice = await mining.extractSlice({ data: file, outboard }, range);
  expect(slice.length).toBeLessThan(5000);
  const [part] = alloc.mock.calls;
  expect(part?.[1]).toBe(2048);
});

it('keeps to its budget and stops at its signal', async () => {
  const file = new Blob([bytesTo(6 * SUBTREE)]);
  const poor = mining.encodeOutboard(file, { budget: 1000n });
  await expect(poor).rejects.toMatchObject({ code: 'job/budget-too-small' });
  const reason = new Error('enough');
  const stopped = mining.encodeOutboard(file, { signal: AbortSignal.abort(reason) });
  await expect(stopped).rejects.toThrow();
  expect((await mining.encodeOutboard(file)).outboard).toHaveLength(8 + 64 * (6 * 256 - 1));
});

it('refuses an outboard of something else', async () => {
  const file = new Blob([bytesTo(5000)]);
  const { outboard } = await mining.encodeOutboard(bytesTo(9000));
  const range = { start: 4000, length: 3000 };
  await expect(mining.extractSlice({ data: file, outboard }, range)).rejects.toMatchObject({
    code: 'mining/corrupt-slice',
  });
  const none = mining.extractSlice({ data: file, outboard: 'text' as never }, range);
  await expect(none).rejects.toThrow('outboard must be a Uint8Array');
  await expect(mining.encodeOutboard({} as never)).rejects.toThrow('data must be a Uint8Array, a');
  await expect(mining.encodeOutboard(null as never)).rejects.toThrow('data must be a Uint8Array');
});
