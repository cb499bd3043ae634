/**
 * Bodies: what moves. The twin of `crates/inos-physics/src/body.rs`.
 */
import { requireInteger } from '@inos/sdk';
import {
  beginSet,
  encodeAxes,
  wakes,
  type Axes,
  type BodyType,
  type WakeOptions,
} from './body-options.js';
import type { Collider } from './collider.js';
import type { ColliderOptions } from './collider-options.js';
import { BodyProperty as Property } from './generated/physics.js';
import { encodeMass, type MassProperties } from './mass.js';
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
import type { PropertyOf, Readings } from './read.js';
import { BODY_TYPES } from './type-numbers.js';
import type { Handle } from './slots.js';
import type { World } from './world.js';

/**
 * A body of a world: its handle, and the changes that commands make to it. Each change takes effect before the
 * next step or other job of the world that is asked for after it. It wakes the body unless it is given
 * `{ wake: false }`, or can't change how it moves.
 */
export class Body {
  readonly world: World;
  /** Which of the world's slots it has: where its numbers lie in `world.poses`. */
  readonly slot: number;
  /** Which of that slot's lives it is. */
  readonly generation: number;
  /** @internal Its life's own number. */
  readonly life: number;

  /** @internal */
  constructor(world: World, { slot, generation, life }: Handle) {
    this.world = world;
    this.slot = slot;
    this.generation = generation;
    this.life = life;
  }

  /** Whether it is still in its world. */
  get isAlive(): boolean {
    return this.world.hasBody(this);
  }

  /** Its colliders, in the order in which they were created. */
  get colliders(): Collider[] {
    return this.world.collidersOf(this);
  }

  /** Where it was after the latest step, or where it was created if there was none since: x, y, z. */
  get translation(): [number, number, number] {
    return this.#three('translation', 'translations');
  }

  /** How it was turned after the latest step, or when it was created if there was none since: x, y, z, w. */
  get rotation(): [number, number, number, number] {
    const created = this.world.findNew(this)?.rotation;
    const start = this.slot * 4;
    const [x = 0, y = 0, z = 0, w = 1] =
      created ?? this.world.poses.rotations.subarray(start, start + 4);
    return [x, y, z, w];
  }

  /** How fast it moved after the latest step, or when it was created: metres per second along x, y, z. */
  get linearVelocity(): [number, number, number] {
    return this.#three('linearVelocity', 'linearVelocities');
  }

  /** How fast it turned after the latest step, or when it was created: radians per second around x, y, z. */
  get angularVelocity(): [number, number, number] {
    return this.#three('angularVelocity', 'angularVelocities');
  }

  #three(
    name: 'translation' | 'linearVelocity' | 'angularVelocity',
    all: 'translations' | 'linearVelocities' | 'angularVelocities',
  ): [number, number, number] {
    const created = this.world.findNew(this)?.[name];
    const start = this.slot * 3;
    const [x = 0, y = 0, z = 0] = created ?? this.world.poses[all].subarray(start, start + 3);
    return [x, y, z];
  }

  /** Places it. */
  setTranslation(translation: Vector3, options: WakeOptions = {}): void {
    this.#vector(Property.TRANSLATION, 'translation', translation, options);
  }

  /** Turns it: a unit quaternion. */
  setRotation(rotation: Rotation, options: WakeOptions = {}): void {
    this.#set(Property.ROTATION, requireRotation('rotation', rotation), options);
  }

  /** Sets its velocity, in metres per second. */
  setLinearVelocity(velocity: Vector3, options: WakeOptions = {}): void {
    this.#vector(Property.LINEAR_VELOCITY, 'velocity', velocity, options);
  }

  /** Sets how fast it turns, in radians per second. */
  setAngularVelocity(velocity: Vector3, options: WakeOptions = {}): void {
    this.#vector(Property.ANGULAR_VELOCITY, 'velocity', velocity, options);
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
  addForce(force: Vector3, point?: Vector3, options: WakeOptions = {}): void {
    this.#push([Property.ADD_FORCE, Property.ADD_FORCE_AT_POINT], 'force', force, point, options);
  }

  /** Adds a torque, in newton metres, that acts in each step until {@link resetTorques}. */
  addTorque(torque: Vector3, options: WakeOptions = {}): void {
    this.#vector(Property.ADD_TORQUE, 'torque', torque, options);
  }

  /** Ends all forces. */
  resetForces(options: WakeOptions = {}): void {
    this.#set(Property.RESET_FORCES, [], options);
  }

  /** Ends all torques. */
  resetTorques(options: WakeOptions = {}): void {
    this.#set(Property.RESET_TORQUES, [], options);
  }

  /** Changes its momentum at once, in newton seconds. At a point of the world, if given. */
  applyImpulse(impulse: Vector3, point?: Vector3, options: WakeOptions = {}): void {
    this.#push([Property.IMPULSE, Property.IMPULSE_AT_POINT], 'impulse', impulse, point, options);
  }

  /** Changes its angular momentum at once. */
  applyTorqueImpulse(impulse: Vector3, options: WakeOptions = {}): void {
    this.#vector(Property.TORQUE_IMPULSE, 'impulse', impulse, options);
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
  setType(type: BodyType, options: WakeOptions = {}): void {
    this.#word(Property.KIND, requireName('type', type, BODY_TYPES), options);
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
  setGravityScale(scale: number, options: WakeOptions = {}): void {
    this.#set(Property.GRAVITY_SCALE, [requireNumber('scale', scale)], options);
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
  setLockedAxes(translations: Axes, rotations: Axes, options: WakeOptions = {}): void {
    const bits =
      encodeAxes('translations', translations, 0) | encodeAxes('rotations', rotations, 3);
    this.#word(Property.LOCKED_AXES, bits, options);
  }

  /** Sets its mass besides that of its colliders, in kilograms. */
  setAdditionalMass(mass: number, options: WakeOptions = {}): void {
    this.#set(Property.ADDITIONAL_MASS, [requireSize('mass', mass)], options);
  }

  /** Sets its mass and inertia besides those of its colliders; instead of {@link setAdditionalMass}. */
  setAdditionalMassProperties(properties: MassProperties, options: WakeOptions = {}): void {
    this.#set(Property.MASS_PROPERTIES, encodeMass('properties', properties), options);
  }

  /** Makes its mass that of its colliders at once, not with the next step. */
  recomputeMass(): void {
    this.#set(Property.RECOMPUTE_MASS, []);
  }

  /** Sets whether it turns as bodies do that aren't balls. */
  setGyroscopicForces(isEnabled: boolean): void {
    this.#word(Property.GYROSCOPIC_FORCES, requireBoolean('isEnabled', isEnabled) ? 1 : 0);
  }

  /** Sets whether it may fall asleep. */
  setCanSleep(canSleep: boolean): void {
    this.#word(Property.CAN_SLEEP, requireBoolean('canSleep', canSleep) ? 1 : 0);
  }

  /** Sets whether it may turn faster than a quarter turn in a step. */
  setFastRotation(isAllowed: boolean): void {
    this.#word(Property.FAST_ROTATION, requireBoolean('isAllowed', isAllowed) ? 1 : 0);
  }

  /** Sets how often each of the solver's iterations goes over it besides what the world does. */
  setAdditionalPgsIterations(iterations: number): void {
    this.#word(Property.PGS_ITERATIONS, requireInteger('iterations', iterations, 0, 255));
  }

  /** One of its properties, as after all that was asked for before. Many bodies at once: {@link World.readBodies}. */
  async read<P extends PropertyOf<'body'>>(property: P): Promise<Readings<'body', P>[P]> {
    return (await this.world.readBodies([this], [property]))[property];
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

  #vector(property: number, name: string, value: Vector3, options: WakeOptions = {}): void {
    this.#set(property, requireNumbers(name, value, 3), options);
  }

  #push(
    [plain, atPoint]: readonly [number, number],
    name: string,
    value: Vector3,
    point: Vector3 | undefined,
    options: WakeOptions,
  ): void {
    const vector = requireNumbers(name, value, 3);
    if (point === undefined) {
      this.#set(plain, vector, options);
      return;
    }
    const place = requireNumbers('point', point, 3);
    this.#set(atPoint, [...Array.from(vector), ...Array.from(place)], options);
  }

  #set(property: number, values: Numbers, options: WakeOptions = {}): void {
    const { stream, at } = this.#begin(property, values.length, options);
    stream.numbers(at, values);
  }

  #word(property: number, value: number, options: WakeOptions = {}): void {
    const { stream, at } = this.#begin(property, 1, options);
    stream.word(at, value);
  }

  #begin(property: number, values: number, options: WakeOptions) {
    const isWaking = wakes(options);
    const stream = this.world.commandsFor(this);
    return { stream, at: beginSet(stream, this, property, values, isWaking) };
  }
}
