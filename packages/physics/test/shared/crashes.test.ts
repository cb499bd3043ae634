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

/** A world whose next step panics: it needs more memory than it may have. */
async function createDoomed(physics: Physics): Promise<World> {
  const world = await physics.createWorld({ capacity: 4000, memoryBytes: 3 * 2 ** 20 });
  world.createBodies({
    type: 'dynamic',
    positions: Float32Array.from({ length: 12_000 }, (_, index) => index % 100),
    colliders: [BALL],
  });
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
