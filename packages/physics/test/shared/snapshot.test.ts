/** Portable snapshots: bytes that another runtime goes on from, and that are refused when they are damaged. */
import { createPhysics, type Physics, type World } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { addFloor, SCENES } from './scenes.js';
import { takenPages } from './pages.js';

let physics: Standalone<Physics>;

beforeEach(async () => {
  physics = await createPhysics();
});

afterEach(async () => {
  await physics.close();
});

/** A world with something in it: a floor, boxes that fall on it, and one that hangs. */
async function furnished(): Promise<World> {
  const world = await physics.createWorld({ capacity: 40, solverIterations: 6 });
  addFloor(world);
  const boxes = world.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 60 }, (_, index) => ((index * 7) % 10) + 1),
    colliders: [{ shape: 'box', halfExtents: [0.4, 0.4, 0.4] }],
  });
  boxes[3]?.remove();
  boxes[7]?.remove();
  const [first, second] = boxes;
  if (first && second) world.createJoint(first, second, { type: 'rope', length: 3 });
  const shape = await world.createShape({
    shape: 'convex-hull',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
  });
  world.createBody({ type: 'dynamic', position: [0, 8, 0], colliders: [{ shape }] });
  await world.step(30);
  return world;
}

/** More bodies, removals, steps: what a game goes on with. */
async function goOn(world: World): Promise<string> {
  const slots = [1, 2, 3].map(
    (height) =>
      world.createBody({
        type: 'dynamic',
        position: [0, 10 + height, 0],
        colliders: [{ shape: 'ball', radius: 0.5 }],
      }).slot,
  );
  world.bodyAt(5)?.applyImpulse([0, 3, 0]);
  world.bodyAt(6)?.remove();
  world.jointAt(0)?.remove();
  const shape = world.shapeAt(0);
  if (shape) world.createBody({ type: 'dynamic', position: [2, 9, 0], colliders: [{ shape }] });
  await world.step(90);
  return `${slots.join()} ${hexOf(await world.digest())}`;
}

test('another runtime goes on as the original does, with the same handles', async () => {
  const world = await furnished();
  const bytes = await world.takeSnapshot();
  await using other = await createPhysics();
  const twin = await other.restoreSnapshot(bytes);
  expect(twin.capacity).toBe(world.capacity);
  expect(twin.poses.step).toBe(30);
  expect(twin.bodyCount).toBe(world.bodyCount);
  expect(twin.bodyAt(5)?.translation).toEqual(world.bodyAt(5)?.translation);
  expect(twin.bodyAt(4)?.slot).toBeUndefined();
  expect(twin.colliderAt(2)?.generation).toBe(world.colliderAt(2)?.generation);
  expect(await goOn(twin)).toBe(await goOn(world));
});

test('a snapshot of a restored world has the same bytes', async () => {
  const bytes = await (await furnished()).takeSnapshot();
  const twin = await physics.restoreSnapshot(bytes);
  expect(hexOf(await twin.takeSnapshot())).toBe(hexOf(bytes));
});

test.each(SCENES.map((scene) => [scene.name, scene] as const))(
  '%s: steps after a snapshot come to the same digest',
  async (_, { options, softBodies = false, run }) => {
    await using own = await createPhysics({ softBodies });
    const world = await own.createWorld(options);
    await run(world);
    const twin = await own.restoreSnapshot(await world.takeSnapshot());
    await world.step(100);
    await twin.step(100);
    expect(hexOf(await twin.digest())).toBe(hexOf(await world.digest()));
  },
);

test('commands before it are in it', async () => {
  const world = await physics.createWorld({ capacity: 2 });
  const body = world.createBody({ type: 'dynamic', position: [1, 2, 3] });
  const taking = world.takeSnapshot();
  body.setTranslation([7, 7, 7]);
  const twin = await physics.restoreSnapshot(await taking);
  expect(twin.bodyAt(body.slot)?.translation).toEqual([1, 2, 3]);
  expect(() => twin.createBodies({ type: 'fixed', positions: new Float32Array(6) })).toThrow(
    expect.objectContaining({ code: 'physics/world-full' }),
  );
});

test('snapshots and states of small worlds keep no memory', async () => {
  const world = await physics.createWorld({ capacity: 4 });
  world.createBody({ type: 'dynamic' });
  await world.step(1);
  const round = async () => {
    expect((await world.takeSnapshot()).length).toBeLessThan(16_384);
    using state = world.save();
    await world.restore(state);
  };
  for (let count = 0; count < 4; count++) await round();
  await world.whenIdle();
  const before = takenPages(physics.memory);
  for (let count = 0; count < 20; count++) await round();
  await world.whenIdle();
  expect(takenPages(physics.memory)).toBe(before);
});

test('what is damaged, cut off or of another version is refused, and nothing stays', async () => {
  const bytes = await (await furnished()).takeSnapshot();
  const refused = async (snapshot: Uint8Array, code: string) => {
    await expect(physics.restoreSnapshot(snapshot)).rejects.toMatchObject({ code });
  };
  await refused(new Uint8Array(0), 'physics/bad-snapshot');
  const damage = fc.asyncProperty(
    fc.nat({ max: bytes.length - 1 }),
    fc.nat({ max: 7 }),
    async (at, bit) => {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      const isVersion = at >= 8 && at < 16;
      await refused(damaged, isVersion ? 'physics/snapshot-version' : 'physics/bad-snapshot');
      await refused(bytes.subarray(0, at), 'physics/bad-snapshot');
    },
  );
  // The same damages twice, so that the capsule's heap has had room for them before.
  const seed = Math.floor(Math.random() * 2 ** 31);
  await fc.assert(damage, { numRuns: 40, seed });
  const before = takenPages(physics.memory);
  await fc.assert(damage, { numRuns: 40, seed });
  expect(takenPages(physics.memory)).toBe(before);
  await expect(physics.restoreSnapshot([1, 2] as never)).rejects.toThrow('snapshot must be');
  await expect(physics.restoreSnapshot(bytes, { eventCapacity: 3 })).rejects.toThrow(
    'eventCapacity must be',
  );
});
