// The worlds that everybody steps: bodies as plain data, built by each contestant with its own calls.

/** @typedef {{ position: number[], half?: number[], radius?: number, fixed?: boolean }} Item */
/**
 * `settle` steps are taken before any is measured; `milliseconds` bound how long it is measured.
 *
 * @typedef {object} Scene
 * @property {string} name
 * @property {Item[]} items
 * @property {number[][]} joints pairs of items
 * @property {boolean} terrain
 * @property {number} settle
 * @property {number} milliseconds
 */

const FLOOR = { position: [0, -1, 0], half: [200, 1, 200], fixed: true };

/** Boxes in layers, with gaps through which they fall. */
function loosePile(count, side) {
  return pile(count, side, (column, layer, row) => [column * 1.05, 0.6 + layer * 1.1, row * 1.03]);
}

/** Boxes that lie on one another from the start: they settle within some steps. */
function restingPile(count, side) {
  return pile(count, side, (column, layer, row) => [column * 1.05, 0.5 + layer, row * 1.03]);
}

function pile(count, side, place) {
  const items = [FLOOR];
  for (let index = 0; index < count; index++) {
    const [column, row] = [index % side, Math.floor(index / side) % side];
    const [x, y, z] = place(column, Math.floor(index / (side * side)), row);
    items.push({ position: [x - side / 2, y, z - side / 2], half: [0.5, 0.5, 0.5] });
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

/**
 * Bodies never sleep in these scenes: a world that sleeps costs nobody anything.
 *
 * @param {boolean} isQuick a tenth of the bodies, to see that all agree
 * @returns {Scene[]}
 */
export function scenes(isQuick) {
  const [thousand, many, people] = isQuick ? [100, 1000, 50] : [1000, 10_000, 500];
  const name = (text) => (isQuick ? `${text}, a tenth of it` : text);
  const plain = { joints: [], terrain: false, milliseconds: isQuick ? 500 : 10_000 };
  return [
    { ...plain, name: name('1,000 boxes, moving'), items: loosePile(thousand, 10), settle: 30 },
    { ...plain, name: name('1,000 boxes, settled'), items: restingPile(thousand, 10), settle: 120 },
    { ...plain, name: name('10,000 boxes, moving'), items: loosePile(many, 30), settle: 10 },
    { ...plain, name: name('10,000 boxes, settled'), items: restingPile(many, 30), settle: 40 },
    { ...plain, name: name('500 ragdolls'), ...ragdolls(people), settle: 60 },
    {
      ...plain,
      name: name('1,000 boxes on 20,000 triangles'),
      items: loosePile(thousand, 20).slice(1),
      settle: 60,
      terrain: true,
    },
  ];
}

/** Where a joint holds its two items, relative to each: in their middle. */
export function anchorsOf(first, second) {
  const middle = first.position.map((axis, index) => (axis + second.position[index]) / 2);
  const from = (item) => middle.map((axis, index) => axis - item.position[index]);
  return [from(first), from(second)];
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
