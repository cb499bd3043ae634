/** All kinds of soft bodies, their tearing and their particles in shared memory, bit by bit as rapier has them. */
import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import {
  BODY_STATES,
  createPhysics,
  NO_OWNER,
  Particles,
  particlesOf,
  type Physics,
  type SoftBody,
  type SoftBodyOptions,
} from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { Peers } from './peer.js';

const { SoftBodyDesc } = RAPIER;
const ROOM = 2000;

let physics: Standalone<Physics>;
let peers: Peers;

beforeAll(async () => {
  await RAPIER.init();
});

beforeEach(async () => {
  physics = await createPhysics({ softBodies: true });
  peers = new Peers(await physics.createWorld({ capacity: 8, particleCapacity: ROOM }));
  const floor = { shape: 'box', halfExtents: [20, 1, 20] } as const;
  peers.add({ type: 'fixed', position: [0, -1, 0] }, floor);
});

afterEach(async () => {
  peers.peer.free();
  await physics.close();
});

/** A box of side 1 whose lowest corner is at height 1, seen counterclockwise from outside. */
const CUBE = {
  points: [0, 1, 0, 1, 1, 0, 1, 2, 0, 0, 2, 0, 0, 1, 1, 1, 1, 1, 1, 2, 1, 0, 2, 1],
  indices: [
    ...[0, 2, 1, 0, 3, 2, 4, 5, 6, 4, 6, 7, 0, 1, 5, 0, 5, 4],
    ...[3, 7, 6, 3, 6, 2, 0, 4, 7, 0, 7, 3, 1, 2, 6, 1, 6, 5],
  ],
};
/** Two tetrahedra that share a face. */
const TWO = {
  points: [0, 1, 0, 1, 1, 0, 0, 2, 0, 0, 1, 1, 1, 2, 1],
  edges: [0, 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3, 1, 4, 2, 4, 3, 4],
  cells: [0, 1, 2, 3, 1, 2, 3, 4],
};

const meshOf = (): [Float32Array, Uint32Array] => [
  Float32Array.from(CUBE.points),
  Uint32Array.from(CUBE.indices),
];

const KINDS: readonly (readonly [SoftBodyOptions, () => RAPIER.SoftBodyDesc | null])[] = [
  [
    {
      kind: 'tube',
      origin: [0, 1, 0],
      axis: [0, 1, 0.5],
      radii: [0.5, 0.3],
      counts: [8, 5],
      tensionOnly: true,
    },
    () =>
      SoftBodyDesc.clothTube(
        { x: 0, y: 1, z: 0 },
        { x: 0, y: 1, z: 0.5 },
        0.5,
        0.3,
        8,
        5,
      ).setTensionOnly(),
  ],
  [
    { kind: 'trimesh', ...CUBE, mass: 2, volumePreservation: true },
    () =>
      SoftBodyDesc.trimesh(...meshOf())
        ?.setMass(2)
        .setVolumePreservation(true) ?? null,
  ],
  [
    { kind: 'volumetric', ...CUBE, cellSize: 0.5, cellModel: 'corotational' },
    () =>
      SoftBodyDesc.volumetric(...meshOf(), 0.5)?.setCellModel(
        RAPIER.SoftBodyCellModel.Corotational,
      ) ?? null,
  ],
  [
    { kind: 'volumetric', ...CUBE, cellSize: 0.4, skinned: true },
    () => SoftBodyDesc.volumetric(...meshOf(), 0.4, true),
  ],
  [
    { kind: 'particles', ...TWO, particleRadius: 0.05, cellModel: 'neo-hookean' },
    () =>
      new SoftBodyDesc(TWO.points)
        .setEdges(TWO.edges)
        .setCells(TWO.cells)
        .setParticleRadius(0.05)
        .setCellModel(RAPIER.SoftBodyCellModel.NeoHookean),
  ],
];

test.each(KINDS)('kind %#: $kind', async (options, describe) => {
  const description = describe();
  if (description === null) throw new Error('rapier makes no such soft body');
  const theirs = peers.peer.createSoftBody(description);
  const ours = await peers.ours.createSoftBody(options);
  expect(await ours.readPositions()).toEqual(theirs.particlePositions());
  for (let round = 0; round < 4; round++) {
    await peers.step(30);
    expect(await ours.readPositions()).toEqual(theirs.particlePositions());
    expect(await ours.readVelocities()).toEqual(theirs.particleVelocities());
  }
  expect((await ours.readEdges()).length).toBe(theirs.numEdges() * 2);
  expect(await ours.readTriangles()).toEqual(theirs.boundary());
  expect((await ours.read('volume'))[0]).toBe(theirs.volume());
  const { latest } = viewed();
  expect([latest.step, latest.count, latest.total]).toEqual([
    120,
    theirs.numParticles(),
    theirs.numParticles(),
  ]);
});

/** The views of the world's particles, which are there because it was made with room for them. */
function viewed(): Particles {
  const { particles } = peers.ours;
  if (particles === undefined) throw new Error('no particles');
  return particles;
}

const ROPE = { kind: 'rope', start: [0, 4, 0], end: [2, 4, 0], count: 9, pinned: [0] } as const;

/** A rope of both, pinned at one end. */
async function ropes(): Promise<{ ours: SoftBody; theirs: RAPIER.SoftBody }> {
  const description = SoftBodyDesc.rope({ x: 0, y: 4, z: 0 }, { x: 2, y: 4, z: 0 }, 9);
  const theirs = peers.peer.createSoftBody(description.setPinnedParticles([0]));
  return { ours: await peers.ours.createSoftBody(ROPE), theirs };
}

test('an edge is torn: the piece goes on without a handle, and is seen all the same', async () => {
  const { ours, theirs } = await ropes();
  await peers.step(10);
  const topology = (await ours.read('topology'))[0] ?? 0;
  ours.tearEdge(4);
  theirs.tearEdge(4);
  await peers.step(1);
  expect((await ours.read('topology'))[0]).toBeGreaterThan(topology);
  const [piece] = theirs.pieces();
  if (piece === undefined) throw new Error('nothing tore off');
  await peers.step(60);
  expect(await ours.readPositions()).toEqual(theirs.particlePositions());
  const { latest } = viewed();
  const [start, end] = particlesOf(latest, ours.slot);
  expect([start, end]).toEqual([0, theirs.numParticles()]);
  expect(latest.positions.slice(0, end * 3)).toEqual(theirs.particlePositions());
  const fallen = peers.peer.getSoftBody(piece);
  expect(latest.count - end).toBe(fallen.numParticles());
  expect(latest.positions.slice(end * 3, latest.count * 3)).toEqual(fallen.particlePositions());
  expect(new Set(latest.owners.subarray(end, latest.count))).toEqual(new Set([NO_OWNER]));
});

test('a torn world is rolled back, kept in a snapshot and goes on to the same digest', async () => {
  const { ours } = await ropes();
  await peers.ours.step(10);
  const state = peers.ours.save();
  const tear = async () => {
    ours.tearEdge(4);
    await peers.ours.step(20);
    return hexOf(await peers.ours.digest());
  };
  const torn = await tear();
  const twin = await physics.restoreSnapshot(await peers.ours.takeSnapshot());
  expect(hexOf(await twin.digest())).toBe(torn);
  await peers.ours.step(30);
  await twin.step(30);
  expect(hexOf(await twin.digest())).toBe(hexOf(await peers.ours.digest()));
  await peers.ours.restore(state);
  expect(viewed().latest.count).toBe(9);
  expect(await tear()).toBe(torn);
});

test('what tears off is in the digest', async () => {
  const { ours } = await ropes();
  await using twin = await physics.createWorld({ capacity: 8 });
  twin.createBody({
    type: 'fixed',
    position: [0, -1, 0],
    colliders: [{ shape: 'box', halfExtents: [20, 1, 20] }],
  });
  const other = await twin.createSoftBody(ROPE);
  for (const rope of [ours, other]) rope.tearEdge(4);
  // Both tear alike; then only the piece of one is pushed, by a ball that comes and goes.
  await peers.ours.step(5);
  await twin.step(5);
  expect(hexOf(await twin.digest())).toBe(hexOf(await peers.ours.digest()));
  const ball = twin.createBody({
    type: 'dynamic',
    position: [1.7, 4.2, 0],
    linearVelocity: [0, -20, 0],
    colliders: [{ shape: 'ball', radius: 0.3 }],
  });
  const stand = peers.ours.createBody({ type: 'dynamic', position: [0, 90, 0] });
  await peers.ours.step(2);
  await twin.step(2);
  ball.remove();
  stand.remove();
  expect(await other.readPositions()).toEqual(await ours.readPositions());
  expect(hexOf(await twin.digest())).not.toBe(hexOf(await peers.ours.digest()));
});

test('strain tears, at the same step as rapier', async () => {
  const material = { tearStrain: 0.02, edges: [3, 1] } as const;
  const theirMaterial = new RAPIER.SoftBodyMaterial();
  theirMaterial.tearStrain = 0.02;
  theirMaterial.edgeSoftness = { naturalFrequency: 3, dampingRatio: 1 };
  const description = SoftBodyDesc.rope({ x: 0, y: 4, z: 0 }, { x: 2, y: 4, z: 0 }, 9);
  const theirs = peers.peer.createSoftBody(
    description.setPinnedParticles([0]).setMaterial(theirMaterial),
  );
  const ours = await peers.ours.createSoftBody({ ...ROPE, material });
  let torn = 0;
  for (let step = 0; step < 60; step++) {
    await peers.step(1);
    torn += theirs.pieces().length;
    expect((await ours.read('particleCount'))[0]).toBe(theirs.numParticles());
  }
  expect(torn).toBeGreaterThan(0);
});

test('particles are read without a call, from elsewhere too, and asleep when they are', async () => {
  const { ours } = await ropes();
  await peers.ours.createSoftBody({
    kind: 'box',
    center: [5, 0.3, 0],
    halfExtents: [0.3, 0.3, 0.3],
    counts: [2, 2, 2],
  });
  await peers.ours.step(3);
  const particles = Particles.attach({ ...viewed().location });
  expect(particles.capacity).toBeGreaterThanOrEqual(ROOM);
  const seen = particles.read(({ step, count, positions, velocities, owners }) => ({
    step,
    owners: [...owners.subarray(0, count)],
    positions: positions.slice(0, count * 3),
    velocities: velocities.slice(0, count * 3),
  }));
  expect(seen.step).toBe(3);
  expect(seen.owners).toEqual([...new Array<number>(9).fill(0), ...new Array<number>(8).fill(1)]);
  expect(seen.positions.slice(0, 27)).toEqual(await ours.readPositions());
  expect(seen.velocities.slice(0, 27)).toEqual(await ours.readVelocities());
  expect(particlesOf(particles.latest, 1)).toEqual([9, 17]);
  expect(particlesOf(particles.latest, 2)).toEqual([17, 17]);
  ours.setEnabled(false);
  await peers.ours.step(600);
  const { states } = particles.latest;
  expect(states[0]).toBe(BODY_STATES.disabled);
  expect(states[9]).toBe(BODY_STATES.sleeping);
  ours.remove();
  await peers.ours.step(0);
  expect(particlesOf(particles.latest, 0)).toEqual([0, 0]);
  expect(() => Particles.attach(peers.ours.poses.location)).toThrow('location must be');
});

test('a frame without room for all says how many there are', async () => {
  await using world = await physics.createWorld({ capacity: 1, particleCapacity: 4 });
  await world.createSoftBody(ROPE);
  await world.step(1);
  const { particles } = world;
  expect(particles?.latest.total).toBe(9);
  expect(particles?.latest.count).toBe(particles?.capacity);
  await using other = await physics.createWorld();
  expect(other.particles).toBeUndefined();
  await expect(physics.createWorld({ particleCapacity: 2 ** 21 })).rejects.toThrow(
    'particleCapacity must be',
  );
});

test('a command on a particle that isn’t there is told of, and loses no other', async () => {
  const { ours } = await ropes();
  const body = peers.ours.createBody({ type: 'dynamic', gravityScale: 0 });
  ours.setParticlePinned(99, true);
  ours.tearEdge(1000);
  body.setTranslation([1, 2, 3]);
  await expect(peers.ours.step(1)).rejects.toMatchObject({ code: 'physics/bad-command' });
  expect(body.translation).toEqual([1, 2, 3]);
  expect((await peers.ours.step(1)).step).toBe(1);
});

test('soft bodies asked for at once: one that is refused takes nothing from the next', async () => {
  const world = peers.ours;
  const [bad, good] = await Promise.allSettled([
    world.createSoftBody({ ...ROPE, pinned: [50] }),
    world.createSoftBody(ROPE),
  ]);
  expect(bad).toMatchObject({ reason: { code: 'physics/bad-shape' } });
  expect(good.status).toBe('fulfilled');
  const shapes = await Promise.allSettled([
    world.createShape({ shape: 'convex-hull', points: new Float32Array(12) }),
    world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] }),
  ]);
  expect(shapes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  const third = await world.createSoftBody(ROPE);
  await world.step(1);
  expect(particlesOf(viewed().latest, third.slot)[0]).toBe(0);
});
