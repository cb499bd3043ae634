/**
 * Poses as matrices, for what draws many things at once.
 */
import { outOfRange, requireInteger } from '@inos/sdk';
import { requireBatch, type Numbers } from './numbers.js';

/** Where things are: as frames of poses have it, and what `interpolate` writes. */
export interface Placed {
  /** x, y, z of each slot. */
  readonly translations: Numbers;
  /** x, y, z, w of each slot. */
  readonly rotations: Numbers;
}

/** Options of {@link writeMatrices}. */
export interface MatrixOptions {
  /**
   * The slot of the first.
   * @default 0
   */
  readonly first?: number;
  /** How many; as many as there are from the first on, unless given. */
  readonly count?: number;
  /** x, y, z of each that is written, from the first on: how much larger it is drawn. 1 unless given. */
  readonly scales?: Numbers;
}

/**
 * Writes poses as 4 by 4 matrices, column by column, as Three.js's `InstancedMesh` and WebGL have them. A body's matrix
 * is at `16 * (slot - first)`.
 *
 * @returns how many were written
 * @throws RangeError if the target has no room for them
 * @example
 * ```ts
 * world.poses.read((frame) => writeMatrices(mesh.instanceMatrix.array, frame));
 * mesh.instanceMatrix.needsUpdate = true;
 * ```
 */
export function writeMatrices(
  target: Float32Array,
  { translations, rotations }: Placed,
  options: MatrixOptions = {},
): number {
  const all = Math.floor(translations.length / 3);
  const first = requireInteger('options.first', options.first ?? 0, 0, all);
  const count = requireInteger('options.count', options.count ?? all - first, 0, all - first);
  const { scales } = options;
  if (scales !== undefined) requireBatch('options.scales', scales, count, 3);
  if (rotations.length < (first + count) * 4) {
    throw outOfRange('rotations', `those of ${first + count} slots`, rotations.length);
  }
  if (target.length < count * 16) {
    throw outOfRange('target', `room for ${count} matrices`, target.length);
  }
  for (let index = 0; index < count; index++) {
    const slot = first + index;
    writeTurn(target, index * 16, rotations, slot * 4);
    for (let axis = 0; axis < 3; axis++) {
      const start = index * 16 + axis * 4;
      const scale = scales?.[index * 3 + axis] ?? 1;
      for (let row = 0; row < 3; row++) target[start + row] = (target[start + row] ?? 0) * scale;
      target[start + 3] = 0;
      target[index * 16 + 12 + axis] = translations[slot * 3 + axis] ?? 0;
    }
    target[index * 16 + 15] = 1;
  }
  return count;
}

/** A rotation's three columns. */
function writeTurn(target: Float32Array, at: number, rotations: Numbers, turn: number): void {
  const x = rotations[turn] ?? 0;
  const y = rotations[turn + 1] ?? 0;
  const z = rotations[turn + 2] ?? 0;
  const w = rotations[turn + 3] ?? 1;
  target[at] = 1 - 2 * (y * y + z * z);
  target[at + 1] = 2 * (x * y + z * w);
  target[at + 2] = 2 * (x * z - y * w);
  target[at + 4] = 2 * (x * y - z * w);
  target[at + 5] = 1 - 2 * (x * x + z * z);
  target[at + 6] = 2 * (y * z + x * w);
  target[at + 8] = 2 * (x * z + y * w);
  target[at + 9] = 2 * (y * z - x * w);
  target[at + 10] = 1 - 2 * (x * x + y * y);
}
