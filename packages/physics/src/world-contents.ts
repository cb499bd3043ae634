/**
 * What is in a world: bodies, colliders, joints, shapes. Creating and removing are commands, which take effect with
 * the world's next job.
 */
import { InosError, outOfRange, wrongType } from '@inos/sdk';
import { Body } from './body.js';
import {
  encodeTraits,
  wakes,
  writeBody,
  type BodyMotion,
  type BodyOptions,
  type EncodedTraits,
  type WakeOptions,
} from './body-options.js';
import { Collider } from './collider.js';
import {
  encodeCollider,
  NO_BODY,
  writeCollider,
  type ColliderOptions,
  type EncodedCollider,
} from './collider-options.js';
import type { CommandStream } from './command-stream.js';
import { physicsError } from './errors.js';
import { Command } from './generated/physics.js';
import { encodeJoint, Joint, writeJoint, type EncodedJoint, type JointOptions } from './joint.js';
import { BODY_KEYS, requireKnown, requireKnownShape } from './known-keys.js';
import { encodeShapeData, type ShapeDefinition } from './mesh.js';
import { requireBoolean, requireNumbers, requireRotation, type Vector3 } from './numbers.js';
import type { NewBody } from './new-bodies.js';
import { PreparedShape } from './prepared-shape.js';
import type { EncodedShape } from './shape.js';
import type { Place } from './slots.js';
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
    const colliders = this.encodeColliders(at('colliders'), options.colliders);
    this.requireRoom(1);
    const body = this.addBody(traits, motion, 0, colliders);
    this.newBodies.note([body], motion);
    return body;
  }

  /** Creates a collider: on a body, or in the world itself. */
  createCollider(options: ColliderOptions, body?: Body): Collider {
    return this.createColliderAt('options', options, body);
  }

  /** @internal As {@link createCollider}; `path` names the options in errors. */
  createColliderAt(path: string, options: ColliderOptions, body?: Body): Collider {
    if (body !== undefined) this.requireBody(body);
    this.requireOpen();
    const collider = encodeCollider(path, options);
    this.requireOwnShape(`${path}.shape`, collider.shape);
    return this.addCollider(collider, body);
  }

  protected encodeColliders(path: string, colliders: readonly ColliderOptions[] = []) {
    if (!Array.isArray(colliders)) throw wrongType(path, 'an array of colliders', colliders);
    return colliders.map((options: ColliderOptions, index) => {
      const collider = encodeCollider(`${path}[${index}]`, options);
      this.requireOwnShape(`${path}[${index}].shape`, collider.shape);
      return collider;
    });
  }

  protected requireRoom(count: number): void {
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

  protected addBody(
    traits: EncodedTraits,
    motion: BodyMotion,
    index: number,
    colliders: readonly EncodedCollider[],
  ): Body {
    const handle = this.registry.takeBody();
    writeBody(this.queue.commands, handle, traits, motion, index);
    for (const collider of colliders) this.addCollider(collider, handle);
    return new Body(this.self, handle);
  }

  protected addCollider(collider: EncodedCollider, body: Place | undefined): Collider {
    const handle = this.registry.takeCollider(body?.slot ?? NO_BODY);
    writeCollider(this.queue.commands, handle, body, collider);
    return new Collider(this.self, handle);
  }

  /** The body in a slot, if there is one: after a snapshot was restored, or for what a query names. */
  bodyAt(slot: number): Body | undefined {
    const { bodies } = this.registry;
    return bodies.isTaken(slot) ? new Body(this.self, bodies.handle(slot)) : undefined;
  }

  /** The collider in a slot, if there is one. */
  colliderAt(slot: number): Collider | undefined {
    const { colliders } = this.registry;
    if (!colliders.isTaken(slot)) return undefined;
    return new Collider(this.self, colliders.handle(slot));
  }

  /** The joint in a slot, if there is one. */
  jointAt(slot: number): Joint | undefined {
    const { joints } = this.registry;
    if (!joints.isTaken(slot)) return undefined;
    const [body1, body2] = this.registry.jointBodies(slot).map((body) => this.bodyAt(body));
    if (!body1 || !body2) return undefined;
    return new Joint(this.self, joints.handle(slot), body1, body2);
  }

  /** The prepared shape in a slot, if there is one. */
  shapeAt(slot: number): PreparedShape | undefined {
    const { shapes } = this.registry;
    if (!shapes.isTaken(slot)) return undefined;
    return new PreparedShape(this.self, shapes.handle(slot));
  }

  /** Whether a body is in this world. */
  hasBody(body: Body): boolean {
    return body.world === this.self && this.registry.bodies.isLive(body);
  }

  /** Whether a collider is in this world. */
  hasCollider(collider: Collider): boolean {
    return collider.world === this.self && this.registry.colliders.isLive(collider);
  }

  /** Whether a joint is in this world. */
  hasJoint(joint: Joint): boolean {
    return joint.world === this.self && this.registry.joints.isLive(joint);
  }

  /** @internal The colliders of a body, in the order in which they were created. */
  collidersOf(body: Body): Collider[] {
    this.requireBody(body);
    const { colliders } = this.registry;
    return this.registry
      .collidersOf(body.slot)
      .map((slot) => new Collider(this.self, colliders.handle(slot)));
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
    return this.newBodies.find(body);
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
    if (!this.hasCollider(collider)) {
      const { slot, generation } = collider;
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
  removeCollider(collider: Collider, options: WakeOptions = {}): void {
    const isWaking = wakes(options);
    const stream = this.commandsForCollider(collider);
    writeRemoval(stream, Command.REMOVE_COLLIDER, collider, isWaking);
    this.registry.releaseCollider(collider.slot);
  }

  /**
   * Joins two bodies, and wakes them unless `wake` is false.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   */
  createJoint(body1: Body, body2: Body, options: JointOptions & WakeOptions): Joint {
    return this.createJointAt('options', body1, body2, options);
  }

  /** @internal As {@link createJoint}; `path` names the options in errors. */
  createJointAt(
    path: string,
    body1: Body,
    body2: Body,
    options: JointOptions & WakeOptions,
  ): Joint {
    this.requireBody(body1, 'body1');
    this.requireBody(body2, 'body2');
    if (body1.slot === body2.slot) throw outOfRange('body2', 'another body than body1', 'the same');
    const encoded = encodeJoint(path, options);
    if (encoded.isReduced) this.requireFollower('body2', body1, body2);
    return this.addJoint(body1, body2, encoded);
  }

  /** Checks that a body may follow another in reduced coordinates, where `leads` has what is still to be written. */
  protected requireFollower(
    argument: string,
    body1: Body,
    body2: Body,
    leads?: ReadonlyMap<number, number>,
  ): void {
    if (this.registry.mayFollow(body1.slot, body2.slot, leads)) return;
    throw outOfRange(
      argument,
      'a body that follows no other and doesn’t lead body1',
      'one that does',
    );
  }

  /** Writes a joint that was checked. */
  protected addJoint(body1: Body, body2: Body, encoded: EncodedJoint): Joint {
    const handle = this.registry.takeJoint(body1.slot, body2.slot, encoded.isReduced);
    writeJoint(this.queue.commands, handle, body1, body2, encoded);
    const joint = new Joint(this.self, handle, body1, body2);
    for (const [axis, limits] of encoded.limits) joint.setLimits(axis, limits);
    for (const [axis, motor] of encoded.motors) joint.setMotor(axis, motor);
    return joint;
  }

  /** @internal Where commands that change a joint are written. */
  commandsForJoint(joint: Joint, argument = 'joint'): CommandStream {
    this.requireOpen();
    if (!(joint instanceof Joint)) throw wrongType(argument, 'a joint of this world', joint);
    if (!this.hasJoint(joint)) {
      const { slot, generation } = joint;
      const message = `${argument} must be a live joint of this world`;
      throw physicsError('physics/dead-handle', message, { slot, generation });
    }
    return this.queue.commands;
  }

  /** Removes a joint, and wakes its bodies. */
  removeJoint(joint: Joint, options: WakeOptions = {}): void {
    const isWaking = wakes(options);
    const stream = this.commandsForJoint(joint);
    writeRemoval(stream, Command.REMOVE_JOINT, joint, isWaking);
    this.registry.releaseJoint(joint.slot);
  }

  /**
   * Makes a shape of many numbers: hulls, meshes, heightfields, voxels, compounds.
   *
   * @throws TypeError, RangeError naming the argument that is wrong
   * @throws InosError `physics/bad-shape` if the numbers make no such shape; the world is then unchanged
   */
  async createShape(definition: ShapeDefinition): Promise<PreparedShape> {
    requireKnownShape('definition', definition);
    return this.createShapeAt('definition', definition);
  }

  /** @internal As {@link createShape}; `path` names the definition in errors. */
  async createShapeAt(path: string, definition: ShapeDefinition): Promise<PreparedShape> {
    this.requireOpen();
    const data = encodeShapeData(path, definition, this.self);
    const { shapes } = this.registry;
    const shape = new PreparedShape(this.self, shapes.take());
    const { slot, generation } = shape;
    const world = this.offset;
    try {
      await this.queue.run((commands) =>
        this.methods.createShape({ world, commands, slot, generation, data }),
      );
    } catch (error) {
      if (shapes.isLive(shape)) shapes.release(slot);
      if (!(error instanceof InosError) || error.code !== 'physics/bad-shape') throw error;
      throw physicsError('physics/bad-shape', `${path}: ${error.message}`, { path });
    }
    return shape;
  }

  /** @internal Checks that a prepared shape is one of this world and not disposed. */
  requireShape(argument: string, shape: PreparedShape): void {
    if (shape.world === this.self && this.registry.shapes.isLive(shape)) return;
    const { slot, generation } = shape;
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
    if (!this.registry.shapes.isLive(shape)) return;
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
  { slot, generation }: Place,
  isWaking: boolean,
): void {
  const at = stream.begin(opcode, 3);
  stream.word(at, slot);
  stream.word(at + 1, generation);
  stream.word(at + 2, isWaking ? 1 : 0);
}
