/** What rapier.js has besides: changes that wake nobody, forces' directions, voxels side by side, lines of some. */
import { createPhysics, type Body, type Physics, type World } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addFloor } from './scenes.js';

let physics: Standalone<Physics>;
let world: World;

beforeEach(async () => {
  physics = await createPhysics();
  world = await physics.createWorld({ capacity: 32 });
});

afterEach(async () => {
  await physics.close();
});

const BALL = { shape: 'ball', radius: 0.5 } as const;
const STILL = { wake: false } as const;

const CHANGES: Readonly<
  Record<string, (body: Body, amount: number, options?: { wake: boolean }) => void>
> = {
  setTranslation: (body, n, options) => body.setTranslation([0, n, 0], options),
  setRotation: (body, n, options) =>
    body.setRotation(n === 1 ? [0, 0, 0, 1] : [1, 0, 0, 0], options),
  setLinearVelocity: (body, n, options) => body.setLinearVelocity([n, 0, 0], options),
  setAngularVelocity: (body, n, options) => body.setAngularVelocity([n, 0, 0], options),
  addForce: (body, n, options) => body.addForce([n, 0, 0], undefined, options),
  addForceAtPoint: (body, n, options) => body.addForce([n, 0, 0], [0, 0, 1], options),
  addTorque: (body, n, options) => body.addTorque([n, 0, 0], options),
  applyImpulse: (body, n, options) => body.applyImpulse([n, 0, 0], undefined, options),
  applyTorqueImpulse: (body, n, options) => body.applyTorqueImpulse([n, 0, 0], options),
  setLockedAxes: (body, n, options) =>
    body.setLockedAxes([true, n === 1, false], [false, false, false], options),
  setAdditionalMass: (body, n, options) => body.setAdditionalMass(n, options),
};

test.each(Object.keys(CHANGES))('%s wakes a body, or doesn’t', async (name) => {
  const change = CHANGES[name];
  const body = world.createBody({ type: 'dynamic', sleeping: true, colliders: [BALL] });
  await world.step(1);
  change?.(body, 1, STILL);
  await world.step(1);
  expect((await body.read('sleeping'))[0]).toBe(1);
  change?.(body, 2);
  await world.step(1);
  expect((await body.read('sleeping'))[0]).toBe(0);
});

test('many changes, joints and what is removed wake nobody if they shall not', async () => {
  const options = { type: 'dynamic', sleeping: true } as const;
  const bodies = world.createBodies({
    ...options,
    positions: [0, 0, 0, 5, 0, 0],
    colliders: [BALL],
  });
  const [first, second] = bodies;
  if (!first || !second) throw new Error('there are two bodies');
  await world.step(1);
  const sleeping = async () => Array.from((await world.readBodies(bodies, ['sleeping'])).sleeping);
  world.writeBodies(bodies, { impulses: new Float32Array(6).fill(1) }, STILL);
  const joint = world.createJoint(first, second, { type: 'rope', length: 9, wake: false });
  await world.step(1);
  expect(await sleeping()).toEqual([1, 1]);
  joint.remove(STILL);
  first.colliders[0]?.remove(STILL);
  await world.step(1);
  expect(await sleeping()).toEqual([1, 1]);
  world.createJoint(first, second, { type: 'rope', length: 9 });
  await world.step(1);
  expect(await sleeping()).toEqual([0, 0]);
  expect(() => first.addTorque([0, 0, 1], { wake: 1 as never })).toThrow('options.wake must be');
  expect(() => joint.remove(null as never)).toThrow('options must be');
});

test('contact forces tell their sum and where the strongest points', async () => {
  addFloor(world);
  const reader = world.readEvents();
  world.createBody({
    type: 'dynamic',
    position: [0, 0.5, 0],
    canSleep: false,
    colliders: [{ shape: 'box', halfExtents: [0.5, 0.5, 0.5], mass: 3, events: ['contact-force'] }],
  });
  await world.step(120);
  const event = reader.read().at(-1);
  if (!event) throw new Error('there are events');
  const [x, y, z] = event.totalForce;
  // The floor is the first: it is pushed down, or pushes up, with three kilograms' weight.
  expect(Math.abs(y)).toBeCloseTo(3 * 9.81, 0);
  expect(Math.hypot(x, z)).toBeLessThan(1);
  expect(Math.hypot(x, y, z)).toBeCloseTo(event.force, 0);
  expect(Math.abs(event.strongestDirection[1])).toBeCloseTo(1, 3);
  expect(Math.sign(event.strongestDirection[1])).toBe(Math.sign(y));
});

/** How high a ball gets that rolls over the edge between two colliders of voxels. */
async function roll(join: (world: World) => void): Promise<number> {
  const alley = await physics.createWorld({ capacity: 4 });
  const cells = Array.from({ length: 24 }, (_, index) => [Math.floor(index / 3), 0, index % 3]);
  const row = cells.flat();
  const shape = await alley.createShape({ shape: 'voxels', cells: row, size: [1, 1, 1] });
  alley.createCollider({ shape, friction: 0 });
  const second = await alley.createShape({ shape: 'voxels', cells: row, size: [1, 1, 1] });
  alley.createCollider({ shape: second, position: [8, 0, 0], friction: 0 });
  join(alley);
  const ball = alley.createBody({
    type: 'dynamic',
    position: [2.5, 1.5, 1.5],
    linearVelocity: [6, 0, 0],
    colliders: [{ ...BALL, friction: 0 }],
  });
  let highest = 0;
  for (let step = 0; step < 120; step++) {
    await alley.step(1);
    highest = Math.max(highest, ball.translation[1]);
  }
  await alley.dispose();
  return highest;
}

test('nothing catches between two colliders of voxels that know of each other', async () => {
  const pair = (alley: World) => {
    const [first, second] = [alley.colliderAt(0), alley.colliderAt(1)];
    if (!first || !second) throw new Error('there are two colliders');
    return [first, second] as const;
  };
  const joined = await roll((alley) => {
    const [first, second] = pair(alley);
    first.joinVoxels(second, [8, 0, 0]);
  });
  const changed = await roll((alley) => {
    const [first, second] = pair(alley);
    first.setVoxel([7, 0, 1], false);
    first.setVoxel([7, 0, 1], true);
    first.joinVoxels(second, [8, 0, 0], [7, 0, 1]);
  });
  expect(await roll(() => undefined)).toBeGreaterThan(1.55);
  expect(joined).toBeCloseTo(1.5, 2);
  expect(changed).toBeCloseTo(1.5, 2);
});

test('voxels are joined with other voxels only', async () => {
  const shape = await world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] });
  const voxels = world.createCollider({ shape });
  const ball = world.createCollider(BALL);
  expect(() => voxels.joinVoxels(voxels, [1, 0, 0])).toThrow('other must be');
  expect(() => voxels.joinVoxels(ball, [0.5, 0, 0])).toThrow('origin[0] must be');
  voxels.joinVoxels(ball, [1, 0, 0]);
  await expect(world.step(1)).rejects.toMatchObject({ code: 'physics/bad-command' });
});

test('lines leave out what is excluded', async () => {
  addFloor(world);
  world.createBody({ type: 'dynamic', position: [0, 3, 0], colliders: [BALL] });
  await world.step(1);
  const modes = ['collider-shapes', 'collider-bounds'] as const;
  const count = async (...exclude: ('fixed' | 'dynamic')[]) => {
    using lines = await world.debugLines({ modes, exclude });
    return lines.count;
  };
  const [all, moving, fixed] = [await count(), await count('fixed'), await count('dynamic')];
  expect(moving).toBeGreaterThan(0);
  expect(fixed).toBeGreaterThan(0);
  expect(moving + fixed).toBe(all);
  expect(await count('fixed', 'dynamic')).toBe(0);
  await expect(world.debugLines({ exclude: ['moving' as never] })).rejects.toThrow(
    'options.exclude[0]',
  );
});

test('a heightfield’s inner edges may be fixed', async () => {
  const shape = await world.createShape({
    shape: 'heightfield',
    rows: 3,
    heights: new Array<number>(9).fill(0),
    scale: [8, 1, 8],
    fixInternalEdges: true,
  });
  world.createCollider({ shape });
  const ball = world.createBody({
    type: 'dynamic',
    position: [-3, 0.5, -3],
    linearVelocity: [3, 0, 3],
    colliders: [BALL],
  });
  await world.step(60);
  expect(ball.translation[1]).toBeCloseTo(0.5, 2);
  await expect(
    world.createShape({
      shape: 'heightfield',
      rows: 2,
      heights: [0, 0, 0, 0],
      scale: [1, 1, 1],
      fixInternalEdges: 1 as never,
    }),
  ).rejects.toThrow('definition.fixInternalEdges must be');
});

test('two shapes are compared whatever is in the world', async () => {
  const [box, ball] = [{ shape: 'box', halfExtents: [1, 1, 1] } as const, BALL];
  const place = (x: number) => [0, 0, 0, 0, 0, 0, 1, x, 0, 0, 0, 0, 0, 1];
  const places = [...place(1.2), ...place(1.6), ...place(3)];
  using hits = await world.contactShapes(box, ball, places, { maximumDistance: 0.2 });
  expect([0, 1, 2].map((index) => hits.isInside(index))).toEqual([true, false, false]);
  expect([0, 1, 2].map((index) => hits.isHit(index))).toEqual([true, true, false]);
  expect(hits.distance(0)).toBeCloseTo(-0.3, 5);
  expect(hits.distance(1)).toBeCloseTo(0.1, 5);
  expect([hits.normal(1), hits.point1(1)]).toEqual([
    [1, 0, 0],
    [1, 0, 0],
  ]);
  using cast = await world.castShapePairs(box, ball, [
    ...[0, 0, 0, 0, 0, 0, 1, 1, 0, 0],
    ...[4.5, 0, 0, 0, 0, 0, 1, -2, 0, 0],
  ]);
  expect(cast.distance(0)).toBeCloseTo(1, 4);
  expect(() => world.contactShapes(box, ball, new Float32Array(14))).toThrow('places[3]');
  expect(() => world.contactShapes(box, null as never, [])).toThrow('shape2 must be');
});
