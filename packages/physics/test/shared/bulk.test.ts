/** Many at once: what is created so is what is created one by one, and results go where earlier ones were. */
import { createPhysics, writeMatrices, type Body, type Physics, type World } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
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

const POSITIONS = Float32Array.of(0, 1, 0, 3, 2, 0, 6, 3, 0);

test('bodies of many sizes are those that are created one by one', async () => {
  const single = await physics.createWorld({ capacity: 32 });
  for (const each of [world, single]) addFloor(each);
  world.createBodies({
    type: 'dynamic',
    positions: POSITIONS,
    sizes: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    colliders: [{ shape: 'box', halfExtents: [1, 1, 1], borderRadius: 0.05, friction: 0.7 }],
  });
  for (let index = 0; index < 3; index++) {
    const [x = 0, y = 0, z = 0] = POSITIONS.subarray(3 * index);
    const size = (axis: number) => (3 * index + axis + 1) / 10;
    single.createBody({
      type: 'dynamic',
      position: [x, y, z],
      colliders: [
        {
          shape: 'box',
          halfExtents: [size(0), size(1), size(2)],
          borderRadius: 0.05,
          friction: 0.7,
        },
      ],
    });
  }
  await Promise.all([world.step(60), single.step(60)]);
  expect(hexOf(await world.digest())).toBe(hexOf(await single.digest()));
});

test('colliders and joints are created at once as one by one', async () => {
  const single = await physics.createWorld({ capacity: 32 });
  const bodiesOf = (each: World) => each.createBodies({ type: 'dynamic', positions: POSITIONS });
  const bodies = bodiesOf(world);
  const colliders = world.createColliders(
    {
      shape: 'ball',
      radius: 1,
      density: 2,
      positions: [0, 0.1, 0, 0, 0.2, 0, 0, 0.3, 0],
      sizes: [0.1, 0.2, 0.3],
    },
    bodies,
  );
  expect(colliders.map(({ body }) => body?.slot)).toEqual([0, 1, 2]);
  const chain = { type: 'spherical', contactsEnabled: false } as const;
  const joints = world.createJoints(bodies.slice(0, 2), bodies.slice(1), {
    ...chain,
    anchors2: [-3, -1, 0, -3, -2, 0],
  });
  expect(joints.map(({ body2 }) => body2.slot)).toEqual([1, 2]);
  const others = bodiesOf(single);
  others.forEach((body, index) =>
    body.createCollider({
      shape: 'ball',
      radius: (index + 1) / 10,
      density: 2,
      position: [0, (index + 1) / 10, 0],
    }),
  );
  others.slice(1).forEach((body, index) => {
    const before = others[index];
    if (before) single.createJoint(before, body, { ...chain, anchor2: [-3, -1 - index, 0] });
  });
  await Promise.all([world.step(60), single.step(60)]);
  expect(hexOf(await world.digest())).toBe(hexOf(await single.digest()));
  const free = world.createColliders({
    shape: 'capsule',
    halfHeight: 1,
    radius: 1,
    positions: POSITIONS,
  });
  expect(free.map(({ body }) => body)).toEqual([undefined, undefined, undefined]);
});

test('chains in reduced coordinates are created at once as one by one', async () => {
  const chain = { type: 'spherical', reduced: true, anchor2: [-3, -1, 0] } as const;
  const single = await physics.createWorld({ capacity: 32 });
  const [all, others] = [world, single].map((each) =>
    each.createBodies({
      type: 'dynamic',
      positions: POSITIONS,
      colliders: [{ shape: 'ball', radius: 0.3 }],
    }),
  );
  if (!all || !others) throw new Error('there are two worlds');
  world.createJoints(all.slice(0, 2), all.slice(1), chain);
  for (const [index, body] of others.slice(1).entries()) {
    single.createJoint(others[index] ?? body, body, chain);
  }
  await Promise.all([world.step(60), single.step(60)]);
  expect(hexOf(await world.digest())).toBe(hexOf(await single.digest()));
  const [start, , last] = all;
  if (!start || !last) throw new Error('there are three bodies');
  expect(() => world.createJoints([last], [start], chain)).toThrow(
    'bodies2[0] must be a body that follows no other',
  );
});

test('what is wrong is named, and nothing is created', async () => {
  const bodies = world.createBodies({ type: 'dynamic', positions: POSITIONS });
  await world.step(1);
  const before = hexOf(await world.digest());
  const ball = { shape: 'ball', radius: 1 } as const;
  const box = { shape: 'box', halfExtents: [1, 1, 1] } as const;
  const cases: [() => unknown, string][] = [
    [() => world.createColliders({ ...ball, sizes: [1, 2] }, bodies), 'sizes must be 3 numbers'],
    [() => world.createColliders({ ...ball, sizes: [1, 0, 2] }, bodies), 'sizes[1] must be'],
    [
      () => world.createColliders({ ...ball, positions: [1] }, bodies),
      'positions must be 9 numbers',
    ],
    [
      () => world.createColliders({ ...ball, rotations: new Float32Array(12) }, bodies),
      'rotations[0]',
    ],
    [
      () =>
        world.createColliders({ shape: 'halfspace', normal: [0, 1, 0], sizes: [1, 1, 1] }, bodies),
      'sizes must be only',
    ],
    [
      () => world.createBodies({ type: 'fixed', positions: POSITIONS, sizes: [1, 1, 1] }),
      'one collider',
    ],
    [
      () =>
        world.createBodies({ type: 'fixed', positions: POSITIONS, colliders: [box], sizes: [1] }),
      'sizes must be 9',
    ],
    [() => world.createJoints(bodies, bodies, { type: 'fixed' }), 'bodies2[0] must be another'],
    [() => world.createJoints(bodies, [], { type: 'fixed' }), 'bodies2 must be 3 bodies'],
    [
      () => {
        const [a, b, c] = bodies as [Body, Body, Body];
        world.createJoints([a, b, c], [b, c, a], { type: 'fixed', reduced: true });
      },
      'bodies2[2] must be a body that follows no other',
    ],
    [
      () => {
        const [a, b, c] = bodies as [Body, Body, Body];
        world.createJoints([a, b], [c, c], { type: 'fixed', reduced: true });
      },
      'bodies2[1] must be a body that follows no other',
    ],
    [
      () =>
        world.createJoints(bodies.slice(0, 1), bodies.slice(1, 2), {
          type: 'fixed',
          anchors1: [0],
        }),
      'options.anchors1',
    ],
  ];
  for (const [attempt, message] of cases) expect(attempt, message).toThrow(message);
  await world.step(0);
  expect(hexOf(await world.digest())).toBe(before);
  const { colliderCount, jointCount } = await world.readWorld(['colliderCount', 'jointCount']);
  expect([...colliderCount, ...jointCount]).toEqual([0, 0]);
});

test('readings go where those of an earlier call are', async () => {
  const bodies = world.createBodies({
    type: 'dynamic',
    positions: POSITIONS,
    colliders: [{ shape: 'ball', radius: 0.5 }],
  });
  const first = await world.readBodies(bodies, ['translation', 'type']);
  const { translation, type } = first;
  await world.step(30);
  const again = await world.readBodies(bodies, ['translation', 'type'], { readings: first });
  expect(again).toBe(first);
  expect(again.translation).toBe(translation);
  expect([again.type, [...type]]).toEqual([type, [0, 0, 0]]);
  expect(Array.from(translation)).toEqual(bodies.flatMap((body) => body.translation));
  await expect(
    world.readBodies(bodies.slice(1), ['translation'], { readings: first }),
  ).rejects.toThrow('options.readings.translation must be 6 values');
  await expect(world.readBodies(bodies, ['mass'], { readings: first as never })).rejects.toThrow(
    'options.readings.mass must be a Float32Array',
  );
});

test('lists are used again, however many answers there are', async () => {
  world.createColliders({ shape: 'ball', radius: 0.5, positions: [0, 0, 0, 2, 0, 0, 4, 0, 0] });
  await world.step(1);
  const ray = [-5, 0, 0, 1, 0, 0];
  const list = await world.findRayHits([...ray, ...ray]);
  expect([list.length, [...list.starts]]).toEqual([6, [0, 3, 6]]);
  const { buffer } = list.words;
  const again = await world.findRayHits(ray, { list, maximumDistance: 6 });
  expect(again).toBe(list);
  expect([again.length, again.words.length]).toEqual([1, list.width]);
  expect(again.distance(0)).toBeCloseTo(4.5, 5);
  expect(again.words.buffer).toBe(buffer);
  const many = Array.from({ length: 40 }, () => ray).flat();
  expect((await world.findRayHits(many, { list })).length).toBe(120);
  expect(list.distance(119)).toBeCloseTo(8.5, 5);
  await expect(world.findPointHits([0, 0, 0], { list: list as never })).rejects.toThrow(
    'options.list',
  );
});

test('poses become matrices, column by column', async () => {
  const half = Math.SQRT1_2;
  world.createBodies({
    type: 'fixed',
    positions: [1, 2, 3, 4, 5, 6],
    rotations: [0, 0, 0, 1, 0, 0, half, half],
  });
  await world.step(1);
  const target = new Float32Array(32).fill(9);
  const count = world.poses.read((frame) => writeMatrices(target, frame, { count: 2 }));
  expect(count).toBe(2);
  expect(Array.from(target.subarray(0, 16))).toEqual([
    1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 2, 3, 1,
  ]);
  // A quarter turn around z: x becomes y.
  const turned = [0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 4, 5, 6, 1];
  target.subarray(16).forEach((value, index) => expect(value).toBeCloseTo(turned[index] ?? 0, 6));
  writeMatrices(target, world.poses.latest, { first: 1, count: 1, scales: [2, 3, 4] });
  const scaled = [0, 2, 0, 0, -3, 0, 0, 0, 0, 0, 4, 0, 4, 5, 6, 1];
  target
    .subarray(0, 16)
    .forEach((value, index) => expect(value).toBeCloseTo(scaled[index] ?? 0, 6));
  expect(() => writeMatrices(new Float32Array(31), world.poses.latest, { count: 2 })).toThrow(
    'target',
  );
  expect(() => writeMatrices(target, world.poses.latest, { first: 99 })).toThrow('options.first');
});

test('of slots without a body no matrix draws anything', async () => {
  const bodies = world.createBodies({ type: 'fixed', positions: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  await world.step(1);
  bodies[1]?.remove();
  bodies[2]?.setEnabled(false);
  await world.step(1);
  const target = new Float32Array(48).fill(9);
  world.poses.read((frame) => writeMatrices(target, frame, { count: 3 }));
  expect([target[12], target[15], target[44], target[47]]).toEqual([1, 1, 7, 1]);
  expect(Array.from(target.subarray(16, 32))).toEqual(Array(16).fill(0));
  // Who says nothing of states has all drawn.
  const { translations, rotations } = world.poses;
  writeMatrices(target, { translations, rotations }, { count: 3 });
  expect(target[31]).toBe(1);
});

test('steps tell how far they are, and stop when asked to', async () => {
  addFloor(world);
  const told: [number, number][] = [];
  await world.step(2000, { onProgress: (done, total) => void told.push([done, total]) });
  expect(told.at(-1)).toEqual([2000, 2000]);
  expect(told.every(([done], index) => index === 0 || done >= (told[index - 1]?.[0] ?? 0))).toBe(
    true,
  );
  const control = new AbortController();
  const stopped = world.step(100_000_000, {
    signal: control.signal,
    onProgress: (done) => {
      if (done > 0) control.abort();
    },
  });
  await expect(stopped).rejects.toMatchObject({ code: 'job/cancelled' });
  expect(world.poses.step).toBeGreaterThan(2000);
  const failed = world.step(100_000_000, {
    onProgress: () => {
      throw new Error('enough');
    },
  });
  await expect(failed).rejects.toThrow();
  await world.step(1);
  await expect(world.step(1, { onProgress: 1 as never })).rejects.toThrow('options.onProgress');
});
