/** What can be told of contacts, read of things, and seen as lines; and that rollback and snapshots have it. */
import { createPhysics, type Physics, type World } from '@inos/physics';
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

const BALL = { shape: 'ball', radius: 0.5 } as const;
const ball = (x: number, y = 3) =>
  world.createBody({ type: 'dynamic', position: [x, y, 0], colliders: [] });

test('pairs that ignore each other pass through, until they don’t', async () => {
  addFloor(world);
  const floor = world.colliderAt(0);
  const [first, second] = [ball(0), ball(3)].map((body) => body.createCollider(BALL));
  if (!floor || !first || !second) throw new Error('no colliders');
  first.ignore(floor);
  await world.step(90);
  expect(world.bodyAt(1)?.translation[1]).toBeLessThan(-1);
  expect(world.bodyAt(2)?.translation[1]).toBeCloseTo(0.5, 2);
  expect((await first.read('hooks'))[0]).toBe(3);
  first.ignore(floor, false);
  world.bodyAt(1)?.setTranslation([0, 3, 0]);
  world.bodyAt(1)?.setLinearVelocity([0, 0, 0]);
  await world.step(120);
  expect(world.bodyAt(1)?.translation[1]).toBeCloseTo(0.5, 2);
  expect(() => first.ignore(first)).toThrow('second must be');
});

test('a one-way platform lets through from below and holds from above', async () => {
  const platform = world.createCollider({
    shape: 'box',
    halfExtents: [5, 0.1, 5],
    position: [0, 2, 0],
    oneWay: { normal: [0, 1, 0] },
  });
  const jumper = ball(0, 0);
  jumper.createCollider(BALL);
  jumper.setLinearVelocity([0, 9, 0]);
  const faller = ball(3, 5);
  faller.createCollider(BALL);
  await world.step(120);
  expect(jumper.translation[1]).toBeCloseTo(2.6, 1);
  expect(faller.translation[1]).toBeCloseTo(2.6, 1);
  platform.setOneWay();
  jumper.setTranslation([0, 0, 0]);
  jumper.setLinearVelocity([0, 9, 0]);
  await world.step(20);
  expect(jumper.translation[1]).toBeLessThan(1.5);
  expect(() => platform.setOneWay({ normal: [0, 0, 0] })).toThrow('oneWay.normal must be');
});

test('a belt carries along what lies on it', async () => {
  const belt = world.createCollider({
    shape: 'box',
    halfExtents: [20, 0.5, 2],
    position: [0, -0.5, 0],
    surfaceVelocity: [2, 0, 0],
  });
  const box = ball(0, 0.5);
  box.createCollider({ shape: 'box', halfExtents: [0.5, 0.5, 0.5] });
  await world.step(120);
  expect(box.linearVelocity[0]).toBeCloseTo(2, 1);
  belt.setSurfaceVelocity([0, 0, 0]);
  await world.step(120);
  expect(box.linearVelocity[0]).toBeCloseTo(0, 1);
});

test('many bodies are changed at once, or none of them', async () => {
  const bodies = world.createBodies({
    type: 'dynamic',
    positions: new Float32Array(12),
    gravityScale: 0,
    colliders: [{ ...BALL, collisionGroups: { filter: 0 } }],
  });
  const translations = Float32Array.from({ length: 12 }, (_, index) => index);
  world.writeBodies(bodies, { translations, linearVelocities: translations });
  await world.step(0);
  expect(Array.from(world.poses.translations.subarray(0, 12))).toEqual(Array.from(translations));
  expect(bodies[2]?.linearVelocity).toEqual([6, 7, 8]);
  const rotations = new Float32Array(16);
  expect(() => world.writeBodies(bodies, { translations, rotations })).toThrow(
    'changes.rotations[0] must be',
  );
  expect(() => world.writeBodies(bodies, { forces: [1, 2] })).toThrow('changes.forces must be');
  translations[4] = Number.NaN;
  expect(() => world.writeBodies(bodies, { impulses: translations })).toThrow(
    'changes.impulses[4] must be',
  );
});

test('colliders, joints and the world tell what they were given', async () => {
  const body = world.createBody({
    type: 'dynamic',
    position: [0, 5, 0],
    additionalPgsIterations: 2,
    fastRotation: true,
    dominance: -3,
    lockRotations: [true, false, true],
  });
  const collider = body.createCollider({
    shape: 'capsule',
    halfHeight: 0.5,
    radius: 0.25,
    position: [1, 0, 0],
    friction: 0.75,
    restitutionCombineRule: 'max',
    collisionGroups: { memberships: 5, filter: 9 },
    events: ['contact-force'],
    contactForceThreshold: 8,
    collisionTypes: ['dynamic-fixed'],
    mass: 2,
  });
  const other = world.createBody({ type: 'fixed' });
  const joint = world.createJoint(other, body, {
    type: 'prismatic',
    axis: [0, 1, 0],
    anchor1: [0, 1, 0],
    limits: [-1, 2],
    motor: { targetVelocity: 3, damping: 4, model: 'force' },
  });
  const bodies = await world.readBodies(
    [body, other],
    ['type', 'dominance', 'lockedAxes', 'additionalPgsIterations', 'fastRotation', 'colliderCount'],
  );
  expect(bodies).toEqual({
    type: Uint32Array.of(0, 1),
    dominance: Int32Array.of(-3, 0),
    lockedAxes: Uint32Array.of(0b101000, 0),
    additionalPgsIterations: Uint32Array.of(2, 0),
    fastRotation: Uint32Array.of(1, 0),
    colliderCount: Uint32Array.of(1, 0),
  });
  const read = await world.readColliders(
    [collider],
    ['body', 'shape', 'sizes', 'localTranslation', 'translation', 'friction', 'combineRules'],
  );
  expect(read.body[0]).toBe(body.slot);
  expect([read.shape[0], ...read.sizes.subarray(0, 3)]).toEqual([2, 0.5, 0.25, 0]);
  expect(Array.from(read.localTranslation)).toEqual([1, 0, 0]);
  expect([read.friction[0], read.combineRules[0]]).toEqual([0.75, 3 << 8]);
  expect((await collider.read('collisionGroups'))[0]).toBe(0x0005_0009);
  expect((await collider.read('mass'))[0]).toBe(2);
  expect((await collider.read('contactForceThreshold'))[0]).toBe(8);
  expect((await collider.read('collisionTypes'))[0]).toBe(2);
  const limits = await joint.read('limits');
  expect(Array.from(limits.subarray(0, 2))).toEqual([-1, 2]);
  expect(Array.from((await joint.read('motors')).subarray(0, 6))).toEqual([
    0, 3, 0, 4, 3.4028234663852886e38, 1,
  ]);
  joint.removeLimits('linear-x');
  joint.removeMotor('linear-x');
  expect((await joint.read('limitedAxes'))[0]).toBe(0);
  expect((await joint.read('motorAxes'))[0]).toBe(0);
  expect(Array.from(await joint.read('anchor1'))).toEqual([0, 1, 0]);
  world.setIntegration({ solverIterations: 7, contactFrequency: 20, stepSeconds: 0.01 });
  const settings = await world.readWorld(['solverIterations', 'contactFrequency', 'stepSeconds']);
  expect(settings.solverIterations[0]).toBe(7);
  expect([settings.contactFrequency[0], settings.stepSeconds[0]]).toEqual([20, Math.fround(0.01)]);
  expect(() => world.setIntegration({ solverIterations: 0 })).toThrow('settings.solverIterations');
  const unknown = world.readBodies([body], ['weight' as never]);
  await expect(unknown).rejects.toThrow('properties[0]');
});

test('meshes give their points and triangles back; voxels change', async () => {
  const points = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
  const hull = await world.createShape({ shape: 'convex-hull', points });
  const one = world.createCollider({ shape: hull });
  expect((await world.readShapePoints(one)).length).toBe(12);
  expect((await world.readShapeIndices(one)).length).toBe(12);
  const cells = await world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] });
  const voxels = world.createCollider({ shape: cells, position: [10, 0, 0] });
  voxels.setVoxel([1, 0, 0], true);
  voxels.setVoxel([0, 0, 0], false);
  expect(Array.from(await world.readShapePoints(voxels))).toEqual([1.5, 0.5, 0.5]);
  await world.step(1);
  expect(await world.castRay([11.5, 5, 0.5], [0, -1, 0])).toMatchObject({ distance: 4 });
  expect(() => voxels.setVoxel([0.5, 0, 0], true)).toThrow('cell[0] must be');
});

test('lines show shapes, in colours, and more of them than at first', async () => {
  addFloor(world);
  for (let x = 0; x < 20; x++) ball(x).createCollider(BALL);
  await world.step(1);
  using lines = await world.debugLines({ modes: ['collider-shapes'] });
  expect(lines.count).toBeGreaterThan(1024);
  expect(lines.positions.length).toBe(lines.count * 6);
  expect(lines.colors.length).toBe(lines.count * 8);
  expect(lines.colors.every((value) => value >= 0 && value <= 1)).toBe(true);
  const highest = Math.max(...lines.positions.filter((_, index) => index % 3 === 1));
  expect(highest).toBeGreaterThan(3);
  const shapes = lines.count;
  await world.debugLines({ modes: ['collider-bounds'], lines });
  expect(lines.count).toBe(21 * 12);
  expect(shapes).not.toBe(lines.count);
  const ghosts = world.debugLines({ modes: ['ghosts' as never] });
  await expect(ghosts).rejects.toThrow('options.modes[0]');
});

/** A world in which all kinds of controllers are at work. */
async function driven(): Promise<void> {
  addFloor(world);
  const car = ball(0, 1.2);
  car.createCollider({ shape: 'box', halfExtents: [1, 0.3, 0.6] });
  const wheel = { suspensionRestLength: 0.4, radius: 0.3, engineForce: 3 };
  world.createVehicle(car, {
    wheels: [0.6, -0.6].flatMap((z) => [
      { ...wheel, connection: [0.8, 0, z] },
      { ...wheel, connection: [-0.8, 0, z] },
    ]),
  });
  const flyer = ball(5, 3);
  flyer.createCollider(BALL);
  world.createPid(flyer).follow({ position: [5, 6, 2], rotation: [0, 0, 0, 1] });
  const walker = world.createBody({ type: 'kinematic-position', position: [-6, 1.2, 0] });
  const shape = walker.createCollider({ shape: 'capsule', halfHeight: 0.6, radius: 0.4 });
  world.createCharacter(shape).move([0.1, -0.2, 0]);
  world.createCollider({ ...BALL, position: [2, 0, 0], surfaceVelocity: [0, 0, 1] });
  await world.step(30);
}

async function goOn(of: World): Promise<string> {
  for (let step = 0; step < 60; step++) {
    of.characterAt(2)?.move([0.05, -0.1, 0]);
    await of.step(1);
  }
  return hexOf(await of.digest());
}

test('controllers are part of saved states and of snapshots', async () => {
  await driven();
  const state = world.save();
  const bytes = await world.takeSnapshot();
  const first = await goOn(world);
  await world.restore(state);
  expect(await goOn(world)).toBe(first);
  await using other = await createPhysics();
  const twin = await other.restoreSnapshot(bytes);
  expect(twin.vehicleAt(2)).toBeUndefined();
  expect(await goOn(twin)).toBe(first);
  const vehicle = twin.vehicleAt(0);
  expect((await vehicle?.readWheels(['engineForce']))?.engineForce).toEqual(
    new Float32Array(4).fill(3),
  );
  vehicle?.remove();
  expect(twin.vehicleAt(0)).toBeUndefined();
});

test('controllers outlive what they drive, and are refused once they are gone', async () => {
  await driven();
  const vehicle = world.vehicleAt(0);
  const pid = world.pidAt(1);
  const character = world.characterAt(2);
  if (!vehicle || !pid || !character) throw new Error('no controllers');
  for (const body of [1, 2, 3]) world.bodyAt(body)?.remove();
  character.move([1, 0, 0]);
  await world.step(5);
  expect(Array.from(await character.read('movement'))).toEqual([0, 0, 0]);
  expect(await vehicle.read('chassis')).toEqual(Uint32Array.of(0xffff_ffff));
  for (const control of [vehicle, pid, character]) {
    control.remove();
    expect(() => control.remove()).toThrow(
      expect.objectContaining({ code: 'physics/dead-handle' }),
    );
  }
  await world.step(1);
});

test.each([
  [() => world.createVehicle(ball(0), { upAxis: 'w' as never }), 'options.upAxis'],
  [
    () =>
      world.createVehicle(ball(0), {
        wheels: [{ connection: [0, 0, 0], suspensionRestLength: 1, radius: 0 }],
      }),
    'options.wheels[0].radius',
  ],
  [() => world.createVehicle(ball(0)).setWheel(0, { brake: 1 }), 'index'],
  [() => world.createPid(ball(0), { linear: { integral: -1 } }), 'options.linear.integral'],
  [() => world.createPid(ball(0)).follow({ rotation: [1, 1, 1, 1] }), 'goal.rotation'],
  [() => world.createCharacter(ball(0).createCollider(BALL), { up: [0, 0, 0] }), 'options.up'],
  [
    () => world.createCharacter(ball(0).createCollider(BALL), { offset: { share: -1 } }),
    'options.offset.share',
  ],
  [
    () => world.createCharacter(ball(0).createCollider(BALL)).move([0, Number.NaN, 0]),
    'translation[1]',
  ],
  [
    () => ball(0).setAdditionalMassProperties({ mass: 1, principalInertia: [1, -1, 1] }),
    'properties.principalInertia[1]',
  ],
  [() => ball(0).createCollider({ ...BALL, mass: 1, massProperties: {} as never }), 'options.mass'],
])('bad input %# is refused by its name', async (use, argument) => {
  expect(use).toThrow(`${argument} must be`);
  await world.step(1);
});

test('a direction may be of any length, and a rotation is refused before the capsule has it', async () => {
  const one = ball(0, 0);
  const other = ball(1, 0);
  for (const length of [1e-14, 1, 1e20, 3e38]) {
    world.createJoint(one, other, { type: 'revolute', axis: [0, length, length / 2] });
    world.createCollider({ shape: 'halfspace', normal: [0, length, 0], position: [0, -9, 0] });
  }
  await world.step(1);
  for (const excess of [0.99e-3, 1e-3, 1.01e-3]) {
    const turn = () => one.setRotation([0, 0, 0, 1 + excess]);
    if (excess > 0.999e-3) expect(turn).toThrow('rotation must be a quaternion of length 1');
    else turn();
    await world.step(1);
  }
});

test('what only the capsule can judge is refused by itself: all else is done', async () => {
  const collider = ball(0, 0).createCollider(BALL);
  collider.setVoxel([0, 0, 0], true);
  const next = ball(3, 4);
  await expect(world.step(1)).rejects.toMatchObject({ code: 'physics/bad-command' });
  await world.step(1);
  expect(next.translation[0]).toBe(3);
  next.setLinearVelocity([1, 0, 0]);
  await world.step(1);
  expect(next.linearVelocity[0]).toBe(1);
});

test('in reduced coordinates only what forces move can follow another', async () => {
  const root = world.createBody({ type: 'fixed' });
  const follower = ball(1, 0);
  const joint = { type: 'spherical', reduced: true } as const;
  world.createJoint(ball(5, 0), world.createBody({ type: 'fixed' }), joint);
  await expect(world.step(1)).rejects.toMatchObject({ code: 'physics/bad-command' });
  world.createJoint(root, follower, joint);
  await world.step(1);
  follower.setType('fixed');
  await expect(world.step(1)).rejects.toMatchObject({ code: 'physics/bad-command' });
  await world.step(1);
  root.setType('dynamic');
  await world.step(1);
});

test('a motor is unlimited unless its limit is given', async () => {
  const joint = world.createJoint(ball(0, 0), ball(1, 0), {
    type: 'revolute',
    axis: [0, 0, 1],
    motor: { targetVelocity: 1, maximumForce: 0.5 },
  });
  joint.setMotor('angular-x', { targetVelocity: 2 });
  const motors = await joint.read('motors');
  const own = (motors.length / 6) * 3;
  expect(Array.from(motors.slice(own, own + motors.length / 6))).not.toContain(0.5);
});
