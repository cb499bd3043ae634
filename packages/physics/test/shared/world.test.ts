/** What a world promises: order, whole poses, saved states, clear refusals. */
import {
  BODY_STATES,
  BODY_TYPES,
  createPhysics,
  loadScene,
  NO_SLOT,
  Poses,
  SHAPE_TYPES,
  writeMatrices,
  type BodyOptions,
  type Physics,
  type Scene,
  type World,
} from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { addFloor } from './scenes.js';
import { takenPages } from './pages.js';

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
const falling = (x: number): BodyOptions => ({
  type: 'dynamic',
  position: [x, 5, 0],
  colliders: [BALL],
});
const digest = async () => hexOf(await world.digest());

test('a body falls as gravity says', async () => {
  const body = world.createBody(falling(0));
  const outcome = await world.step(60);
  expect(outcome.step).toBe(60);
  expect(body.translation[0]).toBe(0);
  expect(body.translation[1]).toBeCloseTo(5 - 9.81 / 2, 0);
  expect(body.linearVelocity[1]).toBeCloseTo(-9.81, 1);
  expect(outcome.usage.units).toBe(60n);
});

test('poses lie in shared memory, per slot, with their step', async () => {
  const bodies = world.createBodies({
    type: 'dynamic',
    positions: Float32Array.of(0, 1, 2, 3, 4, 5),
    rotations: Float32Array.of(0, 0, 0, 1, 1, 0, 0, 0),
    linearVelocities: Float32Array.of(1, 0, 0, 0, 0, 1),
  });
  expect(bodies.map(({ slot }) => slot)).toEqual([0, 1]);
  await world.step(0);
  const { latest } = world.poses;
  expect(latest.step).toBe(0);
  expect(latest.slots).toBe(2);
  expect([...latest.translations.subarray(0, 6)]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...latest.rotations.subarray(0, 8)]).toEqual([0, 0, 0, 1, 1, 0, 0, 0]);
  expect([...latest.linearVelocities.subarray(0, 6)]).toEqual([1, 0, 0, 0, 0, 1]);
  expect([...latest.states.subarray(0, 3)]).toEqual([1, 1, 0]);
  expect(latest.translations.buffer).toBeInstanceOf(SharedArrayBuffer);
  const elsewhere = Poses.attach(structuredCloneable(world.poses.location));
  await world.step(3);
  expect(elsewhere.read(({ step, translations }) => [step, translations[1]])).toEqual([
    3,
    bodies[0]?.translation[1],
  ]);
});

/** What arrives in another worker: a plain object with the shared buffer. */
function structuredCloneable<T extends object>(location: T): T {
  return { ...location };
}

test('what is asked for happens in that order, awaited or not', async () => {
  const body = world.createBody(falling(0));
  const first = world.step(1);
  body.setLinearVelocity([1, 0, 0]);
  const second = world.step(1);
  world.createBody(falling(3));
  const third = world.step(1);
  expect((await first).step).toBe(1);
  expect((await second).step).toBe(2);
  expect((await third).step).toBe(3);
  expect(body.translation[0]).toBeCloseTo(2 / 60, 6);
});

test('restoring and stepping again gives the same digests, also after the heap has grown', async () => {
  addFloor(world);
  for (let x = 0; x < 5; x++) world.createBody(falling(x * 0.8));
  await world.step(20);
  using state = world.save();
  const digests: string[] = [];
  for (let step = 0; step < 30; step++) {
    await world.step(1);
    digests.push(await digest());
  }
  const late = world.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 60 }, (_, index) => 1 + index * 0.3),
    colliders: [BALL, { shape: 'box', halfExtents: [1, 1, 1] }],
  });
  await world.step(30);
  for (let round = 0; round < 3; round++) {
    await world.restore(state);
    expect(world.poses.step).toBe(20);
    expect(world.bodyCount).toBe(6);
    expect(late[0]?.isAlive).toBe(false);
    const again: string[] = [];
    for (let step = 0; step < 30; step++) {
      await world.step(1);
      again.push(await digest());
    }
    expect(again).toEqual(digests);
  }
});

test('a state that was saved before commands took effect has them', async () => {
  const body = world.createBody(falling(0));
  const state = world.save();
  body.setTranslation([7, 7, 7]);
  await world.restore(state);
  expect(body.translation).toEqual([0, 5, 0]);
  expect(await state.byteLength).toBeGreaterThan(1024);
  state.dispose();
  await expect(world.restore(state)).rejects.toMatchObject({ code: 'physics/unknown-state' });
});

test('a state that is disposed of serves what was asked for before', async () => {
  const body = world.createBody(falling(0));
  const state = world.save();
  const steps = world.step(30);
  const restored = world.restore(state);
  state.dispose();
  await Promise.all([steps, restored]);
  expect(body.translation).toEqual([0, 5, 0]);
  expect(world.poses.step).toBe(0);
});

test('what was asked for before a restore, and not yet done, is undone with the rest', async () => {
  const body = world.createBody(falling(0));
  await world.step(1);
  const state = world.save();
  const before = await digest();
  body.setTranslation([9, 9, 9]);
  const late = world.createBody(falling(3));
  await world.restore(state);
  await world.step(0);
  expect(await digest()).toBe(before);
  expect(late.isAlive).toBe(false);
  const { bodyCount } = await world.readWorld(['bodyCount']);
  expect([world.bodyCount, bodyCount[0]]).toEqual([1, 1]);
  expect(world.createBody(falling(3)).slot).toBe(late.slot);
  await world.step(1);
});

test('a state that could not be saved is refused, and the world goes on', async () => {
  const account = physics.credits.default;
  const elsewhere = physics.credits.open({ name: 'elsewhere', credits: 0n });
  const body = world.createBody(falling(0));
  await world.step(1);
  const all = account.available;
  physics.credits.transfer(account, elsewhere, all);
  const state = world.save();
  const refused = { code: 'credits/insufficient' };
  await expect(state.byteLength).rejects.toMatchObject(refused);
  const late = world.createBody(falling(3));
  await expect(world.restore(state)).rejects.toMatchObject(refused);
  physics.credits.transfer(elsewhere, account, all);
  await world.step(1);
  expect([body.isAlive, late.isAlive, world.bodyCount]).toEqual([true, true, 2]);
  expect((await world.readWorld(['bodyCount'])).bodyCount).toEqual(Uint32Array.of(2));
});

test('worlds don’t see one another, and give their memory back', async () => {
  world.createBody(falling(0));
  await world.step(10);
  const alone = await digest();
  const other = await physics.createWorld();
  addFloor(other);
  other.createBody(falling(0));
  await other.step(10);
  expect(await digest()).toBe(alone);
  const before = takenPages(physics.memory);
  const third = await physics.createWorld({ capacity: 5000 });
  third.save();
  await third.step(1);
  await third.dispose();
  await third.dispose();
  expect(takenPages(physics.memory)).toBe(before);
  await expect(third.step(1)).rejects.toMatchObject({ code: 'physics/unknown-world' });
});

test('a budget stops a world between two steps, and it goes on', async () => {
  addFloor(world);
  for (let x = 0; x < 9; x++) world.createBody(falling(x));
  const { maximum } = world.quote(1000);
  expect(maximum).toBe(10n + 100n);
  await expect(world.step(1000, { budget: 30n })).rejects.toMatchObject({
    code: 'job/out-of-budget',
  });
  expect(world.poses.step).toBe(200);
  await world.step(100);
  const stopped = await digest();
  await using twin = await physics.createWorld({ capacity: 32 });
  addFloor(twin);
  for (let x = 0; x < 9; x++) twin.createBody(falling(x));
  await twin.step(300);
  expect(hexOf(await twin.digest())).toBe(stopped);
});

test('a refused job’s commands are the next one’s', async () => {
  const body = world.createBody(falling(0));
  await expect(world.step(1, { budget: 1n })).rejects.toMatchObject({
    code: 'job/budget-too-small',
  });
  body.setTranslation([1, 2, 3]);
  await world.step(0);
  expect(body.translation).toEqual([1, 2, 3]);
});

test('a cancelled step leaves the world whole', async () => {
  for (let x = 0; x < 9; x++) world.createBody(falling(x));
  const controller = new AbortController();
  const stepping = world.step(1_000_000, { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await expect(stepping).rejects.toMatchObject({ code: 'job/cancelled' });
  const { step } = world.poses;
  expect(step).toBeLessThan(1_000_000);
  expect((await world.step(5)).step).toBe(step + 5);
});

test('a deadline stops a world between two steps, and it goes on', async () => {
  const build = (target: World) => {
    addFloor(target);
    for (let x = 0; x < 9; x++) target.createBody(falling(x));
  };
  build(world);
  await world.step(1);
  await expect(world.step(10_000_000, { deadlineMs: 30 })).rejects.toMatchObject({
    code: 'job/expired',
  });
  const { step } = world.poses;
  expect(step).toBeLessThan(10_000_000);
  await world.step(10);
  await using twin = await physics.createWorld({ capacity: 32 });
  build(twin);
  await twin.step(step + 10);
  expect(await digest()).toBe(hexOf(await twin.digest()));
});

test.each([
  [{ type: 'dynamic', position: [0, Number.NaN, 0] }, 'position[1]'],
  [{ type: 'dynamic', position: [0, 1e39, 0] }, 'position[1]'],
  [{ type: 'dynamic', position: [0, 0] }, 'position'],
  [{ type: 'dynamic', rotation: [0, 0, 0, 2] }, 'rotation'],
  [{ type: 'flying' }, 'type'],
  [{ type: 'dynamic', colliders: [{ shape: 'ball', radius: 0 }] }, 'colliders[0].radius'],
  [{ type: 'dynamic', colliders: [BALL, { shape: 'box' }] }, 'colliders[1].halfExtents'],
  [{ type: 'dynamic', colliders: [{ shape: 'egg' }] }, 'colliders[0].shape'],
  [
    { type: 'dynamic', colliders: [{ shape: 'box', halfExtents: [1, 1e-60, 1] }] },
    'colliders[0].halfExtents[1]',
  ],
  [
    { type: 'fixed', colliders: [{ shape: 'segment', a: [1, 2, 3], b: [1, 2, 3] }] },
    'colliders[0].b',
  ],
  [
    { type: 'fixed', colliders: [{ shape: 'triangle', a: [0, 0, 0], b: [1, 1, 1], c: [2, 2, 2] }] },
    'colliders[0].c',
  ],
  [{ type: 'dynamic', dominance: 128 }, 'dominance'],
  [{ type: 'dynamic', linearDamping: -1 }, 'linearDamping'],
])('bad input %# is refused by its name', async (options, argument) => {
  expect(() => world.createBody(options as never)).toThrow(`${argument} must be`);
  expect(world.bodyCount).toBe(0);
  await world.step(1);
  expect(world.poses.latest.slots).toBe(0);
});

test('a full world takes no more', async () => {
  const positions = new Float32Array(33 * 3);
  expect(() => world.createBodies({ type: 'dynamic', positions })).toThrow(
    expect.objectContaining({ code: 'physics/world-full' }),
  );
  const bodies = world.createBodies({ type: 'dynamic', positions: positions.subarray(3) });
  expect(() => world.createBody(falling(0))).toThrow('no room for 1 more');
  bodies[7]?.remove();
  expect(world.createBody(falling(0)).slot).toBe(7);
  await world.step(1);
});

test('a body whose numbers explode is disabled where it was, and can be taken up again', async () => {
  const body = world.createBody({ ...falling(0), gravityScale: 0 });
  await world.step(1);
  body.setLinearVelocity([3e38, 3e38, 0]);
  body.addForce([3e38, 0, 0]);
  await world.step(2);
  expect([body.translation, body.linearVelocity]).toEqual([
    [0, 5, 0],
    [0, 0, 0],
  ]);
  expect(world.poses.states[body.slot]).toBe(BODY_STATES.disabled);
  body.resetForces();
  body.setEnabled(true);
  body.setLinearVelocity([1, 0, 0]);
  await world.step(60);
  expect(body.translation[0]).toBeCloseTo(1, 3);
});

test('dead handles are refused', async () => {
  const body = world.createBody(falling(0));
  const collider = body.createCollider({ shape: 'ball', radius: 1 });
  collider.remove();
  expect(() => collider.remove()).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
  body.remove();
  const next = world.createBody(falling(0));
  expect(next.slot).toBe(body.slot);
  for (const use of [
    () => body.remove(),
    () => body.translation,
    () => body.setTranslation([0, 0, 0]),
    () => body.createCollider(BALL),
  ]) {
    expect(use).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
  }
  await world.step(1);
  expect(next.isAlive).toBe(true);
});

test('a world that runs out of its memory is lost, and no other', async () => {
  const small = await physics.createWorld({ capacity: 4000, memoryBytes: 3 * 2 ** 20 });
  const early = small.save();
  world.createBody(falling(0));
  await world.step(10);
  const before = await digest();
  small.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 12_000 }, (_, index) => index % 100),
    colliders: [BALL],
  });
  await expect(small.step(1)).rejects.toMatchObject({ code: 'capsule/panicked' });
  await expect(small.step(1)).rejects.toMatchObject({ code: 'physics/world-lost' });
  expect(await digest()).toBe(before);
  await world.step(10);
  await small.restore(early);
  small.createBody(falling(0));
  expect((await small.step(2)).step).toBe(2);
});

test('before its first frame a body is where it was created, in a slot that another had too', async () => {
  await using world = await physics.createWorld({ gravity: [0, 0, 0] });
  const turned = [0, 1, 0, 0] as const;
  const options = {
    type: 'dynamic',
    position: [1, 2, 3],
    linearVelocity: [60, 0, 0],
    colliders: [BALL],
  } as const;
  const first = world.createBody(options);
  expect(first.translation).toEqual([1, 2, 3]);
  expect(first.rotation).toEqual([0, 0, 0, 1]);
  expect(first.linearVelocity).toEqual([60, 0, 0]);
  expect(first.angularVelocity).toEqual([0, 0, 0]);
  // A query takes the command along, and makes no frame.
  await world.castRay([0, 9, 0], [0, 1, 0]);
  expect(first.translation).toEqual([1, 2, 3]);
  await world.step(1);
  expect(first.translation[0]).toBeCloseTo(2, 4);
  first.remove();
  const positions = new Float32Array([7, 8, 9, 4, 5, 6]);
  const many = world.createBodies({
    type: 'dynamic',
    positions,
    rotations: new Float32Array([0, 0, 0, 1, ...turned]),
    colliders: [BALL],
  });
  positions.fill(0);
  const [reused, fresh] = many;
  expect(reused?.slot).toBe(first.slot);
  expect([reused?.translation, fresh?.translation]).toEqual([
    [7, 8, 9],
    [4, 5, 6],
  ]);
  expect(fresh?.rotation).toEqual(turned);
  expect(world.bodyAt(first.slot)?.linearVelocity).toEqual([0, 0, 0]);
  // A job that was asked for before doesn't have it.
  const stepping = world.step(3);
  const late = world.createBody({ ...options, position: [50, 0, 0] });
  await stepping;
  expect(late.translation).toEqual([50, 0, 0]);
  expect(fresh?.translation).toEqual([4, 5, 6]);
  await world.step(1);
  expect(late.translation[0]).toBeCloseTo(51, 4);
  // Saved before its first step, it is there again.
  const saved = world.createBody({ ...options, position: [90, 0, 0] });
  using state = world.save();
  await world.step(1);
  await world.restore(state);
  await world.step(0);
  expect(saved.translation).toEqual([90, 0, 0]);
});

test('bodies and colliders name each other at once, and tell whether they are there', async () => {
  await using world = await physics.createWorld();
  const body = world.createBody({ type: 'dynamic', colliders: [BALL, BALL] });
  const third = body.createCollider(BALL);
  const free = world.createCollider(BALL);
  expect(body.colliders.map(({ slot }) => slot)).toEqual([0, 1, third.slot]);
  expect(third.body?.slot).toBe(body.slot);
  expect(free.body).toBeUndefined();
  const other = world.createBody({ type: 'dynamic', position: [3, 0, 0], colliders: [BALL] });
  const joint = world.createJoint(body, other, { type: 'spherical' });
  expect([third.isAlive, free.isAlive, joint.isAlive]).toEqual([true, true, true]);
  third.remove();
  expect(body.colliders).toHaveLength(2);
  const [first] = body.colliders;
  body.remove();
  expect([third, first, joint].map((one) => one?.isAlive)).toEqual([false, false, false]);
  expect(() => third.body).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
  expect(() => body.colliders).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
});

test('a scene has room for more, and tells its colliders', async () => {
  const scene: Scene = {
    bodies: [{ type: 'dynamic', colliders: [BALL, BALL] }, { type: 'fixed' }],
  };
  const { world, bodies, colliders } = await loadScene(physics, scene);
  expect(world.capacity).toBe(1024);
  expect(colliders.map((one) => one.length)).toEqual([2, 0]);
  expect(colliders[0]?.[1]?.body?.slot).toBe(bodies[0]?.slot);
  world.createBody({ type: 'dynamic' });
  await world.step(1);
  const small = await loadScene(physics, scene, { capacity: 2, eventCapacity: 0 });
  expect(small.world.capacity).toBe(2);
  await expect(loadScene(physics, scene, { capacity: 1 })).rejects.toThrow(/^capacity must be/);
  await expect(loadScene(physics, scene, { room: 1 } as never)).rejects.toThrow(/^room must be/);
});

test('a scene has compounds and colliders of the world itself, as a program would make them', async () => {
  const points = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
  const hull = { shape: 'convex-hull', points } as const;
  const ball = { shape: 'ball', radius: 0.3, position: [-0.5, 0, 0] } as const;
  const limits = { 'angular-x': [-0.2, 0.2] } as const;
  const scene: Scene = {
    bodies: [
      {
        type: 'dynamic',
        position: [0, 3, 0],
        colliders: [
          {
            shape: 'compound',
            parts: [ball, { ...hull, position: [0.2, 0, 0] }],
            friction: 0.8,
          },
        ],
      },
      falling(2) as Scene['bodies'][number],
    ],
    colliders: [
      { shape: 'halfspace', normal: [0.1, 1, 0] },
      { shape: 'compound', parts: [{ shape: 'box', halfExtents: [1, 0.1, 1] }] },
    ],
    joints: [{ type: 'spherical', body1: 0, body2: 1, anchor2: [-2, -2, 0], limits }],
  };
  const loaded = await loadScene(physics, scene);
  expect(loaded.worldColliders.map(({ body }) => body)).toEqual([undefined, undefined]);
  const { shape } = await loaded.world.readColliders(loaded.worldColliders, ['shape']);
  expect([...shape]).toEqual([SHAPE_TYPES.halfspace, SHAPE_TYPES.compound]);

  const prepared = await world.createShape(hull);
  const whole = await world.createShape({
    shape: 'compound',
    parts: [ball, { shape: prepared, position: [0.2, 0, 0] }],
  });
  const one = world.createBody({
    type: 'dynamic',
    position: [0, 3, 0],
    colliders: [{ shape: whole, friction: 0.8 }],
  });
  const other = world.createBody(falling(2));
  world.createCollider({ shape: 'halfspace', normal: [0.1, 1, 0] });
  const box = { shape: 'box', halfExtents: [1, 0.1, 1] } as const;
  world.createCollider({
    shape: await world.createShape({ shape: 'compound', parts: [box] }),
  });
  world.createJoint(one, other, { type: 'spherical', anchor2: [-2, -2, 0], limits });
  await Promise.all([world.step(120), loaded.world.step(120)]);
  expect(hexOf(await loaded.world.digest())).toBe(await digest());
});

test('names that nothing is given by are refused, with those there are', async () => {
  await expect(physics.createWorld({ gravty: [0, 0, 0] } as never)).rejects.toThrow(
    /^gravty must be one of the known names \(gravity, /,
  );
  await using world = await physics.createWorld({ capacity: undefined } as never);
  const refused = (work: () => unknown, path: string) => {
    expect(work).toThrow(TypeError);
    expect(work).toThrow(`${path} must be one of the known names (`);
  };
  const type = 'dynamic';
  refused(() => world.createBody({ type, positon: [0, 1, 0] } as never), 'positon');
  refused(
    () => world.createBody({ type, colliders: [{ ...BALL, frction: 1 }] } as never),
    'colliders[0].frction',
  );
  refused(
    () => world.createBodies({ type, positions: [0, 0, 0], rotation: [0, 0, 0, 1] } as never),
    'rotation',
  );
  refused(
    () => world.createCollider({ ...BALL, collisionGroups: { filters: 1 } } as never),
    'options.collisionGroups.filters',
  );
  refused(
    () => world.createCollider({ ...BALL, halfExtents: [1, 1, 1] } as never),
    'options.halfExtents',
  );
  const shape = await world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] });
  world.createCollider({ shape, friction: 1 });
  refused(() => world.createCollider({ shape, size: 1 } as never), 'options.size');
  const snapshot = await world.takeSnapshot();
  await expect(physics.restoreSnapshot(snapshot, { capacity: 1 } as never)).rejects.toThrow(
    'capacity must be one of the known names (',
  );
});

test('so are those of what is joined, driven, asked and changed', async () => {
  await using world = await physics.createWorld({ capacity: 8 });
  const [first, second] = [world.createBody(falling(0)), world.createBody(falling(3))];
  const collider = first.createCollider(BALL);
  const fixed = { type: 'fixed', anchor: [0, 1, 0] } as never;
  const wheel = [{ connection: [0, 0, 0], radius: 1, suspensionRestLength: 1 }];
  const frame = world.poses.latest;
  const refusals: readonly (readonly [path: string, work: () => unknown])[] = [
    ['options.anchor', () => world.createJoint(first, second, fixed)],
    ['options.anchor', () => world.createJoints([first], [second], fixed)],
    [
      'options.limits',
      () => world.createJoint(first, second, { type: 'fixed', limits: [0, 1] } as never),
    ],
    ['options.autostep', () => world.createCharacter(collider, { autostep: 1 } as never)],
    [
      'options.steps.height',
      () => world.createCharacter(collider, { steps: { height: 1 } } as never),
    ],
    ['options.wheel', () => world.createVehicle(first, { wheel } as never)],
    ['options.linear.kp', () => world.createPid(first, { linear: { kp: 1 } } as never)],
    ['goal.translation', () => world.createPid(first).follow({ translation: [0, 0, 0] } as never)],
    ['changes.velocities', () => world.writeBodies([first], { velocities: [0, 0, 0] } as never)],
    ['options.wakeUp', () => first.setTranslation([0, 0, 0], { wakeUp: false } as never)],
    ['options.wakeUp', () => collider.remove({ wakeUp: false } as never)],
    ['options.fps', () => world.run({ fps: 60 } as never)],
    ['options.scale', () => writeMatrices(new Float32Array(0), frame, { scale: 2 } as never)],
    ['options.maxDistance', () => world.castRays([], { maxDistance: 1 } as never)],
    ['options.groups.mask', () => world.castRays([], { groups: { mask: 1 } } as never)],
    ['options.hits', () => world.findRayHits([], { hits: 1 } as never)],
    ['options.feature', () => world.projectPoints([], { feature: true } as never)],
    ['options.limit', () => world.findPointHits([], { limit: 1 } as never)],
    ['options.limit', () => world.findBoundsOverlaps([], { limit: 1 } as never)],
    ['options.maximum', () => world.castShapes(BALL, [], { maximum: 1 } as never)],
    ['options.maximum', () => world.findOverlaps(BALL, [], { maximum: 1 } as never)],
    ['options.limit', () => world.findContacts(BALL, [], { limit: 1 } as never)],
    ['options.groups', () => world.contactShapes(BALL, BALL, [], { groups: {} } as never)],
    ['options.groups', () => world.castShapePairs(BALL, BALL, [], { groups: {} } as never)],
    ['options.groups', () => world.readContacts([], { groups: {} } as never)],
    ['options.groups', () => world.readIntersections([], { groups: {} } as never)],
    ['options.reading', () => world.readBodies([], ['mass'], { reading: {} } as never)],
    ['options.mode', () => world.debugLines({ mode: [] } as never)],
    ['options.onprogress', () => world.step(1, { onprogress: () => 1 } as never)],
    ['options.timeoutMs', () => world.digest({ timeoutMs: 1 } as never)],
    [
      'definition.vertices',
      () => world.createShape({ shape: 'convex-hull', points: [0, 0, 0], vertices: 1 } as never),
    ],
    [
      'options.material.stiffness',
      () =>
        world.createSoftBody({
          kind: 'rope',
          start: [0, 0, 0],
          end: [1, 0, 0],
          count: 3,
          material: { stiffness: 1 },
        } as never),
    ],
  ];
  await world.step(1);
  const before = await digest();
  for (const [path, work] of refusals) {
    const refused = (async () => {
      await work();
    })();
    await expect(refused, path).rejects.toThrow(TypeError);
    await expect(refused, path).rejects.toThrow(`${path} must be one of the known names (`);
  }
  expect(await digest()).toBe(before);
  expect(world.jointAt(0)).toBeUndefined();
});

test('numbers of types that are read have names', async () => {
  await using world = await physics.createWorld();
  const types = ['dynamic', 'fixed', 'kinematic-position', 'kinematic-velocity'] as const;
  const bodies = types.map((type) => world.createBody({ type }));
  const { type } = await world.readBodies(bodies, ['type']);
  expect([...type]).toEqual(types.map((name) => BODY_TYPES[name]));
  const points = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
  const hull = await world.createShape({ shape: 'convex-hull', points });
  const box = { shape: 'box', halfExtents: [1, 1, 1], borderRadius: 0.1 } as const;
  const colliders = [BALL, box, { shape: hull }].map((one) => world.createCollider(one));
  const { shape, body } = await world.readColliders(colliders, ['shape', 'body']);
  expect([...shape]).toEqual([SHAPE_TYPES.ball, SHAPE_TYPES.box, SHAPE_TYPES['convex-hull']]);
  expect([...body]).toEqual([NO_SLOT, NO_SLOT, NO_SLOT]);
});
