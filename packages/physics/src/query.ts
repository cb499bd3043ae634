/**
 * Questions to a world, many in one call. The twin of `crates/inos-physics/src/query.rs`.
 */
import { outOfRange, requireInteger, wrongType, type JobOptions, type SafeSAB } from '@inos/sdk';
import type { Body } from './body.js';
import { encodeGroups, type InteractionGroups } from './collider.js';
import {
  PhysicsLimits,
  QueryFlag,
  QueryHit,
  QueryKind,
  type QueryParams,
} from './generated/physics.js';
import type { Commands } from './methods.js';
import { requireBatch, requireBoolean, requireSize, requireUnit, type Numbers } from './numbers.js';
import { encodeShape, type Shape } from './shape.js';

/** What a query doesn't see. */
export interface QueryFilter {
  /** @default the same as of a collider without groups */
  readonly groups?: InteractionGroups;
  /** A body that isn't seen. */
  readonly excludeBody?: Body;
  /** Kinds of what isn't seen. */
  readonly exclude?: readonly ('fixed' | 'kinematic' | 'dynamic' | 'sensors' | 'solids')[];
}

/** Options of {@link World.castRays}. */
export interface RayOptions extends QueryFilter, JobOptions {
  /**
   * How far, in lengths of the ray's direction.
   * @default the largest float
   */
  readonly maximumDistance?: number;
  /**
   * Whether a ray that begins inside a shape hits it at once, or its surface from inside.
   * @default true
   */
  readonly solid?: boolean;
  /** Where the answers go: {@link HIT_WORDS} words a ray, for instance of `physics.memory`. */
  readonly hits?: QueryHits;
}

/** Options of {@link World.castShapes}. */
export interface ShapeCastOptions extends QueryFilter, JobOptions {
  /**
   * How long, in seconds of the velocity.
   * @default the largest float
   */
  readonly maximumTime?: number;
  readonly hits?: QueryHits;
}

/** Options of {@link World.findOverlaps}. */
export interface OverlapOptions extends QueryFilter, JobOptions {
  /**
   * The most colliders that are named for each place.
   * @default 16
   */
  readonly limit?: number;
}

/** Words of one answer in {@link QueryHits.words}. */
export const HIT_WORDS = QueryHit.WORDS;
const LARGEST = 3.4028234663852886e38;
const NONE = PhysicsLimits.NONE;

/** Answers to many queries, in order, in shared memory. Use it again for the next ones, or dispose of it. */
export class QueryHits {
  /** How many answers there is room for. */
  readonly count: number;
  /** Each answer's words: collider's slot, then the floats of {@link numbers}. */
  readonly words: Uint32Array<SharedArrayBuffer>;
  /** The same words as floats: distance, then normal x, y, z. */
  readonly numbers: Float32Array<SharedArrayBuffer>;
  readonly #memory: SafeSAB;
  #isDisposed = false;

  /** Room for so many answers. */
  constructor(memory: SafeSAB, count: number) {
    requireInteger('count', count, 0, 2 ** 26);
    this.#memory = memory;
    this.count = count;
    this.words = memory.alloc(Uint32Array, Math.max(1, count * HIT_WORDS), { zeroed: false });
    this.numbers = new Float32Array(this.words.buffer, this.words.byteOffset, this.words.length);
  }

  /** The slot of the collider that was hit, or `undefined`. */
  collider(index: number): number | undefined {
    const slot = this.words[index * HIT_WORDS + QueryHit.COLLIDER] ?? NONE;
    return slot === NONE ? undefined : slot;
  }

  /** How far away the hit is; of shape casts after how many seconds. */
  distance(index: number): number {
    return this.numbers[index * HIT_WORDS + QueryHit.DISTANCE] ?? 0;
  }

  /** The normal of the surface that was hit; of points the nearest point. */
  normal(index: number): [number, number, number] {
    const start = index * HIT_WORDS + QueryHit.NORMAL;
    const [x = 0, y = 0, z = 0] = this.numbers.subarray(start, start + 3);
    return [x, y, z];
  }

  /** Gives the memory back. Idempotent. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#memory.free(this.words);
  }

  /** As {@link dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A batch of queries, checked. */
export interface QueryCall {
  readonly world: number;
  readonly commands: Commands;
  readonly kind: number;
  readonly flags: number;
  readonly groups: number;
  readonly excludedBody: number;
  readonly limit: number;
  readonly maximum: number;
  readonly shape: Uint32Array;
  readonly input: ArrayBufferView;
  readonly output: Uint32Array<SharedArrayBuffer>;
  readonly count: number;
}

/** A call without its place in the world's order. */
export type EncodedQuery = Omit<QueryCall, 'world' | 'commands'>;

/** Fills in the numbers of a query's parameters. */
export function writeQuery(params: QueryParams, call: QueryCall): void {
  params.world = call.world;
  params.kind = call.kind;
  params.flags = call.flags;
  params.groups = call.groups;
  params.excludedBody = call.excludedBody;
  params.limit = call.limit;
  params.maximum = call.maximum;
}

/** rapier's QueryFilterFlags. */
const EXCLUDE = { fixed: 1, kinematic: 2, dynamic: 4, sensors: 8, solids: 16 } as const;

function encodeFilter(filter: QueryFilter, solid: boolean) {
  const { exclude = [], excludeBody, groups } = filter;
  if (!Array.isArray(exclude)) throw wrongType('options.exclude', 'an array of kinds', exclude);
  let flags = requireBoolean('options.solid', solid) ? QueryFlag.SOLID : 0;
  exclude.forEach((kind: keyof typeof EXCLUDE, index) => {
    const bit = Object.hasOwn(EXCLUDE, kind) ? EXCLUDE[kind] : undefined;
    if (bit === undefined) {
      const known = Object.keys(EXCLUDE).join(', ');
      throw outOfRange(`options.exclude[${index}]`, `one of ${known}`, kind);
    }
    flags |= bit << QueryFlag.FILTER_SHIFT;
  });
  return {
    flags,
    groups: encodeGroups('options.groups', groups),
    excludedBody: excludeBody?.slot ?? NONE,
  };
}

/** A shape as its kind and sizes. */
function shapeWords(shape: Shape | undefined): Uint32Array {
  const words = new Uint32Array(11);
  if (shape === undefined) return words;
  const { kind, sizes, words: own } = encodeShape('shape', shape);
  new Float32Array(words.buffer).set(sizes, 1);
  if (own) words.set(own, 1);
  words[0] = kind;
  return words;
}

/** Numbers as the capsule reads them. Those in the shared memory are read where they lie. */
function inputOf(argument: string, values: Numbers, width: number) {
  const count = Math.floor((values?.length ?? 0) / width);
  requireBatch(argument, values, count, width);
  const input = values instanceof Float32Array ? values : Float32Array.from(values);
  return { input, count };
}

function hitsFor(memory: SafeSAB, hits: QueryHits | undefined, count: number): QueryHits {
  if (hits === undefined) return new QueryHits(memory, count);
  if (!(hits instanceof QueryHits)) throw wrongType('options.hits', 'QueryHits', hits);
  if (hits.count < count) throw outOfRange('options.hits', `room for ${count} answers`, hits.count);
  return hits;
}

/** What a batch asks, and where its answers go. */
export interface HitQuery {
  readonly query: EncodedQuery;
  readonly hits: QueryHits;
}

/** Rays: origin and direction of each. */
export function encodeRays(memory: SafeSAB, rays: Numbers, options: RayOptions): HitQuery {
  const { input, count } = inputOf('rays', rays, 6);
  return hitQuery(memory, QueryKind.RAYS, input, count, options, undefined, {
    solid: options.solid ?? true,
    maximum: requireSize('options.maximumDistance', options.maximumDistance ?? LARGEST),
  });
}

/** Points. */
export function encodePoints(memory: SafeSAB, points: Numbers, options: RayOptions): HitQuery {
  const { input, count } = inputOf('points', points, 3);
  return hitQuery(memory, QueryKind.POINTS, input, count, options, undefined, {
    solid: options.solid ?? true,
    maximum: requireSize('options.maximumDistance', options.maximumDistance ?? LARGEST),
  });
}

/** Shapes on their way: position, rotation and velocity of each. */
export function encodeShapeCasts(
  memory: SafeSAB,
  shape: Shape,
  casts: Numbers,
  options: ShapeCastOptions,
): HitQuery {
  const { input, count } = inputOf('casts', casts, 10);
  for (let index = 0; index < count; index++) {
    requireUnit(`casts[${index * 10 + 3}]`, input, index * 10 + 3);
  }
  return hitQuery(memory, QueryKind.SHAPE_CASTS, input, count, options, shape, {
    solid: true,
    maximum: requireSize('options.maximumTime', options.maximumTime ?? LARGEST),
  });
}

function hitQuery(
  memory: SafeSAB,
  kind: number,
  input: Float32Array,
  count: number,
  options: QueryFilter & { readonly hits?: QueryHits },
  shape: Shape | undefined,
  { solid, maximum }: { readonly solid: boolean; readonly maximum: number },
): HitQuery {
  const filter = encodeFilter(options, solid);
  const words = shapeWords(shape);
  const hits = hitsFor(memory, options.hits, count);
  const output = hits.words.subarray(0, count * HIT_WORDS);
  return {
    hits,
    query: { ...filter, kind, limit: 0, maximum, shape: words, input, output, count },
  };
}

/** Places of a shape: position and rotation of each. The caller frees `output`. */
export function encodeOverlaps(
  memory: SafeSAB,
  shape: Shape,
  places: Numbers,
  options: OverlapOptions,
): EncodedQuery {
  const { input, count } = inputOf('places', places, 7);
  for (let index = 0; index < count; index++) {
    requireUnit(`places[${index * 7 + 3}]`, input, index * 7 + 3);
  }
  const limit = requireInteger('options.limit', options.limit ?? 16, 1, 65_536);
  const filter = encodeFilter(options, true);
  const words = shapeWords(shape);
  const output = memory.alloc(Uint32Array, count * (1 + limit));
  return {
    ...filter,
    kind: QueryKind.OVERLAPS,
    limit,
    maximum: 0,
    shape: words,
    input,
    output,
    count,
  };
}
