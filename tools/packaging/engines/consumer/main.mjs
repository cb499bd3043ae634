// What a user writes for Node: one capsule on its own, then a runtime. Deno and Bun run it unchanged.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createInos } from '@inos/sdk';
import { createMining, mining } from '@inos/mining';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const bytes = new TextEncoder().encode('packed, installed and run');

const alone = await createMining({ threads: 1 });
assert.deepEqual(Buffer.from(await alone.hash('sha256', bytes)), sha256(bytes));
assert.deepEqual(Buffer.from(await alone.hashFile('sha256', 'empty.txt')), sha256(''));
await alone.close();

// Never closed: threads without jobs don't keep a process alive.
const inos = await createInos({ capsules: { mining: mining({ threads: 2 }) } });
assert.deepEqual(Buffer.from(await inos.mining.hash('sha256', bytes)), sha256(bytes));
console.log('ok');
