/**
 * What bodies are made with, checked and as commands carry it.
 */
import { requireInteger, wrongType } from '@inos/sdk';
import type { ColliderOptions } from './collider-options.js';
import type { CommandStream } from './command-stream.js';
import {
  BodyFlag,
  BodyOperand as Operand,
  BodyProperty as Property,
  Command,
} from './generated/physics.js';
import { requireKnown } from './known-keys.js';
import { encodeMass, type MassProperties } from './mass.js';
import {
  requireBoolean,
  requireName,
  requireNumber,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import type { Place } from './slots.js';
import { BODY_TYPES } from './type-numbers.js';

/**
 * What moves a body: forces (`dynamic`), nothing (`fixed`), or its user, by the position it shall have next or by
 * its velocity.
 */
export type BodyType = 'dynamic' | 'fixed' | 'kinematic-position' | 'kinematic-velocity';

/** Options of changes. */
export interface WakeOptions {
  /**
   * Whether what sleeps is woken by it.
   * @default true
   */
  readonly wake?: boolean;
}

const WAKE_KEYS: readonly string[] = ['wake'];

/** Whether a change wakes. */
export function wakes(options: WakeOptions): boolean {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  requireKnown('options', options, WAKE_KEYS);
  return requireBoolean('options.wake', options.wake ?? true);
}

/** Axes: x, y, z. */
export type Axes = readonly [x: boolean, y: boolean, z: boolean];

/** What a body is besides where it is and how it moves. */
export interface BodyTraits {
  readonly type: BodyType;
  /**
   * How fast it loses speed, per second.
   * @default 0
   */
  readonly linearDamping?: number;
  /** @default 0 */
  readonly angularDamping?: number;
  /** @default 1 */
  readonly gravityScale?: number;
  /** @default true */
  readonly canSleep?: boolean;
  /** @default false */
  readonly sleeping?: boolean;
  /** @default true */
  readonly enabled?: boolean;
  /**
   * Whether it never tunnels through moving bodies, however fast it is.
   * @default false
   */
  readonly ccd?: boolean;
  /**
   * Metres that soft continuous collision detection looks ahead.
   * @default 0
   */
  readonly softCcdPrediction?: number;
  /** Along which axes it can't move. */
  readonly lockTranslations?: Axes;
  /** Around which axes it can't turn. */
  readonly lockRotations?: Axes;
  /**
   * Kilograms besides those of its colliders.
   * @default 0
   */
  readonly additionalMass?: number;
  /** Mass and inertia besides those of its colliders; instead of `additionalMass`. */
  readonly additionalMassProperties?: MassProperties;
  /**
   * From −128 to 127: bodies of lower dominance don't push those of higher.
   * @default 0
   */
  readonly dominance?: number;
  /** @default 0 */
  readonly additionalSolverIterations?: number;
  /**
   * How often each of the solver's iterations goes over it besides what the world does.
   * @default 0
   */
  readonly additionalPgsIterations?: number;
  /** @default true */
  readonly gyroscopicForces?: boolean;
  /**
   * Whether it may turn faster than a quarter turn in a step.
   * @default false
   */
  readonly fastRotation?: boolean;
  /** What touches. Without colliders a body meets nothing and, unless `additionalMass` is given, has no mass. */
  readonly colliders?: readonly ColliderOptions[];
}

/** A body to be created. */
export interface BodyOptions extends BodyTraits {
  /** @default [0, 0, 0] */
  readonly position?: Vector3;
  /** @default [0, 0, 0, 1] */
  readonly rotation?: Rotation;
  /**
   * Metres per second.
   * @default [0, 0, 0]
   */
  readonly linearVelocity?: Vector3;
  /**
   * Radians per second, along the axis it turns around.
   * @default [0, 0, 0]
   */
  readonly angularVelocity?: Vector3;
}

/** Many bodies to be created, alike but for their places and velocities: x, y, z (and w) of each, in turn. */
export interface BodiesOptions extends BodyTraits {
  /** How many follows from its length. */
  readonly positions: Numbers;
  readonly rotations?: Numbers;
  readonly linearVelocities?: Numbers;
  readonly angularVelocities?: Numbers;
  /**
   * The sizes of each body's collider, where it has one: a ball's radius, a box's three half extents, the half height
   * and the radius of a capsule, cylinder or cone. Those of `colliders` unless given.
   */
  readonly sizes?: Numbers;
}

/** The operands of a body that was checked, without its place. */
export interface EncodedTraits {
  readonly kind: number;
  readonly flags: number;
  readonly numbers: readonly number[];
  readonly dominance: number;
  readonly solverIterations: number;
  readonly pgsIterations: number;
  readonly fastRotation: boolean;
  readonly massProperties: readonly number[] | undefined;
}

/** Axes as bits from `shift` on. */
export function encodeAxes(path: string, axes: Axes | undefined, shift: number): number {
  if (axes === undefined) return 0;
  if (!Array.isArray(axes) || axes.length !== 3) {
    throw wrongType(path, 'an array of three booleans', axes);
  }
  return axes.reduce<number>(
    (bits, axis, index) =>
      requireBoolean(`${path}[${index}]`, axis) ? bits | (1 << (shift + index)) : bits,
    0,
  );
}

/** Checks what a body is. `path` names it in errors. */
export function encodeTraits(path: string, options: BodyTraits): EncodedTraits {
  if (typeof options !== 'object' || options === null) {
    throw wrongType(path || 'options', 'an object with a type', options);
  }
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const flag = (name: keyof BodyTraits, bit: number, otherwise: boolean) =>
    requireBoolean(at(name), options[name] ?? otherwise) ? bit : 0;
  const shift = BodyFlag.LOCKED_AXES_SHIFT;
  return {
    kind: requireName(at('type'), options.type, BODY_TYPES),
    flags:
      flag('enabled', BodyFlag.ENABLED, true) |
      flag('canSleep', BodyFlag.CAN_SLEEP, true) |
      flag('sleeping', BodyFlag.SLEEPING, false) |
      flag('ccd', BodyFlag.CCD, false) |
      flag('gyroscopicForces', BodyFlag.GYROSCOPIC, true) |
      encodeAxes(at('lockTranslations'), options.lockTranslations, shift) |
      encodeAxes(at('lockRotations'), options.lockRotations, shift + 3),
    numbers: [
      requireSize(at('linearDamping'), options.linearDamping ?? 0),
      requireSize(at('angularDamping'), options.angularDamping ?? 0),
      requireNumber(at('gravityScale'), options.gravityScale ?? 1),
      requireSize(at('softCcdPrediction'), options.softCcdPrediction ?? 0),
      requireSize(at('additionalMass'), options.additionalMass ?? 0),
    ],
    dominance: requireInteger(at('dominance'), options.dominance ?? 0, -128, 127),
    solverIterations: requireInteger(
      at('additionalSolverIterations'),
      options.additionalSolverIterations ?? 0,
      0,
      255,
    ),
    pgsIterations: requireInteger(
      at('additionalPgsIterations'),
      options.additionalPgsIterations ?? 0,
      0,
      255,
    ),
    fastRotation: requireBoolean(at('fastRotation'), options.fastRotation ?? false),
    massProperties:
      options.additionalMassProperties === undefined
        ? undefined
        : encodeMass(at('additionalMassProperties'), options.additionalMassProperties),
  };
}

/** Where one of many bodies is and how it moves: arrays and the index of its first number in each. */
export interface BodyMotion {
  readonly positions: Numbers;
  readonly rotations: Numbers | undefined;
  readonly linearVelocities: Numbers | undefined;
  readonly angularVelocities: Numbers | undefined;
}

/** Writes the command that creates a body: the `index`-th of `motion`. */
export function writeBody(
  stream: CommandStream,
  { slot, generation }: Place,
  traits: EncodedTraits,
  motion: BodyMotion,
  index: number,
): void {
  const at = stream.begin(Command.CREATE_BODY, Operand.COUNT);
  stream.word(at + Operand.SLOT, slot);
  stream.word(at + Operand.GENERATION, generation);
  stream.word(at + Operand.KIND, traits.kind);
  stream.word(at + Operand.FLAGS, traits.flags);
  stream.slice(at + Operand.POSITION, motion.positions, index * 3, 3);
  if (motion.rotations) stream.slice(at + Operand.ROTATION, motion.rotations, index * 4, 4);
  else stream.numbers(at + Operand.ROTATION, UNTURNED);
  const velocity = (operand: number, velocities: Numbers | undefined) => {
    if (velocities) stream.slice(at + operand, velocities, index * 3, 3);
    else stream.numbers(at + operand, ORIGIN);
  };
  velocity(Operand.LINEAR_VELOCITY, motion.linearVelocities);
  velocity(Operand.ANGULAR_VELOCITY, motion.angularVelocities);
  stream.numbers(at + Operand.LINEAR_DAMPING, traits.numbers);
  stream.word(at + Operand.DOMINANCE, traits.dominance);
  stream.word(at + Operand.SOLVER_ITERATIONS, traits.solverIterations);
  const set = (property: number, values: number) =>
    beginSet(stream, { slot, generation }, property, values);
  if (traits.massProperties)
    stream.numbers(set(Property.MASS_PROPERTIES, 11), traits.massProperties);
  if (traits.pgsIterations > 0) stream.word(set(Property.PGS_ITERATIONS, 1), traits.pgsIterations);
  if (traits.fastRotation) stream.word(set(Property.FAST_ROTATION, 1), 1);
}

/** Begins a command that sets a property; gives the index of its first value. */
export function beginSet(
  stream: CommandStream,
  { slot, generation }: Place,
  property: number,
  values: number,
  wakes = true,
): number {
  const at = stream.begin(Command.SET_BODY, 3 + values);
  stream.word(at, slot);
  stream.word(at + 1, generation);
  stream.word(at + 2, wakes ? property | WAKE : property);
  return at + 3;
}

const ORIGIN = [0, 0, 0] as const;
const UNTURNED = [0, 0, 0, 1] as const;
/** Whether a change wakes the body. */
const WAKE = 1 << 8;
