/**
 * Rigid-body physics in a Rust capsule.
 */
export {
  Body,
  type Axes,
  type BodiesOptions,
  type BodyOptions,
  type BodyTraits,
  type BodyType,
} from './body.js';
export {
  Collider,
  type ColliderOptions,
  type ColliderTraits,
  type CombineRule,
  type InteractionGroups,
} from './collider.js';
export type { PhysicsErrorCode } from './errors.js';
export { STEP_PRICE } from './methods.js';
export type { Numbers, Rotation, Vector3 } from './numbers.js';
export { createPhysics, physics, type Physics } from './physics.js';
export { BODY_STATES, Poses, type PoseFrame, type PosesLocation } from './poses.js';
export type {
  BallShape,
  BoxShape,
  CapsuleShape,
  ConeShape,
  CylinderShape,
  HalfspaceShape,
  SegmentShape,
  Shape,
  TriangleShape,
} from './shape.js';
export { World, type StepOutcome, type WorldOptions } from './world.js';
export type { WorldState } from './world-state.js';
