// Who steps: ours, rapier's own packages and rapier natively, by the same few calls.
import RapierDeterministic from '@dimforge/rapier3d-deterministic-compat';
import RapierSimd from '@dimforge/rapier3d-simd-compat';
import { createPhysics } from '@inos/physics';
import { availableParallelism } from 'node:os';
import { nativeWorld } from './native.mjs';
import { anchorsOf, terrain } from './scenes.mjs';

/** How long something took. */
export async function milliseconds(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const vector = ([x, y, z]) => ({ x, y, z });

/** A scene as a world of ours. */
export async function ourWorld(physics, scene) {
  const world = await physics.createWorld({ capacity: scene.items.length });
  if (scene.terrain) {
    world.createCollider({ shape: await world.createShape({ shape: 'trimesh', ...terrain() }) });
  }
  const bodies = scene.items.map(({ position, half, radius, fixed }) =>
    world.createBody({
      type: fixed ? 'fixed' : 'dynamic',
      position,
      canSleep: false,
      colliders: [half ? { shape: 'box', halfExtents: half } : { shape: 'ball', radius }],
    }),
  );
  for (const [first, second] of scene.joints) {
    const [anchor1, anchor2] = anchorsOf(scene.items[first], scene.items[second]);
    world.createJoint(bodies[first], bodies[second], { type: 'spherical', anchor1, anchor2 });
  }
  await world.step(0);
  return {
    world,
    step: (count) => milliseconds(() => world.step(count)),
    poses: async () => bodies.map(({ translation, rotation }) => [...translation, ...rotation]),
    end: () => world.dispose(),
  };
}

function rapierWorld(rapier, scene) {
  const world = new rapier.World({ x: 0, y: -9.81, z: 0 });
  if (scene.terrain) {
    const { points, indices } = terrain();
    world.createCollider(rapier.ColliderDesc.trimesh(points, indices));
  }
  const bodies = scene.items.map(({ position, half, radius, fixed }) => {
    const description = fixed ? rapier.RigidBodyDesc.fixed() : rapier.RigidBodyDesc.dynamic();
    description.setTranslation(...position).setCanSleep(false);
    const body = world.createRigidBody(description);
    const { ball, cuboid } = rapier.ColliderDesc;
    world.createCollider(half ? cuboid(...half) : ball(radius), body);
    return body;
  });
  for (const [first, second] of scene.joints) {
    const [one, other] = anchorsOf(scene.items[first], scene.items[second]).map(vector);
    const joint = rapier.JointData.spherical(one, other);
    world.createImpulseJoint(joint, bodies[first], bodies[second], true);
  }
  return {
    world,
    bodies,
    step: (count) =>
      milliseconds(() => {
        for (let index = 0; index < count; index++) world.step();
      }),
    poses: async () =>
      bodies.map((body) => {
        const { x, y, z } = body.translation();
        const turned = body.rotation();
        return [x, y, z, turned.x, turned.y, turned.z, turned.w];
      }),
    end: async () => world.free(),
  };
}

/** Ours with as many threads as the machine has cores. */
export async function openOnAllThreads() {
  const threads = availableParallelism();
  const physics = await createPhysics({ threads });
  await physics.start();
  return { physics, threads, build: (scene) => ourWorld(physics, scene) };
}

/**
 * Ours, rapier's deterministic package, its package with SIMD, which isn't deterministic, and rapier natively.
 *
 * @param {string | undefined} program the native one, if it could be built
 */
export async function openContestants(program) {
  const physics = await createPhysics();
  await Promise.all([physics.start(), RapierDeterministic.init(), RapierSimd.init()]);
  return {
    physics,
    rapier: RapierDeterministic,
    all: [
      { name: 'ours', build: (scene) => ourWorld(physics, scene) },
      {
        name: 'rapier3d-deterministic',
        build: async (scene) => rapierWorld(RapierDeterministic, scene),
      },
      { name: 'rapier3d-simd', build: async (scene) => rapierWorld(RapierSimd, scene) },
      ...(program === undefined
        ? []
        : [{ name: 'native Rust', build: (scene) => nativeWorld(program, scene) }]),
    ],
  };
}
