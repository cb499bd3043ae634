/** Hashing files, in Node: read straight into shared memory. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { blake3 } from '@noble/hashes/blake3.js';
import { createMining } from '@inos/mining';
import { describe, expect, it, onTestFinished } from 'vitest';

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'inos-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return path;
}

describe('hashFile', () => {
  it.each([0, 1, 4_194_304, 4_194_305, 16_777_216, 16_777_217, 37_000_000])(
    'of %i bytes, copying none',
    async (length) => {
      await using mining = await createMining();
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 11) & 0xff);
      const path = await fileOf(bytes);
      const seen: number[] = [];
      const digest = await mining.hashFile('sha256', path, {
        onProgress: (done) => seen.push(done),
      });
      expect(Buffer.from(digest).toString('hex')).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      );
      expect(seen.at(-1) ?? 0).toBe(length);
      expect(mining.runtime.stats.bytesCopied).toBe(0);
    },
  );

  it.each(['sha256', 'sha256d', 'sha512', 'blake3'] as const)(
    '%s is right at every length from 0 to 4,096',
    async (algorithm) => {
      await using mining = await createMining({ threads: 2 });
      const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 13) & 0xff);
      const path = await fileOf(bytes);
      const digests = await mining.hashMany(
        algorithm,
        Array.from({ length: 4097 }, (_, length) => bytes.subarray(0, length)),
      );
      const size = algorithm === 'sha512' ? 64 : 32;
      for (let length = 4096; length >= 0; length--) {
        await truncate(path, length);
        const digest = await mining.hashFile(algorithm, path);
        expect(digest, `${length}`).toEqual(digests.slice(length * size, (length + 1) * size));
      }
    },
  );

  it('of a pipe, which has no places to read from', async () => {
    await using mining = await createMining();
    const path = `${await fileOf(new Uint8Array())}-pipe`;
    execFileSync('mkfifo', [path]);
    const bytes = Uint8Array.from({ length: 5_000_000 }, (_, index) => (index * 17) & 0xff);
    const [digest] = await Promise.all([
      mining.hashFile('sha256', path),
      pipeline(Readable.from([bytes]), createWriteStream(path)),
    ]);
    expect(Buffer.from(digest).toString('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
  });

  it('of a pipe that nobody writes to can be cancelled', async () => {
    await using mining = await createMining();
    const path = `${await fileOf(new Uint8Array())}-pipe`;
    execFileSync('mkfifo', [path]);
    const late = mining.hashFile('sha256', path, { deadlineMs: 50 });
    await expect(late).rejects.toMatchObject({ code: 'job/expired' });
    // Lets the thread go that still waits for a writer, and then for what it writes.
    const writer = await open(path, 'w');
    const controller = new AbortController();
    const cancelled = mining.hashFile('sha256', path, { signal: controller.signal });
    await writer.write(Uint8Array.of(1));
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'job/cancelled' });
    await writer.close();
  });

  it('of a stream of Node’s, which is destroyed if it has nothing to say', async () => {
    await using mining = await createMining();
    const controller = new AbortController();
    let pieces = 0;
    const silent = new Readable({
      read() {
        if (pieces++ === 0) this.push(Uint8Array.of(1));
        else controller.abort();
      },
    });
    const hashing = mining.hashStream('sha256', silent, { signal: controller.signal });
    await expect(hashing).rejects.toMatchObject({ code: 'job/cancelled' });
    expect(silent.destroyed).toBe(true);
  });

  it('refuses limits that make no sense before it begins', async () => {
    await using mining = await createMining();
    for (const [limits, message] of [
      [{ signal: 5 }, 'options.signal must be an AbortSignal, got 5'],
      [{ deadlineMs: '5' }, 'options.deadlineMs must be a number'],
      [{ deadlineMs: -1 }, 'options.deadlineMs must be from 0 to 2147483647 milliseconds'],
      [{ onProgress: 5 }, 'onProgress must be a function'],
      [null, 'options must be an object'],
    ] as const) {
      const file = mining.hashFile('sha256', 'missing', limits as never);
      await expect(file).rejects.toThrow(message);
    }
  });

  it('takes a file URL, and fails as Node does', async () => {
    await using mining = await createMining();
    const path = await fileOf(Uint8Array.of(1, 2, 3));
    expect(await mining.hashFile('sha256', pathToFileURL(path))).toHaveLength(32);
    await expect(mining.hashFile('sha256', join(path, 'missing'))).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
    await expect(mining.hashFile('sha256', tmpdir())).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(mining.hashFile('sha256', 5 as never)).rejects.toThrow('file must be');
  });

  it('stops with its budget', async () => {
    await using mining = await createMining({ credits: 2000n });
    const path = await fileOf(new Uint8Array(9_000_000));
    await expect(mining.hashFile('blake3', path)).rejects.toMatchObject({
      code: 'credits/insufficient',
    });
    expect(mining.credits.default.reserved).toBe(0n);
  });
});

describe('BLAKE3 on all threads', () => {
  it.each([0, 262_144, 262_145, 1_048_576, 9_000_001, 17_000_000])(
    'gives the digest of a file of %i bytes, also keyed and longer',
    async (length) => {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7919) >> 3);
      const path = await fileOf(bytes);
      await using mining = await createMining({ threads: 3 });
      expect(await mining.hashFile('blake3', path)).toEqual(blake3(bytes));
      const key = bytes.length > 32 ? bytes.slice(0, 32) : new Uint8Array(32);
      const output = { length: 70 };
      const keyed = await mining.hashFile({ algorithm: 'blake3', key }, path, { output });
      expect(keyed).toEqual(blake3(bytes, { key, dkLen: 70 }));
    },
  );
});

describe('createHashingStream', () => {
  it('is a Duplex in a pipeline of Node’s', async () => {
    const bytes = Uint8Array.from({ length: 500_000 }, (_, index) => index * 31);
    const path = await fileOf(bytes);
    await using mining = await createMining();
    const hashing = await mining.createHashingStream('sha256');
    const duplex = Duplex.fromWeb(hashing as Parameters<typeof Duplex.fromWeb>[0]);
    await pipeline(createReadStream(path), duplex, createWriteStream(`${path}-copy`));
    expect(new Uint8Array(await readFile(`${path}-copy`))).toEqual(bytes);
    expect(await hashing.digest).toEqual(
      new Uint8Array(createHash('sha256').update(bytes).digest()),
    );
  });
});

describe('verified streaming', () => {
  it('reads a path, a URL and an open file, copying none of it', async () => {
    await using mining = await createMining({ threads: 2 });
    const data = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index * 7) & 0xff);
    const path = await fileOf(data);
    const { digest, outboard } = await mining.encodeOutboard(data);
    const range = { start: 500_000, length: 3000 };
    const slice = await mining.extractSlice({ data, outboard }, range);
    await using handle = await open(path);
    for (const file of [path, pathToFileURL(path), handle]) {
      const copied = mining.runtime.stats.bytesCopied;
      const encoded = await mining.encodeOutboard(file);
      expect(encoded.digest).toEqual(digest);
      expect(Buffer.compare(encoded.outboard, outboard)).toBe(0);
      expect(mining.runtime.stats.bytesCopied).toBe(copied);
      const taken = await mining.extractSlice({ data: file, outboard }, range);
      expect(Buffer.compare(taken, slice)).toBe(0);
    }
    // It is its owner's to close.
    expect((await handle.stat()).size).toBe(data.length);
  });

  it('is right at every length from 0 to 4,096', async () => {
    await using mining = await createMining({ threads: 2 });
    const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 13) & 0xff);
    const path = await fileOf(bytes);
    await using handle = await open(path, 'r+');
    for (let length = 4096; length >= 0; length -= 61) {
      await handle.truncate(length);
      const data = bytes.subarray(0, length);
      expect(await mining.encodeOutboard(handle)).toEqual(await mining.encodeOutboard(data));
    }
  });

  it('refuses what doesn’t know its size', async () => {
    await using mining = await createMining();
    for (const path of ['/proc/self/status', '/dev/zero'].filter((path) => existsSync(path))) {
      await expect(mining.encodeOutboard(path)).rejects.toThrow(
        'data must be a file that knows its size',
      );
    }
  });

  it('fails as Node does, and says when a file got shorter', async () => {
    await using mining = await createMining();
    const path = await fileOf(new Uint8Array(600_000));
    await expect(mining.encodeOutboard(join(path, 'missing'))).rejects.toMatchObject({
      code: 'ENOTDIR',
    });
    await expect(mining.encodeOutboard(join(path, '..'))).rejects.toMatchObject({ code: 'EISDIR' });
    await using handle = await open(path, 'r+');
    const shrinking = {
      stat: () => handle.stat(),
      read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
        await handle.truncate(300_000);
        return handle.read(buffer, offset, length, position);
      },
    };
    await expect(mining.encodeOutboard(shrinking)).rejects.toThrow(
      'data must be still 600000 bytes long',
    );
    // All that it took is free again: the largest piece there is can be had.
    expect((await mining.encodeOutboard(path)).outboard).toHaveLength(8 + 64 * 292);
  });
});
