/**
 * Colliders: what touches. The twin of `crates/inos-physics/src/collider.rs`.
 */
import { outOfRange, requireInteger } from '@inos/sdk';
import type { Body } from './body.js';
import type { WakeOptions } from './body-options.js';
import {
  beginSet,
  COLLISION_TYPES,
  COMBINE_RULES,
  encodeGroups,
  encodeNames,
  encodeOneWay,
  EVENTS,
  writeOneWay,
  type ColliderEvents,
  type CollisionType,
  type CombineRule,
  type InteractionGroups,
  type OneWay,
} from './collider-options.js';
import type { CommandStream } from './command-stream.js';
import { ColliderOperand as Operand, ColliderProperty as Property } from './generated/physics.js';
import { encodeMass, type MassProperties } from './mass.js';
import {
  requireBoolean,
  requireName,
  requireNumbers,
  requireRotation,
  requireSize,
  type Numbers,
  type Rotation,
  type Vector3,
} from './numbers.js';
import type { PropertyOf, Readings } from './read.js';
import { encodeShape, writeShape, type Shape } from './shape.js';
import type { Handle } from './slots.js';
import type { World } from './world.js';

/** How far from 0 a cell of voxels may be along each axis. */
const FARTHEST_VOXEL = 2 ** 20;

function requireCell(argument: string, cell: Vector3): number[] {
  return Array.from(requireNumbers(argument, cell, 3), (number, axis) =>
    requireInteger(`${argument}[${axis}]`, number, -FARTHEST_VOXEL, FARTHEST_VOXEL),
  );
}

/** A collider of a world. */
export class Collider {
  readonly world: World;
  /** Which of the world's collider slots it has. */
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
    return this.world.hasCollider(this);
  }

  /** The body that it is on; none if it is in the world itself. */
  get body(): Body | undefined {
    return this.world.bodyOf(this);
  }

  /** Moves it, relative to its body. */
  setPosition(position: Vector3): void {
    this.#numbers(Property.POSITION, requireNumbers('position', position, 3));
  }

  /** Turns it, relative to its body. */
  setRotation(rotation: Rotation): void {
    this.#numbers(Property.ROTATION, requireRotation('rotation', rotation));
  }

  /** Gives it another shape. */
  setShape(shape: Shape): void {
    const encoded = encodeShape('shape', shape);
    this.world.requireOwnShape('shape', encoded);
    const room = Operand.FLAGS - Operand.SIZE;
    const { stream, at } = this.#begin(Property.SHAPE, 1 + room);
    writeShape(stream, at, at + 1, encoded, room);
  }

  /** Sets its density, in kilograms per cubic metre. */
  setDensity(density: number): void {
    this.#numbers(Property.DENSITY, [requireSize('density', density)]);
  }

  /** Sets its mass, in kilograms. */
  setMass(mass: number): void {
    this.#numbers(Property.MASS, [requireSize('mass', mass)]);
  }

  /** Sets its friction. */
  setFriction(friction: number): void {
    this.#numbers(Property.FRICTION, [requireSize('friction', friction)]);
  }

  /** Sets how much it bounces. */
  setRestitution(restitution: number): void {
    this.#numbers(Property.RESTITUTION, [requireSize('restitution', restitution)]);
  }

  /** Sets how its coefficients and another's become one. */
  setCombineRules(friction: CombineRule, restitution: CombineRule): void {
    const low = requireName('friction', friction, COMBINE_RULES);
    const high = requireName('restitution', restitution, COMBINE_RULES);
    this.#word(Property.COMBINE_RULES, low | (high << 8));
  }

  /** Sets which colliders it meets. */
  setCollisionGroups(groups: InteractionGroups): void {
    this.#word(Property.COLLISION_GROUPS, encodeGroups('groups', groups));
  }

  /** Sets which of those push it. */
  setSolverGroups(groups: InteractionGroups): void {
    this.#word(Property.SOLVER_GROUPS, encodeGroups('groups', groups));
  }

  /** Sets whether it only notices what it meets. */
  setSensor(isSensor: boolean): void {
    this.#word(Property.SENSOR, requireBoolean('isSensor', isSensor) ? 1 : 0);
  }

  /** Takes it out of the simulation, or puts it back. */
  setEnabled(isEnabled: boolean): void {
    this.#word(Property.ENABLED, requireBoolean('isEnabled', isEnabled) ? 1 : 0);
  }

  /** Sets how far it keeps from what it touches, in metres. */
  setContactSkin(skin: number): void {
    this.#numbers(Property.CONTACT_SKIN, [requireSize('skin', skin)]);
  }

  /** Sets what it tells of. */
  setEvents(events: readonly ColliderEvents[]): void {
    this.#word(Property.ACTIVE_EVENTS, encodeNames('events', events, EVENTS));
  }

  /** Sets the force, in newtons, from which on it tells of contacts. */
  setContactForceThreshold(force: number): void {
    this.#numbers(Property.CONTACT_FORCE_THRESHOLD, [requireSize('force', force)]);
  }

  /** Sets its mass and inertia. */
  setMassProperties(properties: MassProperties): void {
    this.#numbers(Property.MASS_PROPERTIES, encodeMass('properties', properties));
  }

  /** Moves it to a place of the world; one with a body goes back there with the body's next move. */
  setWorldPosition(position: Vector3): void {
    this.#numbers(Property.WORLD_POSITION, requireNumbers('position', position, 3));
  }

  /** Turns it in the world; one with a body turns back with the body's next move. */
  setWorldRotation(rotation: Rotation): void {
    this.#numbers(Property.WORLD_ROTATION, requireRotation('rotation', rotation));
  }

  /** Sets bodies of which types it meets, seen from its own body's. */
  setCollisionTypes(types: readonly CollisionType[]): void {
    this.#word(Property.COLLISION_TYPES, encodeNames('types', types, COLLISION_TYPES));
  }

  /** Makes it hold others from one side only; from all sides again without an argument. */
  setOneWay(oneWay?: OneWay): void {
    const numbers = oneWay === undefined ? [] : encodeOneWay('oneWay', oneWay);
    writeOneWay(this.world.commandsForCollider(this), this, numbers);
  }

  /** Makes its surface move, in its own frame: what lies on it is carried along. Zeros: it rests. */
  setSurfaceVelocity(velocity: Vector3): void {
    this.#numbers(Property.SURFACE_VELOCITY, requireNumbers('velocity', velocity, 3));
  }

  /** Lets it and another pass through each other, or meet again. */
  ignore(other: Collider, isIgnored = true): void {
    this.world.ignorePair(this, other, isIgnored);
  }

  /** Fills or empties a cell of one that is made of voxels. */
  setVoxel(cell: Vector3, isFilled: boolean): void {
    const words = requireCell('cell', cell);
    const bit = requireBoolean('isFilled', isFilled) ? 1 : 0;
    const { stream, at } = this.#begin(Property.VOXEL, 4);
    words.forEach((word, axis) => stream.word(at + axis, word));
    stream.word(at + 3, bit);
  }

  /**
   * Tells two colliders that are made of voxels of each other's cells, so that nothing catches at the edges between
   * them. Both must have cells of one size.
   *
   * @param origin - in which of its own cells the other's cell 0, 0, 0 would lie
   * @param changed - only around this cell of its own, which {@link setVoxel} changed; around all unless given
   */
  joinVoxels(other: Collider, origin: Vector3, changed?: Vector3): void {
    const words = requireCell('origin', origin);
    if (changed !== undefined) words.push(...requireCell('changed', changed));
    this.world.commandsForCollider(other, 'other');
    if (other.slot === this.slot) throw outOfRange('other', 'another collider', 'the same');
    const property =
      changed === undefined ? Property.ALL_VOXEL_NEIGHBORS : Property.VOXEL_NEIGHBORS;
    const { stream, at } = this.#begin(property, 2 + words.length);
    [other.slot, other.generation, ...words].forEach((word, index) =>
      stream.word(at + index, word),
    );
  }

  /** One of its properties, as after all that was asked for before. Many at once: {@link World.readColliders}. */
  async read<P extends PropertyOf<'collider'>>(property: P): Promise<Readings<'collider', P>[P]> {
    return (await this.world.readColliders([this], [property]))[property];
  }

  /** Removes it, and wakes what it touched. */
  remove(options: WakeOptions = {}): void {
    this.world.removeCollider(this, options);
  }

  #numbers(property: number, values: Numbers): void {
    const { stream, at } = this.#begin(property, values.length);
    stream.numbers(at, values);
  }

  #word(property: number, value: number): void {
    const { stream, at } = this.#begin(property, 1);
    stream.word(at, value);
  }

  #begin(property: number, values: number): { stream: CommandStream; at: number } {
    const stream = this.world.commandsForCollider(this);
    return { stream, at: beginSet(stream, this, property, values) };
  }
}
