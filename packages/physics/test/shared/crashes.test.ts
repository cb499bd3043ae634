/** A panic inside rapier ends the world that it happened in: no other, also if it was at work on another thread. */
import { createPhysics, type Physics, type World } from '@inos/physics';
import { expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { addFloor } from './scenes.js';

const BALL = { shape: 'ball', radius: 0.5 } as const;
/** Long enough to be at work whenever the other world dies. */
const STEPS = 3000;

/** A pile of balls that takes a while. */
async function createPile(physics: Physics, height: number): Promise<World> {
  const world = await physics.createWorld({ capacity: 64 });
  addFloor(world);
  world.createBodies({
    type: 'dynamic',
    canSleep: false,
    positions: Float32Array.from({ length: 120 }, (_, index) =>
      index % 3 === 1 ? height + index : (index % 7) * 0.4,
    ),
    colliders: [BALL],
  });
  return world;
}

/** Adds more bodies than 3 MiB hold. */
function fill(world: World): void {
  world.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 12_000 }, (_, index) => index % 100),
    colliders: [BALL],
  });
}

/** A world whose next step panics: it needs more memory than it may have. */
async function createDoomed(physics: Physics): Promise<World> {
  const world = await physics.createWorld({ capacity: 4000, memoryBytes: 3 * 2 ** 20 });
  fill(world);
  return world;
}

async function digestOf(world: World): Promise<string> {
  return hexOf(await world.digest());
}

/** What piles come to when nothing disturbs them. */
async function undisturbed(heights: readonly number[]): Promise<string[]> {
  await using physics = await createPhysics();
  const digests: string[] = [];
  for (const height of heights) {
    await using world = await createPile(physics, height);
    await world.step(STEPS);
    digests.push(await digestOf(world));
  }
  return digests;
}

test('a world that is at work on another thread goes on after the crash', async () => {
  const expected = await undisturbed([1, 2]);
  await using physics = await createPhysics({ threads: 3 });
  const piles = [await createPile(physics, 1), await createPile(physics, 2)];
  const doomed = await createDoomed(physics);
  let ended = 0;
  const work = piles.map(async (pile) => {
    const { step } = await pile.step(STEPS);
    ended++;
    return step;
  });
  await expect(doomed.step(1)).rejects.toMatchObject({ code: 'capsule/panicked' });
  expect(ended).toBe(0);
  expect(await Promise.all(work)).toEqual([STEPS, STEPS]);
  expect(await Promise.all(piles.map(digestOf))).toEqual(expected);
}, 60_000);

test('what was asked for meanwhile happens once and in order', async () => {
  await using physics = await createPhysics({ threads: 2 });
  const run = async (world: World, crash: () => Promise<void>) => {
    const body = world.createBody({ type: 'dynamic', position: [9, 3, 0], colliders: [BALL] });
    const first = world.step(STEPS / 2);
    body.applyImpulse([0, 3, 0]);
    const state = world.save();
    const second = world.step(100);
    await crash();
    await Promise.all([first, second]);
    const after = await digestOf(world);
    await world.restore(state);
    await world.step(100);
    expect(await digestOf(world)).toBe(after);
    return after;
  };
  const calm = await run(await createPile(physics, 1), () => Promise.resolve());
  const doomed = await createDoomed(physics);
  const disturbed = await run(await createPile(physics, 1), async () => {
    await expect(doomed.step(1)).rejects.toMatchObject({ code: 'capsule/panicked' });
  });
  expect(disturbed).toBe(calm);
}, 60_000);

/** More than parry bears: it panics while it looks for the contact. */
const TOO_LARGE = { shape: 'box', halfExtents: [1e19, 1e19, 1e19] } as const;

test('a panic in a query leaves its world whole, and others at work go on', async () => {
  const [expected] = await undisturbed([1]);
  await using physics = await createPhysics({ threads: 2, crashLimit: 100 });
  const pile = await createPile(physics, 1);
  const asked = await createPile(physics, 2);
  await asked.step(10);
  const before = await digestOf(asked);
  const work = pile.step(STEPS);
  const places = [0, 1, 0, 0, 0, 0, 1];
  const panicked = expect.objectContaining({ code: 'capsule/panicked' });
  await expect(asked.findContacts(TOO_LARGE, places, { maximumDistance: 1e19 })).rejects.toEqual(
    panicked,
  );
  const cast = [1e19, 10, 0, 0, 0, 0, 1, 0, -1e19, 0];
  await expect(asked.castShapes(TOO_LARGE, cast)).rejects.toEqual(panicked);
  expect(await digestOf(asked)).toBe(before);
  expect((await asked.castRay([0, 50, 0], [0, -1, 0]))?.distance).toBeGreaterThan(0);
  expect((await asked.step(5)).step).toBe(15);
  expect((await work).step).toBe(STEPS);
  expect(await digestOf(pile)).toBe(expected);
}, 60_000);

test('handles of a lost world are refused with it, until a state brings them back', async () => {
  await using physics = await createPhysics();
  const world = await physics.createWorld({ capacity: 4001, memoryBytes: 3 * 2 ** 20 });
  const body = world.createBody({ type: 'dynamic', position: [0, 9, 0], colliders: [BALL] });
  const state = world.save();
  await world.step(1);
  const before = await digestOf(world);
  fill(world);
  await expect(world.step(1)).rejects.toMatchObject({ code: 'capsule/panicked' });
  const lost = expect.objectContaining({ code: 'physics/world-lost' });
  body.setLinearVelocity([0, 1, 0]);
  await expect(body.read('mass')).rejects.toEqual(lost);
  await expect(world.takeSnapshot()).rejects.toEqual(lost);
  await expect(world.debugLines()).rejects.toEqual(lost);
  await expect(world.readContacts()).rejects.toEqual(lost);
  await expect(
    world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] }),
  ).rejects.toEqual(lost);
  await world.restore(state);
  await world.step(1);
  expect(await digestOf(world)).toBe(before);
});

test('with a memory of its own all worlds go, say so, and never meet those made after them', async () => {
  const [expected] = await undisturbed([1]);
  const lost = expect.objectContaining({ code: 'physics/world-lost' });
  await using physics = await createPhysics({ isolated: true, threads: 2 });
  const pile = await createPile(physics, 2);
  const state = pile.save();
  expect((await pile.step(10)).step).toBe(10);
  const copy = await pile.takeSnapshot();
  const before = await digestOf(pile);
  const doomed = await createDoomed(physics);
  await expect(doomed.step(1)).rejects.toMatchObject({ code: 'capsule/panicked' });
  // Where the first one lay.
  const next = await createPile(physics, 1);
  pile.setGravity([0, 1, 0]);
  for (const job of [pile.step(1), pile.digest(), pile.restore(state), pile.takeSnapshot()])
    await expect(job).rejects.toEqual(lost);
  await expect(pile.castRays([0, 5, 0, 0, -1, 0])).rejects.toEqual(lost);
  await expect(pile.save().byteLength).rejects.toEqual(lost);
  expect(pile.poses.step).toBe(10);
  const again = await physics.restoreSnapshot(copy);
  expect(await digestOf(again)).toBe(before);
  state.dispose();
  await Promise.all([pile.dispose(), doomed.dispose()]);
  await next.step(STEPS);
  expect(await digestOf(next)).toBe(expected);
  await Promise.all([next.dispose(), again.dispose()]);
}, 60_000);

test('a lost world says so to every job, and gives its memory back', async () => {
  await using physics = await createPhysics();
  const lost = expect.objectContaining({ code: 'physics/world-lost' });
  const sizes: number[] = [];
  for (let round = 0; round < 4; round++) {
    const doomed = await createDoomed(physics);
    await expect(doomed.step(1)).rejects.toMatchObject({ code: 'capsule/panicked' });
    await expect(doomed.step(1)).rejects.toEqual(lost);
    await expect(doomed.digest()).rejects.toEqual(lost);
    await expect(doomed.save().byteLength).rejects.toEqual(lost);
    await expect(doomed.castRays([0, 5, 0, 0, -1, 0])).rejects.toEqual(lost);
    await doomed.dispose();
    await using next = await createPile(physics, 1);
    await next.step(10);
    sizes.push(physics.memory.buffer.byteLength);
  }
  expect(new Set(sizes.slice(1)).size).toBe(1);
});

test('where all memory is used up saving fails, and nothing else', async () => {
  await using physics = await createPhysics({ memory: { maximumBytes: 64 * 2 ** 20 } });
  const world = await createPile(physics, 1);
  await world.step(10);
  const before = await digestOf(world);
  const states = [world.save()];
  let failure: unknown;
  while (failure === undefined) {
    const state = world.save();
    await state.byteLength.then(
      () => states.push(state),
      (error: unknown) => (failure = error),
    );
  }
  expect(failure).toMatchObject({ code: 'physics/out-of-memory' });
  expect(states.length).toBeGreaterThan(10);
  expect(physics.runtime.stats.capsules.physics?.restarts).toBe(0);
  expect(await digestOf(world)).toBe(before);
  states.pop()?.dispose();
  await world.step(1);
  expect(await world.save().byteLength).toBeGreaterThan(0);
});
