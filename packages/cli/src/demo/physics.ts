/**
 * The demo's world: a pile of boxes that falls, is rolled back and falls again to the same digest.
 */
import type { World } from '@inos/physics';
import { toHex } from '../format.js';
import type { DemoRuntime } from '../runtime.js';
import type { DemoView, PhysicsReport } from './report.js';

const BOXES = 500;
const LAYER = 100;
/** Before the world is saved, and again after. */
const STEPS = 60;

/** Makes the pile, steps it, rolls it back, steps it again, and reports what that came to. */
export async function runPhysics(
  inos: DemoRuntime,
  view: DemoView,
  signal: AbortSignal,
): Promise<PhysicsReport> {
  signal.throwIfAborted();
  view.busy(`stepping ${BOXES} boxes`, () => 0);
  const world = await inos.physics.createWorld({ capacity: BOXES + 1 });
  try {
    buildPile(world);
    const quote = world.quote(STEPS);
    const started = performance.now();
    const first = await world.step(STEPS, { signal });
    const milliseconds = performance.now() - started;
    const state = world.save();
    const stateBytes = await state.byteLength;
    await world.step(STEPS, { signal });
    const digest = toHex(await world.digest());
    await world.restore(state);
    const restoredTo = world.poses.step;
    await world.step(STEPS, { signal });
    const digestAgain = toHex(await world.digest());
    const report = {
      boxes: BOXES,
      steps: world.poses.step,
      millisecondsPerStep: Math.round((milliseconds / STEPS) * 1000) / 1000,
      quoted: Number(quote.maximum),
      charged: Number(first.usage.charged),
      bodySteps: Number(first.usage.units),
      stateBytes,
      restoredTo,
      digest,
      digestAgain,
      isEqual: digest === digestAgain,
    };
    view.physicsEnded(report);
    return report;
  } finally {
    await world.dispose();
  }
}

function buildPile(world: World): void {
  world.createBody({
    type: 'fixed',
    position: [0, -1, 0],
    colliders: [{ shape: 'box', halfExtents: [50, 1, 50] }],
  });
  const positions = new Float32Array(BOXES * 3);
  for (let index = 0; index < BOXES; index++) {
    const layer = Math.floor(index / LAYER);
    const place = [
      (index % 10) * 1.1 + layer * 0.3,
      0.6 + layer * 1.2,
      (Math.floor(index / 10) % 10) * 1.1,
    ];
    positions.set(place, index * 3);
  }
  const collider = { shape: 'box', halfExtents: [0.5, 0.5, 0.5] } as const;
  world.createBodies({ type: 'dynamic', positions, colliders: [collider] });
}
