// What worlds do for their users, a little of everything: what the capsule's profile is made of. The same each time,
// so as many steps and questions as are written here, and no times.
import { QueryHits } from '@inos/physics';
import { numbersFrom } from '../../packages/physics/test/shared/numbers.mjs';
import { ourWorld } from './contestants.mjs';
import { scenes, terrain } from './scenes.mjs';

/** How many steps of a scene of the bench are about as much work as those of another. */
const STEPS_OF_BODIES = 150_000;
const RAYS = 10_000;

/** Six numbers each: from above and, if they shall be `slanted`, from everywhere to everywhere. */
function raysOver(side, slanted, next) {
  const between = () => (next() - 0.5) * side;
  return Float32Array.from(
    Array.from({ length: RAYS }, () =>
      slanted
        ? [between(), next() * 10, between(), between(), -5 * next(), between()]
        : [between(), 50, between(), 0, -1, 0],
    ).flat(),
  );
}

async function castRays(physics, world, times) {
  const next = numbersFrom(5);
  const hits = new QueryHits(physics.memory, RAYS);
  for (const slanted of [false, true]) {
    const rays = raysOver(20, slanted, next);
    for (let time = 0; time < times; time++) await world.castRays(rays, { hits });
  }
  hits.dispose();
}

async function rollBack(world, times) {
  for (let time = 0; time < times; time++) {
    const state = world.save();
    await world.step(2);
    await world.restore(state);
    state.dispose();
  }
}

async function runBenchScene(physics, scene) {
  const { world, end } = await ourWorld(physics, scene);
  await world.step(Math.ceil(STEPS_OF_BODIES / scene.items.length));
  await castRays(physics, world, 10);
  if (scene.items.length < 5000) await rollBack(world, 10);
  await end();
}

/** Bodies of many shapes that fall on hills, some of them bullets, tell of their contacts, and fall asleep. */
async function shapesOnHills(world) {
  const next = numbersFrom(11);
  const heights = Array.from({ length: 41 * 41 }, () => next() * 2);
  const ground = { shape: 'heightfield', rows: 41, heights, scale: [60, 1, 60] };
  world.createCollider({ shape: await world.createShape(ground) });
  const points = Array.from({ length: 16 * 3 }, () => next() - 0.5);
  const hull = await world.createShape({ shape: 'convex-hull', points });
  const parts = [
    { shape: 'ball', radius: 0.3, position: [-0.4, 0, 0] },
    { shape: 'box', halfExtents: [0.3, 0.2, 0.3], position: [0.4, 0, 0] },
  ];
  const shapes = [
    { shape: 'ball', radius: 0.4 },
    { shape: 'box', halfExtents: [0.4, 0.3, 0.5] },
    { shape: 'capsule', halfHeight: 0.3, radius: 0.25 },
    { shape: 'cylinder', halfHeight: 0.4, radius: 0.3 },
    { shape: 'cone', halfHeight: 0.4, radius: 0.4 },
    { shape: 'box', halfExtents: [0.4, 0.3, 0.3], borderRadius: 0.1 },
    { shape: hull },
    { shape: await world.createShape({ shape: 'compound', parts }) },
  ];
  for (let index = 0; index < 800; index++) {
    const [x, z] = [(index % 20) - 10, (Math.floor(index / 20) % 20) - 10];
    world.createBody({
      type: 'dynamic',
      position: [x * 1.1, 4 + Math.floor(index / 400) * 1.5 + next(), z * 1.1],
      linearVelocity: [next() * 4 - 2, 0, next() * 4 - 2],
      ccd: index % 10 === 0,
      colliders: [{ ...shapes[index % shapes.length], restitution: 0.2, events: ['collision'] }],
    });
  }
  const events = world.readEvents();
  for (let step = 0; step < 60; step++) {
    await world.step(5);
    events.read(() => undefined);
  }
}

async function askMuch(physics, world) {
  const next = numbersFrom(17);
  const places = (width) =>
    Float32Array.from({ length: 2000 * width }, (_, index) =>
      width === 7 && index % 7 > 2 ? Number(index % 7 === 6) : (next() - 0.5) * 20,
    );
  await castRays(physics, world, 10);
  const rays = raysOver(20, true, next);
  const ball = { shape: 'ball', radius: 0.5 };
  const casts = Float32Array.from({ length: 1000 * 10 }, (_, index) => {
    const axis = index % 10;
    if (axis < 3) return axis === 1 ? 10 : (next() - 0.5) * 20;
    if (axis < 7) return Number(axis === 6);
    return axis === 8 ? -1 : 0;
  });
  await Promise.all([
    world.findRayHits(rays),
    world.projectPoints(places(3)),
    world.findPointHits(places(3)),
    world.findOverlaps(ball, places(7)),
    world.findContacts(ball, places(7)),
    world.castShapes(ball, casts),
    world.readContacts(),
    world.debugLines(),
  ]);
  await rollBack(world, 10);
  for (let time = 0; time < 5; time++) await world.digest();
  const again = await physics.restoreSnapshot(await world.takeSnapshot());
  await again.step(1);
  await again.dispose();
}

async function moveCharacters(world) {
  world.createCollider({ shape: await world.createShape({ shape: 'trimesh', ...terrain() }) });
  const walkers = Array.from({ length: 50 }, (_, index) => {
    const body = world.createBody({ type: 'kinematic-position', position: [index - 25, 1.5, 0] });
    const collider = body.createCollider({ shape: 'capsule', halfHeight: 0.5, radius: 0.3 });
    return world.createCharacter(collider, { steps: { maximumHeight: 0.3, minimumWidth: 0.2 } });
  });
  for (let step = 0; step < 100; step++) {
    for (const walker of walkers) walker.move([0.02, -0.1, 0.05]);
    await world.step(1);
  }
}

async function bendSoftBodies(world) {
  world.createCollider({ shape: 'box', halfExtents: [50, 1, 50], position: [0, -1, 0] });
  for (const [index, x] of [-6, -2, 2, 6].entries()) {
    await world.createSoftBody({
      kind: 'cloth',
      origin: [x, 3 + index, -1],
      along: [0.15, 0, 0],
      across: [0, 0, 0.15],
      counts: [20, 20],
      pinned: [0, 19],
    });
    const halfExtents = [0.5, 0.5, 0.5];
    await world.createSoftBody({
      kind: 'box',
      center: [x, 1, 4],
      halfExtents,
      counts: [5, 5, 5],
    });
  }
  await world.step(50);
}

/**
 * Runs it all.
 *
 * @param {import('@inos/physics').Physics} physics a capsule that has soft bodies
 * @param {readonly { options: object, run: (world: object) => Promise<void> }[]} small more scenes
 */
export async function runTypical(physics, small) {
  for (const scene of scenes(false)) await runBenchScene(physics, scene);
  const worlds = [
    { options: { capacity: 1000 }, run: shapesOnHills, ask: true },
    { options: { capacity: 100 }, run: moveCharacters },
    { options: { capacity: 100, particleCapacity: 10_000 }, run: bendSoftBodies },
    ...small,
  ];
  for (const { options, run, ask } of worlds) {
    const world = await physics.createWorld(options);
    await run(world);
    if (ask) await askMuch(physics, world);
    await world.dispose();
  }
}
