/**
 * Bodies: what moves. The twin of `crates/inos-physics/src/body.rs`.
 */
import { requireInteger, wrongType } from '@inos/sdk';
import type { ColliderOptions } from './collider.js';
import type { CommandStream } from './command-stream.js';
import {
  BodyFlag,
  BodyKind,
  BodyOperand as Operand,
  BodyProperty as Property,
  Command,
} from './generated/physics.js';
import {
  requireBoolean,
  requireName,
  requireNumber,
  requireNumbers,
  requireRotation,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import type { World } from './world.js';

/**
 * What moves a body: forces (`dynamic`), nothing (`fixed`), or its user, by the position it shall have next or by
 * its velocity.
 */
export type BodyType = 'dynamic' | 'fixed' | 'kinematic-position' | 'kinematic-velocity';

const KINDS: Readonly<Record<BodyType, number>> = {
  dynamic: BodyKind.DYNAMIC,
  fixed: BodyKind.FIXED,
  'kinematic-position': BodyKind.KINEMATIC_POSITION,
  'kinematic-velocity': BodyKind.KINEMATIC_VELOCITY,
};

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
  /**
   * From −128 to 127: bodies of lower dominance don't push those of higher.
   * @default 0
   */
  readonly dominance?: number;
  /** @default 0 */
  readonly additionalSolverIterations?: number;
  /** @default true */
  readonly gyroscopicForces?: boolean;
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
}

/** The operands of a body that was checked, without its place. */
export interface EncodedTraits {
  readonly kind: number;
  readonly flags: number;
  readonly numbers: readonly number[];
  readonly dominance: number;
  readonly solverIterations: number;
}

function encodeAxes(path: string, axes: Axes | undefined, shift: number): number {
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
    kind: requireName(at('type'), options.type, KINDS),
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
  slot: number,
  generation: number,
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
}

const ORIGIN = [0, 0, 0] as const;
const UNTURNED = [0, 0, 0, 1] as const;

/**
 * A body of a world: its handle, and the changes that commands make to it. Each change takes effect before the
 * next step or other job of the world that is asked for after it.
 */
export class Body {
  readonly world: World;
  /** Which of the world's slots it has: where its numbers lie in `world.poses`. */
  readonly slot: number;
  /** Which of that slot's lives it is. */
  readonly generation: number;

  /** @internal */
  constructor(world: World, slot: number, generation: number) {
    this.world = world;
    this.slot = slot;
    this.generation = generation;
  }

  /** Whether it is still in its world. */
  get isAlive(): boolean {
    return this.world.hasBody(this);
  }

  /** Where it was after the latest step: x, y, z. */
  get translation(): [number, number, number] {
    const start = this.slot * 3;
    const [x = 0, y = 0, z = 0] = this.#latest().translations.subarray(start, start + 3);
    return [x, y, z];
  }

  /** How it was turned after the latest step: x, y, z, w. */
  get rotation(): [number, number, number, number] {
    const start = this.slot * 4;
    const [x = 0, y = 0, z = 0, w = 1] = this.#latest().rotations.subarray(start, start + 4);
    return [x, y, z, w];
  }

  /** How fast it moved after the latest step: metres per second along x, y, z. */
  get linearVelocity(): [number, number, number] {
    const start = this.slot * 3;
    const [x = 0, y = 0, z = 0] = this.#latest().linearVelocities.subarray(start, start + 3);
    return [x, y, z];
  }

  /** How fast it turned after the latest step: radians per second around x, y, z. */
  get angularVelocity(): [number, number, number] {
    const start = this.slot * 3;
    const [x = 0, y = 0, z = 0] = this.#latest().angularVelocities.subarray(start, start + 3);
    return [x, y, z];
  }

  #latest() {
    this.world.requireBody(this);
    return this.world.poses;
  }

  /** Places it. */
  setTranslation(translation: Vector3): void {
    this.#vector(Property.TRANSLATION, 'translation', translation);
  }

  /** Turns it: a unit quaternion. */
  setRotation(rotation: Rotation): void {
    this.#set(Property.ROTATION, requireRotation('rotation', rotation));
  }

  /** Sets its velocity, in metres per second. */
  setLinearVelocity(velocity: Vector3): void {
    this.#vector(Property.LINEAR_VELOCITY, 'velocity', velocity);
  }

  /** Sets how fast it turns, in radians per second. */
  setAngularVelocity(velocity: Vector3): void {
    this.#vector(Property.ANGULAR_VELOCITY, 'velocity', velocity);
  }

  /** Where a `kinematic-position` body shall be after the next step. */
  setNextTranslation(translation: Vector3): void {
    this.#vector(Property.NEXT_TRANSLATION, 'translation', translation);
  }

  /** How a `kinematic-position` body shall be turned after the next step. */
  setNextRotation(rotation: Rotation): void {
    this.#set(Property.NEXT_ROTATION, requireRotation('rotation', rotation));
  }

  /** Adds a force, in newtons, that acts in each step until {@link resetForces}. At a point of the world, if given. */
  addForce(force: Vector3, point?: Vector3): void {
    this.#push(Property.ADD_FORCE, Property.ADD_FORCE_AT_POINT, 'force', force, point);
  }

  /** Adds a torque, in newton metres, that acts in each step until {@link resetTorques}. */
  addTorque(torque: Vector3): void {
    this.#vector(Property.ADD_TORQUE, 'torque', torque);
  }

  /** Ends all forces. */
  resetForces(): void {
    this.#set(Property.RESET_FORCES, []);
  }

  /** Ends all torques. */
  resetTorques(): void {
    this.#set(Property.RESET_TORQUES, []);
  }

  /** Changes its momentum at once, in newton seconds. At a point of the world, if given. */
  applyImpulse(impulse: Vector3, point?: Vector3): void {
    this.#push(Property.IMPULSE, Property.IMPULSE_AT_POINT, 'impulse', impulse, point);
  }

  /** Changes its angular momentum at once. */
  applyTorqueImpulse(impulse: Vector3): void {
    this.#vector(Property.TORQUE_IMPULSE, 'impulse', impulse);
  }

  /** Puts it to sleep. */
  sleep(): void {
    this.#set(Property.SLEEP, []);
  }

  /** Wakes it. */
  wake(): void {
    this.#set(Property.WAKE, []);
  }

  /** Changes what moves it. */
  setType(type: BodyType): void {
    this.#word(Property.KIND, requireName('type', type, KINDS));
  }

  /** Sets how fast it loses speed. */
  setLinearDamping(damping: number): void {
    this.#set(Property.LINEAR_DAMPING, [requireSize('damping', damping)]);
  }

  /** Sets how fast it stops turning. */
  setAngularDamping(damping: number): void {
    this.#set(Property.ANGULAR_DAMPING, [requireSize('damping', damping)]);
  }

  /** Sets how much of the world's gravity it feels. */
  setGravityScale(scale: number): void {
    this.#set(Property.GRAVITY_SCALE, [requireNumber('scale', scale)]);
  }

  /** Takes it out of the simulation, or puts it back. */
  setEnabled(isEnabled: boolean): void {
    this.#word(Property.ENABLED, requireBoolean('isEnabled', isEnabled) ? 1 : 0);
  }

  /** Turns continuous collision detection on or off. */
  setCcd(isEnabled: boolean): void {
    this.#word(Property.CCD, requireBoolean('isEnabled', isEnabled) ? 1 : 0);
  }

  /** Sets how far soft continuous collision detection looks ahead, in metres. */
  setSoftCcdPrediction(distance: number): void {
    this.#set(Property.SOFT_CCD_PREDICTION, [requireSize('distance', distance)]);
  }

  /** Sets whom it pushes. */
  setDominance(dominance: number): void {
    this.#word(Property.DOMINANCE, requireInteger('dominance', dominance, -128, 127));
  }

  /** Sets along and around which axes it can't move. */
  setLockedAxes(translations: Axes, rotations: Axes): void {
    const bits =
      encodeAxes('translations', translations, 0) | encodeAxes('rotations', rotations, 3);
    this.#word(Property.LOCKED_AXES, bits);
  }

  /** Sets its mass besides that of its colliders, in kilograms. */
  setAdditionalMass(mass: number): void {
    this.#set(Property.ADDITIONAL_MASS, [requireSize('mass', mass)]);
  }

  /** Sets how often the solver goes over it besides what the world does. */
  setAdditionalSolverIterations(iterations: number): void {
    this.#word(Property.SOLVER_ITERATIONS, requireInteger('iterations', iterations, 0, 255));
  }

  /** Adds a collider to it. */
  createCollider(options: ColliderOptions) {
    return this.world.createCollider(options, this);
  }

  /** Removes it with its colliders. */
  remove(): void {
    this.world.removeBody(this);
  }

  #vector(property: number, name: string, value: Vector3): void {
    this.#set(property, requireNumbers(name, value, 3));
  }

  #push(plain: number, atPoint: number, name: string, value: Vector3, point?: Vector3): void {
    const vector = requireNumbers(name, value, 3);
    if (point === undefined) {
      this.#set(plain, vector);
      return;
    }
    const place = requireNumbers('point', point, 3);
    this.#set(atPoint, [...Array.from(vector), ...Array.from(place)]);
  }

  #set(property: number, values: Numbers): void {
    const { stream, at } = this.#begin(property, values.length);
    stream.numbers(at, values);
  }

  #word(property: number, value: number): void {
    const { stream, at } = this.#begin(property, 1);
    stream.word(at, value);
  }

  #begin(property: number, values: number): { stream: CommandStream; at: number } {
    const stream = this.world.commandsFor(this);
    const at = stream.begin(Command.SET_BODY, 3 + values);
    stream.word(at, this.slot);
    stream.word(at + 1, this.generation);
    stream.word(at + 2, property | WAKE);
    return { stream, at: at + 3 };
  }
}

/** Changes wake the body. */
const WAKE = 1 << 8;
