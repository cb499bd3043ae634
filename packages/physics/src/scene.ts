/**
 * Scenes: worlds as plain data, to be kept in a file. `scene.schema.json` describes them for editors; here they
 * are checked, and what is wrong is named by its path, such as `bodies[3].colliders[0].halfExtents`.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk';
import { PhysicsLimits } from './generated/physics.js';
import type { Body } from './body.js';
import type { BodyOptions } from './body-options.js';
import type { Collider } from './collider.js';
import type { ColliderOptions, ColliderTraits } from './collider-options.js';
import type { Joint, JointOptions } from './joint.js';
import type { CompoundPart, ConvexHullData, ConvexMeshData, ShapeDefinition } from './mesh.js';
import {
  BODY_KEYS,
  JOINT_KEYS,
  MEMORY_KEYS,
  MOTOR_KEYS,
  OWN_JOINT_KEYS,
  requireKnown,
  requireObject,
  SHAPE_KEYS,
  TRAIT_KEYS,
} from './known-keys.js';
import { requireName, type Rotation, type Vector3 } from './numbers.js';
import type { Physics } from './physics.js';
import type { PreparedShape } from './prepared-shape.js';
import type { HalfspaceShape, PlainShape } from './shape.js';
import type { World } from './world.js';
import type { RestoreOptions, WorldOptions } from './world-options.js';

/** A part of a compound in a scene. */
export type ScenePart = (Exclude<PlainShape, HalfspaceShape> | ConvexHullData | ConvexMeshData) & {
  readonly position?: Vector3;
  readonly rotation?: Rotation;
};

/** Several shapes as one. */
export interface SceneCompound {
  readonly shape: 'compound';
  readonly parts: readonly ScenePart[];
}

/** A collider in a scene: its shape may be one of many numbers, too. */
export type SceneCollider = (
  PlainShape | Exclude<ShapeDefinition, { shape: 'compound' }> | SceneCompound
) &
  ColliderTraits;

/** A body in a scene. */
export type SceneBody = Omit<BodyOptions, 'colliders'> & {
  readonly colliders?: readonly SceneCollider[];
};

/** A joint in a scene, between two of its bodies by their indices. */
export type SceneJoint = JointOptions & { readonly body1: number; readonly body2: number };

/** A world as plain data. */
export interface Scene extends Pick<
  WorldOptions,
  'gravity' | 'stepSeconds' | 'solverIterations' | 'lengthUnit'
> {
  /** Where its description is, for editors. */
  readonly $schema?: string;
  readonly bodies: readonly SceneBody[];
  /** Colliders of the world itself, on no body: what never moves. */
  readonly colliders?: readonly SceneCollider[];
  readonly joints?: readonly SceneJoint[];
}

/** What of a scene's world isn't in the scene. */
export interface SceneOptions extends RestoreOptions {
  /**
   * The most bodies, the scene's included.
   * @default twice as many as the scene has, and at least 1024
   */
  readonly capacity?: number;
}

/** A scene that was made into a world. */
export interface LoadedScene {
  readonly world: World;
  /** In the order of the scene's. */
  readonly bodies: readonly Body[];
  /** Each body's colliders, in the order of the scene's. */
  readonly colliders: readonly (readonly Collider[])[];
  /** Those of the world itself, in the order of the scene's. */
  readonly worldColliders: readonly Collider[];
  readonly joints: readonly Joint[];
}

const SCENE_KEYS = [
  '$schema',
  'gravity',
  'stepSeconds',
  'solverIterations',
  'lengthUnit',
  'bodies',
  'colliders',
  'joints',
];

const PREPARED = [
  'convex-hull',
  'convex-mesh',
  'trimesh',
  'polyline',
  'heightfield',
  'voxels',
  'compound',
] as const;

/** What a compound may be made of. */
const PARTS: readonly string[] = [
  'ball',
  'box',
  'capsule',
  'cylinder',
  'cone',
  'segment',
  'triangle',
  'convex-hull',
  'convex-mesh',
];
const PART_KEYS = ['shape', 'position', 'rotation'];

function requireArray(path: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(path, 'an array', value);
  return value as readonly unknown[];
}

/** Checks an object with a shape of some, and the names of what it is given by. */
function requireShape(
  path: string,
  value: { readonly shape: string },
  shapes: readonly string[],
  others: readonly string[],
): void {
  if (typeof value !== 'object' || value === null) {
    throw wrongType(path, 'an object with a shape', value);
  }
  const { shape } = value;
  if (!shapes.includes(shape)) {
    throw outOfRange(`${path}.shape`, `one of ${shapes.join(', ')}`, shape);
  }
  requireObject(path, value, [...others, ...(SHAPE_KEYS[shape] ?? [])]);
}

type Prepared<S> = Extract<S, { shape: (typeof PREPARED)[number] }>;

function isPrepared<S extends { readonly shape: string }>(value: S): value is Prepared<S> {
  return (PREPARED as readonly string[]).includes(value.shape);
}

/** Some of an object's properties. */
function pick(value: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));
}

/** A compound as the world takes it. Parts of many numbers are made first, and forgotten once it is made. */
async function createCompound(
  world: World,
  path: string,
  { parts }: SceneCompound,
): Promise<PreparedShape> {
  const hulls: PreparedShape[] = [];
  const made: CompoundPart[] = [];
  for (const [index, value] of requireArray(`${path}.parts`, parts).entries()) {
    const [at, part] = [`${path}.parts[${index}]`, value as ScenePart];
    requireShape(at, part, PARTS, PART_KEYS);
    if (isPrepared(part)) {
      const shape = await world.createShapeAt(at, part);
      hulls.push(shape);
      made.push({ ...pick(part, PART_KEYS), shape });
    } else made.push(part);
  }
  const whole = await world.createShapeAt(path, { shape: 'compound', parts: made });
  for (const hull of hulls) hull.dispose();
  return whole;
}

/** A collider as the world takes it. Shapes of many numbers are made first. */
async function colliderOf(world: World, path: string, value: unknown): Promise<ColliderOptions> {
  const collider = value as SceneCollider;
  requireShape(path, collider, Object.keys(SHAPE_KEYS), TRAIT_KEYS);
  if (!isPrepared(collider)) return collider;
  const shape =
    collider.shape === 'compound'
      ? await createCompound(world, path, collider)
      : await world.createShapeAt(path, collider);
  return { ...(pick(collider, TRAIT_KEYS) as ColliderTraits), shape };
}

async function collidersOf(
  world: World,
  path: string,
  colliders: unknown,
): Promise<ColliderOptions[]> {
  const all: ColliderOptions[] = [];
  for (const [index, collider] of requireArray(path, colliders).entries()) {
    all.push(await colliderOf(world, `${path}[${index}]`, collider));
  }
  return all;
}

async function addBody(world: World, path: string, body: SceneBody): Promise<Body> {
  requireObject(path, body, BODY_KEYS);
  const { colliders = [], ...rest } = body;
  const all = await collidersOf(world, `${path}.colliders`, colliders);
  return world.createBodyAt(path, { ...rest, colliders: all });
}

function addJoint(world: World, path: string, joint: SceneJoint, bodies: readonly Body[]): Joint {
  if (typeof joint !== 'object' || joint === null) {
    throw wrongType(path, 'an object with a type', joint);
  }
  const keys = requireName(`${path}.type`, joint.type, OWN_JOINT_KEYS);
  requireObject(path, joint, [...JOINT_KEYS, 'body1', 'body2', ...keys]);
  if ('motors' in joint) {
    for (const [axis, motor] of Object.entries(joint.motors ?? {})) {
      if (motor !== undefined) requireObject(`${path}.motors.${axis}`, motor, MOTOR_KEYS);
    }
  }
  const { body1, body2, ...options } = joint;
  const body = (name: string, given: number) => {
    const last = bodies.length - 1;
    const index = requireInteger(`${path}.${name}`, given, 0, Math.max(0, last));
    const found = bodies[index];
    if (found === undefined) throw outOfRange(`${path}.${name}`, 'the index of a body', index);
    return found;
  };
  return world.createJointAt(path, body('body1', body1), body('body2', body2), options);
}

/**
 * Makes a scene into a world, with room for bodies besides the scene's.
 *
 * @throws TypeError, RangeError naming what is wrong by its path, such as `bodies[3].colliders[0].halfExtents`
 * @throws InosError `physics/bad-shape` if a shape's numbers make none; its message names the path
 */
export async function loadScene(
  physics: Physics,
  scene: Scene,
  options: SceneOptions = {},
): Promise<LoadedScene> {
  requireObject('', scene, SCENE_KEYS);
  const { $schema = '' } = scene;
  if (typeof $schema !== 'string') throw wrongType('$schema', 'a string', $schema);
  const count = requireArray('bodies', scene.bodies).length;
  requireKnown('', options, ['capacity', ...MEMORY_KEYS]);
  const least = Math.max(1, count);
  const roomy = Math.min(Math.max(1024, 2 * count), Math.max(least, PhysicsLimits.MAXIMUM_BODIES));
  const capacity = options.capacity ?? roomy;
  requireInteger('capacity', capacity, least, PhysicsLimits.MAXIMUM_BODIES);
  const { gravity, stepSeconds, solverIterations, lengthUnit } = scene;
  const world = await physics.createWorld({
    ...options,
    capacity,
    ...(gravity === undefined ? {} : { gravity }),
    ...(stepSeconds === undefined ? {} : { stepSeconds }),
    ...(solverIterations === undefined ? {} : { solverIterations }),
    ...(lengthUnit === undefined ? {} : { lengthUnit }),
  });
  try {
    const bodies: Body[] = [];
    for (const [index, body] of scene.bodies.entries()) {
      bodies.push(await addBody(world, `bodies[${index}]`, body));
    }
    const colliders = await collidersOf(world, 'colliders', scene.colliders ?? []);
    const worldColliders = colliders.map((collider, index) =>
      world.createColliderAt(`colliders[${index}]`, collider),
    );
    const joints = requireArray('joints', scene.joints ?? []).map((joint, index) =>
      addJoint(world, `joints[${index}]`, joint as SceneJoint, bodies),
    );
    const own = bodies.map((body) => body.colliders);
    return { world, bodies, colliders: own, worldColliders, joints };
  } catch (error) {
    await world.dispose();
    throw error;
  }
}
