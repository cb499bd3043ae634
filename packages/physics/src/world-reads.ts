/**
 * What can be read of a world besides its poses: properties of many things at once, the numbers of shapes, lines
 * that show what rapier sees.
 */
import { outOfRange, wrongType, type JobOptions } from '@inos/sdk';
import type { Body } from './body.js';
import type { Collider } from './collider.js';
import { DebugLines, DEFAULT_MODES, encodeModes, type DebugMode } from './debug-lines.js';
import type { Joint } from './joint.js';
import { AnswerList, LISTS } from './list.js';
import { requireBatch, type Numbers } from './numbers.js';
import { encodeKinds, type QueryFilter } from './query.js';
import type { Place } from './slots.js';
import {
  decodeRead,
  encodeRead,
  requireReadings,
  type AnyReadings,
  type PropertyOf,
  type Readings,
  type ReadOptions,
  type SubjectName,
} from './read.js';
import { LINES_KEYS, READ_KEYS, requireKnown } from './known-keys.js';
import { jobOptions, requireArray } from './world-arguments.js';
import { WorldQueries } from './world-queries.js';

/** Options of {@link World.debugLines}. */
export interface DebugOptions extends JobOptions {
  /**
   * What is shown.
   * @default ['collider-shapes', 'body-axes', 'reduced-joints', 'joints']
   */
  readonly modes?: readonly DebugMode[];
  /** Kinds of colliders that aren't shown, nor their bounds and contacts. */
  readonly exclude?: NonNullable<QueryFilter['exclude']>;
  /** Where the lines go: those of an earlier call. */
  readonly lines?: DebugLines;
}

/** The words that name things. */
export function handleWords(things: readonly Place[]): Uint32Array {
  return Uint32Array.from(things.flatMap(({ slot, generation }) => [slot, generation]));
}

/** The part of a world that tells what it knows. */
export abstract class WorldReads extends WorldQueries {
  /**
   * Properties of bodies, each into an array: the first body's values, then the second's, and so on. They are as
   * after all that was asked for before; poses and velocities are in {@link World.poses} without a call.
   *
   * @example
   * ```ts
   * const { mass, centerOfMass } = await world.readBodies(bodies, ['mass', 'centerOfMass']);
   * ```
   */
  readBodies<P extends PropertyOf<'body'>>(
    bodies: readonly Body[],
    properties: readonly P[],
    options: ReadOptions<'body', P> = {},
  ): Promise<Readings<'body', P>> {
    requireArray('bodies', bodies);
    bodies.forEach((body, index) => this.requireBody(body, `bodies[${index}]`));
    return this.read('body', handleWords(bodies), properties, options);
  }

  /** Properties of colliders, as {@link readBodies}. */
  readColliders<P extends PropertyOf<'collider'>>(
    colliders: readonly Collider[],
    properties: readonly P[],
    options: ReadOptions<'collider', P> = {},
  ): Promise<Readings<'collider', P>> {
    requireArray('colliders', colliders);
    colliders.forEach((collider, index) =>
      this.commandsForCollider(collider, `colliders[${index}]`),
    );
    return this.read('collider', handleWords(colliders), properties, options);
  }

  /** Properties of joints, as {@link readBodies}. */
  readJoints<P extends PropertyOf<'joint'>>(
    joints: readonly Joint[],
    properties: readonly P[],
    options: ReadOptions<'joint', P> = {},
  ): Promise<Readings<'joint', P>> {
    requireArray('joints', joints);
    joints.forEach((joint, index) => this.commandsForJoint(joint, `joints[${index}]`));
    return this.read('joint', handleWords(joints), properties, options);
  }

  /** Properties of the world itself. */
  readWorld<P extends PropertyOf<'world'>>(
    properties: readonly P[],
    options: ReadOptions<'world', P> = {},
  ): Promise<Readings<'world', P>> {
    return this.read('world', new Uint32Array(1), properties, options);
  }

  /** How fast points of bodies move: x, y, z of a place in the world for each body. */
  async readPointVelocities(
    bodies: readonly Body[],
    points: Numbers,
    options: JobOptions = {},
  ): Promise<Float32Array> {
    requireArray('bodies', bodies);
    requireBatch('points', points, bodies.length, 3);
    const things = new Uint32Array(bodies.length * 5);
    const places = new Float32Array(things.buffer);
    bodies.forEach((body, index) => {
      this.requireBody(body, `bodies[${index}]`);
      things.set([body.slot, body.generation], index * 5);
      for (let axis = 0; axis < 3; axis++) {
        places[index * 5 + 2 + axis] = points[index * 3 + axis] ?? 0;
      }
    });
    const { velocity } = await this.read('point', things, ['velocity'], options);
    return velocity;
  }

  /** @internal Reads properties of what words name. */
  async read<S extends SubjectName, P extends PropertyOf<S>>(
    subject: S,
    things: Uint32Array,
    properties: readonly P[],
    options: ReadOptions<S, P>,
  ): Promise<Readings<S, P>> {
    this.requireOpen();
    requireKnown('options', options, READ_KEYS);
    const encoded = encodeRead(subject, properties, things);
    const readings = options.readings as AnyReadings | undefined;
    if (readings !== undefined) requireReadings(encoded, readings);
    const output = this.memory.alloc(Uint32Array, Math.max(1, encoded.outputWords), {
      zeroed: false,
    });
    const world = this.offset;
    try {
      const used = output.subarray(0, encoded.outputWords);
      await this.queue.run((commands) =>
        this.methods.read({ ...encoded, world, commands, output: used }, jobOptions(options)),
      );
      return decodeRead(encoded, used, readings) as Readings<S, P>;
    } finally {
      this.memory.free(output);
    }
  }

  /** The points of a collider's hull, mesh, polyline, heightfield or voxels: x, y, z of each. */
  async readShapePoints(collider: Collider, options: JobOptions = {}): Promise<Float32Array> {
    return (await this.#shape(LISTS.shapePoints, collider, options)).numbers;
  }

  /** The corners of a collider's triangles, or the ends of its segments, as numbers of its points. */
  async readShapeIndices(collider: Collider, options: JobOptions = {}): Promise<Uint32Array> {
    return (await this.#shape(LISTS.shapeIndices, collider, options)).words;
  }

  #shape(
    list: { readonly kind: number; readonly width: number },
    collider: Collider,
    options: JobOptions,
  ): Promise<AnswerList> {
    this.commandsForCollider(collider);
    const input = Uint32Array.of(collider.slot);
    return this.list(AnswerList, { list, input, count: 1 }, options);
  }

  /** Lines that show what rapier sees after the latest step. */
  async debugLines(options: DebugOptions = {}): Promise<DebugLines> {
    this.requireOpen();
    requireKnown('options', options, LINES_KEYS);
    const modes = encodeModes(options.modes ?? DEFAULT_MODES);
    const exclude = encodeKinds(options.exclude ?? []);
    const lines = options.lines ?? new DebugLines(this.memory);
    if (!(lines instanceof DebugLines)) throw wrongType('options.lines', 'DebugLines', lines);
    const world = this.offset;
    const ask = (commands: Uint32Array<SharedArrayBuffer>) =>
      this.methods.debugLines(
        { world, commands, modes, exclude, output: lines.output },
        jobOptions(options),
      );
    try {
      await this.queue.run(async (commands) => {
        await ask(commands);
        if (lines.hasAll()) return;
        await ask(commands.subarray(0, 0));
        if (!lines.hasAll()) throw outOfRange('the lines', 'as many as before', 'more');
      });
    } catch (error) {
      if (lines !== options.lines) lines.dispose();
      throw error;
    }
    return lines;
  }
}
