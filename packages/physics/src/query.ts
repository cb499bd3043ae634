/**
 * Questions to a world, many in one call. The twin of `crates/inos-physics/src/query.rs`.
 */
import { outOfRange, requireInteger, wrongType, type JobOptions, type SafeSAB } from '@inos/sdk';
import type { Body } from './body.js';
import type { Collider } from './collider.js';
import { encodeGroups, type InteractionGroups } from './collider-options.js';
import { PhysicsLimits, QueryFlag, QueryKind, type QueryParams } from './generated/physics.js';
import { MOST_OVERLAPS, OverlapHits, QueryHits, ShapeHits } from './hits.js';
import type { Commands } from './command-stream.js';
import {
  LARGEST,
  requireBatch,
  requireBoolean,
  requireSize,
  requireUnit,
  type Numbers,
} from './numbers.js';
import { encodeShape, type Shape } from './shape.js';

/** What a query doesn't see. */
export interface QueryFilter {
  /** @default the same as of a collider without groups */
  readonly groups?: InteractionGroups;
  /** A body that isn't seen. */
  readonly excludeBody?: Body;
  /** A collider that isn't seen. */
  readonly excludeCollider?: Collider;
  /** The only collider that is seen. */
  readonly onlyCollider?: Collider;
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

/** Options of {@link World.projectPoints}. */
export interface PointOptions extends RayOptions {
  /**
   * Whether answers say on which feature the nearest point is. Costs more, and points inside count as on the
   * surface.
   * @default false
   */
  readonly features?: boolean;
}

/** Options of {@link World.contactShapes}. */
export interface ShapePairOptions extends JobOptions {
  /**
   * How far apart shapes may be to have a contact, in metres.
   * @default 0
   */
  readonly maximumDistance?: number;
  readonly hits?: ShapeHits;
}

/** Options of {@link World.castShapes}. */
export interface ShapeCastOptions extends QueryFilter, ShapePairCastOptions {}

/** Options of {@link World.castShapePairs}. */
export interface ShapePairCastOptions extends JobOptions {
  /**
   * How long, in seconds of the velocity.
   * @default the largest float
   */
  readonly maximumTime?: number;
  /**
   * From how near on it counts as a hit, in metres.
   * @default 0
   */
  readonly targetDistance?: number;
  /**
   * Whether a shape that begins in a collider hits it at once, or only if it moves deeper into it.
   * @default true
   */
  readonly stopAtPenetration?: boolean;
  readonly hits?: ShapeHits;
}

/** Options of {@link World.findOverlaps}. */
export interface OverlapOptions extends QueryFilter, JobOptions {
  /**
   * The most colliders that are named for each place.
   * @default 16, or that of `hits`
   */
  readonly limit?: number;
  readonly hits?: OverlapHits;
}

const NONE = PhysicsLimits.NONE;

/** A batch of queries, checked. */
export interface QueryCall {
  readonly world: number;
  readonly commands: Commands;
  readonly kind: number;
  readonly flags: number;
  readonly groups: number;
  readonly excludedBody: number;
  readonly excludedCollider: number;
  readonly onlyCollider: number;
  readonly limit: number;
  readonly maximum: number;
  readonly targetDistance: number;
  readonly shape: Uint32Array;
  readonly input: ArrayBufferView;
  readonly output: Uint32Array<SharedArrayBuffer>;
  readonly count: number;
}

/** A call without its place in the world's order. */
type EncodedQuery = Omit<QueryCall, 'world' | 'commands'>;

/** Fills in the numbers of a query's parameters. */
export function writeQuery(params: QueryParams, call: QueryCall): void {
  params.world = call.world;
  params.kind = call.kind;
  params.flags = call.flags;
  params.groups = call.groups;
  params.excludedBody = call.excludedBody;
  params.excludedCollider = call.excludedCollider;
  params.onlyCollider = call.onlyCollider;
  params.targetDistance = call.targetDistance;
  params.limit = call.limit;
  params.maximum = call.maximum;
}

/** rapier's QueryFilterFlags. */
const EXCLUDE = { fixed: 1, kinematic: 2, dynamic: 4, sensors: 8, solids: 16 } as const;

/** Flags of a query besides its filter's. */
interface QueryWay {
  readonly solid?: boolean;
  readonly flags?: number;
}

/** Checks what a query sees. */
export function encodeFilter(filter: QueryFilter, { solid = true, flags = 0 }: QueryWay = {}) {
  if (typeof filter !== 'object' || filter === null) {
    throw wrongType('options', 'an object', filter);
  }
  const { exclude = [], excludeBody, excludeCollider, onlyCollider, groups } = filter;
  const isSolid = requireBoolean('options.solid', solid);
  return {
    flags: flags | (isSolid ? QueryFlag.SOLID : 0) | (encodeKinds(exclude) << SHIFT),
    groups: encodeGroups('options.groups', groups),
    excludedBody: excludeBody?.slot ?? NONE,
    excludedCollider: excludeCollider?.slot ?? NONE,
    onlyCollider: onlyCollider?.slot ?? NONE,
    targetDistance: 0,
  };
}

const SHIFT = QueryFlag.FILTER_SHIFT;

/** Kinds of what isn't seen as bits. */
export function encodeKinds(
  exclude: NonNullable<QueryFilter['exclude']>,
  path = 'options.exclude',
): number {
  if (!Array.isArray(exclude)) throw wrongType(path, 'an array of kinds', exclude);
  return exclude.reduce<number>((bits, kind: keyof typeof EXCLUDE, index) => {
    const bit = Object.hasOwn(EXCLUDE, kind) ? EXCLUDE[kind] : undefined;
    if (bit === undefined) {
      const known = Object.keys(EXCLUDE).join(', ');
      throw outOfRange(`${path}[${index}]`, `one of ${known}`, kind);
    }
    return bits | bit;
  }, 0);
}

/** A shape as its kind and sizes. */
export function shapeWords(shape: Shape | undefined, argument = 'shape'): Uint32Array {
  const words = new Uint32Array(11);
  if (shape === undefined) return words;
  const { kind, sizes, words: own } = encodeShape(argument, shape);
  new Float32Array(words.buffer).set(sizes, 1);
  if (own) words.set(own, 1);
  words[0] = kind;
  return words;
}

/** Numbers as the capsule reads them. Those in the shared memory are read where they lie. */
export function inputOf(argument: string, values: Numbers, width: number) {
  const count = Math.floor((values?.length ?? 0) / width);
  requireBatch(argument, values, count, width);
  const input = values instanceof Float32Array ? values : Float32Array.from(values);
  return { input, count };
}

/** Answers that can be used again. */
export type AnyHits = QueryHits | ShapeHits | OverlapHits;

type HitsOf<H> = new (memory: SafeSAB, count: number, limit?: number) => H;

function hitsFor<H extends AnyHits>(
  memory: SafeSAB,
  hits: H | undefined,
  count: number,
  type: HitsOf<H>,
  limit?: number,
): H {
  if (hits === undefined) return new type(memory, count, limit);
  if (!(hits instanceof type)) throw wrongType('options.hits', type.name, hits);
  if (hits.count < count) throw outOfRange('options.hits', `room for ${count} answers`, hits.count);
  return hits;
}

/** What a batch asks, and where its answers go. */
export interface HitQuery<H> {
  readonly query: EncodedQuery;
  readonly hits: H;
}

function farthest(options: RayOptions): number {
  return requireSize('options.maximumDistance', options.maximumDistance ?? LARGEST);
}

function askFor<H extends AnyHits>(
  query: Omit<EncodedQuery, 'output' | 'limit'>,
  hits: H,
  limit = 0,
): HitQuery<H> {
  const output = hits.words.subarray(0, query.count * hits.width);
  return { hits, query: { ...query, limit, output } };
}

/** Rays: origin and direction of each. */
export function encodeRays(
  memory: SafeSAB,
  rays: Numbers,
  options: RayOptions,
): HitQuery<QueryHits> {
  const { input, count } = inputOf('rays', rays, 6);
  const filter = encodeFilter(options, { solid: options.solid ?? true });
  const maximum = farthest(options);
  const hits = hitsFor(memory, options.hits, count, QueryHits);
  const shape = shapeWords(undefined);
  return askFor({ ...filter, kind: QueryKind.RAYS, maximum, shape, input, count }, hits);
}

/** Points. */
export function encodePoints(
  memory: SafeSAB,
  points: Numbers,
  options: PointOptions,
): HitQuery<QueryHits> {
  const { input, count } = inputOf('points', points, 3);
  const features = requireBoolean('options.features', options.features ?? false);
  const flags = features ? QueryFlag.FEATURES : 0;
  const filter = encodeFilter(options, { solid: options.solid ?? true, flags });
  const maximum = farthest(options);
  const hits = hitsFor(memory, options.hits, count, QueryHits);
  const shape = shapeWords(undefined);
  return askFor({ ...filter, kind: QueryKind.POINTS, maximum, shape, input, count }, hits);
}

/** How shapes move, and what they see. */
function castWay(options: ShapePairCastOptions, filter: QueryFilter) {
  const stops = requireBoolean('options.stopAtPenetration', options.stopAtPenetration ?? true);
  return {
    ...encodeFilter(filter, { flags: stops ? 0 : QueryFlag.IGNORE_PENETRATION }),
    maximum: requireSize('options.maximumTime', options.maximumTime ?? LARGEST),
    targetDistance: requireSize('options.targetDistance', options.targetDistance ?? 0),
  };
}

/** Shapes on their way: position, rotation and velocity of each. */
export function encodeShapeCasts(
  memory: SafeSAB,
  shape: Shape,
  casts: Numbers,
  options: ShapeCastOptions,
): HitQuery<ShapeHits> {
  const { input, count } = inputOf('casts', casts, 10);
  requireUnits('casts', input, 10, [3]);
  const query = {
    ...castWay(options, options),
    kind: QueryKind.SHAPE_CASTS,
    shape: shapeWords(shape),
    input,
    count,
  };
  return askFor(query, hitsFor(memory, options.hits, count, ShapeHits));
}

/** Checks the rotations that lie in each answer's input at some places. */
function requireUnits(argument: string, input: Numbers, width: number, at: readonly number[]) {
  for (let start = 0; start < input.length; start += width) {
    for (const offset of at) requireUnit(`${argument}[${start + offset}]`, input, start + offset);
  }
}

/** Two shapes as the capsule reads them. */
function pairWords(shape1: Shape, shape2: Shape): Uint32Array {
  const words = new Uint32Array(22);
  words.set(shapeWords(shape1, 'shape1'));
  words.set(shapeWords(shape2, 'shape2'), 11);
  return words;
}

/** Two shapes side by side: position and rotation of each. */
export function encodeShapePairs(
  memory: SafeSAB,
  shapes: readonly [Shape, Shape],
  places: Numbers,
  options: ShapePairOptions,
): HitQuery<ShapeHits> {
  const { input, count } = inputOf('places', places, 14);
  requireUnits('places', input, 14, [3, 10]);
  const query = {
    ...encodeFilter({}),
    kind: QueryKind.SHAPE_PAIRS,
    maximum: requireSize('options.maximumDistance', options.maximumDistance ?? 0),
    shape: pairWords(...shapes),
    input,
    count,
  };
  return askFor(query, hitsFor(memory, options.hits, count, ShapeHits));
}

/** Two shapes on their ways: position, rotation and velocity of each. */
export function encodeShapePairCasts(
  memory: SafeSAB,
  shapes: readonly [Shape, Shape],
  casts: Numbers,
  options: ShapePairCastOptions,
): HitQuery<ShapeHits> {
  const { input, count } = inputOf('casts', casts, 20);
  requireUnits('casts', input, 20, [3, 13]);
  const query = {
    ...castWay(options, {}),
    kind: QueryKind.SHAPE_PAIR_CASTS,
    shape: pairWords(...shapes),
    input,
    count,
  };
  return askFor(query, hitsFor(memory, options.hits, count, ShapeHits));
}

/** Places of a shape: position and rotation of each. */
export function encodeOverlaps(
  memory: SafeSAB,
  shape: Shape,
  places: Numbers,
  options: OverlapOptions,
): HitQuery<OverlapHits> {
  const { input, count } = inputOf('places', places, 7);
  requireUnits('places', input, 7, [3]);
  const query = {
    ...encodeFilter(options),
    kind: QueryKind.OVERLAPS,
    maximum: 0,
    shape: shapeWords(shape),
    input,
    count,
  };
  const { limit } = options;
  if (limit !== undefined) requireInteger('options.limit', limit, 1, MOST_OVERLAPS);
  const hits = hitsFor(memory, options.hits, count, OverlapHits, limit);
  if (limit !== undefined && limit !== hits.limit) {
    throw outOfRange('options.limit', `${hits.limit}, as of options.hits`, limit);
  }
  return askFor(query, hits, hits.limit);
}
