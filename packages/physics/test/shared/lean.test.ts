/** The module without soft bodies: all else comes to the same bits as in the whole, and soft bodies are refused by name. */
import {
  createPhysics,
  physics as capsule,
  type Joint,
  type Physics,
  type SoftBodyOptions,
  type World,
} from '@inos/physics';
import { createInos, type Standalone } from '@inos/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { addFloor, SCENES } from './scenes.js';
import { takenPages } from './pages.js';

let lean: Standalone<Physics>;
let whole: Standalone<Physics>;

beforeAll(async () => {
  [lean, whole] = await Promise.all([createPhysics(), createPhysics({ softBodies: true })]);
});

afterAll(async () => {
  await Promise.all([lean.close(), whole.close()]);
});

const ROPE = {
  kind: 'rope',
  start: [0, 4, 0],
  end: [2, 4, 0],
  count: 8,
} as const satisfies SoftBodyOptions;

const NO_SOFT_BODIES = {
  code: 'physics/no-soft-bodies',
  message: expect.stringContaining('softBodies: true'),
};

/** Lets a ball fall for some steps. */
async function drop(world: World, steps: number): Promise<void> {
  world.createBody({
    type: 'dynamic',
    position: [0, 2, 0],
    colliders: [{ shape: 'ball', radius: 1 }],
  });
  await world.step(steps);
}

/** Where a world is, and that it goes on from its snapshot in the other runtime. */
async function seen(world: World, elsewhere: Physics): Promise<readonly string[]> {
  const snapshot = await world.takeSnapshot();
  await using twin = await elsewhere.restoreSnapshot(snapshot);
  await twin.step(40);
  const digest = hexOf(await world.digest());
  return [digest, hexOf(snapshot), hexOf(await twin.digest())];
}

test.each(SCENES.filter(({ softBodies = false }) => !softBodies))(
  '$name: the same bits and the same snapshots, which each restores of the other',
  async ({ options, run }) => {
    await using one = await lean.createWorld(options);
    await using other = await whole.createWorld(options);
    await run(one);
    await run(other);
    expect(await seen(one, whole)).toEqual(await seen(other, lean));
  },
);

const place = fc.double({ min: -3, max: 3, noNaN: true });
const size = fc.double({ min: 0.1, max: 0.8, noNaN: true });

const colliders = fc.oneof(
  fc.record({ shape: fc.constant('ball' as const), radius: size }),
  fc.record({ shape: fc.constant('box' as const), halfExtents: fc.tuple(size, size, size) }),
  fc.record({ shape: fc.constant('capsule' as const), halfHeight: size, radius: size }),
);

const bodies = fc.array(
  fc.record({
    type: fc.constantFrom('dynamic', 'fixed', 'kinematic-velocity'),
    position: fc.tuple(place, place.map(Math.abs), place),
    linearVelocity: fc.tuple(place, place, place),
    ccd: fc.boolean(),
    canSleep: fc.boolean(),
    sensor: fc.boolean(),
    collider: colliders,
  }),
  { minLength: 2, maxLength: 12 },
);

const joints = fc.array(
  fc.record({
    ends: fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 11 })),
    joint: fc.constantFrom(
      { type: 'spherical' },
      { type: 'rope', length: 2 },
      { type: 'revolute', axis: [0, 0, 1], limits: [-1, 1] },
      { type: 'spherical', reduced: true },
    ),
  }),
  { maxLength: 4 },
);

type Scene = readonly [
  bodies: typeof bodies extends fc.Arbitrary<infer B> ? B : never,
  joints: typeof joints extends fc.Arbitrary<infer J> ? J : never,
];

/** Makes a world, steps it, takes some of it away, saves and restores it, looks into it. */
async function live(physics: Physics, [given, linked]: Scene): Promise<World> {
  const world = await physics.createWorld({ capacity: 32 });
  addFloor(world);
  const made = given.map(({ collider, sensor, ...body }) =>
    world.createBody({ ...body, colliders: [{ ...collider, sensor }] }),
  );
  // Joints make a tree of dynamic bodies, which those that are reduced must be: from an earlier to a later one.
  const links = new Map<number, Joint>();
  for (const { ends, joint } of linked) {
    const [first = 0, second = 0] = ends.map((at) => at % made.length).sort((a, b) => a - b);
    const [from, to] = [made[first], made[second]];
    if (from === undefined || to === undefined || from === to || links.has(second)) continue;
    if ([first, second].some((at) => given[at]?.type !== 'dynamic')) continue;
    links.set(second, world.createJoint(from, to, joint));
  }
  await world.step(30);
  using state = world.save();
  await world.step(5);
  await world.restore(state);
  [...links.values()].at(-1)?.remove();
  made[0]?.remove();
  await world.debugLines({ modes: ['collider-shapes', 'contacts'] });
  await world.step(30);
  return world;
}

test('random worlds: the same bits in both', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(bodies, joints), async (scene) => {
      await using one = await live(lean, scene);
      await using other = await live(whole, scene);
      expect(await seen(one, whole)).toEqual(await seen(other, lean));
    }),
    { numRuns: 100 },
  );
});

test('a soft body is refused by the option’s name, and its world goes on', async () => {
  await using world = await lean.createWorld({ capacity: 4, particleCapacity: 16 });
  await using twin = await lean.createWorld({ capacity: 4, particleCapacity: 16 });
  for (const each of [world, twin]) addFloor(each);
  await expect(world.createSoftBody(ROPE)).rejects.toMatchObject(NO_SOFT_BODIES);
  expect(world.softBodyAt(0)).toBeUndefined();
  for (const each of [world, twin]) {
    await drop(each, 20);
  }
  expect(hexOf(await world.digest())).toBe(hexOf(await twin.digest()));
  expect(world.particles?.latest.count).toBe(0);
});

test('so it is in a runtime of several capsules', async () => {
  await using inos = await createInos({ capsules: { physics: capsule() } });
  const world = await inos.physics.createWorld();
  await expect(world.createSoftBody(ROPE)).rejects.toMatchObject(NO_SOFT_BODIES);
  await using soft = await createInos({ capsules: { physics: capsule({ softBodies: true }) } });
  const rope = await (await soft.physics.createWorld()).createSoftBody(ROPE);
  expect(await rope.readPositions()).toHaveLength(8 * 3);
});

test('a snapshot with soft bodies is refused, and nothing of it stays', async () => {
  await using world = await whole.createWorld({ capacity: 4 });
  const rope = await world.createSoftBody({ ...ROPE, pinned: [0] });
  await world.step(5);
  const snapshot = await world.takeSnapshot();
  await expect(lean.restoreSnapshot(snapshot)).rejects.toMatchObject(NO_SOFT_BODIES);
  const before = takenPages(lean.memory);
  await expect(lean.restoreSnapshot(snapshot)).rejects.toMatchObject(NO_SOFT_BODIES);
  expect(takenPages(lean.memory)).toBe(before);

  // A piece that tore off has no handle, but is one.
  rope.tearEdge(3);
  await world.step(2);
  rope.remove();
  await world.step(2);
  const pieces = await world.takeSnapshot();
  expect(world.softBodyAt(0)).toBeUndefined();
  await expect(lean.restoreSnapshot(pieces)).rejects.toMatchObject(NO_SOFT_BODIES);
});

test('a snapshot of a world whose soft bodies are gone is restored', async () => {
  await using world = await whole.createWorld({ capacity: 4 });
  addFloor(world);
  const rope = await world.createSoftBody(ROPE);
  await world.step(60);
  rope.remove();
  await world.step(5);
  await using twin = await lean.restoreSnapshot(await world.takeSnapshot());
  for (const each of [world, twin]) {
    await drop(each, 90);
  }
  expect(hexOf(await twin.digest())).toBe(hexOf(await world.digest()));
});

test('the option is checked', async () => {
  expect(() => capsule({ softBodies: 1 as never })).toThrow('softBodies must be a boolean, got 1');
  expect(() => capsule(null as never)).toThrow('options must be an object');
  await expect(createPhysics({ softBodys: true } as never)).rejects.toThrow('softBodys');
});
