/** Small worlds that exercise one thing each; what they come to is in vectors/physics/worlds.json. */
import type { World, WorldOptions } from '@inos/physics';
import { numbersFrom } from './numbers.mjs';

/** A world, and what happens to it. */
export interface Scene {
  readonly name: string;
  readonly options: WorldOptions;
  /** Whether it has soft bodies, which the physics capsule must then be made with. */
  readonly softBodies?: boolean;
  readonly run: (world: World) => Promise<void>;
}

/** A floor whose top is at height 0. */
export function addFloor(world: World): void {
  world.createBody({
    type: 'fixed',
    position: [0, -1, 0],
    colliders: [{ shape: 'box', halfExtents: [50, 1, 50] }],
  });
}

async function pile(world: World): Promise<void> {
  addFloor(world);
  const next = numbersFrom(7);
  const positions = Float32Array.from({ length: 40 * 3 }, (_, index) => {
    if (index % 3 === 1) return 1 + Math.floor(index / 3) * 0.6;
    return next() * 4 - 2;
  });
  world.createBodies({
    type: 'dynamic',
    positions,
    colliders: [{ shape: 'box', halfExtents: [0.5, 0.5, 0.5] }],
  });
  await world.step(300);
}

async function shapes(world: World): Promise<void> {
  world.createCollider({ shape: 'halfspace', normal: [0.05, 1, 0] });
  const place = (index: number, height: number) => ({
    type: 'dynamic' as const,
    position: [index * 0.9 - 4, height, index % 2] as const,
    rotation: [Math.SQRT1_2, 0, 0, Math.SQRT1_2] as const,
  });
  const all = [
    { shape: 'ball', radius: 0.5, restitution: 0.8 },
    { shape: 'box', halfExtents: [0.4, 0.3, 0.5], borderRadius: 0.1 },
    { shape: 'capsule', halfHeight: 0.4, radius: 0.3, friction: 0.1 },
    { shape: 'cylinder', halfHeight: 0.4, radius: 0.3 },
    { shape: 'cylinder', halfHeight: 0.3, radius: 0.3, borderRadius: 0.1 },
    { shape: 'cone', halfHeight: 0.5, radius: 0.4, density: 3 },
    { shape: 'cone', halfHeight: 0.4, radius: 0.4, borderRadius: 0.05, mass: 2 },
    { shape: 'triangle', a: [0, 0, 0], b: [1, 0, 0], c: [0, 1, 0.5], borderRadius: 0.2, mass: 1 },
  ] as const;
  for (const [index, collider] of all.entries()) {
    world.createBody({ ...place(index, 1.5), colliders: [collider] });
    world.createBody({ ...place(index, 3.5), colliders: [collider], angularVelocity: [0, 3, 1] });
  }
  world.createBody({
    ...place(4, 6),
    colliders: [
      { shape: 'ball', radius: 0.3, position: [0.5, 0, 0] },
      { shape: 'ball', radius: 0.3, position: [-0.5, 0, 0], density: 2 },
    ],
  });
  await world.step(240);
}

async function forces(world: World): Promise<void> {
  addFloor(world);
  const ball = [{ shape: 'ball', radius: 0.5 }] as const;
  const bodies = Array.from({ length: 6 }, (_, index) =>
    world.createBody({
      type: 'dynamic',
      position: [index * 3 - 9, 0.5, 0],
      linearDamping: 0.1 * index,
      angularDamping: 0.2,
      colliders: ball,
    }),
  );
  const [pushed, spun, kicked, braked, heavy, locked] = bodies;
  const lift = world.createBody({
    type: 'kinematic-velocity',
    position: [0, 0.2, 4],
    linearVelocity: [0, 0.3, 0],
    colliders: [{ shape: 'box', halfExtents: [1, 0.2, 1] }],
  });
  const slide = world.createBody({
    type: 'kinematic-position',
    position: [-12, 0.5, 0],
    colliders: [{ shape: 'box', halfExtents: [0.5, 0.5, 0.5] }],
  });
  world.createBody({ type: 'dynamic', position: [0, 1.5, 4], colliders: ball });
  pushed?.addForce([3, 0, 0]);
  spun?.addTorque([0, 0, 2]);
  kicked?.applyImpulse([0, 2, 0], [-2.5, 0.5, 0.3]);
  braked?.applyTorqueImpulse([1, 0, 0]);
  heavy?.setAdditionalMass(20);
  heavy?.setGravityScale(-0.1);
  locked?.setLockedAxes([true, false, false], [false, true, true]);
  locked?.setLinearVelocity([1, 3, 1]);
  await world.step(60);
  pushed?.resetForces();
  spun?.resetTorques();
  kicked?.sleep();
  braked?.setType('kinematic-velocity');
  lift.setLinearVelocity([0, -0.2, 0]);
  for (let index = 0; index < 60; index++) {
    slide.setNextTranslation([-12 + index * 0.05, 0.5, 0]);
    await world.step(1);
  }
  spun?.remove();
  kicked?.wake();
  world.createBody({ type: 'dynamic', position: [-6, 3, 0], colliders: ball });
  await world.step(60);
}

async function bullets(world: World): Promise<void> {
  world.createBody({
    type: 'fixed',
    colliders: [{ shape: 'box', halfExtents: [0.02, 5, 5] }],
  });
  for (let index = 0; index < 8; index++) {
    world.createBody({
      type: 'dynamic',
      position: [-10, index - 4, 0],
      linearVelocity: [400 + index * 100, 0, 0],
      ccd: index % 2 === 0,
      gravityScale: 0,
      colliders: [{ shape: 'ball', radius: 0.1, restitution: 0.5 }],
    });
  }
  await world.step(30);
}

async function sleepers(world: World): Promise<void> {
  addFloor(world);
  for (let index = 0; index < 10; index++) {
    world.createBody({
      type: 'dynamic',
      position: [index * 2 - 10, 0.5, 0],
      canSleep: index !== 3,
      colliders: [
        {
          shape: 'box',
          halfExtents: [0.5, 0.5, 0.5],
          collisionGroups: { memberships: 1 << (index % 3), filter: 0xffff },
          friction: 0.9,
          frictionCombineRule: 'max',
        },
      ],
    });
  }
  await world.step(200);
  world.createBody({
    type: 'dynamic',
    position: [-4.2, 4, 0],
    colliders: [{ shape: 'ball', radius: 0.5 }],
  });
  await world.step(120);
}

async function joints(world: World): Promise<void> {
  const ball = [{ shape: 'ball', radius: 0.3, mass: 1 }] as const;
  const chain = Array.from({ length: 6 }, (_, index) =>
    world.createBody({
      type: index === 0 ? 'fixed' : 'dynamic',
      position: [index, 5, 0],
      colliders: ball,
    }),
  );
  const pair = (index: number) => {
    const [first, second] = [chain[index], chain[index + 1]];
    if (first === undefined || second === undefined) throw new Error('no such pair');
    return [first, second] as const;
  };
  const anchors = { anchor1: [0.5, 0, 0], anchor2: [-0.5, 0, 0] } as const;
  const hinge = world.createJoint(...pair(0), {
    type: 'revolute',
    axis: [0, 0, 1],
    ...anchors,
    limits: [-1, 1],
    motor: { targetVelocity: 3, damping: 10, maximumForce: 50 },
  });
  const socket = world.createJoint(...pair(1), { type: 'spherical', ...anchors });
  world.createJoint(...pair(2), {
    type: 'prismatic',
    axis: [0, 1, 0],
    limits: [-0.5, 0.5],
    motor: { targetPosition: 0.3, stiffness: 40, damping: 4, model: 'force' },
    ...anchors,
  });
  world.createJoint(...pair(3), { type: 'rope', length: 1.5 });
  world.createJoint(...pair(4), {
    type: 'spring',
    restLength: 0.5,
    stiffness: 30,
    damping: 1,
    contactsEnabled: false,
  });
  const arm = [2, 3, 4, 5].map((x) =>
    world.createBody({
      type: x === 2 ? 'fixed' : 'dynamic',
      position: [x, 8, 4],
      colliders: [{ shape: 'capsule', halfHeight: 0.2, radius: 0.1, mass: 1 }],
    }),
  );
  arm.slice(1).forEach((body, index) => {
    const before = arm[index];
    if (before) {
      world.createJoint(before, body, {
        type: 'revolute',
        axis: [0, 0, 1],
        reduced: true,
        ...anchors,
      });
    }
  });
  const [generic, fixed] = [chain[5], arm[3]];
  await world.step(120);
  hinge.setLimits('angular-x', [-0.2, 0.2]);
  hinge.setMotor('angular-x', { targetPosition: 0.1, stiffness: 100, damping: 5 });
  socket.remove();
  if (generic && fixed) {
    world.createJoint(generic, fixed, {
      type: 'generic',
      axis: [1, 0, 0],
      lockedAxes: ['linear-x', 'linear-y', 'linear-z'],
    });
  }
  await world.step(120);
  arm[2]?.remove();
  await world.step(60);
}

async function meshes(world: World): Promise<void> {
  const ground = await world.createShape({
    shape: 'heightfield',
    rows: 5,
    heights: Array.from({ length: 25 }, (_, index) => ((index * 7) % 5) * 0.2),
    scale: [20, 1, 20],
  });
  world.createBody({ type: 'fixed', colliders: [{ shape: ground, friction: 1 }] });
  const wall = await world.createShape({
    shape: 'trimesh',
    points: [-10, 0, 3, 10, 0, 3, 10, 4, 4, -10, 4, 4],
    indices: [0, 1, 2, 0, 2, 3],
    fixInternalEdges: true,
  });
  world.createCollider({ shape: wall });
  const hull = await world.createShape({
    shape: 'convex-hull',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0.7, 0.7, 0.7],
  });
  const round = await world.createShape({
    shape: 'convex-hull',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
    borderRadius: 0.1,
  });
  const tetrahedron = await world.createShape({
    shape: 'convex-mesh',
    points: [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1],
    indices: [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3],
  });
  const stairs = await world.createShape({
    shape: 'voxels',
    cells: [0, 0, 0, 1, 0, 0, 1, 1, 0, 2, 0, 0, 2, 1, 0, 2, 2, 0],
    size: [0.5, 0.5, 2],
  });
  world.createCollider({ shape: stairs, position: [-4, 1, 0] });
  const dumbbell = await world.createShape({
    shape: 'compound',
    parts: [
      { shape: 'ball', radius: 0.4, position: [-0.6, 0, 0] },
      { shape: hull, position: [0.6, 0, 0] },
    ],
  });
  const fence = await world.createShape({
    shape: 'polyline',
    points: [-6, 1, -3, 0, 1.5, -3, 6, 1, -3],
    indices: [0, 1, 1, 2],
  });
  world.createCollider({ shape: fence });
  [hull, round, tetrahedron, dumbbell].forEach((shape, index) => {
    for (let copy = 0; copy < 3; copy++) {
      world.createBody({
        type: 'dynamic',
        position: [index * 2 - 4, 3 + copy * 1.5, copy * 0.3],
        colliders: [{ shape }],
      });
    }
  });
  hull.dispose();
  await world.step(200);
}

async function sensors(world: World): Promise<void> {
  addFloor(world);
  world.createCollider({
    shape: 'box',
    halfExtents: [1, 1, 1],
    position: [0, 3, 0],
    sensor: true,
    events: ['collision'],
  });
  const bodies = Array.from({ length: 3 }, (_, index) =>
    world.createBody({
      type: 'dynamic',
      position: [index * 0.1, 6 + index * 1.5, 0],
      colliders: [{ shape: 'ball', radius: 0.4, events: ['collision', 'contact-force'] }],
    }),
  );
  const extra = bodies[0]?.createCollider({ shape: 'ball', radius: 0.2, position: [0.5, 0, 0] });
  await world.step(60);
  extra?.setShape({ shape: 'box', halfExtents: [0.2, 0.2, 0.2] });
  extra?.setPosition([0, 0.5, 0]);
  extra?.setRotation([0, 1, 0, 0]);
  extra?.setFriction(2);
  extra?.setRestitution(0.9);
  extra?.setCombineRules('min', 'max');
  extra?.setDensity(5);
  extra?.setCollisionGroups({ memberships: 2, filter: 0xfffd });
  extra?.setSolverGroups({ filter: 0xffff });
  extra?.setContactSkin(0.01);
  extra?.setContactForceThreshold(10);
  extra?.setEvents(['contact-force']);
  world.setGravity([1, -5, 0]);
  await world.step(60);
  extra?.setSensor(true);
  world.setStepSeconds(1 / 120);
  await world.step(30);
  extra?.setEnabled(false);
  bodies[1]?.setEnabled(false);
  bodies[2]?.setCcd(true);
  bodies[2]?.setSoftCcdPrediction(0.5);
  bodies[2]?.setDominance(3);
  bodies[2]?.setLinearDamping(0.5);
  bodies[2]?.setAngularDamping(0.5);
  bodies[2]?.setAdditionalSolverIterations(2);
  bodies[2]?.setAngularVelocity([0, 4, 0]);
  bodies[2]?.setRotation([0, 0, 1, 0]);
  extra?.setMass(3);
  await world.step(30);
  extra?.remove();
  await world.step(30);
}

/** Soft bodies of several kinds, one of which is torn. */
async function softs(world: World): Promise<void> {
  addFloor(world);
  const post = world.createBody({ type: 'kinematic-velocity', position: [-3, 4, 0] });
  const rope = await world.createSoftBody({
    kind: 'rope',
    start: [-3, 4, 0],
    end: [-1, 4, 0],
    count: 10,
  });
  rope.attachParticle(0, post);
  await world.createSoftBody({
    kind: 'cloth',
    origin: [-1, 2, -1],
    along: [0.3, 0, 0],
    across: [0, 0, 0.3],
    counts: [7, 7],
    pinned: [0, 6, 42, 48],
  });
  const jelly = await world.createSoftBody({
    kind: 'box',
    center: [3, 1, 0],
    halfExtents: [0.4, 0.4, 0.4],
    counts: [3, 3, 3],
    cellModel: 'neo-hookean',
  });
  await world.createSoftBody({
    kind: 'volumetric',
    points: [5, 1, 0, 6, 1, 0, 5, 2, 0, 5, 1, 1],
    indices: [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3],
    cellSize: 0.4,
  });
  world.createBody({
    type: 'dynamic',
    position: [0, 4, 0],
    colliders: [{ shape: 'ball', radius: 0.4 }],
  });
  await world.step(60);
  rope.tearEdge(5);
  jelly.applyImpulse([0, 3, 0]);
  post.setLinearVelocity([0, 0, 1]);
  await world.step(60);
}

/** All of them. */
export const SCENES: readonly Scene[] = [
  { name: 'pile', options: { capacity: 64 }, run: pile },
  { name: 'shapes', options: { capacity: 32, gravity: [0, -9.81, 0.2] }, run: shapes },
  { name: 'forces', options: { capacity: 16, stepSeconds: 1 / 50 }, run: forces },
  { name: 'bullets', options: { capacity: 16 }, run: bullets },
  { name: 'joints', options: { capacity: 16 }, run: joints },
  { name: 'meshes', options: { capacity: 16 }, run: meshes },
  { name: 'sensors', options: { capacity: 8 }, run: sensors },
  { name: 'sleepers', options: { capacity: 16, solverIterations: 6 }, run: sleepers },
  { name: 'softs', options: { capacity: 8 }, softBodies: true, run: softs },
];
