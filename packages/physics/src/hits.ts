/**
 * Answers to queries, one to each, in shared memory.
 */
import { requireInteger, type SafeSAB } from '@inos/sdk';
import { featureOf, type Feature } from './feature.js';
import { HitFlag, PhysicsLimits, QueryHit } from './generated/physics.js';

/** Words of one answer in {@link QueryHits.words}. */
export const HIT_WORDS = QueryHit.WORDS;
/** Words of one answer in {@link ShapeHits.words}. */
export const SHAPE_HIT_WORDS = QueryHit.SHAPE_WORDS;
const NONE = PhysicsLimits.NONE;

/** Answers of a fixed width, and the memory that they lie in. */
abstract class Answers {
  /** How many answers there is room for. */
  readonly count: number;
  /** Words of an answer. */
  readonly width: number;
  /** Each answer's words. */
  readonly words: Uint32Array<SharedArrayBuffer>;
  readonly #memory: SafeSAB;
  #isDisposed = false;

  protected constructor(memory: SafeSAB, count: number, width: number) {
    requireInteger('count', count, 0, 2 ** 26);
    this.#memory = memory;
    this.count = count;
    this.width = width;
    this.words = memory.alloc(Uint32Array, Math.max(1, count * width), { zeroed: false });
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

/** What hits of rays, points and shapes have: the collider's slot, then the floats of {@link numbers}. */
abstract class Hits extends Answers {
  /** The words as floats: distance, then normal x, y, z. */
  readonly numbers: Float32Array<SharedArrayBuffer>;

  protected constructor(memory: SafeSAB, count: number, width: number) {
    super(memory, count, width);
    this.numbers = new Float32Array(this.words.buffer, this.words.byteOffset, this.words.length);
  }

  /** The slot of the collider that was hit, or `undefined`. */
  collider(index: number): number | undefined {
    const slot = this.words[index * this.width + QueryHit.COLLIDER] ?? NONE;
    return slot === NONE ? undefined : slot;
  }

  /** Whether there is a hit. */
  isHit(index: number): boolean {
    return this.collider(index) !== undefined;
  }

  /** How far away the hit is; of shape casts after how many seconds. */
  distance(index: number): number {
    return this.numbers[index * this.width + QueryHit.DISTANCE] ?? 0;
  }

  /** The normal of the surface that was hit; of points the nearest point. */
  normal(index: number): [number, number, number] {
    return this.vector(index, QueryHit.NORMAL);
  }

  /** Whether a point was inside, a shape within the target distance from the beginning, or two shapes overlap. */
  isInside(index: number): boolean {
    return ((this.words[index * this.width + QueryHit.FLAGS] ?? 0) & HitFlag.INSIDE) !== 0;
  }

  /** @internal */
  protected vector(index: number, word: number): [number, number, number] {
    const start = index * this.width + word;
    const [x = 0, y = 0, z = 0] = this.numbers.subarray(start, start + 3);
    return [x, y, z];
  }
}

/** Answers to rays and points, in order, in shared memory. Use it again for the next ones, or dispose of it. */
export class QueryHits extends Hits {
  /** Room for so many answers. */
  constructor(memory: SafeSAB, count: number) {
    super(memory, count, HIT_WORDS);
  }

  /** Which corner, edge or face was hit. Of points only if asked for. */
  feature(index: number): Feature {
    return featureOf(this.words[index * this.width + QueryHit.FEATURE] ?? 0);
  }
}

/** Answers to shape casts, in order, in shared memory. Use it again for the next ones, or dispose of it. */
export class ShapeHits extends Hits {
  /** Room for so many answers. */
  constructor(memory: SafeSAB, count: number) {
    super(memory, count, SHAPE_HIT_WORDS);
  }

  /** The moving shape's normal where it hits, in its own frame. */
  normal2(index: number): [number, number, number] {
    return this.vector(index, QueryHit.SECOND_NORMAL);
  }

  /** Where it hits: the point on the collider, in the world. */
  point1(index: number): [number, number, number] {
    return this.vector(index, QueryHit.FIRST_POINT);
  }

  /** Where it hits: the point on the moving shape, in its own frame. */
  point2(index: number): [number, number, number] {
    return this.vector(index, QueryHit.SECOND_POINT);
  }
}

/** How many colliders {@link OverlapHits} names for each place, unless it is told. */
const FEW = 16;
/** The most that they may name. */
export const MOST_OVERLAPS = 65_536;

/** Which colliders a shape overlaps, place by place, in shared memory. Use it again for the next ones, or dispose of it. */
export class OverlapHits extends Answers {
  /** The most colliders that are named for each place. */
  readonly limit: number;

  /** Room for so many places, with up to `limit` colliders each. */
  constructor(memory: SafeSAB, count: number, limit: number = FEW) {
    super(memory, count, 1 + requireInteger('limit', limit, 1, MOST_OVERLAPS));
    this.limit = limit;
  }

  /** The slots of the colliders at a place: a view, which lasts until the answers are used again or disposed of. */
  colliders(index: number): Uint32Array<SharedArrayBuffer> {
    const start = index * this.width;
    return this.words.subarray(start + 1, start + 1 + (this.words[start] ?? 0));
  }
}
