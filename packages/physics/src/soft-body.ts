/**
 * Soft bodies: ropes, cloths, volumes of particles. The twin of `crates/inos-physics/src/soft.rs`.
 */
import { requireInteger } from '@inos/sdk';
import type { Body } from './body.js';
import { SoftProperty as Property } from './generated/controls.js';
import { Command } from './generated/physics.js';
import {
  requireBoolean,
  requireNumber,
  requireNumbers,
  requireSize,
  type Numbers,
  type Vector3,
} from './numbers.js';
import type { PropertyOf, Readings } from './read.js';
import { encodeMaterial, writeMaterial, type SoftMaterial } from './soft-options.js';
import type { Handle } from './slots.js';
import type { World } from './world.js';

/**
 * A soft body of a world. Its particles are read with {@link World.readSoftBodies} and the like; pieces that tear
 * off go on by themselves, without a handle.
 */
export class SoftBody {
  readonly world: World;
  /** Which of the world's slots for soft bodies it has. */
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

  /** Places a particle. */
  setParticlePosition(particle: number, position: Vector3): void {
    this.#particle(Property.PARTICLE_POSITION, particle, requireNumbers('position', position, 3));
  }

  /** Sets a particle's velocity, in metres per second. */
  setParticleVelocity(particle: number, velocity: Vector3): void {
    this.#particle(Property.PARTICLE_VELOCITY, particle, requireNumbers('velocity', velocity, 3));
  }

  /** Where a pinned particle shall be after the next step. */
  setParticleTarget(particle: number, position: Vector3): void {
    this.#particle(Property.PARTICLE_TARGET, particle, requireNumbers('position', position, 3));
  }

  /** Holds a particle where it is, or lets it go. */
  setParticlePinned(particle: number, isPinned: boolean): void {
    const bit = requireBoolean('isPinned', isPinned) ? 1 : 0;
    this.#words(Property.PARTICLE_PINNED, [requireParticle(particle), bit]);
  }

  /** Fixes a particle to a body, at the place where it is. */
  attachParticle(particle: number, body: Body): void {
    this.world.requireBody(body);
    const number = requireParticle(particle);
    this.#words(Property.ATTACH, [number, body.slot, body.generation]);
  }

  /** Frees a particle from all bodies. */
  detachParticle(particle: number): void {
    this.#words(Property.DETACH, [requireParticle(particle)]);
  }

  /** Adds a force to each particle, in newtons, until {@link resetForces}; to one, if given. */
  addForce(force: Vector3, particle?: number): void {
    const numbers = requireNumbers('force', force, 3);
    if (particle === undefined) this.#numbers(Property.ADD_FORCE, numbers);
    else this.#particle(Property.ADD_PARTICLE_FORCE, particle, numbers);
  }

  /** Ends all forces. */
  resetForces(): void {
    this.#numbers(Property.RESET_FORCES, []);
  }

  /** Changes the velocity of all particles at once; of one by an impulse in newton seconds, if given. */
  applyImpulse(impulse: Vector3, particle?: number): void {
    const numbers = requireNumbers('impulse', impulse, 3);
    if (particle === undefined) this.#numbers(Property.IMPULSE, numbers);
    else this.#particle(Property.PARTICLE_IMPULSE, particle, numbers);
  }

  /** Pushes particles near a point, less the farther they are; from `radius` metres on not at all. 0: all alike. */
  applyImpulseAtPoint(impulse: Vector3, point: Vector3, radius: number): void {
    const numbers = Array.from(requireNumbers('impulse', impulse, 3));
    const place = Array.from(requireNumbers('point', point, 3));
    this.#numbers(Property.IMPULSE_AT_POINT, [...numbers, ...place, requireSize('radius', radius)]);
  }

  /** Pushes particles away from a point, or towards it. */
  applyRadialImpulse(center: Vector3, magnitude: number, radius: number): void {
    const place = Array.from(requireNumbers('center', center, 3));
    const number = requireNumber('magnitude', magnitude);
    this.#numbers(Property.RADIAL_IMPULSE, [...place, number, requireSize('radius', radius)]);
  }

  /** Takes it out of the simulation, or puts it back. */
  setEnabled(isEnabled: boolean): void {
    this.#words(Property.ENABLED, [requireBoolean('isEnabled', isEnabled) ? 1 : 0]);
  }

  /** Wakes it. */
  wake(): void {
    this.#words(Property.WAKE, []);
  }

  /** Sets what share of its volume at rest it is drawn to: 2 blows it up. */
  setVolumeFactor(factor: number): void {
    this.#numbers(Property.VOLUME_FACTOR, [requireSize('factor', factor)]);
  }

  /** Sets whether it keeps its volume. */
  setVolumePreservation(isEnabled: boolean): void {
    this.#words(Property.VOLUME_PRESERVATION, [requireBoolean('isEnabled', isEnabled) ? 1 : 0]);
  }

  /** Changes what it is made of: all of it, with defaults for what isn't given. */
  setMaterial(material: SoftMaterial): void {
    const encoded = encodeMaterial('material', material);
    const { stream, at } = this.#begin(Property.MATERIAL, encoded.length);
    writeMaterial(stream, at, encoded);
  }

  /** Tears an edge with the next step. */
  tearEdge(edge: number): void {
    this.#words(Property.TEAR, [0, requireInteger('edge', edge, 0, 2 ** 32 - 1)]);
  }

  /** Tears a cell with the next step. */
  tearCell(cell: number): void {
    this.#words(Property.TEAR, [1, requireInteger('cell', cell, 0, 2 ** 32 - 1)]);
  }

  /** One of its properties. Many at once: {@link World.readSoftBodies}. */
  async read<P extends PropertyOf<'softBody'>>(property: P): Promise<Readings<'softBody', P>[P]> {
    return (await this.world.readSoftBodies([this], [property]))[property];
  }

  /** Its particles' positions: x, y, z of each. */
  readPositions(): Promise<Float32Array> {
    return this.world.readSoftList('softPositions', this).then(({ numbers }) => numbers);
  }

  /** Its particles' velocities: x, y, z of each. */
  readVelocities(): Promise<Float32Array> {
    return this.world.readSoftList('softVelocities', this).then(({ numbers }) => numbers);
  }

  /** The triangles of its surface: three particles each. */
  readTriangles(): Promise<Uint32Array> {
    return this.world.readSoftList('softTriangles', this).then(({ words }) => words);
  }

  /** Its edges: two particles each. */
  readEdges(): Promise<Uint32Array> {
    return this.world.readSoftList('softEdges', this).then(({ words }) => words);
  }

  /** Removes it. */
  remove(): void {
    this.world.removeSoftBody(this);
  }

  #particle(property: number, particle: number, values: Numbers): void {
    const number = requireParticle(particle);
    const { stream, at } = this.#begin(property, 1 + values.length);
    stream.word(at, number);
    stream.numbers(at + 1, values);
  }

  #numbers(property: number, values: Numbers): void {
    const { stream, at } = this.#begin(property, values.length);
    stream.numbers(at, values);
  }

  #words(property: number, words: readonly number[]): void {
    const { stream, at } = this.#begin(property, words.length);
    words.forEach((word, index) => stream.word(at + index, word));
  }

  #begin(property: number, values: number) {
    const stream = this.world.commandsForSoftBody(this);
    const at = stream.begin(Command.SET_SOFT_BODY, 3 + values);
    stream.word(at, this.slot);
    stream.word(at + 1, this.generation);
    stream.word(at + 2, property);
    return { stream, at: at + 3 };
  }
}

function requireParticle(particle: number): number {
  return requireInteger('particle', particle, 0, 2 ** 32 - 1);
}
