/**
 * What can be asked of a world, against what it was after its latest step: rays, points, moving shapes, overlaps.
 */
import type { JobOptions } from '@inos/sdk';
import type { Numbers } from './numbers.js';
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
import type { Shape } from './shape.js';
import { WorldContents } from './world-contents.js';

/** The part of a world that answers questions. */
export abstract class WorldQueries extends WorldContents {
  /**
   * Casts many rays against the world as it was after its latest step.
   *
   * @param rays - origin x, y, z and direction x, y, z of each; a view over the shared memory isn't copied
   */
  castRays(rays: Numbers, options: RayOptions = {}): Promise<QueryHits> {
    this.requireOpen();
    return this.#ask(encodeRays(this.memory, rays, options), options);
  }

  /** For many points x, y, z: the nearest collider of each, and where on it. */
  projectPoints(points: Numbers, options: RayOptions = {}): Promise<QueryHits> {
    this.requireOpen();
    return this.#ask(encodePoints(this.memory, points, options), options);
  }

  /**
   * Moves a shape along many ways until it hits.
   *
   * @param casts - position x, y, z, rotation x, y, z, w and velocity x, y, z of each
   */
  castShapes(shape: Shape, casts: Numbers, options: ShapeCastOptions = {}): Promise<QueryHits> {
    this.requireOpen();
    return this.#ask(encodeShapeCasts(this.memory, shape, casts, options), options);
  }

  async #ask(
    { query, hits }: HitQuery,
    options: RayOptions | ShapeCastOptions,
  ): Promise<QueryHits> {
    const world = this.offset;
    try {
      await this.queue.run((commands) =>
        this.methods.query({ ...query, world, commands }, jobOptions(options)),
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
    this.requireOpen();
    const query = encodeOverlaps(this.memory, shape, places, options);
    const world = this.offset;
    try {
      await this.queue.run((commands) =>
        this.methods.query({ ...query, world, commands }, jobOptions(options)),
      );
      const stride = 1 + query.limit;
      return Array.from({ length: query.count }, (_, index) => {
        const start = index * stride;
        return query.output.slice(start + 1, start + 1 + (query.output[start] ?? 0));
      });
    } finally {
      this.memory.free(query.output);
    }
  }
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
