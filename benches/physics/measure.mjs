// What is measured: steps, saving and restoring, rays, reading poses. Poses are compared where both sides are
// deterministic: results that differ end the bench.
import { QueryHits } from '@inos/physics';
import { Failure } from '../../scripts/process.mjs';
import { measureSizes } from '../../scripts/sizes.mjs';
import { interleave } from '../loop/interleave.mjs';
import { addRatios, median } from '../loop/statistics.mjs';
import { milliseconds } from './contestants.mjs';

const OURS = 'ours';
const PEER = 'rapier3d-deterministic';
const SIMD = 'rapier3d-simd';
const NATIVE = 'native Rust';
/** One of 60 a second. */
const FRAME_MS = 1000 / 60;
/** How many steps netcode takes again, and states it keeps. */
const ROLLED_BACK = 8;
/** What users download of it at first, and how the whole is named, which has soft bodies, too. */
const MODULE = 'physics';
const DOWNLOAD_KB = 650;

/** Those whose results must be equal bit by bit. */
const DETERMINISTIC = [PEER, NATIVE];

async function requireEqual(scene, entries) {
  const poses = async (name) => entries.find((entry) => entry.name === name)?.built.poses();
  const ours = await poses(OURS);
  for (const name of DETERMINISTIC) {
    const theirs = await poses(name);
    for (const [index, one] of theirs?.entries() ?? []) {
      const other = ours[index];
      if (one.every((number, axis) => number === other[axis])) continue;
      throw new Failure(`${scene.name}: body ${index} is at ${other}, and at ${one} for ${name}`);
    }
  }
}

/** Measures in turns until all rounds are done or the scene's time is over, but each at least thrice. */
async function takeTurns(entries, { rounds, steps, milliseconds: limit }) {
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= 3 && performance.now() - started > limit) return;
    await interleave(entries, 1, async ({ built, samples }) => {
      samples.push((await built.step(steps)) / steps);
    });
    entries.push(entries.shift());
  }
}

/** Steps a scene unmeasured: engines optimise what has run for a while, and the larger a module, the later. */
export async function warmUp(scene, contestants, milliseconds) {
  const worlds = await Promise.all(contestants.map(({ build }) => build(scene)));
  const ends = performance.now() + milliseconds;
  while (performance.now() < ends) {
    for (const { step } of worlds) await step(20);
  }
  for (const { end } of worlds) await end();
}

/** A scene, stepped by everybody in turns. */
export async function measureSteps(scene, contestants, { rounds, steps }) {
  const entries = [];
  for (const { name, build } of contestants) {
    entries.push({ name, built: await build(scene), samples: [] });
  }
  for (const { built } of entries) await built.step(scene.settle);
  await takeTurns([...entries], { rounds, steps, milliseconds: scene.milliseconds });
  await requireEqual(scene, entries);
  for (const { built } of entries) await built.end();
  const rows = entries.map(({ name, samples }) => ({ name, step: median(samples) }));
  const ratios = [
    { of: PEER, as: 'ofPeer' },
    { of: SIMD, as: 'ofSimd' },
  ];
  return {
    id: scene.name,
    title: `${scene.name}: a step, in milliseconds`,
    columns: [
      { key: 'step', title: 'ms' },
      { key: 'ofPeer', title: `× ${PEER}` },
      { key: 'ofSimd', title: `× ${SIMD}` },
    ],
    rows: ratios.reduce((list, ratio) => addRatios(list, { key: 'step', ...ratio }), rows),
    thresholds: [
      { name: OURS, key: 'ofPeer', atMost: 0.42 },
      { name: OURS, key: 'ofSimd', atMost: 1.25 },
    ],
  };
}

function ratioGroup(id, title, samples, limit) {
  const rows = Object.entries(samples).map(([name, list]) => ({ name, time: median(list) }));
  return {
    id,
    title,
    columns: [
      { key: 'time', title: 'ms' },
      { key: 'ratio', title: `× ${PEER}` },
    ],
    rows: addRatios(rows, { key: 'time', of: PEER, as: 'ratio' }),
    thresholds: [{ name: OURS, key: 'ratio', atMost: limit }],
  };
}

/**
 * The latest states of a world, one a step, the oldest first. Each turn saves the world and restores the oldest state,
 * as netcode does when an input comes late, and may take the steps since then again.
 */
async function openRing({ world, step }) {
  const states = [];
  for (let count = 0; count < ROLLED_BACK; count++) {
    states.push(world.save());
    await step(1);
  }
  return async (steps) => {
    states.push(world.save());
    const oldest = states.shift();
    const restored = world.restore(oldest);
    if (steps > 0) await world.step(steps);
    await restored;
    oldest.dispose();
  };
}

/** As {@link openRing}, of the peer's: restoring makes another world. */
async function openPeerRing({ world, step }, rapier) {
  const states = [];
  for (let count = 0; count < ROLLED_BACK; count++) {
    states.push(world.takeSnapshot());
    await step(1);
  }
  let current = world;
  const turn = (steps) => {
    states.push(current.takeSnapshot());
    const restored = rapier.World.restoreSnapshot(states.shift());
    for (let step = 0; step < steps; step++) restored.step();
    if (current !== world) current.free();
    current = restored;
  };
  return { turn, end: () => current !== world && current.free() };
}

/** Saving a world and restoring an earlier state; and taking eight steps again. */
export async function measureSaving(scene, contestants, rapier, rounds) {
  const [ours, peer] = await Promise.all(contestants.slice(0, 2).map(({ build }) => build(scene)));
  for (const { step } of [ours, peer]) await step(scene.settle);
  const samples = { [OURS]: [], [PEER]: [] };
  const again = { [OURS]: [], [PEER]: [] };
  const rollBackOurs = await openRing(ours);
  const { turn: rollBackPeer, end } = await openPeerRing(peer, rapier);
  const turns = [
    async () => samples[OURS].push(await milliseconds(() => rollBackOurs(0))),
    async () => samples[PEER].push(await milliseconds(() => rollBackPeer(0))),
    async () => again[OURS].push(await milliseconds(() => rollBackOurs(ROLLED_BACK))),
    async () => again[PEER].push(await milliseconds(() => rollBackPeer(ROLLED_BACK))),
  ];
  await interleave(turns, rounds, (turn) => turn());
  end();
  for (const { end } of [ours, peer]) await end();
  const group = ratioGroup('saving', `${scene.name}: save and restore`, samples, 0.1);
  return [group, frameGroup(scene, again)];
}

function frameGroup(scene, samples) {
  const rows = Object.entries(samples).map(([name, list]) => ({ name, time: median(list) }));
  return {
    id: 'rollback',
    title: `${scene.name}: save, restore and ${ROLLED_BACK} steps, in a frame of 1/60 s`,
    columns: [{ key: 'time', title: 'ms' }],
    rows,
    thresholds: [{ name: OURS, key: 'time', atMost: FRAME_MS }],
  };
}

/** Ten thousand rays down onto a pile: one call, which all threads work on, or one call each. */
export async function measureRays(scene, { physics, threads, build }, { rapier, all }, rounds) {
  const count = 10_000;
  const [ours, peer] = await Promise.all([build(scene), all[1].build(scene)]);
  for (const { step } of [ours, peer]) await step(scene.settle);
  const rays = physics.memory.alloc(Float32Array, count * 6);
  for (let index = 0; index < count; index++) {
    rays.set([(index % 100) / 8 - 6, 50, Math.floor(index / 100) / 8 - 6, 0, -1, 0], index * 6);
  }
  const hits = new QueryHits(physics.memory, count);
  const distances = new Float32Array(count);
  const down = { x: 0, y: -1, z: 0 };
  const samples = { [OURS]: [], [PEER]: [] };
  const turns = [
    async () => samples[OURS].push(await milliseconds(() => ours.world.castRays(rays, { hits }))),
    async () => {
      const time = await milliseconds(() => {
        for (let index = 0; index < count; index++) {
          const origin = { x: rays[index * 6], y: 50, z: rays[index * 6 + 2] };
          const ray = new rapier.Ray(origin, down);
          distances[index] = peer.world.castRayAndGetNormal(ray, 1e9, true)?.timeOfImpact ?? 0;
        }
      });
      samples[PEER].push(time);
    },
  ];
  await interleave(turns, rounds, (turn) => turn());
  for (let index = 0; index < count; index++) {
    if (hits.distance(index) === distances[index]) continue;
    throw new Failure(`ray ${index} hits at ${hits.distance(index)}, and at ${distances[index]}`);
  }
  hits.dispose();
  physics.memory.free(rays);
  for (const { end } of [ours, peer]) await end();
  return ratioGroup('rays', `${scene.name}: 10,000 rays on ${threads} threads`, samples, 0.3);
}

/** Reading all poses: from shared memory, or by a call for each. */
export async function measureReading(scene, contestants, rounds) {
  const [ours, peer] = await Promise.all(contestants.slice(0, 2).map(({ build }) => build(scene)));
  for (const { step } of [ours, peer]) await step(1);
  const target = new Float32Array(scene.items.length * 7);
  const samples = { [OURS]: [], [PEER]: [] };
  const turns = [
    async () => {
      const time = await milliseconds(() => {
        ours.world.poses.read(({ translations, rotations, slots }) => {
          target.set(translations.subarray(0, slots * 3));
          target.set(rotations.subarray(0, slots * 4), slots * 3);
        });
      });
      samples[OURS].push(time);
    },
    async () => {
      const time = await milliseconds(() => {
        peer.bodies.forEach((body, index) => {
          const { x, y, z } = body.translation();
          const turned = body.rotation();
          target[index * 7] = x;
          target[index * 7 + 1] = y;
          target[index * 7 + 2] = z;
          target[index * 7 + 3] = turned.x;
          target[index * 7 + 4] = turned.y;
          target[index * 7 + 5] = turned.z;
          target[index * 7 + 6] = turned.w;
        });
      });
      samples[PEER].push(time);
    },
  ];
  await interleave(turns, rounds, (turn) => turn());
  for (const { end } of [ours, peer]) await end();
  return ratioGroup('reading', `${scene.name}: reading all poses`, samples, 1 / 20);
}

/** How many bytes users download for it. */
export async function measureDownload() {
  const parts = await measureSizes();
  const modules = parts.filter((part) => part.name.startsWith(MODULE));
  return {
    id: 'size',
    title: 'What is downloaded, in KB',
    columns: [
      { key: 'raw', title: 'raw' },
      { key: 'brotli', title: 'Brotli' },
    ],
    rows: modules.map(({ name, raw, brotli }) => ({
      name,
      raw: raw / 1024,
      brotli: brotli / 1024,
    })),
    thresholds: [{ name: `${MODULE}.wasm`, key: 'brotli', atMost: DOWNLOAD_KB }],
  };
}
