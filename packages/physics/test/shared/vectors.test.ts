/** The worlds that Rust replays natively come to the same digests here, in Node and in Chromium. */
import { createPhysics } from '@inos/physics';
import { expect, test } from 'vitest';
import vectors from '../../../../vectors/physics/worlds.json';
import { partsOf } from '../vectors.record.js';
import { hexOf } from './hex.js';
import { SCENES } from './scenes.js';

test('every scene has its vector', () => {
  expect(vectors.worlds.map(({ name }) => name)).toEqual(SCENES.map(({ name }) => name));
});

test.each(SCENES)('$name', async ({ name, options, softBodies = false, run }) => {
  await using physics = await createPhysics({ softBodies });
  await using world = await physics.createWorld(options);
  await run(world);
  const vector = vectors.worlds.find((candidate) => candidate.name === name);
  expect(world.bodyCount).toBe(vector?.bodies);
  expect(world.poses.step).toBe(vector?.steps);
  expect(hexOf(await world.digest())).toBe(vector?.digest);
  // Natively they are the same bytes, so either side reads the other's.
  const snapshot = await world.takeSnapshot();
  expect(partsOf(snapshot)).toEqual(partsIn(vector));
  const twin = await physics.restoreSnapshot(snapshot);
  await twin.step(vector?.snapshot.later.steps);
  expect(hexOf(await twin.digest())).toBe(vector?.snapshot.later.digest);
});

function partsIn(vector: (typeof vectors.worlds)[number] | undefined) {
  if (vector === undefined) throw new Error('no such vector');
  const { host, checksum, byteLength } = vector.snapshot;
  return { host, checksum, byteLength };
}
