/** Pages that aren't cross-origin isolated: worlds lie in memory that the page shares with the capsule, or nowhere. */
import { createPhysics, loadScene, physics } from '@inos/physics';
import { createInos } from '@inos/sdk';
import { expect, test } from 'vitest';

test('a world is refused, with the headers that are missing', async () => {
  expect(crossOriginIsolated).toBe(false);
  const refusal = {
    code: 'runtime/unsupported',
    message: expect.stringContaining('Cross-Origin-Opener-Policy: same-origin') as unknown,
  };
  await using standalone = await createPhysics();
  await expect(standalone.createWorld()).rejects.toMatchObject(refusal);
  await expect(standalone.restoreSnapshot(new Uint8Array(100))).rejects.toMatchObject(refusal);
  await expect(loadScene(standalone, { bodies: [] })).rejects.toMatchObject(refusal);
  await using inos = await createInos({ capsules: { physics: physics({ isolated: true }) } });
  await expect(inos.physics.createWorld()).rejects.toMatchObject(refusal);
});
