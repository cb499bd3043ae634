/** Joints, prepared shapes and events. */
import { createPhysics, type Body, type Joint, type Physics, type World } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { addFloor } from './scenes.js';

let physics: Standalone<Physics>;
let world: World;

beforeEach(async () => {
  physics = await createPhysics();
  world = await physics.createWorld({ capacity: 16 });
});

afterEach(async () => {
  await physics.close();
});

const ball = (x: number, type: 'dynamic' | 'fixed' = 'dynamic') =>
  world.createBody({ type, position: [x, 5, 0], colliders: [{ shape: 'ball', radius: 0.2 }] });

test('a hinge holds its distance, and lets go when it is removed', async () => {
  const [post, door] = [ball(0, 'fixed'), ball(1)];
  const hinge = world.createJoint(post, door, {
    type: 'revolute',
    axis: [0, 0, 1],
    anchor2: [-1, 0, 0],
  });
  await world.step(60);
  const [x, y] = door.translation;
  expect(Math.hypot(x, y - 5)).toBeCloseTo(1, 2);
  hinge.remove();
  expect(() => hinge.setEnabled(true)).toThrow(
    expect.objectContaining({ code: 'physics/dead-handle' }),
  );
  await world.step(120);
  expect(door.translation[1]).toBeLessThan(0);
});

test('limits and motors of single axes are those that are set afterwards', async () => {
  const twin = await physics.createWorld({ capacity: 16 });
  const limits = { 'angular-x': [-0.3, 0.3], 'angular-y': [0, 0.2] } as const;
  const motors = { 'angular-z': { targetVelocity: 2, damping: 5, maximumForce: 9 } } as const;
  const build = (each: World) =>
    [0, 1, 2].map((x) =>
      each.createBody({
        type: x === 0 ? 'fixed' : 'dynamic',
        position: [x, 5, 0],
        colliders: [{ shape: 'box', halfExtents: [0.2, 0.1, 0.1] }],
      }),
    ) as [Body, Body, Body];
  const socket = { type: 'spherical', anchor2: [-1, 0, 0] } as const;
  const free = { ...socket, type: 'generic', axis: [1, 0, 0], lockedAxes: ['linear-x'] } as const;
  const [post, arm, hand] = build(world);
  const made = [
    world.createJoint(post, arm, { ...socket, limits, motors }),
    world.createJoint(arm, hand, { ...free, limits: { 'linear-y': [-0.1, 0.1] }, motors }),
  ];
  const others = build(twin);
  const later = [
    twin.createJoint(others[0], others[1], socket),
    twin.createJoint(others[1], others[2], free),
  ] as const;
  later[0].setLimits('angular-x', limits['angular-x']);
  later[0].setLimits('angular-y', limits['angular-y']);
  later[1].setLimits('linear-y', [-0.1, 0.1]);
  for (const joint of later) joint.setMotor('angular-z', motors['angular-z']);
  const read = (each: World, joints: readonly Joint[]) =>
    each.readJoints(joints, ['limits', 'limitedAxes', 'motors', 'motorAxes']);
  expect(await read(world, made)).toEqual(await read(twin, later));
  await Promise.all([world.step(120), twin.step(120)]);
  expect(hexOf(await world.digest())).toBe(hexOf(await twin.digest()));
});

test('a body takes its joints along when it goes', async () => {
  const [post, door] = [ball(0, 'fixed'), ball(1)];
  const joint = world.createJoint(post, door, { type: 'spherical', anchor2: [-1, 0, 0] });
  door.remove();
  expect(() => joint.remove()).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
  await world.step(1);
});

test('joints in reduced coordinates make trees, no rings', async () => {
  const [a, b, c] = [ball(0, 'fixed'), ball(1), ball(2)];
  const reduced = { type: 'spherical', reduced: true, anchor2: [-1, 0, 0] } as const;
  world.createJoint(a, b, reduced);
  world.createJoint(b, c, reduced);
  expect(() => world.createJoint(c, a, reduced)).toThrow('body2 must be');
  expect(() => world.createJoint(a, c, reduced)).toThrow('body2 must be');
  await world.step(30);
  const [bx, by] = b.translation;
  expect(Math.hypot(bx, by - 5)).toBeCloseTo(1, 4);
});

test.each([
  [{ type: 'revolute' }, 'options.axis'],
  [{ type: 'revolute', axis: [0, 0, 0] }, 'options.axis'],
  [{ type: 'revolute', axis: [1, 0, 0], limits: [1, 0] }, 'options.limits'],
  [{ type: 'prismatic', axis: [1, 0, 0], motor: { damping: -1 } }, 'options.motor.damping'],
  [{ type: 'spherical', limits: [-1, 1] }, 'options.limits'],
  [{ type: 'spherical', limits: { x: [-1, 1] } }, 'options.limits.x'],
  [{ type: 'spherical', limits: { 'angular-x': [1, 0] } }, 'options.limits.angular-x'],
  [
    { type: 'spherical', motors: { 'angular-x': { damping: -1 } } },
    'options.motors.angular-x.damping',
  ],
  [
    { type: 'generic', axis: [1, 0, 0], lockedAxes: [], motors: { 'linear-x': 3 } },
    'options.motors.linear-x',
  ],
  [{ type: 'rope', length: 0 }, 'options.length'],
  [{ type: 'generic', axis: [1, 0, 0], lockedAxes: ['x'] }, 'options.lockedAxes[0]'],
  [
    { type: 'generic', axis: [1, 0, 0], lockedAxes: ['linear-x', 'angular-y'], reduced: true },
    'options.lockedAxes',
  ],
  [{ type: 'glue' }, 'options.type'],
])('bad joint %# is refused by name', (options, argument) => {
  expect(() => world.createJoint(ball(0), ball(1), options as never)).toThrow(
    `${argument} must be`,
  );
});

test.each([
  [{ shape: 'convex-hull', points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0] }, 'plane'],
  [{ shape: 'convex-hull', points: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1] }, 'plane'],
  [{ shape: 'trimesh', points: [0, 0, 0, 1, 0, 0, 2, 0, 0], indices: [0, 1, 2] }, 'no area'],
])('shape %# can’t be, which only the capsule sees', async (definition, reason) => {
  const body = ball(0);
  await expect(world.createShape(definition as never)).rejects.toMatchObject({
    code: 'physics/bad-shape',
    message: expect.stringContaining(reason),
  });
  await world.step(1);
  expect(body.translation[1]).toBeLessThan(5);
  const good = await world.createShape({
    shape: 'convex-hull',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
  });
  expect(good.slot).toBe(0);
});

test.each([
  [{ shape: 'convex-hull', points: [0, 0] }, 'definition.points'],
  [{ shape: 'trimesh', points: [0, 0, 0], indices: [0, 0, 1] }, 'definition.indices[2]'],
  [{ shape: 'heightfield', rows: 3, heights: [1, 2, 3, 4], scale: [1, 1, 1] }, 'definition.rows'],
  [{ shape: 'voxels', cells: [0.5, 0, 0], size: [1, 1, 1] }, 'definition.cells[0]'],
  [{ shape: 'compound', parts: [] }, 'definition.parts'],
  [{ shape: 'cloud' }, 'definition.shape'],
])('bad shape %# is refused by name', async (definition, argument) => {
  await expect(world.createShape(definition as never)).rejects.toThrow(`${argument} must be`);
});

test('a prepared shape serves its own world until it is disposed', async () => {
  const hull = await world.createShape({
    shape: 'convex-hull',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
  });
  const other = await physics.createWorld();
  const use = (target: World) => () =>
    target.createBody({ type: 'dynamic', colliders: [{ shape: hull }] });
  expect(use(other)).toThrow('colliders[0].shape must be a shape of this world');
  use(world)();
  for (const ask of [
    () => other.castShapes({ shape: hull }, [0, 5, 0, 0, 0, 0, 1, 0, -1, 0]),
    () => other.findContacts({ shape: hull }, [0, 5, 0, 0, 0, 0, 1]),
  ]) {
    expect(ask).toThrow('shape must be a shape of this world');
  }
  hull.dispose();
  hull.dispose();
  expect(use(world)).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
  await world.step(1);
  expect(world.bodyCount).toBe(1);
});

test('events tell who touched whom, and readers that were slow how many they missed', async () => {
  addFloor(world);
  const gate = world.createCollider({
    shape: 'box',
    halfExtents: [3, 0.5, 3],
    position: [0, 3, 0],
    sensor: true,
    events: ['collision'],
  });
  const reader = world.readEvents();
  const body = world.createBody({
    type: 'dynamic',
    position: [0, 5, 0],
    colliders: [{ shape: 'ball', radius: 0.2, events: ['collision', 'contact-force'] }],
  });
  await world.step(120);
  const events = reader.read();
  const told = events.filter(({ type }) => type !== 'contact-force');
  expect(told.map(({ type, sensor }) => [type, sensor])).toEqual([
    ['started', true],
    ['stopped', true],
    ['started', false],
  ]);
  expect([told[0]?.collider1, told[0]?.collider2]).toContain(gate.slot);
  const forces = events.filter(({ type }) => type === 'contact-force');
  expect(forces.at(-1)?.force).toBeGreaterThan(0);
  expect(forces.at(-1)?.strongestForce).toBeGreaterThan(0);
  expect(reader.read()).toEqual([]);
  expect(reader.lost).toBe(0);
  expect(world.hasBody(body)).toBe(true);
});

test.each([7, 8, 9])('of a ring of eight no reader waits for ever: %i events', async (count) => {
  const small = await physics.createWorld({ eventCapacity: 8, gravity: [0, 0, 0] });
  const reader = small.readEvents();
  // Pairs that touch, far from one another: an event each.
  small.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: count * 6 }, (_, index) =>
      index % 6 === 0 ? (index / 6) * 10 : index % 6 === 3 ? ((index - 3) / 6) * 10 + 0.3 : 0,
    ),
    colliders: [{ shape: 'ball', radius: 0.2, events: ['collision'] }],
  });
  await small.step(1);
  const events = reader.read();
  expect(events.length + reader.lost).toBe(count);
  expect(events.length).toBe(Math.min(count, 7));
  expect(reader.read()).toEqual([]);
});

test('without a ring there are no events, and a ring of one is none', async () => {
  const silent = await physics.createWorld({ eventCapacity: 0 });
  expect(silent.readEvents().read()).toEqual([]);
  await expect(physics.createWorld({ eventCapacity: 1 })).rejects.toThrow(
    'eventCapacity must be 0 or a power of two from 2',
  );
});

test('a ring that is too small loses the oldest', async () => {
  const small = await physics.createWorld({ eventCapacity: 2 });
  const reader = small.readEvents();
  addFloor(small);
  small.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 30 }, (_, index) => (index % 3 === 1 ? 0.2 : index)),
    colliders: [{ shape: 'ball', radius: 0.2, events: ['collision'] }],
  });
  await small.step(5);
  expect(reader.read().length).toBeLessThanOrEqual(2);
  expect(reader.lost).toBeGreaterThan(0);
});
