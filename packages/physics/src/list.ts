/**
 * Answers of whose number nobody knows beforehand: all hits of a ray, all that a point is in, all contacts. The
 * twin of `crates/inos-physics/src/list.rs`.
 */
import { outOfRange, requireInteger, wrongType, type JobOptions } from '@inos/sdk';
import type { Collider } from './collider.js';
import { CharacterCollisionWords } from './generated/controls.js';
import { ContactFlag, ContactWords, ListKind } from './generated/answers.js';
import { PhysicsLimits, QueryHit } from './generated/physics.js';
import { featureOf, type Feature } from './feature.js';

/** What the capsule is asked for, and how many words an answer has. */
export interface ListShape {
  readonly kind: number;
  readonly width: number;
}

const NONE = PhysicsLimits.NONE;

/** Lists by name: their numbers in the schema and words of an answer. */
export const LISTS = {
  rayHits: { kind: ListKind.RAY_HITS, width: QueryHit.WORDS },
  pointHits: { kind: ListKind.POINT_HITS, width: 1 },
  boxes: { kind: ListKind.BOXES, width: 1 },
  shapeContacts: { kind: ListKind.SHAPE_CONTACTS, width: QueryHit.SHAPE_WORDS },
  contacts: { kind: ListKind.CONTACTS, width: ContactWords.WORDS },
  intersections: { kind: ListKind.INTERSECTIONS, width: 3 },
  characterCollisions: {
    kind: ListKind.CHARACTER_COLLISIONS,
    width: CharacterCollisionWords.WORDS,
  },
  shapePoints: { kind: ListKind.SHAPE_POINTS, width: 3 },
  shapeIndices: { kind: ListKind.SHAPE_INDICES, width: 1 },
  softPositions: { kind: ListKind.SOFT_POSITIONS, width: 3 },
  softVelocities: { kind: ListKind.SOFT_VELOCITIES, width: 3 },
  softTriangles: { kind: ListKind.SOFT_TRIANGLES, width: 3 },
  softEdges: { kind: ListKind.SOFT_EDGES, width: 2 },
} as const satisfies Readonly<Record<string, ListShape>>;

/** Options of lists. */
export interface ListOptions<L> extends JobOptions {
  /** Where the answers go: those of an earlier call, which are overwritten. A new list unless given. */
  readonly list?: L;
}

/** Answers to many questions, in order: those to question `q` are the ones from `starts[q]` to `starts[q + 1]`. */
export class AnswerList {
  #starts = new Uint32Array(0);
  #words = new Uint32Array(0);
  #numbers = new Float32Array(0);
  #questions = 0;
  /** Words of an answer. */
  readonly width: number;

  /** @internal */
  constructor(width: number) {
    this.width = width;
  }

  /** Where each question's answers start, and where the last end. */
  get starts(): Uint32Array {
    return this.#starts.subarray(0, this.#questions + 1);
  }

  /** The answers' words, {@link width} of each. */
  get words(): Uint32Array {
    return this.#words.subarray(0, this.length * this.width);
  }

  /** The same words as 32-bit floats. */
  get numbers(): Float32Array {
    return this.#numbers.subarray(0, this.length * this.width);
  }

  /** @internal For how many answers there is room without new arrays. */
  get room(): number {
    return Math.floor(this.#words.length / this.width);
  }

  /** @internal Takes answers over. */
  fill(output: Uint32Array, questions: number): void {
    const end = output[questions] ?? 0;
    if (this.#starts.length <= questions) this.#starts = new Uint32Array(questions + 1);
    if (this.#words.length < end * this.width) {
      this.#words = new Uint32Array(end * this.width);
      this.#numbers = new Float32Array(this.#words.buffer);
    }
    this.#questions = questions;
    this.#starts.set(output.subarray(0, questions + 1));
    this.#words.set(output.subarray(questions + 1, questions + 1 + end * this.width));
  }

  /** How many answers there are in all. */
  get length(): number {
    return this.#starts[this.#questions] ?? 0;
  }

  /** How many answers a question has. */
  count(question: number): number {
    return this.#start(question + 1) - this.#start(question);
  }

  /** The numbers of a question's answers, in order: `0` is the first of all. */
  answersOf(question: number): number[] {
    const start = this.#start(question);
    return Array.from({ length: this.count(question) }, (_, index) => start + index);
  }

  #start(question: number): number {
    requireInteger('question', question, 0, this.#questions);
    return this.#starts[question] ?? 0;
  }

  /** @internal */
  protected wordAt(answer: number, word: number): number {
    return this.#words[answer * this.width + word] ?? 0;
  }

  /** @internal */
  protected numberAt(answer: number, word: number): number {
    return this.#numbers[answer * this.width + word] ?? 0;
  }

  /** @internal */
  protected vectorAt(answer: number, word: number): [number, number, number] {
    const start = answer * this.width + word;
    const [x = 0, y = 0, z = 0] = this.#numbers.subarray(start, start + 3);
    return [x, y, z];
  }

  /** @internal A collider's slot, or `undefined`. */
  protected slotAt(answer: number, word: number): number | undefined {
    const slot = this.wordAt(answer, word);
    return slot === NONE ? undefined : slot;
  }
}

/** All hits of many rays, nearest first. */
export class RayHitList extends AnswerList {
  /** The slot of the collider that was hit. */
  collider(answer: number): number {
    return this.wordAt(answer, QueryHit.COLLIDER);
  }

  /** How far away, in lengths of the ray's direction. */
  distance(answer: number): number {
    return this.numberAt(answer, QueryHit.DISTANCE);
  }

  /** The normal of the surface that was hit. */
  normal(answer: number): [number, number, number] {
    return this.vectorAt(answer, QueryHit.NORMAL);
  }

  /** Which corner, edge or face of the shape was hit. */
  feature(answer: number): Feature {
    return featureOf(this.wordAt(answer, QueryHit.FEATURE));
  }
}

/** Colliders by their slots, in ascending order. */
export class ColliderList extends AnswerList {
  /** The slots of a question's colliders. */
  colliders(question: number): Uint32Array {
    return this.words.subarray(this.starts[question], this.starts[question + 1]);
  }
}

/** How a shape touches colliders, or would. Each collider has its nearest contact. */
export class ShapeContactList extends AnswerList {
  /** The slot of the collider. */
  collider(answer: number): number {
    return this.wordAt(answer, QueryHit.COLLIDER);
  }

  /** Metres between the two; negative when they overlap. */
  distance(answer: number): number {
    return this.numberAt(answer, QueryHit.DISTANCE);
  }

  /** The collider's normal, in the world. */
  normal1(answer: number): [number, number, number] {
    return this.vectorAt(answer, QueryHit.NORMAL);
  }

  /** The shape's normal, in the world. */
  normal2(answer: number): [number, number, number] {
    return this.vectorAt(answer, QueryHit.SECOND_NORMAL);
  }

  /** The point on the collider, in the world. */
  point1(answer: number): [number, number, number] {
    return this.vectorAt(answer, QueryHit.FIRST_POINT);
  }

  /** The point on the shape, in the world. */
  point2(answer: number): [number, number, number] {
    return this.vectorAt(answer, QueryHit.SECOND_POINT);
  }
}

/** A contact point, or a pair of colliders that are near but have none. */
export interface Contact {
  /** Slots of the two colliders. */
  readonly collider1: number;
  readonly collider2: number;
  /** Whether the pair pushes. */
  readonly isActive: boolean;
  /** What is known of the point, if there is one. */
  readonly point: ContactPoint | undefined;
}

/** One point at which two colliders touch. */
export interface ContactPoint {
  /** Which of the pair's surfaces it belongs to: points of one have the same normal. */
  readonly manifold: number;
  /** Which parts of shapes that are made of parts. */
  readonly part1: number;
  readonly part2: number;
  readonly feature1: Feature;
  readonly feature2: Feature;
  /** In the world, out of the first collider. */
  readonly normal: readonly [number, number, number];
  /** The points on both colliders, in the world. */
  readonly point1: readonly [number, number, number];
  readonly point2: readonly [number, number, number];
  /** Normals and points in the colliders' own frames. */
  readonly localNormal1: readonly [number, number, number];
  readonly localNormal2: readonly [number, number, number];
  readonly localPoint1: readonly [number, number, number];
  readonly localPoint2: readonly [number, number, number];
  /** Metres; negative when they overlap. */
  readonly distance: number;
  /** Newton seconds in the latest step: along the normal, and across it. */
  readonly impulse: number;
  readonly tangentImpulse: readonly [number, number];
  readonly friction: number;
  readonly restitution: number;
}

/** Contacts of the narrow phase, as the latest step left them. */
export class ContactList extends AnswerList {
  /** Slots of the two colliders. */
  colliders(answer: number): [number, number] {
    return [this.wordAt(answer, ContactWords.FIRST), this.wordAt(answer, ContactWords.SECOND)];
  }

  /** Whether an answer is a contact point; otherwise it only says that the pair is near. */
  isPoint(answer: number): boolean {
    return (this.wordAt(answer, ContactWords.FLAGS) & ContactFlag.POINT) !== 0;
  }

  /** All that is known of an answer. */
  contact(answer: number): Contact {
    const [collider1, collider2] = this.colliders(answer);
    const isActive = (this.wordAt(answer, ContactWords.FLAGS) & ContactFlag.ACTIVE) !== 0;
    const point = this.isPoint(answer) ? this.#point(answer) : undefined;
    return { collider1, collider2, isActive, point };
  }

  #point(answer: number): ContactPoint {
    const word = (index: number) => this.wordAt(answer, index);
    const number = (index: number) => this.numberAt(answer, index);
    const vector = (index: number) => this.vectorAt(answer, index);
    const tangent = ContactWords.TANGENT_IMPULSE;
    return {
      manifold: word(ContactWords.MANIFOLD),
      part1: word(ContactWords.FIRST_PART),
      part2: word(ContactWords.SECOND_PART),
      feature1: featureOf(word(ContactWords.FIRST_FEATURE)),
      feature2: featureOf(word(ContactWords.SECOND_FEATURE)),
      normal: vector(ContactWords.NORMAL),
      point1: vector(ContactWords.FIRST_POINT),
      point2: vector(ContactWords.SECOND_POINT),
      localNormal1: vector(ContactWords.FIRST_LOCAL_NORMAL),
      localNormal2: vector(ContactWords.SECOND_LOCAL_NORMAL),
      localPoint1: vector(ContactWords.FIRST_LOCAL_POINT),
      localPoint2: vector(ContactWords.SECOND_LOCAL_POINT),
      distance: number(ContactWords.DISTANCE),
      impulse: number(ContactWords.IMPULSE),
      tangentImpulse: [number(tangent), number(tangent + 1)],
      friction: number(ContactWords.FRICTION),
      restitution: number(ContactWords.RESTITUTION),
    };
  }
}

/** Pairs of a sensor and what is near it. */
export class IntersectionList extends AnswerList {
  /** Slots of the two colliders. */
  colliders(answer: number): [number, number] {
    return [this.wordAt(answer, 0), this.wordAt(answer, 1)];
  }

  /** Whether the two meet, or are only near. */
  isIntersecting(answer: number): boolean {
    return this.wordAt(answer, 2) === 1;
  }
}

/** What a character ran into in its latest move, in order. */
export class CharacterCollisionList extends AnswerList {
  /** The slot of the collider, or `undefined` if it is gone. */
  collider(answer: number): number | undefined {
    return this.slotAt(answer, CharacterCollisionWords.COLLIDER);
  }

  /** How far along what was left of the way, in metres. */
  time(answer: number): number {
    return this.numberAt(answer, CharacterCollisionWords.TIME);
  }

  /** The way until then. */
  translationApplied(answer: number): [number, number, number] {
    return this.vectorAt(answer, CharacterCollisionWords.APPLIED);
  }

  /** What was left of the way. */
  translationRemaining(answer: number): [number, number, number] {
    return this.vectorAt(answer, CharacterCollisionWords.REMAINING);
  }

  /** The point on the obstacle. */
  point1(answer: number): [number, number, number] {
    return this.vectorAt(answer, CharacterCollisionWords.FIRST_POINT);
  }

  /** The point on the character. */
  point2(answer: number): [number, number, number] {
    return this.vectorAt(answer, CharacterCollisionWords.SECOND_POINT);
  }

  /** The obstacle's normal. */
  normal1(answer: number): [number, number, number] {
    return this.vectorAt(answer, CharacterCollisionWords.FIRST_NORMAL);
  }

  /** The character's normal. */
  normal2(answer: number): [number, number, number] {
    return this.vectorAt(answer, CharacterCollisionWords.SECOND_NORMAL);
  }
}

/** A collider, or two whose contacts are meant. */
export type ColliderPair = Collider | readonly [first: Collider, second: Collider];

/** Pairs as the capsule reads them; `undefined` for all. */
export function encodePairs(pairs: readonly ColliderPair[] | undefined): Uint32Array {
  if (pairs === undefined) return Uint32Array.of(NONE, NONE);
  if (!Array.isArray(pairs)) throw wrongType('pairs', 'an array of colliders or pairs', pairs);
  const words = pairs.flatMap((pair: ColliderPair, index) => {
    const colliders: readonly (Collider | null | undefined)[] = Array.isArray(pair)
      ? pair
      : [pair as Collider];
    if (colliders.length < 1 || colliders.length > 2) {
      throw outOfRange(`pairs[${index}]`, 'one collider or two', colliders.length);
    }
    return [colliders[0]?.slot ?? NONE, colliders[1]?.slot ?? NONE];
  });
  return Uint32Array.from(words);
}
