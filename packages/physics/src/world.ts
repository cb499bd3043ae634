/**
 * A world: bodies, steps, saved states. Everything on it happens in the order in which it is asked for.
 */
import {
  InosError,
  outOfRange,
  requireInteger,
  wrongType,
  type CapsuleRuntime,
  type JobOptions,
  type JobUsage,
  type Quote,
  type SafeSAB,
} from '@inos/sdk';
import {
  Body,
  encodeTraits,
  writeBody,
  type BodiesOptions,
  type BodyMotion,
  type BodyOptions,
  type EncodedTraits,
} from './body.js';
import { BodyRegistry } from './body-registry.js';
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
import { EventReader, eventsBytes } from './events.js';
import { Command, PhysicsLimits, WorldProperty, WorldWords } from './generated/physics.js';
import { encodeJoint, Joint, writeJoint, type JointOptions } from './joint.js';
import { encodeShapeData, type ShapeDefinition } from './mesh.js';
import type { PhysicsMethods } from './methods.js';
import {
  requireBatch,
  requireNumbers,
  requirePositive,
  requireRotation,
  requireUnit,
  type Numbers,
  type Vector3,
} from './numbers.js';
import { Poses, posesBytes } from './poses.js';
import { PreparedShape } from './prepared-shape.js';
import {
  encodeOverlaps,
  encodePoints,
  encodeRays,
  encodeShapeCasts,
  type HitQuery,
  type OverlapOptions,
  type QueryHits,
  type RayOptions,
  type ShapeCastOptions,
} from './query.js';
import { WorldRun, type RunOptions } from './runner.js';
import type { EncodedShape, Shape } from './shape.js';
import { WorldQueue } from './world-queue.js';
import { WorldState } from './world-state.js';

/** What a world is made with. */
export interface WorldOptions {
  /**
   * Metres per second squared.
   * @default [0, -9.81, 0]
   */
  readonly gravity?: Vector3;
  /**
   * Seconds of a step.
   * @default 1 / 60
   */
  readonly stepSeconds?: number;
  /**
   * The most bodies.
   * @default 1024
   */
  readonly capacity?: number;
  /**
   * How often the solver goes over its constraints in a step.
   * @default 4
   */
  readonly solverIterations?: number;
  /**
   * How many units a typical body is long.
   * @default 1
   */
  readonly lengthUnit?: number;
  /**
   * The most memory that its bodies and what they touch may take, in bytes.
   * @default the whole memory
   */
  readonly memoryBytes?: number;
  /**
   * How many events are kept for slow readers: a power of two, or 0 for no events at all.
   * @default 1024
   */
  readonly eventCapacity?: number;
}

/** What stepping a world came to. */
export interface StepOutcome {
  /** Steps that the world has taken since it was made. */
  readonly step: number;
  /** What it used and paid. */
  readonly usage: JobUsage;
}

const GRAVITY = [0, -9.81, 0] as const;
const MOST_STEPS = 2 ** 31 - 1;

/** A world of bodies. Make one with `physics.createWorld(options)`. */
export class World {
  /** Poses, velocities and states of all bodies after the latest step. */
  readonly poses: Poses;
  /** The most bodies. */
  readonly capacity: number;
  readonly #memory: SafeSAB;
  readonly #methods: PhysicsMethods;
  readonly #offset: number;
  readonly #posesRegion: Uint8Array<SharedArrayBuffer>;
  readonly #eventsRegion: Uint8Array<SharedArrayBuffer>;
  readonly #registry = new BodyRegistry();
  readonly #queue: WorldQueue;
  readonly #states = new Set<WorldState>();
  #disposing: Promise<void> | undefined;

  private constructor(
    memory: SafeSAB,
    methods: PhysicsMethods,
    offset: number,
    poses: Uint8Array<SharedArrayBuffer>,
    events: Uint8Array<SharedArrayBuffer>,
  ) {
    this.#eventsRegion = events;
    this.#memory = memory;
    this.#methods = methods;
    this.#offset = offset;
    this.#posesRegion = poses;
    this.#queue = new WorldQueue(memory);
    this.poses = Poses.attach({ buffer: poses.buffer, byteOffset: poses.byteOffset });
    this.capacity = this.poses.capacity;
  }

  /** @internal */
  static async create(
    methods: PhysicsMethods,
    { memory }: CapsuleRuntime,
    options: WorldOptions,
  ): Promise<World> {
    if (typeof options !== 'object' || options === null) {
      throw wrongType('options', 'an object', options);
    }
    const most = PhysicsLimits.MAXIMUM_BODIES;
    const capacity = requireInteger('capacity', options.capacity ?? 1024, 1, most);
    const largest = Math.min(memory.maximumBytes, 2 ** 32 - 1);
    const settings = {
      capacity,
      gravity: requireNumbers('gravity', options.gravity ?? GRAVITY, 3),
      stepSeconds: requirePositive('stepSeconds', options.stepSeconds ?? 1 / 60),
      solverIterations: requireInteger('solverIterations', options.solverIterations ?? 4, 1, 255),
      lengthUnit: requirePositive('lengthUnit', options.lengthUnit ?? 1),
      quotaBytes: requireInteger('memoryBytes', options.memoryBytes ?? largest, 2 ** 20, largest),
    };
    const entries = requireInteger('eventCapacity', options.eventCapacity ?? 1024, 0, 2 ** 20);
    if ((entries & (entries - 1)) !== 0) {
      throw outOfRange('eventCapacity', '0 or a power of two', entries);
    }
    const poses = memory.alloc(Uint8Array, posesBytes(capacity));
    const events = memory.alloc(Uint8Array, eventsBytes(Math.max(1, entries)));
    try {
      const ring = entries === 0 ? events.subarray(0, 0) : events;
      const offset = await methods.createWorld({ ...settings, poses, events: ring });
      return new World(memory, methods, offset, poses, events);
    } catch (error) {
      memory.free(poses);
      memory.free(events);
      throw error;
    }
  }

  /** How many bodies it has. */
  get bodyCount(): number {
    return this.#registry.bodies.live;
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
    return this.#add(traits, motion, 0, colliders);
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
    return Array.from({ length: count }, (_, index) => this.#add(traits, motion, index, colliders));
  }

  /** Creates a collider: on a body, or in the world itself. */
  createCollider(options: ColliderOptions, body?: Body): Collider {
    if (body !== undefined) this.requireBody(body);
    this.#requireOpen();
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
    this.#requireOpen();
    const { live } = this.#registry.bodies;
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
    const slot = this.#registry.takeBody();
    const generation = this.#registry.bodies.generation(slot);
    writeBody(this.#queue.commands, slot, generation, traits, motion, index);
    for (const collider of colliders) this.#addCollider(collider, slot, generation);
    return new Body(this, slot, generation);
  }

  #addCollider(collider: EncodedCollider, body: number, bodyGeneration: number): Collider {
    const slot = this.#registry.takeCollider(body);
    const generation = this.#registry.colliders.generation(slot);
    writeCollider(this.#queue.commands, { slot, generation, body, bodyGeneration }, collider);
    return new Collider(this, slot, generation);
  }

  /** Whether a body is in this world. */
  hasBody({ world, slot, generation }: Body): boolean {
    return world === this && this.#registry.bodies.isLive(slot, generation);
  }

  /** @internal */
  requireBody(body: Body): void {
    this.#requireOpen();
    if (!(body instanceof Body)) throw wrongType('body', 'a body of this world', body);
    if (!this.hasBody(body)) {
      throw physicsError('physics/dead-handle', 'body must be a live body of this world', {
        slot: body.slot,
        generation: body.generation,
      });
    }
  }

  /** @internal Where commands that change a body are written. */
  commandsFor(body: Body): CommandStream {
    this.requireBody(body);
    return this.#queue.commands;
  }

  /** Removes a body with its colliders. */
  removeBody(body: Body): void {
    const stream = this.commandsFor(body);
    const at = stream.begin(Command.REMOVE_BODY, 2);
    stream.word(at, body.slot);
    stream.word(at + 1, body.generation);
    this.#registry.releaseBody(body.slot);
  }

  /** @internal Where commands that change a collider are written. */
  commandsForCollider({ slot, generation, world }: Collider): CommandStream {
    this.#requireOpen();
    if (world !== this || !this.#registry.colliders.isLive(slot, generation)) {
      throw physicsError('physics/dead-handle', 'collider must be a live collider of this world', {
        slot,
        generation,
      });
    }
    return this.#queue.commands;
  }

  /** Removes a collider, and wakes what it touched. */
  removeCollider(collider: Collider): void {
    const stream = this.commandsForCollider(collider);
    writeRemoval(stream, Command.REMOVE_COLLIDER, collider);
    this.#registry.releaseCollider(collider.slot);
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
    this.requireBody(body1);
    this.requireBody(body2);
    if (body1.slot === body2.slot) throw outOfRange('body2', 'another body than body1', 'the same');
    const encoded = encodeJoint(path, options);
    const isReduced = options.reduced ?? false;
    if (isReduced && !this.#registry.mayFollow(body1.slot, body2.slot)) {
      throw outOfRange(
        'body2',
        'a body that follows no other and doesn’t lead body1',
        'one that does',
      );
    }
    const slot = this.#registry.takeJoint(body1.slot, body2.slot, isReduced);
    const generation = this.#registry.joints.generation(slot);
    writeJoint(this.#queue.commands, slot, generation, body1, body2, encoded);
    const joint = new Joint(this, slot, generation, body1, body2);
    if (encoded.limits) joint.setLimits(encoded.axis, encoded.limits);
    if (encoded.motor) joint.setMotor(encoded.axis, encoded.motor);
    return joint;
  }

  /** @internal Where commands that change a joint are written. */
  commandsForJoint({ slot, generation, world }: Joint): CommandStream {
    this.#requireOpen();
    if (world !== this || !this.#registry.joints.isLive(slot, generation)) {
      throw physicsError('physics/dead-handle', 'joint must be a live joint of this world', {
        slot,
        generation,
      });
    }
    return this.#queue.commands;
  }

  /** Removes a joint, and wakes its bodies. */
  removeJoint(joint: Joint): void {
    const stream = this.commandsForJoint(joint);
    writeRemoval(stream, Command.REMOVE_JOINT, joint);
    this.#registry.releaseJoint(joint.slot);
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
    this.#requireOpen();
    const data = encodeShapeData(path, definition, this);
    const { shapes } = this.#registry;
    const slot = shapes.take();
    const shape = new PreparedShape(this, slot, shapes.generation(slot));
    const { generation } = shape;
    const world = this.#offset;
    try {
      await this.#queue.run((commands) =>
        this.#methods.createShape({ world, commands, slot, generation, data }),
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
    if (world === this && this.#registry.shapes.isLive(slot, generation)) return;
    throw physicsError('physics/dead-handle', `${argument} must be a live shape of its world`, {
      slot,
      generation,
    });
  }

  /** @internal Checks that a shape, if it is a prepared one, is this world's. */
  requireOwnShape(argument: string, { world }: EncodedShape): void {
    if (world !== undefined && world !== this) {
      throw outOfRange(argument, 'a shape of this world', 'another’s');
    }
  }

  /** Forgets a prepared shape. Idempotent. */
  removeShape(shape: PreparedShape): void {
    if (this.#disposing !== undefined) return;
    if (!this.#registry.shapes.isLive(shape.slot, shape.generation)) return;
    const stream = this.#queue.commands;
    const at = stream.begin(Command.REMOVE_SHAPE, 2);
    stream.word(at, shape.slot);
    stream.word(at + 1, shape.generation);
    this.#registry.shapes.release(shape.slot);
  }

  /** Sets the acceleration of all dynamic bodies. */
  setGravity(gravity: Vector3): void {
    this.#requireOpen();
    const numbers = requireNumbers('gravity', gravity, 3);
    const at = this.#queue.commands.begin(Command.SET_WORLD, 4);
    this.#queue.commands.word(at, WorldProperty.GRAVITY);
    this.#queue.commands.numbers(at + 1, numbers);
  }

  /** Sets how long a step is. */
  setStepSeconds(seconds: number): void {
    this.#requireOpen();
    const number = requirePositive('seconds', seconds);
    const at = this.#queue.commands.begin(Command.SET_WORLD, 2);
    this.#queue.commands.word(at, WorldProperty.STEP_SECONDS);
    this.#queue.commands.number(at + 1, number);
  }

  /** A reader of events from now on. Colliders tell of what their `events` say. */
  readEvents(): EventReader {
    this.#requireOpen();
    const { buffer, byteOffset, byteLength } = this.#eventsRegion;
    return new EventReader(new Uint32Array(buffer, byteOffset, byteLength / 4));
  }

  /**
   * Casts many rays against the world as it was after its latest step.
   *
   * @param rays - origin x, y, z and direction x, y, z of each; a view over the shared memory isn't copied
   */
  castRays(rays: Numbers, options: RayOptions = {}): Promise<QueryHits> {
    this.#requireOpen();
    return this.#ask(encodeRays(this.#memory, rays, options), options);
  }

  /** For many points x, y, z: the nearest collider of each, and where on it. */
  projectPoints(points: Numbers, options: RayOptions = {}): Promise<QueryHits> {
    this.#requireOpen();
    return this.#ask(encodePoints(this.#memory, points, options), options);
  }

  /**
   * Moves a shape along many ways until it hits.
   *
   * @param casts - position x, y, z, rotation x, y, z, w and velocity x, y, z of each
   */
  castShapes(shape: Shape, casts: Numbers, options: ShapeCastOptions = {}): Promise<QueryHits> {
    this.#requireOpen();
    return this.#ask(encodeShapeCasts(this.#memory, shape, casts, options), options);
  }

  async #ask(
    { query, hits }: HitQuery,
    options: RayOptions | ShapeCastOptions,
  ): Promise<QueryHits> {
    const world = this.#offset;
    try {
      await this.#queue.run((commands) =>
        this.#methods.query({ ...query, world, commands }, jobOptions(options)),
      );
    } catch (error) {
      if (hits !== options.hits) hits.dispose();
      throw error;
    }
    return hits;
  }

  /**
   * Which colliders a shape would overlap at many places.
   *
   * @param places - position x, y, z and rotation x, y, z, w of each
   * @returns for each place the colliders' slots, at most as many as `limit` says
   */
  async findOverlaps(
    shape: Shape,
    places: Numbers,
    options: OverlapOptions = {},
  ): Promise<Uint32Array[]> {
    this.#requireOpen();
    const query = encodeOverlaps(this.#memory, shape, places, options);
    const world = this.#offset;
    try {
      await this.#queue.run((commands) =>
        this.#methods.query({ ...query, world, commands }, jobOptions(options)),
      );
      const stride = 1 + query.limit;
      return Array.from({ length: query.count }, (_, index) => {
        const start = index * stride;
        return query.output.slice(start + 1, start + 1 + (query.output[start] ?? 0));
      });
    } finally {
      this.#memory.free(query.output);
    }
  }

  /**
   * Takes steps, in the capsule. A body's step is a unit of work: see {@link quote}. Cancelled, expired or out of
   * budget, it stops between two steps and leaves the world whole; `poses.step` tells how far it came.
   *
   * @param steps - how many; 0 only applies what was asked for and renews the poses
   */
  async step(steps = 1, options: JobOptions = {}): Promise<StepOutcome> {
    this.#requireOpen();
    requireInteger('steps', steps, 0, MOST_STEPS);
    const world = this.#offset;
    const bodies = this.bodyCount;
    const outcome = await this.#queue.run(async (commands) => {
      const job = this.#methods.step({ world, commands, steps, bodies }, options);
      await job;
      return { step: this.poses.step, usage: job.usage };
    });
    return outcome;
  }

  /**
   * Runs by the clock until it is stopped. Don't step or restore the world meanwhile.
   *
   * @example
   * ```ts
   * const run = world.run({ hz: 60 });
   * run.at(world.poses.step + 30, () => body.applyImpulse([0, 5, 0]));
   * ```
   */
  run(options: RunOptions = {}): WorldRun {
    this.#requireOpen();
    return new WorldRun(this, options);
  }

  /** What so many steps with the bodies that it has now cost. */
  quote(steps: number): Quote {
    requireInteger('steps', steps, 0, MOST_STEPS);
    const commands = new Uint32Array(new SharedArrayBuffer(0));
    const call = { world: this.#offset, commands, steps, bodies: this.bodyCount };
    return this.#methods.step.quote(call);
  }

  /** 32 bytes that are equal wherever the same was done: BLAKE3 over all bodies' poses, velocities and states. */
  async digest(options: JobOptions = {}): Promise<Uint8Array> {
    this.#requireOpen();
    return this.#queue.run((commands) => this.#methods.digest(this.#offset, commands, options));
  }

  /**
   * Saves the world as it is after everything that was asked for before: a copy of its memory.
   *
   * @throws InosError from {@link restore} or `state.byteLength` if there was no room for the copy
   */
  save(): WorldState {
    this.#requireOpen();
    const copy = this.#queue.run((commands) => this.#methods.save(this.#offset, commands));
    const state = new WorldState(this, this.#memory, this.#registry.save(), copy);
    this.#states.add(state);
    return state;
  }

  /**
   * Makes the world what it was when `state` was saved, as often as you like. Handles of that time are valid again,
   * those made since are dead. Also brings back a world that was lost in a crash.
   */
  async restore(state: WorldState): Promise<void> {
    this.#requireOpen();
    if (!(state instanceof WorldState)) throw wrongType('state', 'a state of this world', state);
    if (state.world !== this) throw outOfRange('state', 'a state of this world', 'another’s');
    state.requireLive();
    this.#registry.restore(state.bodies);
    await this.#queue.run(async () =>
      this.#methods.restore(this.#offset, await state.offset(), {}),
    );
  }

  /** Resolves when everything that was asked for is done. */
  whenIdle(): Promise<void> {
    return this.#queue.idle();
  }

  #requireOpen(): void {
    if (this.#disposing !== undefined) {
      throw physicsError('physics/unknown-world', 'the world is disposed');
    }
  }

  /** Waits for its jobs and gives all its memory back. Idempotent. */
  dispose(): Promise<void> {
    this.#disposing ??= this.#end();
    return this.#disposing;
  }

  /** As {@link dispose}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #end(): Promise<void> {
    for (const state of this.#states) state.dispose();
    await this.#queue.idle();
    this.#queue.dispose();
    const { arena, buffer } = this.#memory;
    const words = new Uint32Array(buffer, this.#offset, WorldWords.DATA_OFFSET / 4);
    const extents = Array.from(
      { length: words[WorldWords.EXTENTS] ?? 0 },
      (_, index) => words[WorldWords.TABLE + index * WorldWords.TABLE_STRIDE_WORDS] ?? 0,
    );
    words[WorldWords.MAGIC] = 0;
    for (const extent of extents) arena.free(extent);
    this.#memory.free(this.#posesRegion);
    this.#memory.free(this.#eventsRegion);
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

/** What of a query's options is the job's. */
function jobOptions({ budget, deadlineMs, signal, priority, account, whenFull }: JobOptions) {
  return {
    ...(budget === undefined ? {} : { budget }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(signal === undefined ? {} : { signal }),
    ...(priority === undefined ? {} : { priority }),
    ...(account === undefined ? {} : { account }),
    ...(whenFull === undefined ? {} : { whenFull }),
  };
}
