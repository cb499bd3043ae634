/** Random bodies, colliders and joints that are changed at random while they move, bit by bit as rapier's own package. */
import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { createPhysics, type Body, type Collider, type Joint, type Physics } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { numbersOf, Peers, turnOf, vector, type Twin } from './peer.js';
import { numbersFrom } from './numbers.mjs';

type Four = readonly [number, number, number, number];
type Three = readonly [number, number, number];

interface JointTwin {
  readonly bodies: readonly Twin[];
  readonly ours: Joint;
  readonly peer: RAPIER.RevoluteImpulseJoint;
}

const KINDS = {
  dynamic: RAPIER.RigidBodyType.Dynamic,
  fixed: RAPIER.RigidBodyType.Fixed,
  'kinematic-position': RAPIER.RigidBodyType.KinematicPositionBased,
  'kinematic-velocity': RAPIER.RigidBodyType.KinematicVelocityBased,
} as const;

let physics: Standalone<Physics>;

beforeAll(async () => {
  await RAPIER.init();
});

beforeEach(async () => {
  physics = await createPhysics();
});

afterEach(async () => {
  await physics.close();
});

/** Numbers as both take them: 32-bit floats. */
function chance(seed: number) {
  const next = numbersFrom(seed);
  const number = (least: number, most: number) => Math.fround(least + next() * (most - least));
  const three = (most: number): Three => [
    number(-most, most),
    number(-most, most),
    number(-most, most),
  ];
  return {
    next,
    number,
    three,
    isTrue: () => next() < 0.5,
    pick: <T>(of: readonly T[]): T | undefined => of[Math.floor(next() * of.length)],
    /** Of length 1 as nearly as floats allow, but not as it would be brought to. */
    turn: (): Four => {
      const parts = [...three(1), number(0.1, 1)] as const;
      const length = Math.hypot(...parts);
      return parts.map((part) => Math.fround(part / length)) as unknown as Four;
    },
  };
}

type Chance = ReturnType<typeof chance>;

const quaternion = ([x, y, z, w]: Four) => ({ x, y, z, w });

/** What is done to a body: to ours, to theirs. */
type Change = (body: Body, peer: RAPIER.RigidBody, random: Chance, wake: boolean) => void;

const CHANGES: Readonly<Record<string, Change>> = {
  setTranslation: (body, peer, { three }, wake) => {
    const [x, y, z] = three(3);
    body.setTranslation([x, 4 + y, z], { wake });
    peer.setTranslation({ x, y: 4 + y, z }, wake);
  },
  setRotation: (body, peer, { turn }, wake) => {
    const rotation = turn();
    body.setRotation(rotation, { wake });
    peer.setRotation(quaternion(rotation), wake);
  },
  setVelocities: (body, peer, { three }, wake) => {
    const [linear, angular] = [three(5), three(5)];
    body.setLinearVelocity(linear, { wake });
    peer.setLinvel(vector(linear), wake);
    body.setAngularVelocity(angular, { wake });
    peer.setAngvel(vector(angular), wake);
  },
  setNext: (body, peer, { three, turn }) => {
    const [translation, rotation] = [three(3), turn()];
    body.setNextTranslation(translation);
    peer.setNextKinematicTranslation(vector(translation));
    body.setNextRotation(rotation);
    peer.setNextKinematicRotation(quaternion(rotation));
  },
  applyImpulse: (body, peer, { three, isTrue }, wake) => {
    const [impulse, point, isAtPoint] = [three(2), three(2), isTrue()];
    body.applyImpulse(impulse, isAtPoint ? point : undefined, { wake });
    if (isAtPoint) peer.applyImpulseAtPoint(vector(impulse), vector(point), wake);
    else peer.applyImpulse(vector(impulse), wake);
  },
  addForce: (body, peer, { three }, wake) => {
    const [force, point, torque] = [three(4), three(2), three(1)];
    body.addForce(force, point, { wake });
    peer.addForceAtPoint(vector(force), vector(point), wake);
    body.addTorque(torque, { wake });
    peer.addTorque(vector(torque), wake);
  },
  resetForces: (body, peer, _, wake) => {
    body.resetForces({ wake });
    peer.resetForces(wake);
    body.resetTorques({ wake });
    peer.resetTorques(wake);
  },
  setType: (body, peer, { pick }, wake) => {
    const type = pick(Object.keys(KINDS) as (keyof typeof KINDS)[]) ?? 'dynamic';
    body.setType(type, { wake });
    peer.setBodyType(KINDS[type], wake);
  },
  setLockedAxes: (body, peer, { isTrue }, wake) => {
    const [x, y, z, a, b, c] = [isTrue(), false, isTrue(), isTrue(), isTrue(), false];
    body.setLockedAxes([x, y, z], [a, b, c], { wake });
    peer.setEnabledTranslations(!x, !y, !z, wake);
    peer.setEnabledRotations(!a, !b, !c, wake);
  },
  setTraits: (body, peer, { number, isTrue }, wake) => {
    const [scale, damping, dominance, ccd] = [
      number(-0.5, 2),
      number(0, 1),
      Math.round(number(-9, 9)),
      isTrue(),
    ];
    body.setGravityScale(scale, { wake });
    peer.setGravityScale(scale, wake);
    body.setLinearDamping(damping);
    peer.setLinearDamping(damping);
    body.setDominance(dominance);
    peer.setDominanceGroup(dominance);
    body.setCcd(ccd);
    peer.enableCcd(ccd);
  },
  setMass: (body, peer, { number, three, turn, isTrue }, wake) => {
    const [mass, center, inertia, frame] = [number(0.1, 3), three(0.2), number(0.1, 1), turn()];
    if (isTrue()) {
      body.setAdditionalMass(mass, { wake });
      peer.setAdditionalMass(mass, wake);
      return;
    }
    const principal = [inertia, 2 * inertia, inertia] as const;
    body.setAdditionalMassProperties(
      { mass, centerOfMass: center, principalInertia: principal, inertiaFrame: frame },
      { wake },
    );
    const turned = quaternion(frame);
    peer.setAdditionalMassProperties(mass, vector(center), vector(principal), turned, wake);
  },
  sleep: (body, peer, { isTrue }) => {
    if (isTrue()) {
      body.sleep();
      peer.sleep();
    } else {
      body.wake();
      peer.wakeUp();
    }
  },
};

/** What is done to a collider. */
function changeCollider(ours: Collider, peer: RAPIER.Collider, random: Chance): void {
  const { number, three, isTrue, pick } = random;
  const change = pick(['material', 'place', 'mass', 'groups', 'switches', 'shape']);
  if (change === 'material') {
    const [friction, restitution, skin] = [number(0, 1), number(0, 1), number(0, 0.05)];
    ours.setFriction(friction);
    peer.setFriction(friction);
    ours.setRestitution(restitution);
    peer.setRestitution(restitution);
    ours.setContactSkin(skin);
    peer.setContactSkin(skin);
  } else if (change === 'place') {
    const position = three(0.3);
    ours.setPosition(position);
    peer.setTranslationWrtParent(vector(position));
  } else if (change === 'mass') {
    const [mass, isDensity] = [number(0.2, 4), isTrue()];
    if (isDensity) ours.setDensity(mass);
    else ours.setMass(mass);
    if (isDensity) peer.setDensity(mass);
    else peer.setMass(mass);
  } else if (change === 'groups') {
    const filter = isTrue() ? 0xffff : 0xfffe;
    ours.setCollisionGroups({ memberships: 3, filter });
    peer.setCollisionGroups(3 * 2 ** 16 + filter);
    ours.setSolverGroups({ memberships: 1, filter });
    peer.setSolverGroups(2 ** 16 + filter);
  } else if (change === 'switches') {
    const isSensor = random.next() < 0.2;
    ours.setSensor(isSensor);
    peer.setSensor(isSensor);
  } else {
    const [halfHeight, radius] = [number(0.1, 0.5), number(0.1, 0.4)];
    ours.setShape({ shape: 'cylinder', halfHeight, radius });
    peer.setShape(RAPIER.ColliderDesc.cylinder(halfHeight, radius).shape);
  }
}

/** A hinge between two bodies, or another place, limits and motor for one there is, or its end. */
function changeJoints(peers: Peers, joints: JointTwin[], random: Chance, wake: boolean): void {
  const { pick, three, number, next } = random;
  const [first, second] = [pick(peers.twins), pick(peers.twins)];
  if (joints.length < 6 && first && second && first !== second) {
    const [anchor1, anchor2] = [three(0.5), three(0.5)];
    const hinge = { type: 'revolute', axis: [0, 0, 1], anchor1, anchor2, wake } as const;
    const axis = { x: 0, y: 0, z: 1 };
    const data = RAPIER.JointData.revolute(vector(anchor1), vector(anchor2), axis);
    const peer = peers.peer.createImpulseJoint(data, first.peer, second.peer, wake);
    const ours = peers.ours.createJoint(first.ours, second.ours, hinge);
    if (!(peer instanceof RAPIER.RevoluteImpulseJoint)) throw new Error('no hinge');
    joints.push({ bodies: [first, second], ours, peer });
    return;
  }
  const joint = pick(joints);
  if (joint === undefined) return;
  if (next() < 0.3) {
    joints.splice(joints.indexOf(joint), 1);
    joint.ours.remove({ wake });
    peers.peer.removeImpulseJoint(joint.peer, wake);
    return;
  }
  const [limit, speed, anchor] = [number(0.1, 1), number(-2, 2), three(0.5)];
  joint.ours.setLimits('angular-x', [-limit, limit]);
  joint.peer.setLimits(-limit, limit);
  joint.ours.setAnchor1(anchor);
  joint.peer.setAnchor1(vector(anchor));
  const force = Math.fround(limit * 20);
  const motor = { targetVelocity: speed, damping: limit, model: 'force' } as const;
  joint.ours.setMotor('angular-x', { ...motor, maximumForce: force });
  joint.peer.configureMotorModel(RAPIER.MotorModel.ForceBased);
  joint.peer.configureMotor(0, speed, 0, limit);
  joint.peer.setMotorMaxForce(force);
}

/** Removes a body, and what is joined to it. */
function removeBody(peers: Peers, joints: JointTwin[], twin: Twin): void {
  peers.twins.splice(peers.twins.indexOf(twin), 1);
  const left = joints.filter(({ bodies }) => !bodies.includes(twin));
  joints.splice(0, joints.length, ...left);
  twin.ours.remove();
  peers.peer.removeRigidBody(twin.peer);
}

test.each([1, 2, 3, 4, 5, 6])('changes at random come to rapier’s bits: %i', async (seed) => {
  const random = chance(seed * 7919);
  const { three, number, turn, pick, next, isTrue } = random;
  const peers = new Peers(await physics.createWorld({ capacity: 64 }));
  const joints: JointTwin[] = [];
  peers.add({ type: 'fixed', position: [0, -1, 0] }, { shape: 'box', halfExtents: [50, 1, 50] });
  const [floor] = peers.twins.splice(0, 1);
  expect(floor?.ours.isAlive).toBe(true);
  const add = () => {
    const [x, y, z] = three(3);
    const type = next() < 0.8 ? 'dynamic' : 'kinematic-velocity';
    const radius = number(0.2, 0.5);
    const shape = pick([
      { shape: 'ball', radius },
      { shape: 'box', halfExtents: [radius, number(0.2, 0.5), number(0.2, 0.5)] },
      { shape: 'capsule', halfHeight: number(0.1, 0.5), radius },
    ] as const);
    if (shape) peers.add({ type, position: [x, 4 + y, z], rotation: turn() }, shape);
  };
  for (let count = 0; count < 12; count++) add();
  for (let step = 0; step < 150; step++) {
    for (let count = Math.floor(next() * 4); count > 0; count--) {
      const twin = pick(peers.twins);
      const wake = isTrue();
      const kind = next();
      if (twin === undefined || (kind < 0.1 && peers.twins.length < 20)) add();
      else if (kind < 0.15) removeBody(peers, joints, twin);
      else if (kind < 0.35) changeCollider(twin.collider, twin.peer.collider(0), random);
      else if (kind < 0.5) changeJoints(peers, joints, random, wake);
      else pick(Object.values(CHANGES))?.(twin.ours, twin.peer, random, wake);
    }
    await peers.step();
    peers.expectEqual();
  }
  peers.peer.free();
});

test('joints that are made between bodies that are disabled wait for them', async () => {
  const peers = new Peers(await physics.createWorld({ capacity: 16 }));
  const ball = { shape: 'ball', radius: 0.3 } as const;
  // Most bodies are awake: rapier then looks at all joints.
  for (let index = 0; index < 8; index++) {
    peers.add({ type: 'dynamic', position: [5, 5 + index, 5] }, ball);
  }
  const joint = { type: 'spherical', anchor2: [-2, 0, 0] } as const;
  const pairs = [
    ['dynamic', 'dynamic'],
    ['fixed', 'dynamic'],
    ['dynamic', 'kinematic-velocity'],
  ] as const;
  const world = peers.ours;
  for (const [one, other] of pairs) {
    const first = world.createBody({ type: one, position: [0, 5, 0], colliders: [ball] });
    const second = world.createBody({ type: other, position: [2, 5, 0], colliders: [ball] });
    await world.step(1);
    if (one !== 'fixed') first.setEnabled(false);
    second.setEnabled(false);
    await world.step(1);
    // Rapier panics at it.
    const made = world.createJoint(first, second, joint);
    await world.step(2);
    made.setEnabled(false);
    await world.step(1);
    made.setEnabled(true);
    await world.step(2);
    first.setEnabled(true);
    await world.step(1);
    first.setType('fixed');
    await world.step(1);
    first.setType(one);
    second.setEnabled(true);
    await world.step(60);
    const [x = 0, y = 0, z = 0] = await second.read('translation');
    const [a = 0, b = 0, c = 0] = await first.read('translation');
    expect(Math.hypot(x - a, y - b, z - c)).toBeCloseTo(2, 1);
    second.remove();
    first.remove();
  }
  peers.peer.free();
});

test('a rotation that is set has length 1, as rapier’s has', async () => {
  const peers = new Peers(await physics.createWorld({ capacity: 4 }));
  const ball = { shape: 'ball', radius: 0.3 } as const;
  const { ours, peer } = peers.add({ type: 'kinematic-position' }, ball);
  const { turn } = chance(3);
  for (let count = 0; count < 20; count++) {
    const rotation = turn();
    ours.setRotation(rotation);
    peer.setRotation(quaternion(rotation), true);
    const next = turn();
    peers.ours.writeBodies([ours], { nextRotations: next });
    peer.setNextKinematicRotation(quaternion(next));
    expect(Array.from(await ours.read('rotation'))).toEqual(turnOf(peer.rotation()));
    expect(Array.from(await ours.read('nextRotation'))).toEqual(turnOf(peer.nextRotation()));
  }
  const [loose, inWorld] = [turn(), peers.ours.createCollider(ball)];
  inWorld.setWorldRotation(loose);
  const theirs = peers.peer.createCollider(RAPIER.ColliderDesc.ball(0.3));
  theirs.setRotation(quaternion(loose));
  expect(Array.from(await inWorld.read('rotation'))).toEqual(turnOf(theirs.rotation()));
  expect(numbersOf(peer.translation())).toEqual([0, 0, 0]);
  peers.peer.free();
});
