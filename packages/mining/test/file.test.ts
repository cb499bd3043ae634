/** Hashing files, in Node: read straight into shared memory. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
  it.each([0, 1, 4_194_304, 4_194_305, 13_000_000])('of %i bytes, copying none', async (length) => {
    await using mining = await createMining();
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 11) & 0xff);
    const path = await fileOf(bytes);
    const seen: number[] = [];
    const digest = await mining.hashFile('sha256', path, { onProgress: (done) => seen.push(done) });
    expect(Buffer.from(digest).toString('hex')).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
    expect(seen.at(-1) ?? 0).toBe(length);
    expect(mining.runtime.stats.bytesCopied).toBe(0);
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
