/**
 * NIST's own vectors for SHA-256 and SHA-512 (CAVP, byte-oriented): short and long messages, and the Monte Carlo test,
 * 100,000 hashes of which each depends on the ones before. The files are NIST's, compressed.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createMining } from '@inos/mining';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, hexOf } from './shared/vectors.js';

const ALGORITHMS = [
  { algorithm: 'sha256', file: 'SHA256', digestBytes: 32, short: 65, long: 64 },
  { algorithm: 'sha512', file: 'SHA512', digestBytes: 64, short: 129, long: 128 },
] as const;

type Group = Partial<Record<string, string>>;

/** The groups of `Name = value` lines of one of NIST's files. */
function groupsOf(file: string): Group[] {
  const path = new URL(`../../../vectors/mining/cavp/${file}.rsp.gz`, import.meta.url);
  const text = gunzipSync(readFileSync(path)).toString('latin1');
  const groups = text.split(/\r?\n\r?\n/).map((lines) => {
    const group: Group = {};
    for (const [, name = '', value = ''] of lines.matchAll(/^(\w+) = (\w+)\r?$/gm))
      group[name] = value;
    return group;
  });
  return groups.filter((group) => Object.keys(group).length > 0);
}

let mining: Awaited<ReturnType<typeof createMining>>;
beforeAll(async () => {
  mining = await createMining({ threads: 2 });
});
afterAll(() => mining.close());

describe.each(ALGORITHMS)('CAVP: $file', ({ algorithm, file, digestBytes, short, long }) => {
  it.each([
    ['ShortMsg', short],
    ['LongMsg', long],
  ])('%s, at once, in pieces and among others', async (kind, count) => {
    const cases = groupsOf(`${file}${kind}`).filter((group) => group.MD !== undefined);
    expect(cases).toHaveLength(count);
    const messages = cases.map(({ Len, Msg = '' }) => bytesOf(Msg).subarray(0, Number(Len) / 8));
    const digests = await mining.hashMany(algorithm, messages);
    for (const [index, { MD }] of cases.entries()) {
      const message = messages[index] ?? expect.unreachable();
      expect(hexOf(await mining.hash(algorithm, message))).toBe(MD);
      const digest = digests.subarray(index * digestBytes, (index + 1) * digestBytes);
      expect(hexOf(digest)).toBe(MD);
      await using hasher = await mining.createHasher(algorithm);
      const third = Math.floor(message.length / 3);
      await hasher.update(message.subarray(0, third));
      await hasher.update(message.subarray(third));
      expect(hexOf(await hasher.digest())).toBe(MD);
    }
  });

  it('Monte', async () => {
    const [{ Seed = '' } = {}, ...checkpoints] = groupsOf(`${file}Monte`).filter(
      (group) => group.Seed !== undefined || group.COUNT !== undefined,
    );
    expect(checkpoints).toHaveLength(100);
    // Three digests that follow one another are the next message: they lie in a row, and move along in it.
    const row = mining.memory.alloc(Uint8Array, digestBytes * 1003);
    let seed = bytesOf(Seed);
    for (const { COUNT, MD } of checkpoints) {
      for (const place of [0, 1, 2]) row.set(seed, place * digestBytes);
      for (let start = 0; start < 1000 * digestBytes; start += digestBytes) {
        const message = row.subarray(start, start + 3 * digestBytes);
        row.set(await mining.hash(algorithm, message), start + 3 * digestBytes);
      }
      seed = row.slice(-digestBytes);
      expect(hexOf(seed), `checkpoint ${COUNT}`).toBe(MD);
    }
    mining.memory.free(row);
  });
});
