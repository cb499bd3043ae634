/** Hashing: one call, incremental, streams; every length near the block sizes; wrong arguments. */
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { createMining, type HashAlgorithm } from '@inos/mining';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hexOf, HASHES } from './vectors.js';

const REFERENCE: Readonly<Record<HashAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  sha256: (bytes) => sha256(bytes),
  sha256d: (bytes) => sha256(sha256(bytes)),
  sha512: (bytes) => sha512(bytes),
  blake3: (bytes) => blake3(bytes),
};
const ALGORITHMS = Object.keys(REFERENCE) as HashAlgorithm[];

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 2 });
});
afterAll(() => mining.close());

describe('hash', () => {
  it.each(HASHES)('$name', async ({ algorithm, input, digest }) => {
    expect(hexOf(await mining.hash(algorithm, input))).toBe(digest);
  });

  it.each(ALGORITHMS)(
    '%s is right at every length from 0 to 4,096, in place',
    async (algorithm) => {
      const bytes = mining.memory.alloc(Uint8Array, 4096);
      bytes.forEach((_, index) => (bytes[index] = (index * 31) & 0xff));
      const own = bytes.slice();
      const jobs = Array.from({ length: 4097 }, (_, length) =>
        mining.hash(algorithm, bytes.subarray(0, length)),
      );
      const digests = await Promise.all(jobs);
      for (const [length, digest] of digests.entries()) {
        expect(hexOf(digest), `length ${length}`).toBe(
          hexOf(REFERENCE[algorithm](own.subarray(0, length))),
        );
      }
      expect(jobs.every((job) => job.usage.bytesCopied === 0)).toBe(true);
      mining.memory.free(bytes);
    },
  );

  it.each(ALGORITHMS)('%s is right around the sizes of its pieces', async (algorithm) => {
    const bytes = mining.memory.alloc(Uint8Array, 400_000);
    bytes.forEach((_, index) => (bytes[index] = (index * 7) & 0xff));
    const own = bytes.slice();
    for (const length of [131_071, 131_072, 131_073, 262_144, 262_145, 400_000]) {
      const digest = await mining.hash(algorithm, bytes.subarray(0, length));
      expect(hexOf(digest)).toBe(hexOf(REFERENCE[algorithm](own.subarray(0, length))));
    }
    mining.memory.free(bytes);
  });

  it('charges per started 1,024 bytes, as it quotes', async () => {
    const bytes = new Uint8Array(4097);
    const job = mining.hash('sha256', bytes);
    await job;
    expect(job.usage).toMatchObject({ units: 4097n, charged: 105n, bytesCopied: 4097 });
    expect(mining.hash.quote('sha256', bytes)).toEqual({
      minimum: 105n,
      maximum: 105n,
      units: 4097n,
    });
  });

  it('hashes the bytes of any typed array', async () => {
    const floats = Float64Array.of(1.5, -2);
    const bytes = new Uint8Array(floats.buffer);
    expect(await mining.hash('blake3', floats)).toEqual(blake3(bytes));
  });

  it.each([
    ['md5', new Uint8Array(1), 'algorithm must be'],
    ['toString', new Uint8Array(1), 'algorithm must be'],
    [5, new Uint8Array(1), 'algorithm must be'],
    ['sha256', 'text', 'data must be'],
    ['sha256', new ArrayBuffer(4), 'data must be'],
    ['sha256', undefined, 'data must be'],
  ])('refuses (%s, %o)', (algorithm, data, message) => {
    expect(() => mining.hash(algorithm as never, data as never)).toThrow(message);
  });
});

describe('createHasher', () => {
  it.each(ALGORITHMS)('%s gives the same whatever the pieces', async (algorithm) => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1500), { maxLength: 8 }), async (lengths) => {
        await using hasher = await mining.createHasher(algorithm);
        let end = 0;
        for (const length of lengths) {
          void hasher.update(bytes.slice(end, end + length));
          end = Math.min(bytes.length, end + length);
        }
        expect(await hasher.digest()).toEqual(REFERENCE[algorithm](bytes.subarray(0, end)));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps hashers apart, and refuses one that has ended', async () => {
    const [one, other] = await Promise.all([
      mining.createHasher('sha256'),
      mining.createHasher('sha256'),
    ]);
    await Promise.all([one.update(Uint8Array.of(1)), other.update(Uint8Array.of(2))]);
    expect(await one.digest()).toEqual(sha256(Uint8Array.of(1)));
    expect(await other.digest()).toEqual(sha256(Uint8Array.of(2)));
    const ended = expect.objectContaining({ code: 'mining/unknown-hasher' });
    expect(() => one.update(Uint8Array.of(3))).toThrow(ended);
    expect(() => one.digest()).toThrow(ended);
    await one.dispose();
  });

  it('has a bound on open hashers, and says so', async () => {
    const open = await Promise.all(
      Array.from({ length: 1024 }, () => mining.createHasher('sha256')),
    );
    await expect(mining.createHasher('sha256')).rejects.toMatchObject({
      code: 'mining/too-many-hashers',
    });
    await Promise.all(open.map((hasher) => hasher.dispose()));
    await (await mining.createHasher('sha256')).dispose();
  });
});

const bytes = Uint8Array.from({ length: 2_500_000 }, (_, index) => (index * 13) & 0xff);

function* pieces(size: number) {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

describe('hashStream', () => {
  it.each([999, 65_536, 1_048_576, 2_500_000])('in pieces of %i bytes', async (size) => {
    expect(await mining.hashStream('blake3', pieces(size))).toEqual(blake3(bytes));
  });

  it('takes web streams and async iterables', async () => {
    const stream = new Blob([bytes]).stream();
    expect(await mining.hashStream('sha256', stream)).toEqual(sha256(bytes));
    async function* later() {
      for (const piece of pieces(700_000)) yield Promise.resolve(piece);
    }
    expect(await mining.hashStream('sha256', later())).toEqual(sha256(bytes));
    expect(await mining.hashStream('sha256', [])).toEqual(sha256(new Uint8Array(0)));
  });

  it('frees its stages and its hasher when the stream fails, the budget ends or the signal aborts', async () => {
    const before = mining.credits.default.reserved;
    async function* failing() {
      yield new Uint8Array(10);
      await Promise.resolve();
      throw new Error('the network is gone');
    }
    await expect(mining.hashStream('sha256', failing())).rejects.toThrow('the network is gone');
    await expect(
      mining.hashStream('sha256', pieces(65_536), { budget: 300n }),
    ).rejects.toMatchObject({
      code: 'job/budget-too-small',
    });
    const signal = AbortSignal.abort();
    await expect(mining.hashStream('sha256', pieces(65_536), { signal })).rejects.toMatchObject({
      code: 'job/cancelled',
    });
    await expect(mining.hashStream('sha256', ['text'] as never)).rejects.toThrow(TypeError);
    for (const none of [5, 'text', null, new Uint8Array(5), new Response('text')]) {
      await expect(mining.hashStream('sha256', none as never)).rejects.toThrow(
        'source must be a stream or an iterable of Uint8Arrays, got ',
      );
    }
    expect(mining.credits.default.reserved).toBe(before);
    expect(await mining.hashStream('sha256', pieces(65_536))).toEqual(sha256(bytes));
  });
});

describe('a source that has nothing to say', () => {
  const reason = new Error('enough');

  it('is left and cancelled when the signal aborts', async () => {
    const controller = new AbortController();
    const cancel = vi.fn();
    let pulls = 0;
    const pull = (own: ReadableStreamDefaultController<Uint8Array>) => {
      if (pulls++ === 0) own.enqueue(new Uint8Array(10));
      // It is waited for by then, and never says more.
      else setTimeout(() => controller.abort(reason), 10);
    };
    const silent = new ReadableStream<Uint8Array>({ pull, cancel }, { highWaterMark: 0 });
    const hashing = mining.hashStream('sha256', silent, { signal: controller.signal });
    await expect(hashing).rejects.toMatchObject({ code: 'job/cancelled', cause: reason });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('is left when the deadline passes', async () => {
    const silent = new ReadableStream<Uint8Array>();
    const late = mining.hashStream('blake3', silent, { deadlineMs: 20 });
    await expect(late).rejects.toThrow('hashing passed its deadline of 20 ms');
  });

  it('may be a generator, which is told to return', async () => {
    const controller = new AbortController();
    let isOver = false;
    let goOn: () => void = () => undefined;
    async function* generator() {
      try {
        yield new Uint8Array(10);
        controller.abort(reason);
        await new Promise<void>((resolve) => (goOn = resolve));
        yield new Uint8Array(10);
      } finally {
        isOver = true;
      }
    }
    const hashing = mining.hashStream('sha256', generator(), { signal: controller.signal });
    await expect(hashing).rejects.toMatchObject({ code: 'job/cancelled', cause: reason });
    expect(isOver).toBe(false);
    goOn();
    await expect.poll(() => isOver).toBe(true);
  });
});

describe('what is allowed for all pieces', () => {
  it('is what the errors say', async () => {
    const poor = mining.hashStream('sha256', pieces(2 ** 20), { budget: 1500n });
    await expect(poor).rejects.toThrow(
      'of the budget of 1500 micro-credits 376 are left, too few to go on',
    );
    const late = mining.hashStream('sha256', forEver(), { deadlineMs: 50 });
    await expect(late).rejects.toThrow('hashing passed its deadline of 50 ms');
    const rude = mining.createHasher('sha256', null as never);
    await expect(rude).rejects.toThrow('options must be an object, got null');
  });

  function* forEver() {
    for (;;) yield new Uint8Array(2 ** 20);
  }
});

it('misspelt options are refused, with the names there are', async () => {
  const shared = 'account, budget, deadlineMs, priority, signal';
  const job = 'deadlineMs, signal, whenFull, budget, priority, account, seed';
  const misspelt = { deadlineMS: 100 } as object;
  const data = new Uint8Array(4);
  const silent = new ReadableStream<Uint8Array>();
  const lanes = { header: data, target: { zeroBits: 1 }, cpuShare: 0.5 } as const;
  const calls: readonly (readonly [string, () => unknown])[] = [
    [job, () => mining.hash('sha256', data, misspelt)],
    [job, () => mining.search({ header: data, target: { zeroBits: 1 } }, misspelt)],
    [job, () => mining.search(lanes, misspelt)],
    [job, () => mining.blake3(data, {}, misspelt)],
    [job, () => mining.encodeOutboard(data, misspelt)],
    [`${job}, output`, () => mining.hashMany('sha256', [data], misspelt)],
    [shared, () => mining.createHasher('sha256', misspelt)],
    [shared, () => mining.createHashingStream('sha256', misspelt)],
    [`${shared}, output`, () => mining.hashStream('sha256', silent, misspelt)],
    [`${shared}, output, onProgress`, () => mining.hashFile('sha256', new Blob([]), misspelt)],
  ];
  const alloc = vi.spyOn(mining.memory, 'alloc');
  const free = vi.spyOn(mining.memory, 'free');
  for (const [names, call] of calls) {
    const refused = (async () => {
      await call();
    })();
    const message = `options.deadlineMS must be one of the known names (${names}), got "deadlineMS"`;
    await expect(refused).rejects.toThrow(new TypeError(message));
  }
  expect(free).toHaveBeenCalledTimes(alloc.mock.calls.length);
  alloc.mockRestore();
  free.mockRestore();
});

it('no hasher stays behind where there is no room, or no budget for a long digest', async () => {
  await using small = await createMining({ memory: { maximumBytes: 64 * 2 ** 20 } });
  await small.start();
  const spare = small.memory.alloc(Uint8Array, 2 ** 20);
  const taken: Uint8Array[] = [];
  for (let bytes = 2 ** 25; bytes >= 2 ** 16;) {
    try {
      taken.push(small.memory.alloc(Uint8Array, bytes));
    } catch {
      bytes /= 2;
    }
  }
  small.memory.free(spare);
  const MOST_HASHERS = 1024;
  const long = { length: 5000 };
  for (let round = 0; round <= MOST_HASHERS; round++) {
    await expect(small.hashStream('sha256', [Uint8Array.of(1)])).rejects.toMatchObject({
      code: 'memory/out-of-memory',
    });
    const hasher = await small.createHasher('blake3', { budget: 103n });
    await expect(hasher.digest(long)).rejects.toMatchObject({ code: 'job/budget-too-small' });
  }
  for (const array of taken) small.memory.free(array);
  expect(await small.hashStream('sha256', pieces(65_536))).toEqual(sha256(bytes));
});

describe('hashFile', () => {
  it('takes a Blob everywhere', async () => {
    const bytes = Uint8Array.from({ length: 1_500_000 }, (_, index) => index);
    const seen: [number, number][] = [];
    const onProgress = (done: number, total: number) => seen.push([done, total]);
    const digest = await mining.hashFile('blake3', new Blob([bytes]), { onProgress });
    expect(digest).toEqual(blake3(bytes));
    expect(seen.at(-1)).toEqual([1_500_000, 1_500_000]);
  });
});
