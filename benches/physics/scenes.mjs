// The worlds that everybody steps: bodies as plain data, built by each contestant with its own calls.

/** @typedef {{ position: number[], half?: number[], radius?: number, fixed?: boolean }} Item */
/** @typedef {{ name: string, items: Item[], joints: number[][], terrain: boolean, settle: number }} Scene */

const FLOOR = { position: [0, -1, 0], half: [200, 1, 200], fixed: true };

/** Boxes in layers, a little apart. */
function pile(count, side) {
  const items = [FLOOR];
  for (let index = 0; index < count; index++) {
    const [column, row] = [index % side, Math.floor(index / side) % side];
    const layer = Math.floor(index / (side * side));
    const position = [column * 1.05 - side / 2, 0.6 + layer * 1.1, row * 1.03 - side / 2];
    items.push({ position, half: [0.5, 0.5, 0.5] });
  }
  return items;
}

/** Ragdolls of a body with four limbs of two parts, each held by spherical joints. */
function ragdolls(count) {
  const items = [FLOOR];
  const joints = [];
  for (let index = 0; index < count; index++) {
    const [x, z] = [(index % 25) * 3 - 36, Math.floor(index / 25) * 3 - 30];
    const torso = items.length;
    items.push({ position: [x, 3, z], half: [0.3, 0.5, 0.2] });
    for (const [dx, dy] of [
      [-0.7, 0.3],
      [0.7, 0.3],
      [-0.7, -0.7],
      [0.7, -0.7],
    ]) {
      let above = torso;
      for (const far of [1, 1.8]) {
        joints.push([above, items.length]);
        above = items.length;
        items.push({ position: [x + dx * far, 3 + dy * far, z], radius: 0.15 });
      }
    }
  }
  return { items, joints };
}

/** @param {boolean} isQuick @returns {Scene[]} */
export function scenes(isQuick) {
  const few = isQuick ? 10 : 1;
  const plain = { joints: [], terrain: false };
  return [
    { name: '1,000 boxes, moving', items: pile(1000 / few, 10), settle: 30, ...plain },
    { name: '1,000 boxes, settled', items: pile(1000 / few, 10), settle: 400, ...plain },
    { name: '10,000 boxes, moving', items: pile(10_000 / few, 30), settle: 10, ...plain },
    { name: '500 ragdolls', ...ragdolls(500 / few), settle: 30, terrain: false },
    {
      name: '1,000 boxes on 20,000 triangles',
      items: pile(1000 / few, 20).slice(1),
      settle: 30,
      joints: [],
      terrain: true,
    },
  ];
}

/** A square of triangles that go up and down. */
export function terrain() {
  const side = 101;
  const points = new Float32Array(side * side * 3);
  const indices = [];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const corner = row * side + column;
      const height = ((row * 5 + column * 3) % 4) * 0.2 - 1;
      points.set([row - 50, height, column - 50], corner * 3);
      if (row === 0 || column === 0) continue;
      indices.push(corner, corner - side, corner - side - 1);
      indices.push(corner, corner - side - 1, corner - 1);
    }
  }
  return { points, indices: Uint32Array.from(indices) };
}
