/** Many messages in one call, and streams that pass bytes through. */
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { createMining, type HashAlgorithm, type PackedMessages } from '@inos/mining';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from './vectors.js';

const REFERENCE: Readonly<Record<HashAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  sha256: (bytes) => sha256(bytes),
  sha256d: (bytes) => sha256(sha256(bytes)),
  sha512: (bytes) => sha512(bytes),
  blake3: (bytes) => blake3(bytes),
};
const ALGORITHMS = Object.keys(REFERENCE) as HashAlgorithm[];

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 3 });
});
afterAll(() => mining.close());

function expected(algorithm: HashAlgorithm, messages: readonly Uint8Array[]): string {
  return messages.map((message) => hexOf(REFERENCE[algorithm](message))).join('');
}

describe('hashMany', () => {
  it.each(ALGORITHMS)('%s is right at every length from 0 to 4,096', async (algorithm) => {
    const data = Uint8Array.from({ length: 4096 }, (_, index) => index * 7);
    const lengths = Array.from({ length: 4097 }, (_, number) => (number * 1021) % 4097);
    const messages = lengths.map((length) => data.subarray(0, length));
    const digests = await mining.hashMany(algorithm, messages);
    expect(hexOf(digests)).toBe(expected(algorithm, messages));
  });

  it('takes any messages', async () => {
    const list = fc.array(fc.uint8Array({ maxLength: 1500 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ALGORITHMS), list, async (algorithm, messages) => {
        const digests = await mining.hashMany(algorithm, messages);
        expect(hexOf(digests)).toBe(expected(algorithm, messages));
      }),
      { numRuns: 60 },
    );
  });

  it('reads and writes shared arrays in place, on all threads', async () => {
    const data = mining.memory.alloc(Uint8Array, 64 * 10_000);
    data.forEach((_, index) => (data[index] = index * 31));
    const output = mining.memory.alloc(Uint8Array, 32 * 10_000);
    const packed = { data, messageBytes: 64 };
    expect(await mining.hashMany('sha256', packed, { output })).toBeInstanceOf(Uint8Array);
    for (let index = 0; index < 10_000; index += 37) {
      const message = data.slice(index * 64, index * 64 + 64);
      expect(hexOf(output.slice(index * 32, index * 32 + 32))).toBe(hexOf(sha256(message)));
    }
    mining.memory.free(data);
    mining.memory.free(output);
  });

  it('hashes long messages among short ones', async () => {
    const messages = [10, 1_000_000, 0, 300_000, 64].map((length) =>
      new Uint8Array(length).fill(3),
    );
    for (const algorithm of ALGORITHMS) {
      const digests = await mining.hashMany(algorithm, messages);
      expect(hexOf(digests)).toBe(expected(algorithm, messages));
    }
  });

  it('needs no messages', async () => {
    expect(await mining.hashMany('sha256', [])).toEqual(new Uint8Array(0));
  });

  const data = new Uint8Array(100);
  it.each<[unknown, object, string]>([
    [{ data }, {}, 'messages.messageBytes must be'],
    [{ data, messageBytes: 30 }, {}, 'messages.data must be a multiple of 30 bytes long'],
    [{ data, messageBytes: 10, ends: Uint32Array.of(5) }, {}, 'messageBytes or ends, not both'],
    [{ data, ends: Uint32Array.of(50, 40) }, {}, 'messages.ends must be ascending'],
    [{ data, ends: Uint32Array.of(101) }, {}, 'messages.ends must be ascending'],
    [{ data, ends: [5] }, {}, 'messages.ends must be a Uint32Array'],
    [[data, 'text'], {}, 'messages[1] must be a Uint8Array'],
    ['text', {}, 'messages must be'],
    [[data], { output: new Uint8Array(32) }, 'options.output must be a Uint8Array over'],
  ])('refuses %o with %o', async (messages, options, message) => {
    const wrong = messages as PackedMessages;
    await expect(mining.hashMany('sha256', wrong, options)).rejects.toThrow(message);
  });
});

describe('createHashingStream', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index * 13);

  it.each(ALGORITHMS)('%s passes bytes through and tells their digest', async (algorithm) => {
    const hashing = await mining.createHashingStream(algorithm);
    const passed = new Blob([bytes]).stream().pipeThrough(hashing);
    expect(new Uint8Array(await new Response(passed).arrayBuffer())).toEqual(bytes);
    expect(await hashing.digest).toEqual(REFERENCE[algorithm](bytes));
  });

  it('lets go of its hasher when the reader cancels or the writer aborts', async () => {
    for (let round = 0; round < 1100; round++) {
      const hashing = await mining.createHashingStream('sha256');
      if (round % 2 === 0) await hashing.readable.cancel('enough');
      else await hashing.writable.abort('no more').catch(() => undefined);
      await expect(hashing.digest).rejects.toBeDefined();
    }
  });

  it('tells its source at once when its reader cancels, its signal aborts or its deadline passes', async () => {
    const enough = new Error('enough');
    const controller = new AbortController();
    for (const { options, end, expected } of [
      { options: {}, end: (out: ReadableStream) => out.cancel(enough), expected: enough },
      {
        options: { signal: controller.signal },
        end: () => {
          controller.abort(enough);
        },
        expected: expect.objectContaining({ code: 'job/cancelled', cause: enough }) as unknown,
      },
      {
        options: { deadlineMs: 1000 },
        end: () => undefined,
        expected: expect.objectContaining({ code: 'job/expired' }) as unknown,
      },
    ]) {
      const hashing = await mining.createHashingStream('sha256', options);
      const cancelled = new Promise((cancel) => {
        const silent = new ReadableStream<Uint8Array>({ cancel });
        const out = silent.pipeThrough(hashing);
        void end(out);
      });
      expect(await cancelled).toEqual(expected);
      await expect(hashing.digest).rejects.toEqual(expected);
    }
  });

  it('rejects when what is written is no bytes', async () => {
    const hashing = await mining.createHashingStream('blake3');
    const writer = hashing.writable.getWriter();
    writer.closed.catch(() => undefined);
    await expect(writer.write('text' as never)).rejects.toThrow('the piece must be a Uint8Array');
    await expect(hashing.digest).rejects.toThrow(TypeError);
  });
});
