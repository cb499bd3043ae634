/** What users download says nothing of the machine that built it, although panics tell where they happened. */
import { readFile } from 'node:fs/promises';
import { createPhysics } from '@inos/physics';
import { expect, test } from 'vitest';

const FOLDERS = /(\.cargo|\.rustup|registry|toolchains|home|root)[\\/]/;

test.each(['physics', 'physics-soft'])('%s.wasm names no folder', async (name) => {
  const bytes = await readFile(new URL(`../wasm/${name}.wasm`, import.meta.url));
  const text = bytes.toString('latin1');
  expect(text).toMatch(/rapier3d-[\d.]+[\\/]src[\\/]/);
  expect(FOLDERS.exec(text)).toBeNull();
});

test('a panic tells where it happened, and no folder', async () => {
  await using physics = await createPhysics();
  const world = await physics.createWorld();
  world.createCollider({ shape: 'box', halfExtents: [50, 1, 50] });
  await world.step(1);
  // More than parry bears.
  const large = { shape: 'box', halfExtents: [1e19, 1e19, 1e19] } as const;
  const error: unknown = await world
    .findContacts(large, [0, 1, 0, 0, 0, 0, 1], { maximumDistance: 1e19 })
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'capsule/panicked' });
  const { message } = error as Error;
  expect(message).toMatch(/\(.+:\d+\)/);
  expect(FOLDERS.exec(message)).toBeNull();
});
