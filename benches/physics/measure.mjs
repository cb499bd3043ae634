// What is measured: steps, saving and restoring, rays, reading poses. Poses are compared where both sides are
// deterministic: results that differ end the bench.
import { QueryHits } from '@inos/physics';
import { Failure } from '../../scripts/process.mjs';
import { interleave } from '../loop/interleave.mjs';
import { addRatios, median } from '../loop/statistics.mjs';

const OURS = 'ours';
const PEER = 'rapier3d-deterministic';
const SIMD = 'rapier3d-simd';

const milliseconds = async (work) => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

function requireEqual(scene, ours, peer) {
  for (let index = 0; index < scene.items.length; index++) {
    const [one, other] = [ours.pose(index), peer.pose(index)];
    if (one.some((number, axis) => number !== other[axis])) {
      throw new Failure(`${scene.name}: body ${index} is at ${one}, and at ${other} for ${PEER}`);
    }
  }
}

/** A scene, stepped by everybody in turns. */
export async function measureSteps(scene, contestants, { rounds, steps }) {
  const entries = await Promise.all(
    contestants.map(async ({ name, build }) => ({ name, built: await build(scene), samples: [] })),
  );
  for (const { built } of entries) await built.step(scene.settle);
  await interleave(entries, rounds, async ({ built, samples }) => {
    samples.push((await milliseconds(() => built.step(steps))) / steps);
  });
  const of = (wanted) => entries.find(({ name }) => name === wanted).built;
  requireEqual(scene, of(OURS), of(PEER));
  for (const { built } of entries) await built.end();
  const rows = entries.map(({ name, samples }) => ({ name, step: median(samples) }));
  const times = addRatios(addRatios(rows, { key: 'step', of: PEER, as: 'ofPeer' }), {
    key: 'step',
    of: SIMD,
    as: 'ofSimd',
  });
  return {
    id: scene.name,
    title: `${scene.name}: a step, in milliseconds`,
    columns: [
      { key: 'step', title: 'ms' },
      { key: 'ofPeer', title: `× ${PEER}` },
      { key: 'ofSimd', title: `× ${SIMD}` },
    ],
    rows: times,
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

/** Saving a world and restoring it. */
export async function measureSaving(scene, contestants, rapier, rounds) {
  const [ours, peer] = await Promise.all(contestants.slice(0, 2).map(({ build }) => build(scene)));
  for (const { step } of [ours, peer]) await step(scene.settle);
  const samples = { [OURS]: [], [PEER]: [] };
  const turns = [
    async () => {
      const time = await milliseconds(async () => {
        const state = ours.world.save();
        await ours.world.restore(state);
        state.dispose();
      });
      samples[OURS].push(time);
    },
    async () => {
      const time = await milliseconds(() => {
        rapier.World.restoreSnapshot(peer.world.takeSnapshot()).free();
      });
      samples[PEER].push(time);
    },
  ];
  await interleave(turns, rounds, (turn) => turn());
  for (const { end } of [ours, peer]) await end();
  return ratioGroup('saving', `${scene.name}: save and restore`, samples, 0.1);
}

/** Ten thousand rays down onto a pile: one call, or one call each. */
export async function measureRays(scene, contestants, physics, rapier, rounds) {
  const count = 10_000;
  const [ours, peer] = await Promise.all(contestants.slice(0, 2).map(({ build }) => build(scene)));
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
  return ratioGroup('rays', `${scene.name}: 10,000 rays`, samples, 0.3);
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
