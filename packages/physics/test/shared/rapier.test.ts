/** The same worlds as rapier's own deterministic package makes them, bit by bit after 1,000 steps. */
import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { createPhysics, type BodyOptions, type World } from '@inos/physics';
import { beforeAll, expect, test } from 'vitest';
import { numbersFrom } from './numbers.mjs';

const STEPS = 1000;

beforeAll(async () => {
  await RAPIER.init();
});

const [X, Y, Z, W] = [0, 1, 2, 3] as const;

function rapierShape(collider: NonNullable<BodyOptions['colliders']>[number]) {
  switch (collider.shape) {
    case 'ball':
      return RAPIER.ColliderDesc.ball(collider.radius);
    case 'box': {
      const { halfExtents } = collider;
      return RAPIER.ColliderDesc.cuboid(
        halfExtents[X] ?? 0,
        halfExtents[Y] ?? 0,
        halfExtents[Z] ?? 0,
      );
    }
    case 'capsule':
      return RAPIER.ColliderDesc.capsule(collider.halfHeight, collider.radius);
    case 'cylinder':
      return RAPIER.ColliderDesc.cylinder(collider.halfHeight, collider.radius);
    case 'cone':
      return RAPIER.ColliderDesc.cone(collider.halfHeight, collider.radius);
    default:
      throw new Error('no peer for such a shape');
  }
}

/** The two worlds, body by body. */
class Pair {
  readonly #peer = new RAPIER.World({ x: 0, y: -9.81, z: 0 });
  readonly #ours: World;
  readonly bodies: { ours: ReturnType<World['createBody']>; peer: RAPIER.RigidBody }[] = [];

  constructor(ours: World) {
    this.#ours = ours;
  }

  add(options: BodyOptions): void {
    const { position = [0, 0, 0], rotation, linearVelocity, colliders = [] } = options;
    const description =
      options.type === 'fixed' ? RAPIER.RigidBodyDesc.fixed() : RAPIER.RigidBodyDesc.dynamic();
    description.setTranslation(position[X] ?? 0, position[Y] ?? 0, position[Z] ?? 0);
    if (rotation) {
      const at = (index: number) => rotation[index] ?? 0;
      description.setRotation({ x: at(X), y: at(Y), z: at(Z), w: at(W) });
    }
    if (linearVelocity) {
      const [x = 0, y = 0, z = 0] = Array.from(linearVelocity);
      description.setLinvel(x, y, z);
    }
    description.setCcdEnabled(options.ccd ?? false);
    const peer = this.#peer.createRigidBody(description);
    for (const collider of colliders) {
      const shape = rapierShape(collider);
      if (collider.restitution !== undefined) shape.setRestitution(collider.restitution);
      if (collider.friction !== undefined) shape.setFriction(collider.friction);
      this.#peer.createCollider(shape, peer);
    }
    this.bodies.push({ ours: this.#ours.createBody(options), peer });
  }

  /** Joins two bodies: hinges, sockets and sliders in turn. */
  join(first: number, second: number, turn: number): void {
    const [one, other] = [this.bodies[first], this.bodies[second]];
    if (one === undefined || other === undefined) throw new Error('no such bodies');
    const [a, b] = [
      { x: 0.4, y: 0, z: 0 },
      { x: -0.4, y: 0, z: 0 },
    ];
    const anchors = { anchor1: [a.x, a.y, a.z], anchor2: [b.x, b.y, b.z] } as const;
    const peers = this.#peer;
    if (turn % 3 === 0) {
      const hinge = RAPIER.JointData.revolute(a, b, { x: 0, y: 0, z: 1 });
      const peer = peers.createImpulseJoint(hinge, one.peer, other.peer, true);
      if (!(peer instanceof RAPIER.RevoluteImpulseJoint)) throw new Error('no hinge');
      peer.setLimits(-0.5, 0.5);
      peer.configureMotorVelocity(2, 5);
      const joint = this.#ours.createJoint(one.ours, other.ours, {
        type: 'revolute',
        axis: [0, 0, 1],
        ...anchors,
      });
      joint.setLimits('angular-x', [-0.5, 0.5]);
      joint.setMotor('angular-x', { targetVelocity: 2, damping: 5 });
    } else if (turn % 3 === 1) {
      peers.createImpulseJoint(RAPIER.JointData.spherical(a, b), one.peer, other.peer, true);
      this.#ours.createJoint(one.ours, other.ours, { type: 'spherical', ...anchors });
    } else {
      const slider = RAPIER.JointData.prismatic(a, b, { x: 0, y: 1, z: 0 });
      slider.limitsEnabled = true;
      slider.limits = [-0.3, 0.3];
      peers.createImpulseJoint(slider, one.peer, other.peer, true);
      const options = { type: 'prismatic', axis: [0, 1, 0], limits: [-0.3, 0.3] } as const;
      this.#ours.createJoint(one.ours, other.ours, { ...options, ...anchors });
    }
  }

  /** Joins two bodies as rope, spring, weld and generic joint in turn. */
  tie(first: number, second: number, turn: number): void {
    const [one, other] = [this.bodies[first], this.bodies[second]];
    if (one === undefined || other === undefined) throw new Error('no such bodies');
    const [a, b] = [
      { x: 0.4, y: 0, z: 0 },
      { x: -0.4, y: 0, z: 0 },
    ];
    const still = { x: 0, y: 0, z: 0, w: 1 };
    const anchors = { anchor1: [a.x, a.y, a.z], anchor2: [b.x, b.y, b.z] } as const;
    const kinds = [
      [RAPIER.JointData.rope(0.6, a, b), { type: 'rope', length: 0.6 }],
      [
        RAPIER.JointData.spring(0.5, 40, 2, a, b),
        { type: 'spring', restLength: 0.5, stiffness: 40, damping: 2 },
      ],
      [RAPIER.JointData.fixed(a, still, b, still), { type: 'fixed' }],
      [
        RAPIER.JointData.generic(a, b, { x: 1, y: 0, z: 0 }, RAPIER.JointAxesMask.LinX),
        { type: 'generic', axis: [1, 0, 0], lockedAxes: ['linear-x'] },
      ],
    ] as const;
    const [peer, ours] = kinds[turn % kinds.length] ?? kinds[0];
    this.#peer.createImpulseJoint(peer, one.peer, other.peer, true);
    this.#ours.createJoint(one.ours, other.ours, { ...ours, ...anchors });
  }

  /** Ground of heights, and hulls and voxels that lie on it. */
  async addGround(): Promise<void> {
    const heights = Array.from({ length: 81 }, (_, index) => ((index * 7) % 5) * 0.1 + 0.5);
    const scale = { x: 16, y: 1, z: 16 };
    this.#peer.createCollider(
      RAPIER.ColliderDesc.heightfield(8, 8, Float32Array.from(heights), scale),
    );
    const shape = await this.#ours.createShape({
      shape: 'heightfield',
      rows: 9,
      heights,
      scale: [16, 1, 16],
    });
    this.#ours.createCollider({ shape });
  }

  /** A hull or voxels that fall. */
  async addPrepared(index: number): Promise<void> {
    const position = { x: (index % 4) - 2, y: 3 + index, z: (index % 3) - 1 };
    const points = Float32Array.of(
      0.5,
      0,
      0,
      -0.4,
      0,
      0,
      0,
      0.6,
      0,
      0,
      -0.3,
      0,
      0,
      0,
      0.5,
      0,
      0,
      -0.4,
    );
    const cells = Int32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0);
    const isHull = index % 2 === 0;
    const description = isHull
      ? RAPIER.ColliderDesc.convexHull(points)
      : RAPIER.ColliderDesc.voxels(cells, { x: 0.4, y: 0.4, z: 0.4 });
    if (description === null) throw new Error('no hull');
    const { x, y, z } = position;
    const body = RAPIER.RigidBodyDesc.dynamic().setTranslation(x, y, z);
    const peer = this.#peer.createRigidBody(body);
    this.#peer.createCollider(description, peer);
    const shape = await this.#ours.createShape(
      isHull
        ? { shape: 'convex-hull', points }
        : { shape: 'voxels', cells: Array.from(cells), size: [0.4, 0.4, 0.4] },
    );
    const ours = this.#ours.createBody({
      type: 'dynamic',
      position: [x, y, z],
      colliders: [{ shape }],
    });
    this.bodies.push({ ours, peer });
  }

  /** Triangles that go up and down. */
  async addTerrain(): Promise<void> {
    const side = 12;
    const points: number[] = [];
    const indices: number[] = [];
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        points.push(row - 6, ((row * 5 + column * 3) % 4) * 0.2 + 0.5, column - 6);
        if (row === 0 || column === 0) continue;
        const corner = row * side + column;
        indices.push(corner, corner - side, corner - side - 1);
        indices.push(corner, corner - side - 1, corner - 1);
      }
    }
    const peer = RAPIER.ColliderDesc.trimesh(Float32Array.from(points), Uint32Array.from(indices));
    this.#peer.createCollider(peer);
    const shape = await this.#ours.createShape({ shape: 'trimesh', points, indices });
    this.#ours.createCollider({ shape });
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) this.#peer.step();
    await this.#ours.step(STEPS);
    for (const { ours, peer } of this.bodies) {
      const { x, y, z } = peer.translation();
      const turned = peer.rotation();
      const speed = peer.linvel();
      expect(ours.translation).toEqual([x, y, z]);
      expect(ours.rotation).toEqual([turned.x, turned.y, turned.z, turned.w]);
      const spin = peer.angvel();
      expect(ours.linearVelocity).toEqual([speed.x, speed.y, speed.z]);
      expect(ours.angularVelocity).toEqual([spin.x, spin.y, spin.z]);
    }
    this.#peer.free();
  }
}

async function compare(build: (pair: Pair) => void | Promise<void>): Promise<World> {
  const physics = await createPhysics();
  try {
    const world = await physics.createWorld();
    const pair = new Pair(world);
    pair.add({
      type: 'fixed',
      position: [0, -1, 0],
      colliders: [{ shape: 'box', halfExtents: [50, 1, 50] }],
    });
    await build(pair);
    await pair.run();
    return world;
  } finally {
    await physics.close();
  }
}

test('a pile of boxes, which falls asleep', async () => {
  const next = numbersFrom(3);
  const world = await compare((pair) => {
    for (let index = 0; index < 60; index++) {
      pair.add({
        type: 'dynamic',
        position: [next() * 3, 1 + index * 0.7, next() * 3],
        colliders: [{ shape: 'box', halfExtents: [0.5, 0.4, 0.3] }],
      });
    }
  });
  expect(world.poses.states.subarray(0, 61)).toContain(2);
});

test('all kinds of round shapes', async () => {
  const next = numbersFrom(5);
  const shapes = [
    { shape: 'ball', radius: 0.4, restitution: 0.7 },
    { shape: 'capsule', halfHeight: 0.4, radius: 0.3, friction: 0.2 },
    { shape: 'cylinder', halfHeight: 0.3, radius: 0.4 },
    { shape: 'cone', halfHeight: 0.5, radius: 0.4 },
  ] as const;
  await compare((pair) => {
    for (let index = 0; index < 40; index++) {
      const collider = shapes[index % shapes.length];
      pair.add({
        type: 'dynamic',
        position: [next() * 3, 1 + index, next() * 3],
        rotation: [0, Math.SQRT1_2, 0, Math.SQRT1_2],
        colliders: collider ? [collider] : [],
      });
    }
  });
});

test('bullets with continuous collision detection', async () => {
  await compare((pair) => {
    pair.add({
      type: 'fixed',
      position: [5, 3, 0],
      colliders: [{ shape: 'box', halfExtents: [0.02, 3, 5] }],
    });
    for (let index = 0; index < 10; index++) {
      pair.add({
        type: 'dynamic',
        position: [-20, 1 + index * 0.4, index * 0.5 - 2],
        linearVelocity: [300 + index * 50, 0, 0],
        ccd: true,
        colliders: [{ shape: 'ball', radius: 0.15 }],
      });
    }
  });
});

test('a chain of joints with motors and limits', async () => {
  const world = await compare((pair) => {
    const ball = { shape: 'ball', radius: 0.2 } as const;
    for (let index = 0; index < 8; index++) {
      pair.add({
        type: index === 0 ? 'fixed' : 'dynamic',
        position: [index * 0.8, 6, 0],
        colliders: [ball],
      });
    }
    for (let index = 1; index < 8; index++) pair.join(index, index + 1, index);
  });
  expect(world.bodyCount).toBe(9);
});

test('boxes on a terrain of triangles', async () => {
  await compare(async (pair) => {
    await pair.addTerrain();
    for (let index = 0; index < 20; index++) {
      pair.add({
        type: 'dynamic',
        position: [(index % 5) - 2, 4 + index * 0.5, (index % 3) - 1],
        colliders: [{ shape: 'box', halfExtents: [0.3, 0.3, 0.3] }],
      });
    }
  });
});

test('ropes, springs, welds and generic joints', async () => {
  await compare((pair) => {
    const ball = { shape: 'ball', radius: 0.2 } as const;
    for (let index = 0; index < 9; index++) {
      const type = index === 0 ? 'fixed' : 'dynamic';
      pair.add({ type, position: [index * 0.8, 8, 0], colliders: [ball] });
    }
    for (let index = 1; index < 9; index++) pair.tie(index, index + 1, index);
  });
});

test('hulls and voxels on a heightfield', async () => {
  await compare(async (pair) => {
    await pair.addGround();
    for (let index = 0; index < 10; index++) await pair.addPrepared(index);
  });
});
