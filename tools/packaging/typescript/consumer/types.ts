// Compiled, never run: the packages' types say what they should without any help from the user.
import { createInos } from '@inos/sdk';
import { mining } from '@inos/mining';

const use = (...values: readonly unknown[]): number => values.length;

/** The example of the README, with its types in the user's words. */
export async function hash(bytes: Uint8Array): Promise<Uint8Array> {
  await using inos = await createInos({ capsules: { mining: mining({ threads: 1 }) } });
  const job = inos.mining.hash('blake3', bytes, { budget: 70_000n });
  for await (const { fraction, units } of job.progress) {
    use(fraction.toFixed(2), units * 2n);
  }
  const digest: Uint8Array = await job;
  const found = await inos.mining.search({ header: digest, target: digest });
  // @ts-expect-error `nonce` is there only once `found` is known to be true
  use(found.nonce);
  // @ts-expect-error there is no such algorithm
  use(inos.mining.hash('md5', bytes));
  return found.found ? found.digest : digest;
}
