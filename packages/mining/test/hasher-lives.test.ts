/** What becomes of hashers whose capsule crashes: they are gone, and never another one that was opened since. */
import { createHash } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { createInos } from '@inos/sdk';
import { mining } from '@inos/mining';
import { expect, it, onTestFinished } from 'vitest';

const PIECE = Uint8Array.of(1, 2, 3);

it.each([false, true])('is unknown in the next life (isolated: %s)', async (isolated) => {
  const workers: Worker[] = [];
  const track = (worker: Worker) => void workers.push(worker);
  process.on('worker', track);
  onTestFinished(() => void process.off('worker', track));
  await using inos = await createInos({ capsules: { mining: mining({ isolated }) } });
  const restarted = new Promise<void>((resolve) => {
    inos.on('capsule-restarted', () => {
      resolve();
    });
  });
  const old = await inos.mining.createHasher('sha256');
  await old.update(PIECE);
  await Promise.all(workers.map((worker) => worker.terminate()));
  await restarted;
  const own = await inos.mining.createHasher('sha256');
  await own.update(PIECE);
  await expect(old.update(PIECE)).rejects.toMatchObject({ code: 'mining/unknown-hasher' });
  await expect(old.digest()).rejects.toMatchObject({ code: 'mining/unknown-hasher' });
  expect(Buffer.from(await own.digest())).toEqual(createHash('sha256').update(PIECE).digest());
});
