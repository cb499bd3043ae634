/**
 * What can be asked of a world, against what it was after its latest step: rays, points, moving shapes, overlaps.
 */
import { outOfRange, wrongType, type JobOptions } from '@inos/sdk';
import type { Collider } from './collider.js';
import type { Commands } from './command-stream.js';
import type { OverlapHits, QueryHits, ShapeHits } from './hits.js';
import {
  ColliderList,
  ContactList,
  encodePairs,
  IntersectionList,
  LISTS,
  RayHitList,
  ShapeContactList,
  type AnswerList,
  type ColliderPair,
  type ListOptions,
  type ListShape,
} from './list.js';
import {
  LARGEST,
  requireNumbers,
  requireSize,
  requireUnit,
  type Numbers,
  type Vector3,
} from './numbers.js';
import {
  encodeFilter,
  encodeOverlaps,
  encodePoints,
  encodeRays,
  encodeShapeCasts,
  encodeShapePairCasts,
  encodeShapePairs,
  inputOf,
  shapeWords,
  type AnyHits,
  type HitQuery,
  type OverlapOptions,
  type PointOptions,
  type QueryFilter,
  type RayOptions,
  type ShapeCastOptions,
  type ShapePairCastOptions,
  type ShapePairOptions,
} from './query.js';
import { LIST_KEYS, QUERY_KEYS, requireKnown } from './known-keys.js';
import { encodeShape, type Shape } from './shape.js';
import { jobOptions } from './world-arguments.js';
import { WorldBulk } from './world-bulk.js';

/** What a ray hit. */
export interface RayHit {
  /** The collider's slot: see {@link World.colliderAt}. */
  readonly collider: number;
  /** In lengths of the ray's direction. */
  readonly distance: number;
  readonly normal: readonly [number, number, number];
}

/** Options of lists of ray hits. */
export type RayListOptions = Omit<RayOptions, 'hits'> & ListOptions<RayHitList>;

/** Options of lists of colliders. */
export interface ColliderListOptions extends QueryFilter, ListOptions<ColliderList> {}

/** Options of {@link World.findContacts}. */
export interface ShapeContactOptions extends QueryFilter, ListOptions<ShapeContactList> {
  /**
   * How far apart shapes may be, in metres.
   * @default 0
   */
  readonly maximumDistance?: number;
}

/** What a list asks, checked. */
interface ListCall {
  readonly list: ListShape;
  readonly input: ArrayBufferView;
  readonly count: number;
  readonly filter?: ReturnType<typeof encodeFilter>;
  readonly shape?: Uint32Array;
  readonly maximum?: number;
}

type ListOf<L> = new (width: number) => L;

/** Answers for which there is room at first. */
const FIRST_ROOM = 64;

/** The part of a world that answers questions. */
export abstract class WorldQueries extends WorldBulk {
  /**
   * Casts many rays against the world as it was after its latest step: from 256 on by all threads of the capsule, if
   * nothing was written to the world since.
   *
   * @param rays - origin x, y, z and direction x, y, z of each; a view over the shared memory isn't copied
   */
  castRays(rays: Numbers, options: RayOptions = {}): Promise<QueryHits> {
    this.requireFilter(options, QUERY_KEYS.rays);
    return this.#ask(encodeRays(this.memory, rays, options), options);
  }

  /** Casts one ray. Many at once cost little more. */
  async castRay(
    origin: Vector3,
    direction: Vector3,
    options: Omit<RayOptions, 'hits'> = {},
  ): Promise<RayHit | undefined> {
    const ray = [
      ...Array.from(requireNumbers('origin', origin, 3)),
      ...Array.from(requireNumbers('direction', direction, 3)),
    ];
    using hits = await this.castRays(ray, options);
    const collider = hits.collider(0);
    if (collider === undefined) return undefined;
    return { collider, distance: hits.distance(0), normal: hits.normal(0) };
  }

  /** All hits of many rays, not only the nearest; nearest first. */
  findRayHits(rays: Numbers, options: RayListOptions = {}): Promise<RayHitList> {
    this.requireFilter(options, QUERY_KEYS.rayList);
    const filter = encodeFilter(options, { solid: options.solid ?? true });
    const { input, count } = inputOf('rays', rays, 6);
    const given = options.maximumDistance ?? LARGEST;
    const maximum = requireSize('options.maximumDistance', given);
    return this.list(RayHitList, { list: LISTS.rayHits, filter, input, count, maximum }, options);
  }

  /** For many points x, y, z: the nearest collider of each, and where on it. */
  projectPoints(points: Numbers, options: PointOptions = {}): Promise<QueryHits> {
    this.requireFilter(options, QUERY_KEYS.points);
    return this.#ask(encodePoints(this.memory, points, options), options);
  }

  /** For many points x, y, z: the colliders that each is in. */
  findPointHits(points: Numbers, options: ColliderListOptions = {}): Promise<ColliderList> {
    const filter = this.#filter(options);
    const { input, count } = inputOf('points', points, 3);
    return this.list(ColliderList, { list: LISTS.pointHits, filter, input, count }, options);
  }

  /**
   * For many boxes along the world's axes: the colliders whose bounds each meets. Bounds may be larger than shapes.
   *
   * @param boxes - centre x, y, z and half extents x, y, z of each
   */
  findBoundsOverlaps(boxes: Numbers, options: ColliderListOptions = {}): Promise<ColliderList> {
    const filter = this.#filter(options);
    const { input, count } = inputOf('boxes', boxes, 6);
    return this.list(ColliderList, { list: LISTS.boxes, filter, input, count }, options);
  }

  /**
   * Moves a shape along many ways until it hits.
   *
   * @param casts - position x, y, z, rotation x, y, z, w and velocity x, y, z of each
   */
  castShapes(shape: Shape, casts: Numbers, options: ShapeCastOptions = {}): Promise<ShapeHits> {
    this.requireFilter(options, QUERY_KEYS.casts);
    this.#requireOwn(shape);
    return this.#ask(encodeShapeCasts(this.memory, shape, casts, options), options);
  }

  /**
   * How two shapes at many places touch, and whether they overlap, whatever is in the world: `hits.isHit` tells
   * whether they touch or are within `maximumDistance`, `hits.isInside` whether they overlap, and normals and points
   * are in the world.
   *
   * @param places - position x, y, z and rotation x, y, z, w of the first, then of the second
   */
  contactShapes(
    shape1: Shape,
    shape2: Shape,
    places: Numbers,
    options: ShapePairOptions = {},
  ): Promise<ShapeHits> {
    this.#requirePair(shape1, shape2, options, QUERY_KEYS.pairs);
    return this.#ask(encodeShapePairs(this.memory, [shape1, shape2], places, options), options);
  }

  /**
   * Moves two shapes along many ways until they hit each other, whatever is in the world. Normals and points are in
   * each shape's own frame.
   *
   * @param casts - position x, y, z, rotation x, y, z, w and velocity x, y, z of the first, then of the second
   */
  castShapePairs(
    shape1: Shape,
    shape2: Shape,
    casts: Numbers,
    options: ShapePairCastOptions = {},
  ): Promise<ShapeHits> {
    this.#requirePair(shape1, shape2, options, QUERY_KEYS.pairCasts);
    return this.#ask(encodeShapePairCasts(this.memory, [shape1, shape2], casts, options), options);
  }

  #requirePair(shape1: Shape, shape2: Shape, options: object, known: readonly string[]): void {
    this.requireOpen();
    requireKnown('options', options, known);
    this.#requireOwn(shape1, 'shape1');
    this.#requireOwn(shape2, 'shape2');
  }

  async #ask<H extends AnyHits>(
    { query, hits }: HitQuery<H>,
    options: JobOptions & { readonly hits?: H },
  ): Promise<H> {
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
   * Which colliders a shape would overlap at many places: at most as many for each as `limit` says.
   *
   * @param places - position x, y, z and rotation x, y, z, w of each
   */
  findOverlaps(shape: Shape, places: Numbers, options: OverlapOptions = {}): Promise<OverlapHits> {
    this.requireFilter(options, QUERY_KEYS.overlaps);
    this.#requireOwn(shape);
    return this.#ask(encodeOverlaps(this.memory, shape, places, options), options);
  }

  /**
   * How a shape at many places touches each collider, or would within `maximumDistance`.
   *
   * @param places - position x, y, z and rotation x, y, z, w of each
   */
  findContacts(
    shape: Shape,
    places: Numbers,
    options: ShapeContactOptions = {},
  ): Promise<ShapeContactList> {
    const filter = this.#filter(options, QUERY_KEYS.contacts);
    this.#requireOwn(shape);
    const { input, count } = inputOf('places', places, 7);
    for (let index = 0; index < count; index++) {
      requireUnit(`places[${index * 7 + 3}]`, input, index * 7 + 3);
    }
    const maximum = requireSize('options.maximumDistance', options.maximumDistance ?? 0);
    const words = shapeWords(shape);
    const call = { list: LISTS.shapeContacts, filter, input, count, maximum, shape: words };
    return this.list(ShapeContactList, call, options);
  }

  /**
   * The contacts that the narrow phase found in the latest step: of single colliders with all others, of pairs, or
   * all of the world.
   */
  readContacts(
    pairs?: readonly ColliderPair[],
    options: ListOptions<ContactList> = {},
  ): Promise<ContactList> {
    return this.list(ContactList, this.#pairs(LISTS.contacts, pairs), options);
  }

  /** The pairs of sensors and what is near them: of single colliders, of pairs, or all of the world. */
  readIntersections(
    pairs?: readonly ColliderPair[],
    options: ListOptions<IntersectionList> = {},
  ): Promise<IntersectionList> {
    return this.list(IntersectionList, this.#pairs(LISTS.intersections, pairs), options);
  }

  #pairs(list: ListShape, pairs: readonly ColliderPair[] | undefined): ListCall {
    this.requireOpen();
    const input = encodePairs(pairs);
    pairs?.forEach((pair, index) => {
      const colliders: readonly Collider[] = Array.isArray(pair) ? pair : [pair as Collider];
      for (const collider of colliders) this.commandsForCollider(collider, `pairs[${index}]`);
    });
    return { list, input, count: input.length / 2 };
  }

  /** Checks that a shape to ask with is this world's, if it is one that was made. */
  #requireOwn(shape: Shape, argument = 'shape'): void {
    this.requireOwnShape(argument, encodeShape(argument, shape));
  }

  #filter(options: QueryFilter, known: readonly string[] = QUERY_KEYS.colliders) {
    this.requireFilter(options, known);
    return encodeFilter(options, { solid: true });
  }

  /** Checks that what a filter names is there. */
  protected requireFilter(options: QueryFilter, known: readonly string[]): void {
    this.requireOpen();
    requireKnown('options', options, known);
    const { excludeBody, excludeCollider, onlyCollider } = options;
    if (excludeBody !== undefined) this.requireBody(excludeBody, 'options.excludeBody');
    if (excludeCollider !== undefined) {
      this.commandsForCollider(excludeCollider, 'options.excludeCollider');
    }
    if (onlyCollider !== undefined) {
      this.commandsForCollider(onlyCollider, 'options.onlyCollider');
    }
  }

  /** Asks for a list; again, before any other job, if its answers had no room. */
  protected async list<L extends AnswerList>(
    type: ListOf<L>,
    call: ListCall,
    options: ListOptions<L>,
  ): Promise<L> {
    const { list, input, count, filter = encodeFilter({}), shape = shapeWords(undefined) } = call;
    // Those of a filter were checked with it.
    if (call.filter === undefined) requireKnown('options', options, LIST_KEYS);
    const answers = options.list ?? new type(list.width);
    if (!(answers instanceof type)) throw wrongType('options.list', `a ${type.name}`, answers);
    const { kind, width } = list;
    if (answers.width !== width) {
      throw outOfRange('options.list', `answers of ${width} words`, answers.width);
    }
    const query = { ...filter, kind, limit: 0, maximum: call.maximum ?? 0, shape, input, count };
    const world = this.offset;
    /** Gives how many answers there are if they had no room. */
    const ask = async (commands: Commands, room: number): Promise<number | undefined> => {
      const output = this.memory.alloc(Uint32Array, count + 1 + room * width, { zeroed: false });
      try {
        await this.methods.list({ ...query, world, commands, output }, jobOptions(options));
        const length = output[count] ?? 0;
        if (length > room) return length;
        answers.fill(output, count);
        return undefined;
      } finally {
        this.memory.free(output);
      }
    };
    return this.queue.run(async (commands) => {
      const first = await ask(commands, Math.max(FIRST_ROOM, 2 * count, answers.room));
      if (first === undefined) return answers;
      const second = await ask(commands.subarray(0, 0), first);
      if (second === undefined) return answers;
      throw outOfRange('the list', `${first} answers, as before`, second);
    });
  }
}
