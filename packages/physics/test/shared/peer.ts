/** A world of ours and the same one of rapier's own deterministic package, side by side. */
import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import type { Body, BodyOptions, Collider, World } from '@inos/physics';
import { expect } from 'vitest';

/** Three numbers as rapier takes them. */
export function vector([x = 0, y = 0, z = 0]: ArrayLike<number> & Iterable<number>) {
  return { x, y, z };
}

/** Three numbers as rapier gives them. */
export function numbersOf(given: { x: number; y: number; z: number } | null) {
  if (given === null) throw new Error('no vector');
  return [given.x, given.y, given.z];
}

/** Four numbers as rapier gives them. */
export function turnOf({ x, y, z, w }: { x: number; y: number; z: number; w: number }) {
  return [x, y, z, w];
}

type PlainCollider = NonNullable<BodyOptions['colliders']>[number];

function peerCollider(collider: PlainCollider): RAPIER.ColliderDesc {
  switch (collider.shape) {
    case 'ball':
      return RAPIER.ColliderDesc.ball(collider.radius);
    case 'box': {
      const { x, y, z } = vector(collider.halfExtents);
      return RAPIER.ColliderDesc.cuboid(x, y, z);
    }
    case 'capsule':
      return RAPIER.ColliderDesc.capsule(collider.halfHeight, collider.radius);
    default:
      throw new Error('no peer for such a shape');
  }
}

const KINDS = {
  dynamic: () => RAPIER.RigidBodyDesc.dynamic(),
  fixed: () => RAPIER.RigidBodyDesc.fixed(),
  'kinematic-position': () => RAPIER.RigidBodyDesc.kinematicPositionBased(),
  'kinematic-velocity': () => RAPIER.RigidBodyDesc.kinematicVelocityBased(),
};

/** One body in both worlds, with its only collider. */
export interface Twin {
  readonly ours: Body;
  readonly collider: Collider;
  readonly peer: RAPIER.RigidBody;
}

/** Two worlds that are given the same. */
export class Peers {
  readonly peer = new RAPIER.World({ x: 0, y: -9.81, z: 0 });
  readonly ours: World;
  readonly twins: Twin[] = [];

  constructor(ours: World) {
    this.ours = ours;
  }

  /** Adds a body with one collider to both. */
  add(options: BodyOptions, collider: PlainCollider): Twin {
    const description = KINDS[options.type]();
    const { x, y, z } = vector(options.position ?? [0, 0, 0]);
    description.setTranslation(x, y, z);
    if (options.rotation) {
      const [a = 0, b = 0, c = 0, w = 1] = Array.from(options.rotation);
      description.setRotation({ x: a, y: b, z: c, w });
    }
    const peer = this.peer.createRigidBody(description);
    this.peer.createCollider(peerCollider(collider), peer);
    const ours = this.ours.createBody(options);
    const twin = { ours, collider: ours.createCollider(collider), peer };
    this.twins.push(twin);
    return twin;
  }

  /** Takes steps in both. */
  async step(count = 1): Promise<void> {
    for (let step = 0; step < count; step++) this.peer.step();
    await this.ours.step(count);
  }

  /** Our collider's slot of one of rapier's. */
  slotOf(collider: RAPIER.Collider | null): number | undefined {
    const parent = collider?.parent()?.handle;
    return this.twins.find(({ peer }) => peer.handle === parent)?.collider.slot;
  }

  /** Both are the same, bit by bit. */
  expectEqual(): void {
    for (const { ours, peer } of this.twins) {
      expect(ours.translation).toEqual(numbersOf(peer.translation()));
      expect(ours.rotation).toEqual(turnOf(peer.rotation()));
      expect(ours.linearVelocity).toEqual(numbersOf(peer.linvel()));
      expect(ours.angularVelocity).toEqual(numbersOf(peer.angvel()));
    }
  }
}
