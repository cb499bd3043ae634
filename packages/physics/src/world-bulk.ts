/**
 * Creating many bodies, colliders and joints at once: what they share is checked once, the rest comes in arrays.
 */
import { outOfRange } from '@inos/sdk';
import type { Body } from './body.js';
import { encodeTraits, type BodiesOptions, type WakeOptions } from './body-options.js';
import type { Collider } from './collider.js';
import { encodeCollider, type ColliderTraits, type EncodedCollider } from './collider-options.js';
import { ShapeKind } from './generated/physics.js';
import { encodeJoint, type Joint, type JointOptions } from './joint.js';
import { BODIES_KEYS, requireKnown } from './known-keys.js';
import {
  requireBatch,
  requirePositive,
  requireSize,
  requireUnit,
  type Numbers,
} from './numbers.js';
import type { Shape } from './shape.js';
import { WorldContents } from './world-contents.js';
import { requireArray } from './world-arguments.js';

/** Many colliders to be created, alike but for their places and sizes: x, y, z (and w) of each, in turn. */
export type CollidersOptions = Shape &
  Omit<ColliderTraits, 'position' | 'rotation'> & {
    /** Relative to their bodies; in the world without them. */
    readonly positions?: Numbers;
    readonly rotations?: Numbers;
    /** As of {@link BodiesOptions}. */
    readonly sizes?: Numbers;
  };

/** Many joints to be created, alike but for where they hold their bodies: x, y, z of each, in turn. */
export type JointsOptions = JointOptions &
  WakeOptions & {
    /** Relative to the first bodies; `anchor1` unless given. */
    readonly anchors1?: Numbers;
    readonly anchors2?: Numbers;
  };

/** How many sizes shapes have that may differ from one to the next. */
const SIZES: Readonly<Record<number, number>> = {
  [ShapeKind.BALL]: 1,
  [ShapeKind.CUBOID]: 3,
  [ShapeKind.CAPSULE]: 2,
  [ShapeKind.CYLINDER]: 2,
  [ShapeKind.CONE]: 2,
};

function requireUnits(argument: string, rotations: Numbers, count: number): void {
  for (let index = 0; index < count; index++) {
    requireUnit(`${argument}[${index * 4}]`, rotations, index * 4);
  }
}

/** One of many colliders that are alike but for their sizes. */
function sizedCollider(
  collider: EncodedCollider,
  sizes: Numbers | undefined,
  count: number,
): (index: number) => EncodedCollider {
  if (sizes === undefined) return () => collider;
  const { shape } = collider;
  const width = SIZES[shape.kind];
  if (width === undefined) {
    throw outOfRange('sizes', 'only for balls, boxes, capsules, cylinders and cones', 'given');
  }
  requireBatch('sizes', sizes, count, width);
  for (let index = 0; index < sizes.length; index++) {
    // A capsule without a height is a ball.
    const mayBeZero = shape.kind === ShapeKind.CAPSULE && index % width === 0;
    (mayBeZero ? requireSize : requirePositive)(`sizes[${index}]`, sizes[index]);
  }
  return (index) => {
    const own = Array.from({ length: width }, (_, at) => sizes[index * width + at] ?? 0);
    return { ...collider, shape: { ...shape, sizes: [...own, ...shape.sizes.slice(width)] } };
  };
}

/** The colliders of one of many bodies. */
function sizedColliders(
  colliders: readonly EncodedCollider[],
  sizes: Numbers | undefined,
  count: number,
): (index: number) => readonly EncodedCollider[] {
  if (sizes === undefined) return () => colliders;
  const [only] = colliders;
  if (only === undefined || colliders.length > 1) {
    throw outOfRange('sizes', 'only where each body has one collider', `${colliders.length}`);
  }
  const sized = sizedCollider(only, sizes, count);
  return (index) => [sized(index)];
}

/** The part of a world that creates many things at once. */
export abstract class WorldBulk extends WorldContents {
  /**
   * Creates many bodies that are alike but for their places, velocities and sizes: `positions` has three numbers for
   * each. They are given in order.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   * @throws InosError `physics/world-full`
   */
  createBodies(options: BodiesOptions): Body[] {
    const traits = encodeTraits('', options);
    requireKnown('', options, BODIES_KEYS);
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
    if (rotations) requireUnits('rotations', rotations, count);
    const colliders = this.encodeColliders('colliders', options.colliders);
    const sized = sizedColliders(colliders, options.sizes, count);
    this.requireRoom(count);
    const add = (_: unknown, index: number) => this.addBody(traits, motion, index, sized(index));
    const bodies = Array.from({ length: count }, add);
    this.newBodies.note(bodies, motion);
    return bodies;
  }

  /**
   * Creates many colliders that are alike but for their places and sizes: one on each body, or in the world, where
   * `positions` says how many there are. They are given in order.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   */
  createColliders(options: CollidersOptions, bodies?: readonly Body[]): Collider[] {
    this.requireOpen();
    if (bodies !== undefined) {
      requireArray('bodies', bodies);
      bodies.forEach((body, index) => this.requireBody(body, `bodies[${index}]`));
    }
    const { positions, rotations, sizes, ...rest } = options ?? {};
    const collider = encodeCollider('options', rest);
    this.requireOwnShape('options.shape', collider.shape);
    const count = bodies?.length ?? Math.floor((positions?.length ?? 0) / 3);
    if (positions !== undefined || bodies === undefined) {
      requireBatch('positions', positions, count, 3);
    }
    if (rotations !== undefined) {
      requireUnits('rotations', requireBatch('rotations', rotations, count, 4), count);
    }
    const sized = sizedCollider(collider, sizes, count);
    const part = (from: Numbers | undefined, index: number, width: number, otherwise: Numbers) =>
      from === undefined
        ? otherwise
        : Array.from({ length: width }, (_, at) => from[index * width + at] ?? 0);
    return Array.from({ length: count }, (_, index) => {
      const one = sized(index);
      const position = part(positions, index, 3, one.position);
      const rotation = part(rotations, index, 4, one.rotation);
      return this.addCollider({ ...one, position, rotation }, bodies?.[index]);
    });
  }

  /**
   * Joins many pairs of bodies alike, but for where: the first of `bodies1` with the first of `bodies2`, and so on.
   *
   * @throws TypeError, RangeError naming the argument that is wrong; the world is then unchanged
   */
  createJoints(
    bodies1: readonly Body[],
    bodies2: readonly Body[],
    options: JointsOptions,
  ): Joint[] {
    requireArray('bodies1', bodies1);
    requireArray('bodies2', bodies2);
    const count = bodies1.length;
    if (bodies2.length !== count) throw outOfRange('bodies2', `${count} bodies`, bodies2.length);
    bodies1.forEach((body, index) => this.requireBody(body, `bodies1[${index}]`));
    const pairs = bodies2.map((body2, index) => {
      const at = `bodies2[${index}]`;
      this.requireBody(body2, at);
      const body1 = bodies1[index] ?? body2;
      if (body1.slot === body2.slot)
        throw outOfRange(at, 'another body than of bodies1', 'the same');
      return [body1, body2] as const;
    });
    const encoded = encodeJoint('options', options, ['anchors1', 'anchors2']);
    if (encoded.isReduced) this.#requireFollowers(pairs);
    const { anchors1, anchors2 } = options;
    if (anchors1 !== undefined) requireBatch('options.anchors1', anchors1, count, 3);
    if (anchors2 !== undefined) requireBatch('options.anchors2', anchors2, count, 3);
    return pairs.map(([body1, body2], index) => {
      const frames = [...encoded.frames];
      for (let axis = 0; axis < 3; axis++) {
        if (anchors1) frames[axis] = anchors1[index * 3 + axis] ?? 0;
        if (anchors2) frames[3 + axis] = anchors2[index * 3 + axis] ?? 0;
      }
      return this.addJoint(body1, body2, { ...encoded, frames });
    });
  }

  /** Checks that pairs make trees, each after those before it. */
  #requireFollowers(pairs: readonly (readonly [Body, Body])[]): void {
    const leads = new Map<number, number>();
    pairs.forEach(([body1, body2], index) => {
      this.requireFollower(`bodies2[${index}]`, body1, body2, leads);
      leads.set(body2.slot, body1.slot);
    });
  }
}
