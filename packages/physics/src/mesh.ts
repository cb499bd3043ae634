/**
 * Shapes of many numbers. The capsule makes them, and may find that they can't be: so they are made before the
 * colliders that have them. The twin of `crates/inos-physics/src/mesh.rs`.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk';
import { MeshFlag, ShapeData, ShapeKind } from './generated/physics.js';
import {
  requireBoolean,
  requireNumbers,
  requirePositive,
  requireRotation,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import { encodeShape, type Shape } from './shape.js';
import type { World } from './world.js';

/** The smallest convex shape around points. */
export interface ConvexHullData {
  readonly shape: 'convex-hull';
  /** x, y, z of each, at least four and not all in a plane. */
  readonly points: Numbers;
  /** @default 0 */
  readonly borderRadius?: number;
}

/** A convex shape whose triangles are known. */
export interface ConvexMeshData {
  readonly shape: 'convex-mesh';
  readonly points: Numbers;
  /** Three indices for each triangle, seen counterclockwise from outside. */
  readonly indices: Numbers;
  /** @default 0 */
  readonly borderRadius?: number;
}

/** Triangles: a surface, for what doesn't move. */
export interface TrimeshData {
  readonly shape: 'trimesh';
  readonly points: Numbers;
  readonly indices: Numbers;
  /**
   * Whether bodies glide over the edges between triangles.
   * @default false
   */
  readonly fixInternalEdges?: boolean;
  /**
   * Whether it is closed, its triangles seen counterclockwise from outside, and so has an inside.
   * @default false
   */
  readonly oriented?: boolean;
}

/** Segments between points. */
export interface PolylineData {
  readonly shape: 'polyline';
  readonly points: Numbers;
  /** Two indices for each segment. */
  readonly indices: Numbers;
}

/** Heights over a grid in the plane of x and z, whose middle is the collider's position. */
export interface HeightfieldData {
  readonly shape: 'heightfield';
  /** How many heights lie along z. */
  readonly rows: number;
  /** Column by column, each a row of heights along z; at least two columns. */
  readonly heights: Numbers;
  /** How long it is along x and z, and what heights are multiplied by. */
  readonly scale: Vector3;
  /**
   * Whether bodies glide over the edges between cells.
   * @default false
   */
  readonly fixInternalEdges?: boolean;
}

/** Boxes of one size in a grid. */
export interface VoxelsData {
  readonly shape: 'voxels';
  /** x, y, z of each cell, whole numbers. */
  readonly cells: Numbers;
  /** A box's sides. */
  readonly size: Vector3;
}

/** One part of a compound. */
export type CompoundPart = Shape & { readonly position?: Vector3; readonly rotation?: Rotation };

/** Several shapes as one. */
export interface CompoundData {
  readonly shape: 'compound';
  /** Not half-spaces, nor shapes that are made of parts themselves: meshes, polylines, heightfields, voxels. */
  readonly parts: readonly CompoundPart[];
}

/** A shape for {@link World.createShape}. */
export type ShapeDefinition =
  | ConvexHullData
  | ConvexMeshData
  | TrimeshData
  | PolylineData
  | HeightfieldData
  | VoxelsData
  | CompoundData;

/** A shape's data as the capsule reads them. */
type Words = Uint32Array<ArrayBuffer>;

interface Parts {
  readonly kind: number;
  readonly first: Words;
  readonly second?: Words;
  readonly border?: number;
  readonly scale?: Numbers;
  readonly rows?: number;
  readonly flags?: number;
}

function floats(path: string, value: unknown, width: number): Words {
  const length = (value as Numbers | undefined)?.length ?? 0;
  if (length === 0 || length % width !== 0) {
    throw outOfRange(path, `${width} numbers for each, and at least one`, length);
  }
  return new Uint32Array(Float32Array.from(requireNumbers(path, value, length)).buffer);
}

function integers(path: string, value: unknown, width: number, least: number, most: number) {
  const length = (value as Numbers | undefined)?.length ?? 0;
  if (length === 0 || length % width !== 0) {
    throw outOfRange(path, `${width} whole numbers for each, and at least one`, length);
  }
  const numbers = requireNumbers(path, value, length);
  const words = new Uint32Array(length);
  for (let index = 0; index < length; index++) {
    words[index] = requireInteger(`${path}[${index}]`, numbers[index], least, most);
  }
  return words;
}

function mesh(path: string, data: { points: Numbers; indices: Numbers }, width: number) {
  const first = floats(`${path}.points`, data.points, 3);
  const last = first.length / 3 - 1;
  return { first, second: integers(`${path}.indices`, data.indices, width, 0, last) };
}

function border(path: string, data: { readonly borderRadius?: number }): number {
  return requireSize(`${path}.borderRadius`, data.borderRadius ?? 0);
}

function sizes(path: string, value: Vector3): Numbers {
  return Array.from(requireNumbers(path, value, 3), (size, axis) =>
    requirePositive(`${path}[${axis}]`, size),
  );
}

function compound(path: string, data: CompoundData, world: World): Parts {
  if (!Array.isArray(data.parts) || data.parts.length === 0) {
    throw wrongType(`${path}.parts`, 'an array of at least one shape', data.parts);
  }
  const { PART_WORDS } = ShapeData;
  const first = new Uint32Array(data.parts.length * PART_WORDS);
  const numbers = new Float32Array(first.buffer);
  data.parts.forEach((part: CompoundPart, index) => {
    const at = `${path}.parts[${index}]`;
    const shape = encodeShape(at, part);
    world.requireOwnShape(`${at}.shape`, shape);
    const start = index * PART_WORDS;
    first[start] = shape.kind;
    numbers.set(shape.sizes, start + 1);
    if (shape.words) first.set(shape.words, start + 1);
    numbers.set(requireNumbers(`${at}.position`, part.position ?? [0, 0, 0], 3), start + 11);
    numbers.set(requireRotation(`${at}.rotation`, part.rotation ?? [0, 0, 0, 1]), start + 14);
  });
  return { kind: ShapeKind.COMPOUND, first };
}

function edgesFlag(path: string, data: { readonly fixInternalEdges?: boolean }): number {
  const isFixed = requireBoolean(`${path}.fixInternalEdges`, data.fixInternalEdges ?? false);
  return isFixed ? MeshFlag.FIX_INTERNAL_EDGES : 0;
}

function trimesh(path: string, data: TrimeshData): Parts {
  const isOriented = requireBoolean(`${path}.oriented`, data.oriented ?? false);
  return {
    kind: ShapeKind.TRIMESH,
    ...mesh(path, data, 3),
    flags: edgesFlag(path, data) | (isOriented ? MeshFlag.ORIENTED : 0),
  };
}

function heightfield(path: string, data: HeightfieldData): Parts {
  const first = floats(`${path}.heights`, data.heights, 1);
  const rows = requireInteger(`${path}.rows`, data.rows, 2, Math.max(2, first.length >> 1));
  if (first.length % rows !== 0 || first.length / rows < 2) {
    throw outOfRange(`${path}.heights`, `at least two columns of ${rows} heights`, first.length);
  }
  const scale = sizes(`${path}.scale`, data.scale);
  return { kind: ShapeKind.HEIGHTFIELD, first, rows, scale, flags: edgesFlag(path, data) };
}

const FARTHEST_CELL = 2 ** 20;

function partsOf(path: string, data: ShapeDefinition, world: World): Parts {
  switch (data?.shape) {
    case 'convex-hull': {
      const first = floats(`${path}.points`, data.points, 3);
      return { kind: ShapeKind.CONVEX_HULL, first, border: border(path, data) };
    }
    case 'convex-mesh':
      return { kind: ShapeKind.CONVEX_MESH, ...mesh(path, data, 3), border: border(path, data) };
    case 'trimesh':
      return trimesh(path, data);
    case 'polyline':
      return { kind: ShapeKind.POLYLINE, ...mesh(path, data, 2) };
    case 'heightfield':
      return heightfield(path, data);
    case 'voxels': {
      const far = FARTHEST_CELL;
      const first = integers(`${path}.cells`, data.cells, 3, -far, far);
      return { kind: ShapeKind.VOXELS, first, scale: sizes(`${path}.size`, data.size) };
    }
    case 'compound':
      return compound(path, data, world);
    default:
      throw wrongType(
        `${path}.shape`,
        "'convex-hull', 'convex-mesh', 'trimesh', 'polyline', 'heightfield', 'voxels' or 'compound'",
        (data as { shape?: unknown } | undefined)?.shape,
      );
  }
}

/** Checks a shape's data and makes them into what the capsule reads. `path` names them in errors. */
export function encodeShapeData(path: string, data: ShapeDefinition, world: World): Words {
  const parts = partsOf(path, data, world);
  const second = parts.second ?? new Uint32Array(0);
  const words = new Uint32Array(ShapeData.HEAD + parts.first.length + second.length);
  const numbers = new Float32Array(words.buffer);
  words[ShapeData.KIND] = parts.kind;
  words[ShapeData.FIRST] = parts.first.length;
  words[ShapeData.SECOND] = second.length;
  numbers[ShapeData.BORDER_RADIUS] = parts.border ?? 0;
  numbers.set(parts.scale ?? [1, 1, 1], ShapeData.SCALE);
  words[ShapeData.ROWS] = parts.rows ?? 0;
  words[ShapeData.FLAGS] = parts.flags ?? 0;
  words.set(parts.first, ShapeData.HEAD);
  words.set(second, ShapeData.HEAD + parts.first.length);
  return words;
}
