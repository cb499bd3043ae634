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
  type ColliderEvents,
  type ColliderOptions,
  type ColliderTraits,
  type CollisionType,
  type CombineRule,
  type InteractionGroups,
} from './collider.js';
export type { PhysicsErrorCode } from './errors.js';
export { EventReader, type PhysicsEvent } from './events.js';
export {
  Joint,
  type FixedJoint,
  type GenericJoint,
  type JointAxis,
  type JointLimits,
  type JointMotor,
  type JointOptions,
  type JointTraits,
  type PrismaticJoint,
  type RevoluteJoint,
  type RopeJoint,
  type SphericalJoint,
  type SpringJoint,
} from './joint.js';
export type {
  CompoundData,
  CompoundPart,
  ConvexHullData,
  ConvexMeshData,
  HeightfieldData,
  PolylineData,
  ShapeDefinition,
  TrimeshData,
  VoxelsData,
} from './mesh.js';
export { STEP_PRICE } from './methods.js';
export type { Numbers, Rotation, Vector3 } from './numbers.js';
export { createPhysics, physics, type Physics } from './physics.js';
export { BODY_STATES, Poses, type PoseFrame, type PosesLocation } from './poses.js';
export { WorldRun, type RunOptions } from './runner.js';
export {
  loadScene,
  type LoadedScene,
  type Scene,
  type SceneBody,
  type SceneCollider,
  type SceneJoint,
} from './scene.js';
export { PreparedShape } from './prepared-shape.js';
export {
  HIT_WORDS,
  QueryHits,
  type OverlapOptions,
  type QueryFilter,
  type RayOptions,
  type ShapeCastOptions,
} from './query.js';
export type {
  BallShape,
  BoxShape,
  CapsuleShape,
  ConeShape,
  CylinderShape,
  HalfspaceShape,
  PlainShape,
  PreparedShapeUse,
  SegmentShape,
  Shape,
  TriangleShape,
} from './shape.js';
export { World, type StepOutcome } from './world.js';
export type { WorldOptions } from './world-options.js';
export type { WorldState } from './world-state.js';
