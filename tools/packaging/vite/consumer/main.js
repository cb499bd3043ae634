// What a user writes for a page: hash and search in the runtime's workers, checked with Web Crypto.
import { createInos } from '@inos/sdk';
import { mining } from '@inos/mining';

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

function expectEqual(actual, expected, what) {
  if (String(actual) !== String(expected)) throw new Error(`${what}: ${actual} is not ${expected}`);
}

async function run() {
  const bytes = new TextEncoder().encode('bundled, served and run');
  const inos = await createInos({
    capsules: { mining: mining({ threads: 2 }) },
    credits: 1_000_000n,
  });
  expectEqual(await inos.mining.hash('sha256', bytes), await sha256(bytes), 'sha256');

  const header = new Uint8Array(80).fill(7);
  const target = new Uint8Array(32).fill(0xff);
  target[0] = 0;
  const result = await inos.mining.search({ header, target, algorithm: 'sha256d' });
  new DataView(header.buffer).setUint32(76, result.nonce, true);
  expectEqual(result.digest, await sha256(await sha256(header)), 'the digest of the nonce found');
  await inos.close();
}

run().then(
  () => (globalThis.outcome = 'ok'),
  (error) => (globalThis.outcome = `${error?.stack ?? error}`),
);
