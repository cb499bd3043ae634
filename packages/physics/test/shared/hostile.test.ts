/** Whatever a scene or an option says, it is taken or refused by name, and a world that refuses is unchanged. */
import {
  createPhysics,
  loadScene,
  type BodyOptions,
  type Physics,
  type Scene,
} from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { damaged, requireRefusal, STRANGE } from './damage.js';
import { hexOf } from './hex.js';

let physics: Standalone<Physics>;

beforeEach(async () => {
  physics = await createPhysics({ crashLimit: 1000 });
});

afterEach(async () => {
  await physics.close();
});

/** Something of everything that a scene can say. */
const SCENE = {
  gravity: [0, -9.81, 0],
  stepSeconds: 1 / 60,
  solverIterations: 4,
  lengthUnit: 1,
  bodies: [
    {
      type: 'fixed',
      colliders: [
        { shape: 'trimesh', points: [-9, 0, -9, 9, 0, -9, 0, 0, 9], indices: [0, 2, 1] },
        { shape: 'heightfield', rows: 2, heights: [0, 0, 0, 1], scale: [9, 1, 9] },
      ],
    },
    {
      type: 'dynamic',
      position: [0, 2, 0],
      rotation: [0, 0, 0, 1],
      linearVelocity: [1, 0, 0],
      angularVelocity: [0, 1, 0],
      linearDamping: 0.1,
      gravityScale: 1,
      ccd: true,
      lockTranslations: [false, false, true],
      colliders: [
        { shape: 'box', halfExtents: [0.5, 0.4, 0.3], density: 2, friction: 0.3, restitution: 0.2 },
        { shape: 'capsule', halfHeight: 0.3, radius: 0.2, position: [0, 1, 0] },
      ],
    },
    {
      type: 'dynamic',
      position: [2, 3, 0],
      colliders: [
        { shape: 'convex-hull', points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1] },
        {
          shape: 'ball',
          radius: 0.3,
          sensor: true,
          collisionGroups: { memberships: 1, filter: 3 },
        },
      ],
    },
  ],
  joints: [
    { type: 'revolute', body1: 1, body2: 2, axis: [0, 1, 0], anchor2: [-1, 0, 0], limits: [-1, 1] },
    { type: 'rope', body1: 1, body2: 2, length: 3 },
  ],
} as const satisfies Scene;

test('scenes are loaded or refused by name', { timeout: 120_000 }, async () => {
  const scene = fc.oneof(
    { weight: 9, arbitrary: damaged(SCENE) },
    { weight: 1, arbitrary: STRANGE },
  );
  await fc.assert(
    fc.asyncProperty(scene, async (scene) => {
      let loaded;
      try {
        loaded = await loadScene(physics, scene as Scene);
      } catch (error) {
        requireRefusal(error);
        return;
      }
      await loaded.world.step(1).catch((error: unknown) => {
        // Numbers that are finite can still be more than rapier bears.
        expect(error).toMatchObject({ code: 'capsule/panicked' });
      });
      await loaded.world.dispose();
    }),
    { numRuns: 300 },
  );
});

test('a world that refuses a body or a joint is unchanged', { timeout: 120_000 }, async () => {
  const { world, bodies } = await loadScene(physics, SCENE);
  await world.step(3);
  const before = hexOf(await world.digest());
  const [, first, second] = bodies;
  if (first === undefined || second === undefined) throw new Error('the scene has three bodies');
  const { colliders, ...body } = SCENE.bodies[1];
  const { body1: _one, body2: _other, ...joint } = SCENE.joints[0];
  const attempts = [
    damaged({ ...body, colliders }).map((options) => () => {
      world.createBody(options as BodyOptions).remove();
    }),
    damaged(joint).map((options) => () => {
      world.createJoint(first, second, options as never).remove();
    }),
    damaged(colliders[0]).map((options) => () => {
      first.createCollider(options as never).remove();
    }),
  ];
  await fc.assert(
    fc.asyncProperty(fc.oneof(...attempts), async (attempt) => {
      const count = world.bodyCount;
      let hasRefused = false;
      try {
        attempt();
      } catch (error) {
        hasRefused = true;
        requireRefusal(error);
      }
      expect(world.bodyCount).toBe(count);
      // What was taken was removed again, which may wake what it touched: then only refusals count.
      if (hasRefused) expect(hexOf(await world.digest())).toBe(before);
    }),
    { numRuns: 300 },
  );
});
