/**
 * The soft bodies of a world.
 */
import { InosError, wrongType, type JobOptions } from '@inos/sdk';
import type { CommandStream } from './command-stream.js';
import { physicsError } from './errors.js';
import { Command } from './generated/physics.js';
import { AnswerList, LISTS } from './list.js';
import type { PropertyOf, Readings, ReadOptions } from './read.js';
import { SoftBody } from './soft-body.js';
import { encodeSoftBody, type SoftBodyOptions } from './soft-options.js';
import { WorldControls } from './world-controls.js';
import { requireArray } from './world-arguments.js';
import { handleWords } from './world-reads.js';

/** Lists of a soft body's parts. */
type SoftList = 'softPositions' | 'softVelocities' | 'softTriangles' | 'softEdges';

/** The part of a world that has soft bodies. */
export abstract class WorldSofts extends WorldControls {
  /**
   * Makes a soft body: a rope, a cloth, a volume.
   *
   * @throws TypeError, RangeError naming the argument that is wrong
   * @throws InosError `physics/bad-shape` if the numbers make none; the world is then unchanged
   */
  async createSoftBody(options: SoftBodyOptions): Promise<SoftBody> {
    this.requireOpen();
    const data = encodeSoftBody('options', options);
    const { softBodies } = this.registry;
    const body = new SoftBody(this.self, softBodies.take());
    const { slot, generation } = body;
    const world = this.offset;
    try {
      await this.queue.run((commands) =>
        this.methods.createSoftBody({ world, commands, slot, generation, data }),
      );
    } catch (error) {
      if (softBodies.isLive(body)) softBodies.release(slot);
      if (!(error instanceof InosError) || error.code !== 'physics/bad-shape') throw error;
      throw physicsError('physics/bad-shape', `options: ${error.message}`, { path: 'options' });
    }
    return body;
  }

  /** The soft body in a slot, if there is one: after a snapshot was restored. */
  softBodyAt(slot: number): SoftBody | undefined {
    const { softBodies } = this.registry;
    if (!softBodies.isTaken(slot)) return undefined;
    return new SoftBody(this.self, softBodies.handle(slot));
  }

  /** @internal Where commands that change a soft body are written. */
  commandsForSoftBody(body: SoftBody, argument = 'body'): CommandStream {
    this.requireOpen();
    if (!(body instanceof SoftBody)) throw wrongType(argument, 'a soft body of this world', body);
    if (body.world !== this.self || !this.registry.softBodies.isLive(body)) {
      const { slot, generation } = body;
      const message = `${argument} must be a live soft body of this world`;
      throw physicsError('physics/dead-handle', message, { slot, generation });
    }
    return this.queue.commands;
  }

  /** Removes a soft body. */
  removeSoftBody(body: SoftBody): void {
    const stream = this.commandsForSoftBody(body);
    const at = stream.begin(Command.REMOVE_SOFT_BODY, 2);
    stream.word(at, body.slot);
    stream.word(at + 1, body.generation);
    this.registry.softBodies.release(body.slot);
  }

  /** Properties of soft bodies, as {@link readBodies}. */
  readSoftBodies<P extends PropertyOf<'softBody'>>(
    bodies: readonly SoftBody[],
    properties: readonly P[],
    options: ReadOptions<'softBody', P> = {},
  ): Promise<Readings<'softBody', P>> {
    return this.read('softBody', this.#handles(bodies), properties, options);
  }

  /** The positions of many soft bodies' particles: `starts` tells whose. x, y, z of each in `numbers`. */
  readSoftPositions(bodies: readonly SoftBody[], options: JobOptions = {}): Promise<AnswerList> {
    const input = this.#handles(bodies);
    const call = { list: LISTS.softPositions, input, count: bodies.length };
    return this.list(AnswerList, call, options);
  }

  /** @internal Parts of one soft body. */
  readSoftList(name: SoftList, body: SoftBody, options: JobOptions = {}): Promise<AnswerList> {
    const input = this.#handles([body]);
    return this.list(AnswerList, { list: LISTS[name], input, count: 1 }, options);
  }

  #handles(bodies: readonly SoftBody[]): Uint32Array {
    requireArray('bodies', bodies);
    bodies.forEach((body, index) => this.commandsForSoftBody(body, `bodies[${index}]`));
    return handleWords(bodies);
  }
}
