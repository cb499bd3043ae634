/**
 * What is in a world: bodies, colliders, joints, shapes. Creating and removing are commands, which take effect with
 * the world's next job.
 */
import { InosError, outOfRange, wrongType } from '@inos/sdk';
import { Body } from './body.js';
import {
  encodeTraits,
  writeBody,
  type BodiesOptions,
  type BodyMotion,
  type BodyOptions,
  type EncodedTraits,
} from './body-options.js';
import {
  Collider,
  encodeCollider,
  NO_BODY,
  writeCollider,
  type ColliderOptions,
  type EncodedCollider,
} from './collider.js';
import type { CommandStream } from './command-stream.js';
import { physicsError } from './errors.js';
import { Command } from './generated/physics.js';
import { encodeJoint, Joint, writeJoint, type JointOptions } from './joint.js';
import { BODIES_KEYS, BODY_KEYS, requireKnown } from './known-keys.js';
import { encodeShapeData, type ShapeDefinition } from './mesh.js';
import {
  requireBatch,
  requireBoolean,
  requireNumbers,
  requireRotation,
  requireUnit,
  type Numbers,
  type Vector3,
} from './numbers.js';
import type { NewBody } from './new-bodies.js';
import { PreparedShape } from './prepared-shape.js';
import type { EncodedShape } from './shape.js';
import { WorldCore } from './world-core.js';

/** The part of a world that creates and removes. */
export abstract class WorldContents extends WorldCore {
  /** How many bodies it has. */
  get bodyCount(): number {
    return this.registry.bodies.live;
  }

  /**
   * Creates a body with its colliders.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   * @throws InosError `physics/world-full`
   */
  createBody(options: BodyOptions): Body {
    return this.createBodyAt('', options);
  }

  /** @internal As {@link createBody}; `path` names the options in errors. */
  createBodyAt(path: string, options: BodyOptions): Body {
    const at = (name: string) => (path === '' ? name : `${path}.${name}`);
    const traits = encodeTraits(path, options);
    requireKnown(path, options, BODY_KEYS);
    const vector = (name: string, value: Vector3 | undefined) =>
      value === undefined ? undefined : requireNumbers(at(name), value, 3);
    const { rotation } = options;
    const motion = {
      positions: vector('position', options.position) ?? [0, 0, 0],
      rotations: rotation === undefined ? undefined : requireRotation(at('rotation'), rotation),
      linearVelocities: vector('linearVelocity', options.linearVelocity),
      angularVelocities: vector('angularVelocity', options.angularVelocity),
    };
    const colliders = this.#encodeColliders(at('colliders'), options.colliders);
    this.#requireRoom(1);
    const body = this.#add(traits, motion, 0, colliders);
    this.newBodies.note([body], motion);
    return body;
  }

  /**
   * Creates many bodies that are alike but for their places and velocities: `positions` has three numbers for each.
   * They are given in order.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   * @throws InosError `physics/world-full`
   */
  createBodies(options: BodiesOptions): Body[] {
    const traits = encodeTraits('', options);
    requireKnown('', options, BODIES_KEYS);
    const { positions, rotations, linearVelocities, angularVelocities } = options;
    const count = Math.floor((positions?.length ?? 0) / 3);
    const batch = (name: string, value: Numbers | undefined, width: number) =>
      value === undefined ? undefined : requireBatch(name, value, count, width);
    const motion = {
      positions: requireBatch('positions', positions, count, 3),
      rotations: batch('rotations', rotations, 4),
      linearVelocities: batch('linearVelocities', linearVelocities, 3),
      angularVelocities: batch('angularVelocities', angularVelocities, 3),
    };
    if (rotations) {
      for (let index = 0; index < count; index++) {
        requireUnit(`rotations[${index * 4}]`, rotations, index * 4);
      }
    }
    const colliders = this.#encodeColliders('colliders', options.colliders);
    this.#requireRoom(count);
    const add = (_: unknown, index: number) => this.#add(traits, motion, index, colliders);
    const bodies = Array.from({ length: count }, add);
    this.newBodies.note(bodies, motion);
    return bodies;
  }

  /** Creates a collider: on a body, or in the world itself. */
  createCollider(options: ColliderOptions, body?: Body): Collider {
    if (body !== undefined) this.requireBody(body);
    this.requireOpen();
    const collider = encodeCollider('options', options);
    this.requireOwnShape('options.shape', collider.shape);
    return this.#addCollider(collider, body?.slot ?? NO_BODY, body?.generation ?? 0);
  }

  #encodeColliders(path: string, colliders: readonly ColliderOptions[] = []) {
    if (!Array.isArray(colliders)) throw wrongType(path, 'an array of colliders', colliders);
    return colliders.map((options: ColliderOptions, index) => {
      const collider = encodeCollider(`${path}[${index}]`, options);
      this.requireOwnShape(`${path}[${index}].shape`, collider.shape);
      return collider;
    });
  }

  #requireRoom(count: number): void {
    this.requireOpen();
    const { live } = this.registry.bodies;
    if (live + count > this.capacity) {
      throw physicsError(
        'physics/world-full',
        `the world has ${live} of at most ${this.capacity} bodies: there is no room for ${count} more`,
        { bodies: live, capacity: this.capacity },
      );
    }
  }

  #add(
    traits: EncodedTraits,
    motion: BodyMotion,
    index: number,
    colliders: readonly EncodedCollider[],
  ): Body {
    const slot = this.registry.takeBody();
    const generation = this.registry.bodies.generation(slot);
    writeBody(this.queue.commands, slot, generation, traits, motion, index);
    for (const collider of colliders) this.#addCollider(collider, slot, generation);
    return new Body(this.self, slot, generation);
  }

  #addCollider(collider: EncodedCollider, body: number, bodyGeneration: number): Collider {
    const slot = this.registry.takeCollider(body);
    const generation = this.registry.colliders.generation(slot);
    writeCollider(this.queue.commands, { slot, generation, body, bodyGeneration }, collider);
    return new Collider(this.self, slot, generation);
  }

  /** The body in a slot, if there is one: after a snapshot was restored, or for what a query names. */
  bodyAt(slot: number): Body | undefined {
    const { bodies } = this.registry;
    return bodies.isTaken(slot) ? new Body(this.self, slot, bodies.generation(slot)) : undefined;
  }

  /** The collider in a slot, if there is one. */
  colliderAt(slot: number): Collider | undefined {
    const { colliders } = this.registry;
    if (!colliders.isTaken(slot)) return undefined;
    return new Collider(this.self, slot, colliders.generation(slot));
  }

  /** The joint in a slot, if there is one. */
  jointAt(slot: number): Joint | undefined {
    const { joints } = this.registry;
    if (!joints.isTaken(slot)) return undefined;
    const [body1, body2] = this.registry.jointBodies(slot).map((body) => this.bodyAt(body));
    if (!body1 || !body2) return undefined;
    return new Joint(this.self, slot, joints.generation(slot), body1, body2);
  }

  /** The prepared shape in a slot, if there is one. */
  shapeAt(slot: number): PreparedShape | undefined {
    const { shapes } = this.registry;
    if (!shapes.isTaken(slot)) return undefined;
    return new PreparedShape(this.self, slot, shapes.generation(slot));
  }

  /** Whether a body is in this world. */
  hasBody({ world, slot, generation }: Body): boolean {
    return world === this.self && this.registry.bodies.isLive(slot, generation);
  }

  /** Whether a collider is in this world. */
  hasCollider({ world, slot, generation }: Collider): boolean {
    return world === this.self && this.registry.colliders.isLive(slot, generation);
  }

  /** Whether a joint is in this world. */
  hasJoint({ world, slot, generation }: Joint): boolean {
    return world === this.self && this.registry.joints.isLive(slot, generation);
  }

  /** @internal The colliders of a body, in the order in which they were created. */
  collidersOf(body: Body): Collider[] {
    this.requireBody(body);
    const { colliders } = this.registry;
    return this.registry
      .collidersOf(body.slot)
      .map((slot) => new Collider(this.self, slot, colliders.generation(slot)));
  }

  /** @internal The body that a collider is on, if it is on one. */
  bodyOf(collider: Collider): Body | undefined {
    this.commandsForCollider(collider);
    const slot = this.registry.ownerOf(collider.slot);
    return slot === undefined ? undefined : this.bodyAt(slot);
  }

  /** @internal */
  requireBody(body: Body, argument = 'body'): void {
    this.requireOpen();
    if (!(body instanceof Body)) throw wrongType(argument, 'a body of this world', body);
    if (!this.hasBody(body)) {
      throw physicsError('physics/dead-handle', `${argument} must be a live body of this world`, {
        slot: body.slot,
        generation: body.generation,
      });
    }
  }

  /** @internal What a live body was created with, if no frame of poses holds it yet. */
  findNew(body: Body): NewBody | undefined {
    this.requireBody(body);
    return this.newBodies.find(body.slot, body.generation);
  }

  /** @internal Where commands that change a body are written. */
  commandsFor(body: Body): CommandStream {
    this.requireBody(body);
    return this.queue.commands;
  }

  /** Removes a body with its colliders. */
  removeBody(body: Body): void {
    const stream = this.commandsFor(body);
    const at = stream.begin(Command.REMOVE_BODY, 2);
    stream.word(at, body.slot);
    stream.word(at + 1, body.generation);
    this.registry.releaseBody(body.slot);
  }

  /** @internal Where commands that change a collider are written. */
  commandsForCollider(collider: Collider, argument = 'collider'): CommandStream {
    this.requireOpen();
    if (!(collider instanceof Collider)) {
      throw wrongType(argument, 'a collider of this world', collider);
    }
    const { slot, generation, world } = collider;
    if (world !== this.self || !this.registry.colliders.isLive(slot, generation)) {
      const message = `${argument} must be a live collider of this world`;
      throw physicsError('physics/dead-handle', message, { slot, generation });
    }
    return this.queue.commands;
  }

  /** Lets two colliders pass through each other, or meet again. */
  ignorePair(first: Collider, second: Collider, isIgnored = true): void {
    const bit = requireBoolean('isIgnored', isIgnored) ? 1 : 0;
    this.commandsForCollider(first, 'first');
    const stream = this.commandsForCollider(second, 'second');
    if (first.slot === second.slot) throw outOfRange('second', 'another than first', 'the same');
    const at = stream.begin(Command.IGNORE_PAIR, 5);
    [first.slot, first.generation, second.slot, second.generation, bit].forEach((word, index) =>
      stream.word(at + index, word),
    );
  }

  /** Removes a collider, and wakes what it touched. */
  removeCollider(collider: Collider): void {
    const stream = this.commandsForCollider(collider);
    writeRemoval(stream, Command.REMOVE_COLLIDER, collider);
    this.registry.releaseCollider(collider.slot);
  }

  /**
   * Joins two bodies.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   */
  createJoint(body1: Body, body2: Body, options: JointOptions): Joint {
    return this.createJointAt('options', body1, body2, options);
  }

  /** @internal As {@link createJoint}; `path` names the options in errors. */
  createJointAt(path: string, body1: Body, body2: Body, options: JointOptions): Joint {
    this.requireBody(body1, 'body1');
    this.requireBody(body2, 'body2');
    if (body1.slot === body2.slot) throw outOfRange('body2', 'another body than body1', 'the same');
    const encoded = encodeJoint(path, options);
    const isReduced = options.reduced ?? false;
    if (isReduced && !this.registry.mayFollow(body1.slot, body2.slot)) {
      throw outOfRange(
        'body2',
        'a body that follows no other and doesn’t lead body1',
        'one that does',
      );
    }
    const slot = this.registry.takeJoint(body1.slot, body2.slot, isReduced);
    const generation = this.registry.joints.generation(slot);
    writeJoint(this.queue.commands, slot, generation, body1, body2, encoded);
    const joint = new Joint(this.self, slot, generation, body1, body2);
    if (encoded.limits) joint.setLimits(encoded.axis, encoded.limits);
    if (encoded.motor) joint.setMotor(encoded.axis, encoded.motor);
    return joint;
  }

  /** @internal Where commands that change a joint are written. */
  commandsForJoint(joint: Joint, argument = 'joint'): CommandStream {
    this.requireOpen();
    if (!(joint instanceof Joint)) throw wrongType(argument, 'a joint of this world', joint);
    const { slot, generation, world } = joint;
    if (world !== this.self || !this.registry.joints.isLive(slot, generation)) {
      const message = `${argument} must be a live joint of this world`;
      throw physicsError('physics/dead-handle', message, { slot, generation });
    }
    return this.queue.commands;
  }

  /** Removes a joint, and wakes its bodies. */
  removeJoint(joint: Joint): void {
    const stream = this.commandsForJoint(joint);
    writeRemoval(stream, Command.REMOVE_JOINT, joint);
    this.registry.releaseJoint(joint.slot);
  }

  /**
   * Makes a shape of many numbers: hulls, meshes, heightfields, voxels, compounds.
   *
   * @throws TypeError, RangeError naming the argument that is wrong
   * @throws InosError `physics/bad-shape` if the numbers make no such shape; the world is then unchanged
   */
  createShape(definition: ShapeDefinition): Promise<PreparedShape> {
    return this.createShapeAt('definition', definition);
  }

  /** @internal As {@link createShape}; `path` names the definition in errors. */
  async createShapeAt(path: string, definition: ShapeDefinition): Promise<PreparedShape> {
    this.requireOpen();
    const data = encodeShapeData(path, definition, this.self);
    const { shapes } = this.registry;
    const slot = shapes.take();
    const shape = new PreparedShape(this.self, slot, shapes.generation(slot));
    const { generation } = shape;
    const world = this.offset;
    try {
      await this.queue.run((commands) =>
        this.methods.createShape({ world, commands, slot, generation, data }),
      );
    } catch (error) {
      if (shapes.isLive(slot, generation)) shapes.release(slot);
      if (!(error instanceof InosError) || error.code !== 'physics/bad-shape') throw error;
      throw physicsError('physics/bad-shape', `${path}: ${error.message}`, { path });
    }
    return shape;
  }

  /** @internal Checks that a prepared shape is one of this world and not disposed. */
  requireShape(argument: string, { world, slot, generation }: PreparedShape): void {
    if (world === this.self && this.registry.shapes.isLive(slot, generation)) return;
    throw physicsError('physics/dead-handle', `${argument} must be a live shape of its world`, {
      slot,
      generation,
    });
  }

  /** @internal Checks that a shape, if it is a prepared one, is this world's. */
  requireOwnShape(argument: string, { world }: EncodedShape): void {
    if (world !== undefined && world !== this.self) {
      throw outOfRange(argument, 'a shape of this world', 'another’s');
    }
  }

  /** Forgets a prepared shape. Idempotent. */
  removeShape(shape: PreparedShape): void {
    if (this.disposing !== undefined) return;
    if (!this.registry.shapes.isLive(shape.slot, shape.generation)) return;
    const stream = this.queue.commands;
    const at = stream.begin(Command.REMOVE_SHAPE, 2);
    stream.word(at, shape.slot);
    stream.word(at + 1, shape.generation);
    this.registry.shapes.release(shape.slot);
  }
}

function writeRemoval(
  stream: CommandStream,
  opcode: number,
  { slot, generation }: { readonly slot: number; readonly generation: number },
): void {
  const at = stream.begin(opcode, 3);
  stream.word(at, slot);
  stream.word(at + 1, generation);
  stream.word(at + 2, 1);
}
