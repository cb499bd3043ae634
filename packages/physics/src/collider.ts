/**
 * Colliders: what touches. The twin of `crates/inos-physics/src/collider.rs`.
 */
import { outOfRange, wrongType } from '@inos/sdk';
import type { CommandStream } from './command-stream.js';
import {
  ColliderFlag,
  ColliderOperand as Operand,
  Command,
  PhysicsLimits,
} from './generated/physics.js';
import {
  requireBits,
  requireBoolean,
  requireName,
  requireNumbers,
  requireRotation,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import { encodeShape, writeShape, type EncodedShape, type Shape } from './shape.js';
import type { World } from './world.js';

/** How two colliders' coefficients become one. Of two rules the one later in this list counts. */
export type CombineRule = 'average' | 'min' | 'multiply' | 'max';

const COMBINE_RULES: Readonly<Record<CombineRule, number>> = {
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
}

const ORIGIN = [0, 0, 0] as const;
const UNTURNED = [0, 0, 0, 1] as const;
/** Dynamic bodies meet all others; what doesn't move by itself meets nothing else that doesn't. */
const DEFAULT_COLLISION_TYPES = 0b1111;

function encodeGroups(path: string, groups: InteractionGroups | undefined): number {
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
  const { density, mass } = options;
  if (density !== undefined && mass !== undefined) {
    throw outOfRange(`${path}.mass`, 'given without density', 'both');
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
  };
}

/** Where a collider goes: its own handle, and its body's. */
export interface ColliderPlace {
  readonly slot: number;
  readonly generation: number;
  readonly body: number;
  readonly bodyGeneration: number;
}

/** In place of a body, for colliders that have none. */
export const NO_BODY = PhysicsLimits.NONE;

/** Writes the command that creates a collider. */
export function writeCollider(
  stream: CommandStream,
  place: ColliderPlace,
  collider: EncodedCollider,
): void {
  const at = stream.begin(Command.CREATE_COLLIDER, Operand.COUNT);
  stream.word(at + Operand.SLOT, place.slot);
  stream.word(at + Operand.GENERATION, place.generation);
  stream.word(at + Operand.BODY, place.body);
  stream.word(at + Operand.BODY + 1, place.bodyGeneration);
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
  stream.word(at + Operand.ACTIVE_EVENTS, 0);
  stream.word(at + Operand.ACTIVE_COLLISION_TYPES, DEFAULT_COLLISION_TYPES);
  stream.number(at + Operand.CONTACT_FORCE_THRESHOLD, 0);
  stream.number(at + Operand.CONTACT_SKIN, collider.contactSkin);
}

/** A collider of a world. */
export class Collider {
  readonly world: World;
  /** Which of the world's collider slots it has. */
  readonly slot: number;
  /** Which of that slot's lives it is. */
  readonly generation: number;

  /** @internal */
  constructor(world: World, slot: number, generation: number) {
    this.world = world;
    this.slot = slot;
    this.generation = generation;
  }

  /** Removes it, and wakes what it touched. */
  remove(): void {
    this.world.removeCollider(this);
  }
}
