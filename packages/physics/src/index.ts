/**
 * Rigid-body physics in a Rust capsule.
 */
export type { BodyChanges } from './body-batch.js';
export { Body } from './body.js';
export type {
  Axes,
  BodiesOptions,
  BodyOptions,
  BodyTraits,
  BodyType,
  WakeOptions,
} from './body-options.js';
export {
  Character,
  type CharacterLength,
  type CharacterOptions,
  type CharacterSteps,
} from './character.js';
export { Collider } from './collider.js';
export type {
  ColliderEvents,
  ColliderOptions,
  ColliderTraits,
  CollisionType,
  CombineRule,
  InteractionGroups,
  OneWay,
} from './collider-options.js';
export { DebugLines, type DebugMode } from './debug-lines.js';
export type { PhysicsErrorCode } from './errors.js';
export { EventReader, type PhysicsEvent } from './events.js';
export type { Feature } from './feature.js';
export { HIT_WORDS, OverlapHits, QueryHits, SHAPE_HIT_WORDS, ShapeHits } from './hits.js';
export type { IntegrationSettings } from './integration.js';
export {
  Joint,
  type AxisLimits,
  type AxisMotors,
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
export {
  AnswerList,
  CharacterCollisionList,
  ColliderList,
  ContactList,
  IntersectionList,
  RayHitList,
  ShapeContactList,
  type ColliderPair,
  type Contact,
  type ContactPoint,
  type ListOptions,
} from './list.js';
export type { MassProperties } from './mass.js';
export { writeMatrices, type MatrixOptions, type Placed } from './matrices.js';
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
export { Pid, type PidGain, type PidGains, type PidGoal, type PidOptions } from './pid.js';
export {
  NO_OWNER,
  Particles,
  particlesOf,
  type ParticleFrame,
  type ParticlesLocation,
} from './particles.js';
export { createPhysics, physics, type Physics, type PhysicsOptions } from './physics.js';
export { BODY_STATES, Poses, type PoseFrame, type PosesLocation } from './poses.js';
export { WorldRun, type RunOptions } from './runner.js';
export {
  loadScene,
  type LoadedScene,
  type Scene,
  type SceneBody,
  type SceneCollider,
  type SceneCompound,
  type SceneJoint,
  type SceneOptions,
  type ScenePart,
} from './scene.js';
export { PreparedShape } from './prepared-shape.js';
export type {
  OverlapOptions,
  PointOptions,
  QueryFilter,
  RayOptions,
  ShapeCastOptions,
  ShapePairCastOptions,
  ShapePairOptions,
} from './query.js';
export {
  BODY_PROPERTIES,
  CHARACTER_PROPERTIES,
  COLLIDER_PROPERTIES,
  JOINT_PROPERTIES,
  PID_PROPERTIES,
  SOFT_BODY_PROPERTIES,
  VEHICLE_PROPERTIES,
  WHEEL_PROPERTIES,
  WORLD_PROPERTIES,
  type PropertyOf,
  type Readings,
  type ReadOptions,
  type SubjectName,
} from './read.js';
export { SoftBody } from './soft-body.js';
export type {
  SoftBodyOptions,
  SoftMaterial,
  SoftPlasticity,
  SoftSpring,
  SoftTraits,
} from './soft-options.js';
export { BODY_TYPES, NO_SLOT, SHAPE_TYPES } from './type-numbers.js';
export { Vehicle, type VehicleOptions, type WheelOptions, type WheelSettings } from './vehicle.js';
export type { Control } from './world-controls.js';
export type {
  ColliderListOptions,
  RayHit,
  RayListOptions,
  ShapeContactOptions,
} from './world-queries.js';
export type { DebugOptions } from './world-reads.js';
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
export { World, type StepOptions, type StepOutcome } from './world.js';
export type { RestoreOptions, WorldOptions } from './world-options.js';
export type { CollidersOptions, JointsOptions } from './world-bulk.js';
export type { WorldState } from './world-state.js';
