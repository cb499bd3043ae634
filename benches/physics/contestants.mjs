// Who steps: ours, and rapier's own packages, by the same few calls.
import RapierDeterministic from '@dimforge/rapier3d-deterministic-compat';
import RapierSimd from '@dimforge/rapier3d-simd-compat';
import { createPhysics } from '@inos/physics';
import { terrain } from './scenes.mjs';

const anchors = (first, second) => {
  const middle = first.position.map((axis, index) => (axis + second.position[index]) / 2);
  const from = (item) => middle.map((axis, index) => axis - item.position[index]);
  return [from(first), from(second)];
};
const vector = ([x, y, z]) => ({ x, y, z });

async function ourWorld(physics, scene) {
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
    const [anchor1, anchor2] = anchors(scene.items[first], scene.items[second]);
    world.createJoint(bodies[first], bodies[second], { type: 'spherical', anchor1, anchor2 });
  }
  await world.step(0);
  return {
    world,
    step: (count) => world.step(count),
    pose: (index) => [...bodies[index].translation, ...bodies[index].rotation],
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
    const [one, other] = anchors(scene.items[first], scene.items[second]).map(vector);
    const joint = rapier.JointData.spherical(one, other);
    world.createImpulseJoint(joint, bodies[first], bodies[second], true);
  }
  return {
    world,
    bodies,
    step: async (count) => {
      for (let index = 0; index < count; index++) world.step();
    },
    pose: (index) => {
      const { x, y, z } = bodies[index].translation();
      const turned = bodies[index].rotation();
      return [x, y, z, turned.x, turned.y, turned.z, turned.w];
    },
    end: async () => world.free(),
  };
}

/** Ours, rapier's deterministic package, and its package with SIMD, which isn't deterministic. */
export async function openContestants() {
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
    ],
  };
}
