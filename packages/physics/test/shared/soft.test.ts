/** Soft bodies: the same bits as rapier's own deterministic package has, and what can be done to them. */
import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { createPhysics, type Physics } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hexOf } from './hex.js';
import { Peers, vector } from './peer.js';

let physics: Standalone<Physics>;
let peers: Peers;

beforeAll(async () => {
  await RAPIER.init();
});

beforeEach(async () => {
  physics = await createPhysics({ softBodies: true });
  peers = new Peers(await physics.createWorld({ capacity: 50 }));
  const floor = { shape: 'box', halfExtents: [20, 1, 20] } as const;
  peers.add({ type: 'fixed', position: [0, -1, 0] }, floor);
});

afterEach(async () => {
  peers.peer.free();
  await physics.close();
});

test('a rope, a cloth, a box and a ball fall as rapier has them', async () => {
  peers.add({ type: 'dynamic', position: [0, 5, 0] }, { shape: 'ball', radius: 0.4 });
  const { SoftBodyDesc } = RAPIER;
  const cloth = {
    kind: 'cloth',
    origin: [-1, 3, -1],
    along: [0.2, 0, 0],
    across: [0, 0, 0.2],
    counts: [11, 11],
    pinned: [0, 10, 110, 120],
  } as const;
  const ours = [
    await peers.ours.createSoftBody({
      kind: 'rope',
      start: [4, 3, 0],
      end: [6, 3, 0],
      count: 12,
      pinned: [0],
    }),
    await peers.ours.createSoftBody(cloth),
    await peers.ours.createSoftBody({
      kind: 'box',
      center: [-5, 2, 0],
      halfExtents: [0.5, 0.5, 0.5],
      counts: [4, 4, 4],
    }),
    await peers.ours.createSoftBody({
      kind: 'ball',
      center: [0, 2, 6],
      radius: 0.6,
      subdivisions: 2,
      mass: 3,
    }),
  ];
  const along = vector(cloth.along);
  const across = vector(cloth.across);
  const theirs = [
    SoftBodyDesc.rope({ x: 4, y: 3, z: 0 }, { x: 6, y: 3, z: 0 }, 12).setPinnedParticles([0]),
    SoftBodyDesc.cloth(vector(cloth.origin), along, across, 11, 11).setPinnedParticles([
      ...cloth.pinned,
    ]),
    SoftBodyDesc.cuboid({ x: -5, y: 2, z: 0 }, { x: 0.5, y: 0.5, z: 0.5 }, 4, 4, 4),
    SoftBodyDesc.sphere({ x: 0, y: 2, z: 6 }, 0.6, 2).setMass(3),
  ].map((description) => peers.peer.createSoftBody(description));
  for (let round = 0; round < 4; round++) {
    await peers.step(30);
    peers.expectEqual();
    for (const [index, body] of ours.entries()) {
      expect(await body.readPositions()).toEqual(theirs[index]?.particlePositions());
    }
  }
  const { particleCount, mass } = await peers.ours.readSoftBodies(ours, ['particleCount', 'mass']);
  expect([...particleCount]).toEqual(theirs.map((body) => body.numParticles()));
  expect([...mass]).toEqual(theirs.map((body) => body.mass()));
  const all = await peers.ours.readSoftPositions(ours);
  expect(all.count(0)).toBe(12);
});

test('rollback brings particles back, and the digest sees them', async () => {
  const world = peers.ours;
  const cloth = await world.createSoftBody({
    kind: 'cloth',
    origin: [0, 2, 0],
    along: [0.2, 0, 0],
    across: [0, 0, 0.2],
    counts: [6, 6],
  });
  await world.step(20);
  const state = world.save();
  const before = hexOf(await world.digest());
  await world.step(40);
  const after = hexOf(await world.digest());
  expect(after).not.toBe(before);
  await world.restore(state);
  expect(hexOf(await world.digest())).toBe(before);
  await world.step(40);
  expect(hexOf(await world.digest())).toBe(after);
  cloth.applyImpulse([0, 3, 0]);
  await world.step(1);
  expect(hexOf(await world.digest())).not.toBe(after);
});

test('a snapshot has them', async () => {
  const world = peers.ours;
  await world.createSoftBody({
    kind: 'box',
    center: [0, 1, 0],
    halfExtents: [0.4, 0.4, 0.4],
    counts: [3, 3, 3],
  });
  await world.step(60);
  const twin = await physics.restoreSnapshot(await world.takeSnapshot());
  expect(await twin.softBodyAt(0)?.readPositions()).toEqual(
    await world.softBodyAt(0)?.readPositions(),
  );
  await world.step(60);
  await twin.step(60);
  expect(hexOf(await twin.digest())).toBe(hexOf(await world.digest()));
});

test('particles are pinned, attached, pushed; the body goes', async () => {
  const world = peers.ours;
  const post = world.createBody({ type: 'kinematic-velocity', position: [0, 6, 0] });
  const rope = await world.createSoftBody({
    kind: 'rope',
    start: [0, 6, 0],
    end: [2, 6, 0],
    count: 9,
  });
  rope.attachParticle(0, post);
  post.setLinearVelocity([0, 0, 1]);
  rope.setParticlePinned(8, true);
  await world.step(60);
  const positions = await rope.readPositions();
  expect(positions[2]).toBeCloseTo(1, 1);
  expect(Array.from(positions.subarray(24, 27))).toEqual([2, 6, 0]);
  expect((await rope.readEdges()).length).toBeGreaterThanOrEqual(16);
  rope.detachParticle(0);
  rope.setParticlePinned(8, false);
  rope.addForce([0, 5, 0]);
  await world.step(30);
  rope.remove();
  expect(() => rope.wake()).toThrow(expect.objectContaining({ code: 'physics/dead-handle' }));
  await world.step(5);
  expect(world.softBodyAt(0)).toBeUndefined();
});

const CLOTH = {
  kind: 'cloth',
  origin: [0, 0, 0],
  along: [1, 0, 0],
  across: [0, 0, 1],
  counts: [3, 3],
} as const;

test.each([
  [{ ...CLOTH, counts: [1, 3] }, 'options.counts[0]'],
  [{ ...CLOTH, origin: [0, Number.NaN, 0] }, 'options.origin[1]'],
  [{ ...CLOTH, material: { poissonRatio: 0.6 } }, 'options.material.poissonRatio'],
  [{ ...CLOTH, mass: 0 }, 'options.mass'],
  [{ kind: 'jelly', points: [0, 0, 0] }, 'options.kind'],
  [{ kind: 'particles', points: [0, 0, 0], edges: [0, 1] }, 'options.edges[1]'],
])('bad soft body %# is refused by its name', async (options, argument) => {
  await expect(peers.ours.createSoftBody(options as never)).rejects.toThrow(`${argument} must be`);
  await peers.ours.step(1);
});

test('a pinned particle that there isn’t is refused by the capsule', async () => {
  await expect(peers.ours.createSoftBody({ ...CLOTH, pinned: [9] })).rejects.toMatchObject({
    code: 'physics/bad-shape',
  });
  expect((await peers.ours.createSoftBody(CLOTH)).slot).toBe(0);
});
