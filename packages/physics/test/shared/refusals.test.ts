/** Every method with arguments: what is wrong is refused by name, and the world is then what it was, to the byte. */
import {
  Body,
  Character,
  Collider,
  createPhysics,
  Joint,
  Pid,
  SoftBody,
  Vehicle,
  World,
  WorldRun,
  type WorldState,
  type Physics,
} from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { damaged, requireRefusal } from './damage.js';
import { hexOf } from './hex.js';
import { addFloor } from './scenes.js';

const BALL = { shape: 'ball', radius: 0.5 } as const;
const BODY = {
  type: 'dynamic',
  position: [0, 1, 0],
  rotation: [0, 0, 0, 1],
  linearVelocity: [1, 0, 0],
  angularVelocity: [0, 1, 0],
  linearDamping: 0.1,
  angularDamping: 0.1,
  gravityScale: 1,
  canSleep: true,
  sleeping: false,
  enabled: true,
  ccd: true,
  softCcdPrediction: 0.1,
  lockTranslations: [false, false, true],
  lockRotations: [false, true, false],
  additionalMass: 1,
  additionalMassProperties: { mass: 1, centerOfMass: [0, 0, 0], principalInertia: [1, 1, 1] },
  dominance: 1,
  additionalSolverIterations: 1,
  additionalPgsIterations: 1,
  gyroscopicForces: true,
  fastRotation: true,
};
const COLLIDER = {
  shape: 'box',
  halfExtents: [0.5, 0.5, 0.5],
  borderRadius: 0.1,
  position: [0, 0, 0],
  rotation: [0, 0, 0, 1],
  density: 2,
  friction: 0.5,
  restitution: 0.1,
  frictionCombineRule: 'max',
  restitutionCombineRule: 'min',
  collisionGroups: { memberships: 1, filter: 3 },
  solverGroups: { memberships: 1, filter: 3 },
  sensor: false,
  enabled: true,
  contactSkin: 0.01,
  events: ['collision'],
  contactForceThreshold: 1,
  collisionTypes: ['dynamic-dynamic'],
  oneWay: { normal: [0, 1, 0], angle: 0.5 },
  surfaceVelocity: [1, 0, 0],
};
const WHEEL = {
  connection: [1, 0, 0],
  direction: [0, -1, 0],
  axle: [0, 0, 1],
  suspensionRestLength: 0.4,
  radius: 0.3,
  brake: 1,
  steering: 0.2,
};
const HINGE = {
  type: 'revolute',
  axis: [0, 0, 1],
  anchor1: [0.5, 0, 0],
  anchor2: [-0.5, 0, 0],
  limits: [-1, 1],
  motor: { targetVelocity: 1, damping: 1, maximumForce: 3, model: 'force' },
  contactsEnabled: true,
  reduced: false,
};
const SOCKET = {
  type: 'spherical',
  anchor2: [-1, 0, 0],
  limits: { 'angular-x': [-1, 1], 'angular-y': [0, 0.5] },
  motors: { 'angular-z': { targetVelocity: 1, damping: 2 } },
};
const MATERIAL = { edges: [30, 1], youngModulus: 1e4, poissonRatio: 0.3, tearStrain: 2 };
const ROPE = { kind: 'rope', start: [0, 4, 0], end: [2, 4, 0], count: 5, pinned: [0] };
const PLACE = [0, 1, 0, 0, 0, 0, 1];
const MASS = { mass: 1, principalInertia: [1, 1, 1] };
const PID = { linear: { proportional: 20, integral: 1 }, axes: ['linear-x', 'linear-y'] };
const WALK = { up: [0, 1, 0], offset: { share: 0.02 }, snapToGround: 0.2, groups: { filter: 1 } };

let physics: Standalone<Physics>;
let world: World;
/** By the names of their classes: what methods are called on. */
let targets: Readonly<Record<string, object>>;
/** By class and method: arguments that are right. */
let calls: Readonly<Record<string, readonly unknown[]>>;

beforeAll(async () => {
  physics = await createPhysics({ crashLimit: 1000, softBodies: true });
  world = await physics.createWorld({ capacity: 8, particleCapacity: 64 });
  addFloor(world);
  const [body, other, chassis] = [0, 2, 4].map((x) =>
    world.createBody({ type: 'dynamic', position: [x, 2, 0], colliders: [BALL] }),
  );
  const [collider, second] = [world.colliderAt(1), world.colliderAt(2)];
  if (!body || !other || !chassis || !collider || !second) throw new Error('no bodies');
  const cells = await world.createShape({ shape: 'voxels', cells: [0, 0, 0], size: [1, 1, 1] });
  const voxels = world.createCollider({ shape: cells, position: [9, 0, 0] });
  const moreVoxels = world.createCollider({ shape: cells, position: [10, 0, 0] });
  const joint = world.createJoint(body, other, HINGE as never);
  const soft = await world.createSoftBody(ROPE as never);
  const vehicle = world.createVehicle(chassis, { wheels: [WHEEL as never] });
  const character = world.createCharacter(collider);
  const pid = world.createPid(body);
  await world.step(3);
  targets = { World: world, Body: body, Collider: collider, Joint: joint, SoftBody: soft };
  targets = { ...targets, Vehicle: vehicle, Character: character, Pid: pid, Voxels: voxels };
  const vector = [[1, 2, 3]];
  const turn = [[0, 0, 0, 1]];
  const filter = { groups: { memberships: 1 }, excludeBody: other, exclude: ['sensors'] };
  calls = {
    'World.createBody': [{ ...BODY, colliders: [COLLIDER] }],
    'World.createBodies': [{ type: 'dynamic', positions: [0, 1, 0, 0, 2, 0], colliders: [BALL] }],
    'World.createCollider': [COLLIDER, body],
    'World.createJoint': [body, chassis, HINGE],
    'World.createColliders': [
      { ...BALL, positions: [0, 1, 0, 0, 2, 0], sizes: [1, 2] },
      [body, other],
    ],
    'World.createJoints': [[body], [chassis], { ...SOCKET, anchors1: [0, 1, 0] }],
    'World.createCharacter': [second, WALK],
    'World.createVehicle': [other, { upAxis: 'y', exclude: ['sensors'], wheels: [WHEEL, WHEEL] }],
    'World.createPid': [other, PID],
    'World.createShape': [
      { shape: 'heightfield', rows: 2, heights: [0, 0, 0, 1], scale: [9, 1, 9] },
    ],
    'World.createSoftBody': [{ ...ROPE, mass: 2, material: MATERIAL, collides: true }],
    'World.writeBodies': [
      [body, other],
      { translations: [1, 2, 3, 4, 5, 6], forces: [0, 0, 0, 1, 1, 1] },
    ],
    'World.ignorePair': [collider, second, true],
    'World.removeBody': [body],
    'World.removeCollider': [collider],
    'World.removeJoint': [joint],
    'World.removeSoftBody': [soft],
    'World.setGravity': vector,
    'World.setStepSeconds': [0.01],
    'World.setIntegration': [{ solverIterations: 3, contactFrequency: 20 }],
    'World.castRays': [[0, 9, 0, 0, -1, 0], { maximumDistance: 9, solid: true, ...filter }],
    'World.castRay': [[0, 9, 0], [0, -1, 0], { maximumDistance: 9, ...filter }],
    'World.findRayHits': [[0, 9, 0, 0, -1, 0], { maximumDistance: 9, ...filter }],
    'World.projectPoints': [[0, 9, 0], { features: true, ...filter }],
    'World.findPointHits': [[0, 2, 0], filter],
    'World.findBoundsOverlaps': [[0, 2, 0, 1, 1, 1], filter],
    'World.castShapes': [BALL, [...PLACE, 0, -1, 0], { maximumTime: 3, targetDistance: 0.1 }],
    'World.contactShapes': [BALL, COLLIDER, [...PLACE, ...PLACE], { maximumDistance: 1 }],
    'World.castShapePairs': [
      BALL,
      COLLIDER,
      [...PLACE, 0, -1, 0, ...PLACE, 0, 1, 0],
      { maximumTime: 3 },
    ],
    'World.findOverlaps': [BALL, PLACE, { limit: 3, ...filter }],
    'World.findContacts': [COLLIDER, PLACE, { maximumDistance: 1, ...filter }],
    'World.readContacts': [[[collider, second], collider]],
    'World.readIntersections': [[collider, [collider, second]]],
    'World.readBodies': [
      [body, other],
      ['mass', 'type'],
    ],
    'World.readColliders': [[collider], ['volume']],
    'World.readJoints': [[joint], ['limits']],
    'World.readWorld': [['gravity']],
    'World.readCharacters': [[character], ['grounded']],
    'World.readCharacterCollisions': [[character]],
    'World.readVehicles': [[vehicle], ['speed']],
    'World.readWheels': [vehicle, ['rotation']],
    'World.readPids': [[pid], ['linearIntegral']],
    'World.readSoftBodies': [[soft], ['mass']],
    'World.readSoftPositions': [[soft]],
    'World.readPointVelocities': [[body], [1, 2, 3]],
    'World.readShapePoints': [collider],
    'World.readShapeIndices': [collider],
    'World.debugLines': [{ modes: ['contacts'], exclude: ['fixed'] }],
    'World.step': [0, { priority: 'high', deadlineMs: 1e6 }],
    'World.digest': [{ priority: 'high' }],
    'World.quote': [3],
    'World.restore': [world.save()],
    'World.run': [{ hz: 60, speed: 0, mostCatchUp: 3 }],
    'World.bodyAt': [1],
    'World.colliderAt': [1],
    'World.jointAt': [0],
    'World.shapeAt': [0],
    'World.softBodyAt': [0],
    'World.characterAt': [1],
    'World.vehicleAt': [0],
    'World.pidAt': [2],
    'Body.setTranslation': vector,
    'Body.setRotation': turn,
    'Body.setLinearVelocity': vector,
    'Body.setAngularVelocity': vector,
    'Body.setNextTranslation': vector,
    'Body.setNextRotation': turn,
    'Body.addForce': [
      [1, 2, 3],
      [0, 0, 0],
    ],
    'Body.addTorque': [[1, 2, 3], { wake: false }],
    'Body.applyImpulse': [
      [1, 2, 3],
      [0, 0, 0],
    ],
    'Body.applyTorqueImpulse': vector,
    'Body.setType': ['fixed'],
    'Body.setLinearDamping': [1],
    'Body.setAngularDamping': [1],
    'Body.setGravityScale': [1],
    'Body.setEnabled': [true],
    'Body.setCcd': [true],
    'Body.setSoftCcdPrediction': [1],
    'Body.setDominance': [3],
    'Body.setLockedAxes': [
      [true, false, true],
      [false, false, false],
    ],
    'Body.setAdditionalMass': [1],
    'Body.setAdditionalMassProperties': [MASS],
    'Body.setGyroscopicForces': [true],
    'Body.setCanSleep': [true],
    'Body.setFastRotation': [true],
    'Body.setAdditionalPgsIterations': [1],
    'Body.setAdditionalSolverIterations': [1],
    'Body.createCollider': [COLLIDER],
    'Body.read': ['mass'],
    'Collider.setPosition': vector,
    'Collider.setRotation': turn,
    'Collider.setShape': [{ shape: 'cone', halfHeight: 1, radius: 1 }],
    'Collider.setDensity': [1],
    'Collider.setMass': [1],
    'Collider.setFriction': [1],
    'Collider.setRestitution': [1],
    'Collider.setCombineRules': ['min', 'max'],
    'Collider.setCollisionGroups': [{ memberships: 1, filter: 2 }],
    'Collider.setSolverGroups': [{ memberships: 1, filter: 2 }],
    'Collider.setSensor': [true],
    'Collider.setEnabled': [true],
    'Collider.setContactSkin': [0.1],
    'Collider.setEvents': [['collision', 'contact-force']],
    'Collider.setContactForceThreshold': [1],
    'Collider.setMassProperties': [MASS],
    'Collider.setWorldPosition': vector,
    'Collider.setWorldRotation': turn,
    'Collider.setCollisionTypes': [['dynamic-fixed']],
    'Collider.setOneWay': [{ normal: [0, 1, 0], angle: 1 }],
    'Collider.setSurfaceVelocity': vector,
    'Collider.ignore': [second, true],
    'Voxels.setVoxel': [[1, 2, 3], true],
    'Voxels.joinVoxels': [moreVoxels, [1, 0, 0], [0, 0, 0]],
    'Collider.read': ['volume'],
    'Joint.setLimits': ['angular-x', [-1, 1]],
    'Joint.setMotor': [
      'angular-x',
      { targetPosition: 1, stiffness: 3, damping: 1, maximumForce: 9 },
    ],
    'Joint.setContactsEnabled': [true],
    'Joint.setEnabled': [true],
    'Joint.setAnchor1': vector,
    'Joint.setAnchor2': vector,
    'Joint.setFrame1': turn,
    'Joint.setFrame2': turn,
    'Joint.removeLimits': ['angular-x'],
    'Joint.removeMotor': ['angular-x'],
    'Joint.read': ['impulses'],
    'SoftBody.setParticlePosition': [1, [1, 2, 3]],
    'SoftBody.setParticleVelocity': [1, [1, 2, 3]],
    'SoftBody.setParticleTarget': [0, [1, 2, 3]],
    'SoftBody.setParticlePinned': [1, true],
    'SoftBody.attachParticle': [1, body],
    'SoftBody.detachParticle': [1],
    'SoftBody.addForce': [[1, 2, 3], 1],
    'SoftBody.applyImpulse': [[1, 2, 3], 1],
    'SoftBody.applyImpulseAtPoint': [[1, 2, 3], [0, 0, 0], 2],
    'SoftBody.applyRadialImpulse': [[1, 2, 3], 1, 2],
    'SoftBody.setEnabled': [true],
    'SoftBody.setVolumeFactor': [1],
    'SoftBody.setVolumePreservation': [true],
    'SoftBody.setMaterial': [MATERIAL],
    'SoftBody.tearEdge': [0],
    'SoftBody.tearCell': [0],
    'SoftBody.read': ['mass'],
    'Vehicle.addWheel': [WHEEL],
    'Vehicle.setWheel': [0, { engineForce: 3, steering: 0.1, direction: [0, -1, 0] }],
    'Vehicle.setOptions': [{ upAxis: 'y', forwardAxis: 'x', groups: { filter: 3 }, enabled: true }],
    'Vehicle.read': ['speed'],
    'Vehicle.readWheels': [['rotation']],
    'Character.move': vector,
    'Character.probe': vector,
    'Character.setOptions': [WALK],
    'Character.read': ['grounded'],
    'Pid.follow': [{ position: [1, 2, 3], rotation: [0, 0, 0, 1], linearVelocity: [0, 0, 0] }],
    'Pid.correct': [{ position: [1, 2, 3], angularVelocity: [0, 0, 0] }],
    'Pid.setOptions': [PID],
    'Pid.read': ['linearIntegral'],
  };
});

afterAll(async () => {
  await physics.close();
});

/** Methods that take nothing, or what only other parts of the package give them. */
const OTHERS =
  /^(constructor|dispose|forget|save|takeSnapshot|whenIdle|readEvents|createPace|stepAtPace|sleep|wake|remove|reset.*|recomputeMass|has(Body|Collider|Joint)|collidersOf|bodyOf|findNew|require.*|commandsFor.*|begin.*|.*At$|list|read|removeControl|removeShape|readSoftList|addEncodedWheel|encodeColliders|addBody|addCollider|addJoint|wheelCountOf|noteWheel|read(Positions|Velocities|Triangles|Edges|Collisions))$/;

test('every method with arguments has a call', () => {
  const classes = [World, Body, Collider, Joint, SoftBody, Vehicle, Character, Pid];
  const missing = classes.flatMap((type) => {
    const names: string[] = [];
    let prototype: object = type.prototype;
    while (prototype !== Object.prototype) {
      const own = Object.entries(Object.getOwnPropertyDescriptors(prototype));
      names.push(
        ...own.flatMap(([name, { value }]) => (typeof value === 'function' ? [name] : [])),
      );
      prototype = Object.getPrototypeOf(prototype) as object;
    }
    return names
      .filter((name) => !OTHERS.test(name))
      .map(
        (name) =>
          `${name.endsWith('Voxel') || name === 'joinVoxels' ? 'Voxels' : type.name.replace('_', '')}.${name}`,
      )
      .filter((name) => !Object.hasOwn(calls, name));
  });
  expect(missing).toEqual([]);
});

/** Calls a method; what it gives that has to be given back is. */
async function call(name: string, given: readonly unknown[]): Promise<void> {
  const [type = '', method = ''] = name.split('.');
  const target = targets[type] as Record<string, (...given: readonly unknown[]) => unknown>;
  const value = await target[method]?.(...given);
  if (value instanceof WorldRun) await value.stop();
}

const bytes = async () => hexOf(await world.takeSnapshot());

test('each of them is taken as it is', async () => {
  using state = world.save();
  for (const [name, given] of Object.entries(calls)) {
    try {
      await call(name, given);
    } catch (error) {
      throw new Error(`${name} was refused`, { cause: error });
    }
    await world.restore(state);
  }
});

/** A damaged call, which prints without all of the world that its handles lead to. */
interface Attempt {
  readonly name: string;
  readonly given: unknown;
  readonly [fc.toStringMethod]: () => string;
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value.constructor.name;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner)]));
}

function attemptOf(name: string): fc.Arbitrary<Attempt> {
  return damaged(calls[name]).map((given) => ({
    name,
    given,
    [fc.toStringMethod]: () => `${name} ${JSON.stringify(shown(given))}`,
  }));
}

async function attempt({ name, given }: Attempt, state: WorldState, before: string): Promise<void> {
  if (!Array.isArray(given)) return;
  try {
    await call(name, given);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    // Numbers that are finite can still be more than a query of rapier's bears.
    if (code !== 'capsule/panicked') requireRefusal(error);
    expect(await bytes()).toBe(before);
    return;
  }
  await world.restore(state);
}

test(
  'damaged ones are taken or refused, and a refusal leaves no trace',
  { timeout: 300_000 },
  async () => {
    const state = world.save();
    const before = await bytes();
    const names = fc.constantFrom(...Object.keys(calls));
    const property = fc.asyncProperty(names.chain(attemptOf), (given) =>
      attempt(given, state, before),
    );
    const report = await fc.check(property, { numRuns: 1500 });
    // The handles in what fast-check throws lead to all of the memory.
    if (report.failed) throw new Error(fc.defaultReportMessage(report));
    expect(await bytes()).toBe(before);
  },
);
