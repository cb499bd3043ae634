/**
 * Every length from 0 to 4,096 on every path that bytes can take to a digest, against an independent implementation:
 * a peer was wrong in bands of lengths. `hash` and `hashMany` have theirs in their own files, paths of files in
 * `test/file.test.ts`.
 */
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { createMining, equalDigests, type HashAlgorithm } from '@inos/mining';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from './vectors.js';

const LONGEST = 4096;
const REFERENCE: Readonly<Record<HashAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  sha256: (bytes) => sha256(bytes),
  sha256d: (bytes) => sha256(sha256(bytes)),
  sha512: (bytes) => sha512(bytes),
  blake3: (bytes) => blake3(bytes),
};
const ALGORITHMS = Object.keys(REFERENCE) as HashAlgorithm[];
const DATA = Uint8Array.from({ length: LONGEST }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
/** How many lengths are under way at once. */
const AT_ONCE = 64;

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 3 });
});
afterAll(() => mining.close());

/** Compares what a path gives for each length with what is expected. */
async function everyLength(
  path: (bytes: Uint8Array, length: number) => Promise<Uint8Array>,
  expected: (bytes: Uint8Array, length: number) => Uint8Array,
): Promise<void> {
  const wrong: number[] = [];
  for (let first = 0; first <= LONGEST; first += AT_ONCE) {
    const lengths = Array.from({ length: AT_ONCE }, (_, ahead) => first + ahead);
    const checks = lengths
      .filter((length) => length <= LONGEST)
      .map(async (length) => {
        const bytes = DATA.subarray(0, length);
        const found = hexOf(await path(bytes, length));
        if (found !== hexOf(expected(bytes, length))) wrong.push(length);
      });
    await Promise.all(checks);
  }
  expect(wrong).toEqual([]);
}

/** Cuts bytes into pieces that never line up with blocks for long. */
function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  const sizes = [1, 63, 65, 127, 3, 1023, 31, 1025];
  for (let start = 0, turn = bytes.length; start < bytes.length; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1);
    yield bytes.slice(start, end);
    start = end;
  }
}

describe.each(ALGORITHMS)('%s', (algorithm) => {
  const expected = REFERENCE[algorithm];

  it('piece by piece', async () => {
    await everyLength(async (bytes) => {
      const hasher = await mining.createHasher(algorithm);
      for (const piece of piecesOf(bytes)) void hasher.update(piece);
      return hasher.digest();
    }, expected);
  });

  it('from an iterable', () =>
    everyLength((bytes) => mining.hashStream(algorithm, piecesOf(bytes)), expected));

  it('from a Blob', () =>
    everyLength((bytes) => mining.hashFile(algorithm, new Blob([bytes.slice()])), expected));

  it('through a pair of streams', () =>
    everyLength(async (bytes) => {
      const hashing = await mining.createHashingStream(algorithm);
      const passed = new Blob([bytes.slice()]).stream().pipeThrough(hashing);
      await passed.pipeTo(new WritableStream());
      return hashing.digest;
    }, expected));
});

describe('blake3', () => {
  const key = DATA.slice(100, 132);
  const context = 'inos tests 2026 every length';

  it('with a key, and output of other lengths', () =>
    everyLength(
      (bytes, length) => mining.blake3(bytes, { key, length: 1 + (length % 130) }),
      (bytes, length) => blake3(bytes, { key, dkLen: 1 + (length % 130) }),
    ));

  it('deriving keys', () =>
    everyLength(
      (bytes) => mining.blake3(bytes, { context }),
      (bytes) => blake3(bytes, { context: new TextEncoder().encode(context) }),
    ));

  it('with an outboard, whose slices prove all of it', () =>
    everyLength(
      async (bytes, length) => {
        const { digest, outboard } = await mining.encodeOutboard(bytes);
        const range = { start: 0, length: Math.max(1, length) };
        const slice = await mining.extractSlice({ data: bytes, outboard }, range);
        const proven = await mining.verifySlice({ slice, digest }, range);
        expect(equalDigests(proven, bytes), `${length}`).toBe(true);
        return digest;
      },
      (bytes) => blake3(bytes),
    ));

  it('on all threads, that many bytes after what is enough for them', async () => {
    const before = 4 * 262_144;
    const large = mining.memory.alloc(Uint8Array, before + LONGEST);
    for (let start = 0; start < large.length; start += LONGEST) large.set(DATA, start);
    const begun = blake3.create().update(large.slice(0, before));
    await everyLength(
      async (_, length) => {
        const bytes = large.subarray(0, before + length);
        const job = mining.hash('blake3', bytes);
        const digest = await job;
        expect(job.usage).toMatchObject({ units: BigInt(bytes.length), bytesCopied: 0 });
        return digest;
      },
      (bytes) => begun.clone().update(bytes).digest(),
    );
    mining.memory.free(large);
  });
});
