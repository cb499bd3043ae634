/**
 * What colliders are made with, checked and as commands carry it.
 */
import { outOfRange, wrongType } from '@inos/sdk';
import type { CommandStream } from './command-stream.js';
import {
  ColliderFlag,
  ColliderOperand as Operand,
  ColliderProperty as Property,
  Command,
  PhysicsLimits,
} from './generated/physics.js';
import { requireKnownCollider } from './known-keys.js';
import { encodeMass, type MassProperties } from './mass.js';
import {
  requireBits,
  requireBoolean,
  requireDirection,
  requireName,
  requireNumbers,
  requireRotation,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import { encodeShape, writeShape, type EncodedShape, type Shape } from './shape.js';
import type { Place } from './slots.js';

/** How two colliders' coefficients become one. Of two rules the one later in this list counts. */
export type CombineRule = 'average' | 'min' | 'multiply' | 'max';

/** Their numbers. */
export const COMBINE_RULES: Readonly<Record<CombineRule, number>> = {
  average: 0,
  min: 1,
  multiply: 2,
  max: 3,
};

/** Groups as bits, 16 each: two colliders interact when each one's filter has one of the other's memberships. */
export interface InteractionGroups {
  /** @default 0xffff */
  readonly memberships?: number;
  /** @default 0xffff */
  readonly filter?: number;
}

/** What every collider may have besides its shape. */
export interface ColliderTraits {
  /**
   * Relative to its body; in the world without one.
   * @default [0, 0, 0]
   */
  readonly position?: Vector3;
  /** @default [0, 0, 0, 1] */
  readonly rotation?: Rotation;
  /**
   * Kilograms per cubic metre.
   * @default 1
   */
  readonly density?: number;
  /** Kilograms, instead of a density. */
  readonly mass?: number;
  /** Mass and inertia, instead of a density or a mass. */
  readonly massProperties?: MassProperties;
  /** @default 0.5 */
  readonly friction?: number;
  /** @default 0 */
  readonly restitution?: number;
  /** @default 'average' */
  readonly frictionCombineRule?: CombineRule;
  /** @default 'average' */
  readonly restitutionCombineRule?: CombineRule;
  /** Which colliders it meets. */
  readonly collisionGroups?: InteractionGroups;
  /** Which of those push it. */
  readonly solverGroups?: InteractionGroups;
  /**
   * Whether it only notices what it meets.
   * @default false
   */
  readonly sensor?: boolean;
  /** @default true */
  readonly enabled?: boolean;
  /**
   * Metres kept between it and what it touches.
   * @default 0
   */
  readonly contactSkin?: number;
  /** What it tells of: beginning and ceasing to touch, and pushing harder than `contactForceThreshold`. */
  readonly events?: readonly ColliderEvents[];
  /**
   * Newtons from which on `contact-force` events tell of contacts.
   * @default 0
   */
  readonly contactForceThreshold?: number;
  /**
   * Bodies of which types it meets, seen from its own body's.
   * @default those pairs of which at least one is dynamic
   */
  readonly collisionTypes?: readonly CollisionType[];
  /** Makes it hold others from one side only. */
  readonly oneWay?: OneWay;
  /** How fast its surface moves, in its own frame: what lies on it is carried along. Metres per second. */
  readonly surfaceVelocity?: Vector3;
}

/** From where a platform holds. */
export interface OneWay {
  /** In the collider's frame, towards where it holds. Any length but 0. */
  readonly normal: Vector3;
  /**
   * How far a contact's normal may be off, in radians.
   * @default Math.PI / 4
   */
  readonly angle?: number;
}

/** Events that a collider may tell of. */
export type ColliderEvents = 'collision' | 'contact-force';

/** Their numbers. */
export const EVENTS: Readonly<Record<ColliderEvents, number>> = {
  collision: 1,
  'contact-force': 2,
};

/** Pairs of body types. */
export type CollisionType =
  | 'dynamic-dynamic'
  | 'dynamic-kinematic'
  | 'dynamic-fixed'
  | 'kinematic-kinematic'
  | 'kinematic-fixed'
  | 'fixed-fixed';

/** rapier's ActiveCollisionTypes. */
export const COLLISION_TYPES: Readonly<Record<CollisionType, number>> = {
  'dynamic-dynamic': 0x0001,
  'dynamic-kinematic': 0x000c,
  'dynamic-fixed': 0x0002,
  'kinematic-kinematic': 0xcc00,
  'kinematic-fixed': 0x2200,
  'fixed-fixed': 0x0020,
};

/** Names as bits. */
export function encodeNames<N extends string>(
  path: string,
  names: readonly N[],
  bits: Readonly<Record<N, number>>,
): number {
  if (!Array.isArray(names)) throw wrongType(path, 'an array of names', names);
  return names.reduce<number>(
    (all, name, index) => all | requireName(`${path}[${index}]`, name, bits),
    0,
  );
}

/** A collider to be created. */
export type ColliderOptions = Shape & ColliderTraits;

/** A collider that was checked. */
export interface EncodedCollider {
  readonly shape: EncodedShape;
  readonly flags: number;
  readonly position: Numbers;
  readonly rotation: Numbers;
  readonly mass: number;
  readonly friction: number;
  readonly restitution: number;
  readonly combineRules: number;
  readonly collisionGroups: number;
  readonly solverGroups: number;
  readonly contactSkin: number;
  readonly events: number;
  readonly contactForceThreshold: number;
  readonly collisionTypes: number;
  readonly massProperties: readonly number[] | undefined;
  readonly oneWay: readonly number[] | undefined;
  readonly surfaceVelocity: Numbers | undefined;
}

/** Checks a one-way platform: its normal and angle. */
export function encodeOneWay(path: string, oneWay: OneWay): readonly number[] {
  if (typeof oneWay !== 'object' || oneWay === null) {
    throw wrongType(path, 'an object with a normal', oneWay);
  }
  const normal = requireDirection(`${path}.normal`, oneWay.normal);
  return [...Array.from(normal), requireSize(`${path}.angle`, oneWay.angle ?? Math.PI / 4)];
}

const ORIGIN = [0, 0, 0] as const;
const UNTURNED = [0, 0, 0, 1] as const;
/** Dynamic bodies meet all others; what doesn't move by itself meets nothing else that doesn't. */
const DEFAULT_COLLISION_TYPES = 0b1111;

/** Groups as one word. */
export function encodeGroups(path: string, groups: InteractionGroups | undefined): number {
  if (groups === undefined) return 0xffff_ffff;
  if (typeof groups !== 'object' || groups === null) {
    throw wrongType(path, 'an object with memberships and filter', groups);
  }
  const memberships = requireBits(`${path}.memberships`, groups.memberships ?? 0xffff, 16);
  const filter = requireBits(`${path}.filter`, groups.filter ?? 0xffff, 16);
  return memberships * 2 ** 16 + filter;
}

/** Checks a collider's options. `path` names them in errors. */
export function encodeCollider(path: string, options: ColliderOptions): EncodedCollider {
  const shape = encodeShape(path, options);
  requireKnownCollider(path, options);
  const { density, mass, massProperties, oneWay, surfaceVelocity } = options;
  const given = [density, mass, massProperties].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw outOfRange(`${path}.mass`, 'one of density, mass and massProperties', given.length);
  }
  const rule = (name: string, value: CombineRule | undefined) =>
    requireName(`${path}.${name}`, value ?? 'average', COMBINE_RULES);
  const flag = (name: string, value: boolean | undefined, bit: number, otherwise: boolean) =>
    requireBoolean(`${path}.${name}`, value ?? otherwise) ? bit : 0;
  return {
    shape,
    flags:
      flag('enabled', options.enabled, ColliderFlag.ENABLED, true) |
      flag('sensor', options.sensor, ColliderFlag.SENSOR, false) |
      (mass === undefined ? 0 : ColliderFlag.MASS_GIVEN),
    position: requireNumbers(`${path}.position`, options.position ?? ORIGIN, 3),
    rotation: requireRotation(`${path}.rotation`, options.rotation ?? UNTURNED),
    mass:
      mass === undefined
        ? requireSize(`${path}.density`, density ?? 1)
        : requireSize(`${path}.mass`, mass),
    friction: requireSize(`${path}.friction`, options.friction ?? 0.5),
    restitution: requireSize(`${path}.restitution`, options.restitution ?? 0),
    combineRules:
      rule('frictionCombineRule', options.frictionCombineRule) |
      (rule('restitutionCombineRule', options.restitutionCombineRule) << 8),
    collisionGroups: encodeGroups(`${path}.collisionGroups`, options.collisionGroups),
    solverGroups: encodeGroups(`${path}.solverGroups`, options.solverGroups),
    contactSkin: requireSize(`${path}.contactSkin`, options.contactSkin ?? 0),
    events: encodeNames(`${path}.events`, options.events ?? [], EVENTS),
    contactForceThreshold: requireSize(
      `${path}.contactForceThreshold`,
      options.contactForceThreshold ?? 0,
    ),
    collisionTypes:
      options.collisionTypes === undefined
        ? DEFAULT_COLLISION_TYPES
        : encodeNames(`${path}.collisionTypes`, options.collisionTypes, COLLISION_TYPES),
    massProperties:
      massProperties === undefined
        ? undefined
        : encodeMass(`${path}.massProperties`, massProperties),
    oneWay: oneWay === undefined ? undefined : encodeOneWay(`${path}.oneWay`, oneWay),
    surfaceVelocity:
      surfaceVelocity === undefined
        ? undefined
        : requireNumbers(`${path}.surfaceVelocity`, surfaceVelocity, 3),
  };
}

/** In place of a body, for colliders that have none. */
export const NO_BODY = PhysicsLimits.NONE;

/** Writes the command that creates a collider. */
export function writeCollider(
  stream: CommandStream,
  place: Place,
  body: Place | undefined,
  collider: EncodedCollider,
): void {
  const at = stream.begin(Command.CREATE_COLLIDER, Operand.COUNT);
  stream.word(at + Operand.SLOT, place.slot);
  stream.word(at + Operand.GENERATION, place.generation);
  stream.word(at + Operand.BODY, body?.slot ?? NO_BODY);
  stream.word(at + Operand.BODY + 1, body?.generation ?? 0);
  const room = Operand.FLAGS - Operand.SIZE;
  writeShape(stream, at + Operand.SHAPE, at + Operand.SIZE, collider.shape, room);
  stream.word(at + Operand.FLAGS, collider.flags);
  stream.numbers(at + Operand.POSITION, collider.position);
  stream.numbers(at + Operand.ROTATION, collider.rotation);
  stream.number(at + Operand.MASS, collider.mass);
  stream.number(at + Operand.FRICTION, collider.friction);
  stream.number(at + Operand.RESTITUTION, collider.restitution);
  stream.word(at + Operand.COMBINE_RULES, collider.combineRules);
  stream.word(at + Operand.COLLISION_GROUPS, collider.collisionGroups);
  stream.word(at + Operand.SOLVER_GROUPS, collider.solverGroups);
  stream.word(at + Operand.ACTIVE_EVENTS, collider.events);
  stream.word(at + Operand.ACTIVE_COLLISION_TYPES, collider.collisionTypes);
  stream.number(at + Operand.CONTACT_FORCE_THRESHOLD, collider.contactForceThreshold);
  stream.number(at + Operand.CONTACT_SKIN, collider.contactSkin);
  const set = (property: number, values: Numbers) =>
    stream.numbers(beginSet(stream, place, property, values.length), values);
  if (collider.massProperties) set(Property.MASS_PROPERTIES, collider.massProperties);
  if (collider.surfaceVelocity) set(Property.SURFACE_VELOCITY, collider.surfaceVelocity);
  if (collider.oneWay) writeOneWay(stream, place, collider.oneWay);
}

/** Begins a command that sets a property; gives the index of its first value. */
export function beginSet(
  stream: CommandStream,
  { slot, generation }: Place,
  property: number,
  values: number,
): number {
  const at = stream.begin(Command.SET_COLLIDER, 3 + values);
  stream.word(at, slot);
  stream.word(at + 1, generation);
  stream.word(at + 2, property);
  return at + 3;
}

/** No numbers: it holds from all sides. */
export function writeOneWay(stream: CommandStream, place: Place, numbers: readonly number[]): void {
  const at = beginSet(stream, place, Property.ONE_WAY, 5);
  stream.word(at, numbers.length > 0 ? 1 : 0);
  stream.numbers(at + 1, numbers.length > 0 ? numbers : [0, 0, 0, 0]);
}
