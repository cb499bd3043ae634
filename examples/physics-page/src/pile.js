// The world: ten thousand boxes in a tower that stands askew, and a floor.

export const BOXES = 10_000;
const SIDE = 20;

/** @param {import('@inos/physics').Physics} physics */
export async function createPile(physics) {
  const world = await physics.createWorld({ capacity: BOXES + 1, eventCapacity: 0 });
  world.createBody({
    type: 'fixed',
    position: [0, -1, 0],
    colliders: [{ shape: 'box', halfExtents: [200, 1, 200] }],
  });
  const positions = new Float32Array(BOXES * 3);
  for (let index = 0; index < BOXES; index++) {
    const [column, row] = [index % SIDE, Math.floor(index / SIDE) % SIDE];
    const layer = Math.floor(index / (SIDE * SIDE));
    const lean = layer * 0.3;
    positions.set(
      [column * 1.1 - SIDE / 2 + lean, 0.6 + layer * 1.15, row * 1.1 - SIDE / 2],
      index * 3,
    );
  }
  const boxes = world.createBodies({
    type: 'dynamic',
    positions,
    colliders: [{ shape: 'box', halfExtents: [0.5, 0.5, 0.5] }],
  });
  await world.step(0);
  return { world, firstSlot: boxes[0].slot };
}
