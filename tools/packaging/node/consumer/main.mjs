// What a user writes in Node: one capsule on its own, then a runtime. Run where only the packed packages
// are installed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createInos } from '@inos/sdk';
import { createMining, mining } from '@inos/mining';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const bytes = new TextEncoder().encode('packed, installed and run');

const alone = await createMining({ threads: 1 });
assert.deepEqual(Buffer.from(await alone.hash('sha256', bytes)), sha256(bytes));
await alone.close();

const inos = await createInos({
  capsules: { mining: mining({ threads: 2 }) },
  credits: 1_000_000n,
});
const header = new Uint8Array(80).fill(7);
const target = new Uint8Array(32).fill(0xff);
target[0] = 0;
const job = inos.mining.search({ header, target, algorithm: 'sha256d' });
const result = await job;
assert.equal(result.found, true);
new DataView(header.buffer).setUint32(76, result.nonce, true);
const digest = sha256(sha256(header));
assert.deepEqual(Buffer.from(result.digest), digest);
assert.equal(digest[31], 0, 'read as a little-endian number the digest is at or below the target');
assert.ok(job.usage.units > 0n);
await inos.close();
process.stdout.write('hash and search ran from the packed packages in Node\n');
