/**
 * Joints: what holds two bodies together. The twin of `crates/inos-physics/src/joint.rs`.
 */
import { outOfRange, wrongType } from '@inos/sdk';
import type { Body } from './body.js';
import type { WakeOptions } from './body-options.js';
import type { CommandStream } from './command-stream.js';
import {
  Command,
  JointFlag,
  JointKind,
  JointOperand as Operand,
  JointProperty as Property,
} from './generated/physics.js';
import { AXIS_KEYS, JOINT_KEYS, MOTOR_KEYS, OWN_JOINT_KEYS, requireKnown } from './known-keys.js';
import {
  LARGEST,
  requireBoolean,
  requireDirection,
  requireName,
  requireNumber,
  requireNumbers,
  requirePositive,
  requireRotation,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import type { PropertyOf, Readings } from './read.js';
import type { Handle, Place } from './slots.js';
import type { World } from './world.js';

/** An axis of a joint, in its own frame. Revolute and prismatic joints have their axis as x. */
export type JointAxis =
  'linear-x' | 'linear-y' | 'linear-z' | 'angular-x' | 'angular-y' | 'angular-z';

/** The axes, by their bits. */
export const AXES: Readonly<Record<JointAxis, number>> = {
  'linear-x': 0,
  'linear-y': 1,
  'linear-z': 2,
  'angular-x': 3,
  'angular-y': 4,
  'angular-z': 5,
};

/** What drives an axis: towards a position, a velocity, or both. */
export interface JointMotor {
  /**
   * Metres or radians.
   * @default 0
   */
  readonly targetPosition?: number;
  /** @default 0 */
  readonly targetVelocity?: number;
  /**
   * How strongly it is drawn to the position.
   * @default 0
   */
  readonly stiffness?: number;
  /**
   * How strongly it is drawn to the velocity.
   * @default 0
   */
  readonly damping?: number;
  /** Newtons or newton metres; unlimited unless given. */
  readonly maximumForce?: number;
  /**
   * Whether stiffness and damping give accelerations, whatever the masses, or forces.
   * @default 'acceleration'
   */
  readonly model?: 'acceleration' | 'force';
}

/** What every joint has. */
export interface JointTraits {
  /**
   * Where it holds the first body, relative to that.
   * @default [0, 0, 0]
   */
  readonly anchor1?: Vector3;
  /** @default [0, 0, 0] */
  readonly anchor2?: Vector3;
  /**
   * Whether the two bodies still collide.
   * @default true
   */
  readonly contactsEnabled?: boolean;
  /**
   * In reduced coordinates: exact, as part of a tree of bodies of which each follows at most one.
   * @default false
   */
  readonly reduced?: boolean;
}

/** Least and most: metres or radians. */
export type JointLimits = readonly [least: number, most: number];

/** How far single axes may go. */
export type AxisLimits = Readonly<Partial<Record<JointAxis, JointLimits>>>;

/** What drives single axes. */
export type AxisMotors = Readonly<Partial<Record<JointAxis, JointMotor>>>;

/** Holds two bodies together entirely. */
export interface FixedJoint extends JointTraits {
  readonly type: 'fixed';
  /** @default [0, 0, 0, 1] */
  readonly rotation1?: Rotation;
  /** @default [0, 0, 0, 1] */
  readonly rotation2?: Rotation;
}

/** Holds two points together. */
export interface SphericalJoint extends JointTraits {
  readonly type: 'spherical';
  /** How far it may turn about each axis. */
  readonly limits?: AxisLimits;
  /** What turns it. */
  readonly motors?: AxisMotors;
}

/** A hinge. */
export interface RevoluteJoint extends JointTraits {
  readonly type: 'revolute';
  readonly axis: Vector3;
  readonly limits?: JointLimits;
  readonly motor?: JointMotor;
}

/** A slider. */
export interface PrismaticJoint extends JointTraits {
  readonly type: 'prismatic';
  readonly axis: Vector3;
  readonly limits?: JointLimits;
  readonly motor?: JointMotor;
}

/** Keeps two points from being farther apart. */
export interface RopeJoint extends JointTraits {
  readonly type: 'rope';
  readonly length: number;
}

/** A spring between two points. */
export interface SpringJoint extends JointTraits {
  readonly type: 'spring';
  readonly restLength: number;
  readonly stiffness: number;
  readonly damping: number;
}

/** Any axes locked, the others free, limited or driven. */
export interface GenericJoint extends JointTraits {
  readonly type: 'generic';
  /** The joint's x. */
  readonly axis: Vector3;
  /** In reduced coordinates not exactly one of the angular ones. */
  readonly lockedAxes: readonly JointAxis[];
  readonly limits?: AxisLimits;
  readonly motors?: AxisMotors;
}

/** A joint to be created. */
export type JointOptions =
  | FixedJoint
  | SphericalJoint
  | RevoluteJoint
  | PrismaticJoint
  | RopeJoint
  | SpringJoint
  | GenericJoint;

const KINDS: Readonly<Record<JointOptions['type'], number>> = {
  fixed: JointKind.FIXED,
  spherical: JointKind.SPHERICAL,
  revolute: JointKind.REVOLUTE,
  prismatic: JointKind.PRISMATIC,
  rope: JointKind.ROPE,
  spring: JointKind.SPRING,
  generic: JointKind.GENERIC,
};

/** The axis that a hinge's or a slider's limits and motor are for. */
const OWN_AXIS = { revolute: 'angular-x', prismatic: 'linear-x' } as const;

const ORIGIN = [0, 0, 0] as const;
const UNTURNED = [0, 0, 0, 1] as const;
/** An axis for joints that have none. */
const ANY_AXIS = [1, 0, 0] as const;

/** A joint that was checked. */
export interface EncodedJoint {
  readonly kind: number;
  readonly flags: number;
  readonly isReduced: boolean;
  /** From the first anchor on, up to the axis. */
  readonly frames: readonly number[];
  readonly lockedAxes: number;
  /** Length, stiffness, damping. */
  readonly sizes: readonly number[];
  readonly limits: ByAxis<JointLimits>;
  readonly motors: ByAxis<JointMotor>;
}

/** Axes, and what is said of each. */
type ByAxis<V> = readonly (readonly [axis: JointAxis, value: V])[];

/** Checks a joint's options, which may have `others` besides what joints have. `path` names them in errors. */
export function encodeJoint(
  path: string,
  options: JointOptions & WakeOptions,
  others: readonly string[] = [],
): EncodedJoint {
  if (typeof options !== 'object' || options === null) {
    throw wrongType(path, 'an object with a type', options);
  }
  const kind = requireName(`${path}.type`, options.type, KINDS);
  const own = OWN_JOINT_KEYS[options.type] ?? [];
  requireKnown(path, options, [...JOINT_KEYS, ...own, 'wake', ...others]);
  const vector = (name: string, value: Vector3 | undefined) =>
    Array.from(requireNumbers(`${path}.${name}`, value ?? ORIGIN, 3));
  const rotation = (name: 'rotation1' | 'rotation2') => {
    const value = options.type === 'fixed' ? options[name] : undefined;
    return Array.from(requireRotation(`${path}.${name}`, value ?? UNTURNED));
  };
  const hasAxis = 'axis' in options || ['revolute', 'prismatic', 'generic'].includes(options.type);
  const axis = hasAxis ? (options as RevoluteJoint).axis : ANY_AXIS;
  const contacts = requireBoolean(`${path}.contactsEnabled`, options.contactsEnabled ?? true);
  const reduced = requireBoolean(`${path}.reduced`, options.reduced ?? false);
  const wake = requireBoolean(`${path}.wake`, options.wake ?? true);
  return {
    kind,
    flags:
      (wake ? JointFlag.WAKE : 0) |
      (contacts ? JointFlag.CONTACTS_ENABLED : 0) |
      (reduced ? JointFlag.REDUCED : 0),
    isReduced: reduced,
    frames: [
      ...vector('anchor1', options.anchor1),
      ...vector('anchor2', options.anchor2),
      ...rotation('rotation1'),
      ...rotation('rotation2'),
      ...Array.from(requireDirection(`${path}.axis`, axis)),
    ],
    lockedAxes: options.type === 'generic' ? encodeAxes(path, options.lockedAxes, reduced) : 0,
    sizes: encodeSizes(path, options),
    limits: encodeLimits(`${path}.limits`, options),
    motors: encodeMotors(path, options),
  };
}

function encodeLimits(path: string, options: JointOptions): ByAxis<JointLimits> {
  switch (options.type) {
    case 'revolute':
    case 'prismatic':
      if (options.limits === undefined) return [];
      requireLimits(path, options.limits);
      return [[OWN_AXIS[options.type], options.limits]];
    case 'spherical':
    case 'generic':
      return byAxis(path, options.limits, requireLimits);
    default:
      return [];
  }
}

function encodeMotors(path: string, options: JointOptions): ByAxis<JointMotor> {
  switch (options.type) {
    case 'revolute':
    case 'prismatic':
      if (options.motor === undefined) return [];
      requireMotor(`${path}.motor`, options.motor);
      return [[OWN_AXIS[options.type], options.motor]];
    case 'spherical':
    case 'generic':
      return byAxis(`${path}.motors`, options.motors, requireMotor);
    default:
      return [];
  }
}

/** Checks what is said of single axes, and names each by its own. */
function byAxis<V>(
  path: string,
  given: Readonly<Partial<Record<JointAxis, V>>> | undefined,
  require: (path: string, value: V) => unknown,
): ByAxis<V> {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrongType(path, 'an object by axes', given);
  }
  requireKnown(path, given, AXIS_KEYS);
  const pairs = Object.entries(given) as [JointAxis, V | undefined][];
  return pairs.flatMap(([axis, value]) => {
    if (value === undefined) return [];
    require(`${path}.${axis}`, value);
    return [[axis, value] as const];
  });
}

function encodeAxes(path: string, axes: readonly JointAxis[], isReduced: boolean): number {
  if (!Array.isArray(axes)) throw wrongType(`${path}.lockedAxes`, 'an array of axes', axes);
  const all = axes.reduce<number>(
    (bits, axis, index) => bits | (1 << requireName(`${path}.lockedAxes[${index}]`, axis, AXES)),
    0,
  );
  // Rapier has no joint in reduced coordinates that turns about two axes.
  if (isReduced && [1, 2, 4].includes(all >> 3)) {
    const expected = 'none, two or all of the angular axes for a joint in reduced coordinates';
    throw outOfRange(`${path}.lockedAxes`, expected, 'one of them');
  }
  return all;
}

function encodeSizes(path: string, options: JointOptions): readonly number[] {
  if (options.type === 'rope') return [requirePositive(`${path}.length`, options.length), 0, 0];
  if (options.type !== 'spring') return [0, 0, 0];
  return [
    requireSize(`${path}.restLength`, options.restLength),
    requireSize(`${path}.stiffness`, options.stiffness),
    requireSize(`${path}.damping`, options.damping),
  ];
}

function requireLimits(path: string, limits: JointLimits): Numbers {
  const numbers = requireNumbers(path, limits, 2);
  if ((numbers[0] ?? 0) > (numbers[1] ?? 0)) {
    throw outOfRange(path, 'the least before the most', `${numbers[0]}, ${numbers[1]}`);
  }
  return numbers;
}

function requireMotor(path: string, motor: JointMotor): Numbers {
  if (typeof motor !== 'object' || motor === null) {
    throw wrongType(path, 'an object with targets', motor);
  }
  requireKnown(path, motor, MOTOR_KEYS);
  if (motor.maximumForce !== undefined) requireSize(`${path}.maximumForce`, motor.maximumForce);
  requireName(`${path}.model`, motor.model ?? 'acceleration', MODELS);
  return [
    requireNumber(`${path}.targetPosition`, motor.targetPosition ?? 0),
    requireNumber(`${path}.targetVelocity`, motor.targetVelocity ?? 0),
    requireSize(`${path}.stiffness`, motor.stiffness ?? 0),
    requireSize(`${path}.damping`, motor.damping ?? 0),
  ];
}

const MODELS = { acceleration: 0, force: 1 } as const;

/** Writes the command that creates a joint. */
export function writeJoint(
  stream: CommandStream,
  { slot, generation }: Place,
  first: Body,
  second: Body,
  joint: EncodedJoint,
): void {
  const at = stream.begin(Command.CREATE_JOINT, Operand.COUNT);
  stream.word(at + Operand.SLOT, slot);
  stream.word(at + Operand.GENERATION, generation);
  stream.word(at + Operand.FIRST, first.slot);
  stream.word(at + Operand.FIRST + 1, first.generation);
  stream.word(at + Operand.SECOND, second.slot);
  stream.word(at + Operand.SECOND + 1, second.generation);
  stream.word(at + Operand.KIND, joint.kind);
  stream.word(at + Operand.FLAGS, joint.flags);
  stream.numbers(at + Operand.FIRST_ANCHOR, joint.frames);
  stream.word(at + Operand.LOCKED_AXES, joint.lockedAxes);
  stream.numbers(at + Operand.LENGTH, joint.sizes);
}

/** A joint of a world. Changes wake the bodies that it joins. */
export class Joint {
  readonly world: World;
  readonly body1: Body;
  readonly body2: Body;
  /** Which of the world's joint slots it has. */
  readonly slot: number;
  /** Which of that slot's lives it is. */
  readonly generation: number;
  /** @internal Its life's own number. */
  readonly life: number;

  /** @internal */
  constructor(world: World, { slot, generation, life }: Handle, body1: Body, body2: Body) {
    this.world = world;
    this.slot = slot;
    this.generation = generation;
    this.life = life;
    this.body1 = body1;
    this.body2 = body2;
  }

  /** Whether it is still in its world. */
  get isAlive(): boolean {
    return this.world.hasJoint(this);
  }

  /** Sets how far an axis may go: metres or radians. */
  setLimits(axis: JointAxis, limits: JointLimits): void {
    this.#numbers(Property.LIMITS, axis, requireLimits('limits', limits));
  }

  /** Drives an axis. */
  setMotor(axis: JointAxis, motor: JointMotor): void {
    const numbers = requireMotor('motor', motor);
    this.#word(Property.MOTOR_MODEL, axis, MODELS[motor.model ?? 'acceleration']);
    this.#numbers(Property.MOTOR, axis, numbers);
    this.#numbers(Property.MOTOR_MAXIMUM_FORCE, axis, [motor.maximumForce ?? LARGEST]);
  }

  /** Sets whether the two bodies still collide. */
  setContactsEnabled(isEnabled: boolean): void {
    const bit = requireBoolean('isEnabled', isEnabled) ? 1 : 0;
    this.#word(Property.CONTACTS_ENABLED, 'linear-x', bit);
  }

  /** Lets go of the two bodies, or holds them again. */
  setEnabled(isEnabled: boolean): void {
    const bit = requireBoolean('isEnabled', isEnabled) ? 1 : 0;
    this.#word(Property.ENABLED, 'linear-x', bit);
  }

  /** Moves where it holds the first body, relative to that. */
  setAnchor1(anchor: Vector3): void {
    this.#numbers(Property.FIRST_ANCHOR, 'linear-x', requireNumbers('anchor', anchor, 3));
  }

  /** Moves where it holds the second body, relative to that. */
  setAnchor2(anchor: Vector3): void {
    this.#numbers(Property.SECOND_ANCHOR, 'linear-x', requireNumbers('anchor', anchor, 3));
  }

  /** Turns its frame on the first body. */
  setFrame1(rotation: Rotation): void {
    this.#numbers(Property.FIRST_FRAME, 'linear-x', requireRotation('rotation', rotation));
  }

  /** Turns its frame on the second body. */
  setFrame2(rotation: Rotation): void {
    this.#numbers(Property.SECOND_FRAME, 'linear-x', requireRotation('rotation', rotation));
  }

  /** Lets an axis go as far as it likes. */
  removeLimits(axis: JointAxis): void {
    this.#numbers(Property.FREE_LIMITS, axis, []);
  }

  /** Ends what drives an axis. */
  removeMotor(axis: JointAxis): void {
    this.#numbers(Property.FREE_MOTOR, axis, []);
  }

  /** One of its properties, as after all that was asked for before. Many at once: {@link World.readJoints}. */
  async read<P extends PropertyOf<'joint'>>(property: P): Promise<Readings<'joint', P>[P]> {
    return (await this.world.readJoints([this], [property]))[property];
  }

  /** Removes it, and wakes its bodies. */
  remove(options: WakeOptions = {}): void {
    this.world.removeJoint(this, options);
  }

  #numbers(property: number, axis: JointAxis, values: Numbers): void {
    const { stream, at } = this.#begin(property, axis, values.length);
    stream.numbers(at, values);
  }

  #word(property: number, axis: JointAxis, value: number): void {
    const { stream, at } = this.#begin(property, axis, 1);
    stream.word(at, value);
  }

  #begin(property: number, axis: JointAxis, values: number) {
    const number = requireName('axis', axis, AXES);
    const stream = this.world.commandsForJoint(this);
    const at = stream.begin(Command.SET_JOINT, 3 + values);
    stream.word(at, this.slot);
    stream.word(at + 1, this.generation);
    stream.word(at + 2, property | (number << 8));
    return { stream, at: at + 3 };
  }
}
