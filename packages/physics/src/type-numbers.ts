/**
 * What the numbers mean that tell of which type something is, in what {@link World.readBodies} and
 * {@link World.readColliders} give.
 */
import { BodyKind, PhysicsLimits, ShapeKind } from './generated/physics.js';

/** What the numbers of the body property `type` mean. */
export const BODY_TYPES = {
  dynamic: BodyKind.DYNAMIC,
  fixed: BodyKind.FIXED,
  'kinematic-position': BodyKind.KINEMATIC_POSITION,
  'kinematic-velocity': BodyKind.KINEMATIC_VELOCITY,
} as const;

/** What the numbers of the collider property `shape` mean. Meshes of hulls are told as hulls. */
export const SHAPE_TYPES = {
  ball: ShapeKind.BALL,
  box: ShapeKind.CUBOID,
  capsule: ShapeKind.CAPSULE,
  cylinder: ShapeKind.CYLINDER,
  cone: ShapeKind.CONE,
  halfspace: ShapeKind.HALFSPACE,
  segment: ShapeKind.SEGMENT,
  triangle: ShapeKind.TRIANGLE,
  'convex-hull': ShapeKind.CONVEX_HULL,
  trimesh: ShapeKind.TRIMESH,
  polyline: ShapeKind.POLYLINE,
  heightfield: ShapeKind.HEIGHTFIELD,
  voxels: ShapeKind.VOXELS,
  compound: ShapeKind.COMPOUND,
} as const;

/** In place of a slot, where there is none: the collider property `body` of colliders in the world itself. */
export const NO_SLOT: number = PhysicsLimits.NONE;
