/**
 * Poses as matrices, for what draws many things at once.
 */
import { outOfRange, requireInteger } from '@inos/sdk';
import { BodyState } from './generated/physics.js';
import { requireKnown } from './known-keys.js';
import { requireBatch, type Numbers } from './numbers.js';

/** Where things are: as frames of poses have it, and what `interpolate` writes. */
export interface Placed {
  /** x, y, z of each slot. */
  readonly translations: Numbers;
  /** x, y, z, w of each slot. */
  readonly rotations: Numbers;
  /** One {@link BODY_STATES} number a slot: slots without a body become zeros, of which nothing is drawn. */
  readonly states?: Numbers;
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

const MATRIX_KEYS: readonly string[] = ['first', 'count', 'scales'];

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
  { translations, rotations, states }: Placed,
  options: MatrixOptions = {},
): number {
  const all = Math.floor(translations.length / 3);
  const first = requireInteger('options.first', options.first ?? 0, 0, all);
  const count = requireInteger('options.count', options.count ?? all - first, 0, all - first);
  requireKnown('options', options, MATRIX_KEYS);
  const { scales } = options;
  if (scales !== undefined) requireBatch('options.scales', scales, count, 3);
  if (rotations.length < (first + count) * 4) {
    throw outOfRange('rotations', `those of ${first + count} slots`, rotations.length);
  }
  if (target.length < count * 16) {
    throw outOfRange('target', `room for ${count} matrices`, target.length);
  }
  writeAll(target, { translations, rotations, states, scales, first, count });
  return count;
}

/** What is written, checked. */
interface Written {
  readonly translations: Numbers;
  readonly rotations: Numbers;
  readonly states: Numbers | undefined;
  readonly scales: Numbers | undefined;
  readonly first: number;
  readonly count: number;
}

function writeAll(
  target: Float32Array,
  { translations, rotations, states, scales, first, count }: Written,
): void {
  for (let index = 0; index < count; index++) {
    const slot = first + index;
    const at = index * 16;
    if (states !== undefined && (states[slot] ?? BodyState.ABSENT) === BodyState.ABSENT) {
      target.fill(0, at, at + 16);
      continue;
    }
    const x = rotations[slot * 4] ?? 0;
    const y = rotations[slot * 4 + 1] ?? 0;
    const z = rotations[slot * 4 + 2] ?? 0;
    const w = rotations[slot * 4 + 3] ?? 1;
    const wide = scales?.[index * 3] ?? 1;
    const high = scales?.[index * 3 + 1] ?? 1;
    const deep = scales?.[index * 3 + 2] ?? 1;
    target[at] = (1 - 2 * (y * y + z * z)) * wide;
    target[at + 1] = 2 * (x * y + z * w) * wide;
    target[at + 2] = 2 * (x * z - y * w) * wide;
    target[at + 3] = 0;
    target[at + 4] = 2 * (x * y - z * w) * high;
    target[at + 5] = (1 - 2 * (x * x + z * z)) * high;
    target[at + 6] = 2 * (y * z + x * w) * high;
    target[at + 7] = 0;
    target[at + 8] = 2 * (x * z + y * w) * deep;
    target[at + 9] = 2 * (y * z - x * w) * deep;
    target[at + 10] = (1 - 2 * (x * x + y * y)) * deep;
    target[at + 11] = 0;
    target[at + 12] = translations[slot * 3] ?? 0;
    target[at + 13] = translations[slot * 3 + 1] ?? 0;
    target[at + 14] = translations[slot * 3 + 2] ?? 0;
    target[at + 15] = 1;
  }
}
