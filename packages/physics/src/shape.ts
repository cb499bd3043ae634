/**
 * Shapes that a few numbers describe. The twin of `crates/inos-physics/src/shape.rs`.
 */
import { outOfRange, wrongType } from '@inos/sdk';
import type { CommandStream } from './command-stream.js';
import { ShapeKind } from './generated/physics.js';
import {
  requireDirection,
  requireNumbers,
  requirePositive,
  requireSize,
  type Vector3,
} from './numbers.js';
import { PreparedShape } from './prepared-shape.js';
import type { World } from './world.js';

/** A ball. */
export interface BallShape {
  readonly shape: 'ball';
  readonly radius: number;
}

/** A box, given by half its sides. `borderRadius` rounds its edges, outwards. */
export interface BoxShape {
  readonly shape: 'box';
  readonly halfExtents: Vector3;
  /** @default 0 */
  readonly borderRadius?: number;
}

/** A capsule along y: `halfHeight` is half the distance between its half-spheres' centres. */
export interface CapsuleShape {
  readonly shape: 'capsule';
  readonly halfHeight: number;
  readonly radius: number;
}

/** A cylinder along y. */
export interface CylinderShape {
  readonly shape: 'cylinder';
  readonly halfHeight: number;
  readonly radius: number;
  /** @default 0 */
  readonly borderRadius?: number;
}

/** A cone along y, its tip up. */
export interface ConeShape {
  readonly shape: 'cone';
  readonly halfHeight: number;
  readonly radius: number;
  /** @default 0 */
  readonly borderRadius?: number;
}

/** All that lies below a plane through the collider's position. */
export interface HalfspaceShape {
  readonly shape: 'halfspace';
  /** Points out of the solid. Any length but 0. */
  readonly normal: Vector3;
}

/** The line between two points. */
export interface SegmentShape {
  readonly shape: 'segment';
  readonly a: Vector3;
  readonly b: Vector3;
}

/** One triangle. */
export interface TriangleShape {
  readonly shape: 'triangle';
  readonly a: Vector3;
  readonly b: Vector3;
  readonly c: Vector3;
  /** @default 0 */
  readonly borderRadius?: number;
}

/** A shape that {@link World.createShape} made. */
export interface PreparedShapeUse {
  readonly shape: PreparedShape;
}

/** A shape that a few numbers describe. */
export type PlainShape =
  | BallShape
  | BoxShape
  | CapsuleShape
  | CylinderShape
  | ConeShape
  | HalfspaceShape
  | SegmentShape
  | TriangleShape;

/** A collider's shape. */
export type Shape = PlainShape | PreparedShapeUse;

/** A shape as commands carry it: its kind and what it is given by. */
export interface EncodedShape {
  readonly kind: number;
  readonly sizes: readonly number[];
  /** In place of sizes: the handle of a prepared shape. */
  readonly words?: readonly [slot: number, generation: number];
  /** The world of a prepared shape. */
  readonly world?: World;
}

type Encoder<S> = (path: string, shape: S) => EncodedShape;

function border(path: string, shape: { readonly borderRadius?: number }): number {
  return requireSize(`${path}.borderRadius`, shape.borderRadius ?? 0);
}

function upright(
  kind: number,
): Encoder<{ halfHeight: number; radius: number; borderRadius?: number }> {
  return (path, shape) => ({
    kind,
    sizes: [
      requirePositive(`${path}.halfHeight`, shape.halfHeight),
      requirePositive(`${path}.radius`, shape.radius),
      border(path, shape),
    ],
  });
}

function corners(path: string, shape: object, names: readonly string[]): number[] {
  const given = shape as Readonly<Record<string, unknown>>;
  return names.flatMap((name) => Array.from(requireNumbers(`${path}.${name}`, given[name], 3)));
}

const ENCODERS: { readonly [S in PlainShape as S['shape']]: Encoder<S> } = {
  ball: (path, { radius }) => ({
    kind: ShapeKind.BALL,
    sizes: [requirePositive(`${path}.radius`, radius)],
  }),
  box: (path, shape) => {
    const sides = requireNumbers(`${path}.halfExtents`, shape.halfExtents, 3);
    const sizes = Array.from(sides, (side, axis) =>
      requirePositive(`${path}.halfExtents[${axis}]`, side),
    );
    return { kind: ShapeKind.CUBOID, sizes: [...sizes, border(path, shape)] };
  },
  capsule: (path, { halfHeight, radius }) => ({
    kind: ShapeKind.CAPSULE,
    sizes: [
      requireSize(`${path}.halfHeight`, halfHeight),
      requirePositive(`${path}.radius`, radius),
    ],
  }),
  cylinder: upright(ShapeKind.CYLINDER),
  cone: upright(ShapeKind.CONE),
  halfspace: (path, { normal }) => ({
    kind: ShapeKind.HALFSPACE,
    sizes: Array.from(requireDirection(`${path}.normal`, normal)),
  }),
  segment: (path, shape) => {
    const sizes = corners(path, shape, ['a', 'b']).map(Math.fround);
    if (sizes[0] === sizes[3] && sizes[1] === sizes[4] && sizes[2] === sizes[5]) {
      throw outOfRange(`${path}.b`, 'another point than a', 'the same');
    }
    return { kind: ShapeKind.SEGMENT, sizes };
  },
  triangle: (path, shape) => {
    const sizes = corners(path, shape, ['a', 'b', 'c']).map(Math.fround);
    if (squareArea(sizes) < 1e-20) {
      throw outOfRange(`${path}.c`, 'a point off the line through a and b', 'one on it');
    }
    return { kind: ShapeKind.TRIANGLE, sizes: [...sizes, border(path, shape)] };
  },
};

function squareArea(corners: readonly number[]): number {
  const [ax = 0, ay = 0, az = 0, bx = 0, by = 0, bz = 0, cx = 0, cy = 0, cz = 0] = corners;
  const [ux, uy, uz] = [bx - ax, by - ay, bz - az];
  const [vx, vy, vz] = [cx - ax, cy - ay, cz - az];
  return (uy * vz - uz * vy) ** 2 + (uz * vx - ux * vz) ** 2 + (ux * vy - uy * vx) ** 2;
}

/** Checks a shape and makes it into what commands carry. */
export function encodeShape(path: string, shape: Shape): EncodedShape {
  if (typeof shape !== 'object' || shape === null) {
    throw wrongType(path, 'an object with a shape', shape);
  }
  if (shape.shape instanceof PreparedShape) {
    const { world, slot, generation } = shape.shape;
    world.requireShape(`${path}.shape`, shape.shape);
    return { kind: ShapeKind.PREPARED, sizes: [], words: [slot, generation], world };
  }
  const name: string = shape.shape;
  const encoders: Readonly<Record<string, unknown>> = ENCODERS;
  const encoder = Object.hasOwn(encoders, name) ? encoders[name] : undefined;
  if (encoder === undefined) {
    const known = Object.keys(ENCODERS).map((key) => `'${key}'`);
    throw outOfRange(`${path}.shape`, `${known.join(', ')} or what createShape gives`, name);
  }
  return (encoder as Encoder<PlainShape>)(path, shape as PlainShape);
}

/** Writes a shape's operands: its kind at `kind`, what it is given by from `size` on. */
export function writeShape(
  stream: CommandStream,
  kind: number,
  size: number,
  shape: EncodedShape,
  room: number,
): void {
  stream.word(kind, shape.kind);
  for (let index = 0; index < room; index++) {
    stream.number(size + index, shape.sizes[index] ?? 0);
  }
  shape.words?.forEach((word, index) => stream.word(size + index, word));
}
