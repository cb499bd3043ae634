/** What scene.schema.json accepts the loader accepts, and the other way round; what it can't say is listed here. */
import { createPhysics, loadScene, type Physics, type Scene } from '@inos/physics';
import type { Standalone } from '@inos/sdk';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import schema from '../../scene.schema.json' with { type: 'json' };
import { damaged, requireRefusal } from './damage.js';

const isScene = new Ajv2020().compile(schema);

/** What only the loader sees, for a schema knows no arithmetic and no other places of the document. */
const BEYOND = [
  'a quaternion of length 1',
  'a direction other than 0, 0, 0',
  'another point than a',
  'a point off the line through a and b',
  'the index of a body',
  'another body than body1',
  'a body that follows no other',
  'the least before the most',
  'for each, and at least one',
  'at least two columns',
  'an integer from',
  "the shape can't be made",
];
/** Integers whose limits depend on what else is in the scene. */
const RANGED = /(body[12]|indices\[\d+\]|rows) must be/;
/** Every refusal says where: a property's path, or the scene itself. */
const PATH = /^(the scene|[\w$-]+|\[".*"\])(\[\d+\]|\.[\w$-]+|\[".*"\])*( must be |: )/;

const number = fc.double({ min: -5, max: 5, noNaN: true });
const size = fc.double({ min: 0, max: 5, noNaN: true });
const positive = fc.double({ min: 0.1, max: 5, noNaN: true });
const vector = fc.array(number, { minLength: 3, maxLength: 3 });
const sizes = fc.array(positive, { minLength: 3, maxLength: 3 });
const axes = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 });
const turn = fc.constantFrom([0, 0, 0, 1], [0, 1, 0, 0], [0.6, 0, 0.8, 0]);
const bits = fc.record(
  { memberships: fc.nat(0xffff), filter: fc.nat(0xffff) },
  { requiredKeys: [] },
);
const rule = fc.constantFrom('average', 'min', 'multiply', 'max');
const mass = fc.record({
  mass: positive,
  centerOfMass: vector,
  principalInertia: sizes,
  inertiaFrame: turn,
});
const points = fc.constant([0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);

const plain = [
  fc.record({ shape: fc.constant('ball'), radius: positive }),
  fc.record({ shape: fc.constant('box'), halfExtents: sizes, borderRadius: size }),
  fc.record({ shape: fc.constant('capsule'), halfHeight: size, radius: positive }),
  fc.record({ shape: fc.constantFrom('cylinder', 'cone'), halfHeight: positive, radius: positive }),
  fc.record({ shape: fc.constant('segment'), a: fc.constant([0, 0, 0]), b: sizes }),
  fc.record({
    shape: fc.constant('triangle'),
    a: fc.constant([0, 0, 0]),
    b: fc.constant([1, 0, 0]),
    c: fc.constant([0, 1, 0]),
    borderRadius: size,
  }),
  fc.record({ shape: fc.constant('convex-hull'), points, borderRadius: size }),
  fc.record({
    shape: fc.constant('convex-mesh'),
    points,
    indices: fc.constant([0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]),
  }),
];
const places = fc.record({ position: vector, rotation: turn }, { requiredKeys: [] });
const part = fc
  .tuple(fc.oneof(...plain), places)
  .map((parts): object => Object.assign({}, ...parts) as object);

const shapes = [
  ...plain,
  fc.record({
    shape: fc.constant('compound'),
    parts: fc.array(part, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ shape: fc.constant('halfspace'), normal: fc.constant([0, 2, 0]) }),
  fc.record({
    shape: fc.constant('trimesh'),
    points,
    indices: fc.constant([0, 2, 1, 0, 1, 3]),
    fixInternalEdges: fc.boolean(),
  }),
  fc.record({ shape: fc.constant('polyline'), points, indices: fc.constant([0, 1, 1, 2]) }),
  fc.record({
    shape: fc.constant('heightfield'),
    rows: fc.constant(2),
    heights: fc.array(number, { minLength: 4, maxLength: 4 }),
    scale: sizes,
  }),
  fc.record({ shape: fc.constant('voxels'), cells: fc.constant([0, 0, 0, 1, 0, 0]), size: sizes }),
];

const traits = fc.record(
  {
    position: vector,
    rotation: turn,
    friction: size,
    restitution: size,
    frictionCombineRule: rule,
    restitutionCombineRule: rule,
    collisionGroups: bits,
    solverGroups: bits,
    sensor: fc.boolean(),
    enabled: fc.boolean(),
    contactSkin: size,
    events: fc.subarray(['collision', 'contact-force']),
    contactForceThreshold: size,
    collisionTypes: fc.subarray(['dynamic-dynamic', 'dynamic-fixed', 'fixed-fixed']),
    oneWay: fc.record(
      { normal: fc.constant([0, 1, 0]), angle: size },
      { requiredKeys: ['normal'] },
    ),
    surfaceVelocity: vector,
  },
  { requiredKeys: [] },
);
const weights = fc.oneof(
  fc.constant({}),
  fc.record({ density: size }),
  fc.record({ mass: size }),
  fc.record({ massProperties: mass }),
);
const collider = fc
  .tuple(fc.oneof(...shapes), traits, weights)
  .map((parts): object => Object.assign({}, ...parts) as object);

const body = fc.record(
  {
    type: fc.constantFrom('dynamic', 'fixed', 'kinematic-position', 'kinematic-velocity'),
    position: vector,
    rotation: turn,
    linearVelocity: vector,
    angularVelocity: vector,
    linearDamping: size,
    angularDamping: size,
    gravityScale: number,
    canSleep: fc.boolean(),
    sleeping: fc.boolean(),
    enabled: fc.boolean(),
    ccd: fc.boolean(),
    softCcdPrediction: size,
    lockTranslations: axes,
    lockRotations: axes,
    additionalMass: size,
    additionalMassProperties: mass,
    dominance: fc.integer({ min: -128, max: 127 }),
    additionalSolverIterations: fc.nat(255),
    additionalPgsIterations: fc.nat(255),
    gyroscopicForces: fc.boolean(),
    fastRotation: fc.boolean(),
    colliders: fc.array(collider, { maxLength: 3 }),
  },
  { requiredKeys: ['type'] },
);

const ends = { body1: fc.constant(0), body2: fc.constant(1) };
const holds = { anchor1: vector, anchor2: vector, contactsEnabled: fc.boolean() };
const limits = fc.constant([-1, 1]);
const motor = fc.record(
  {
    targetPosition: number,
    targetVelocity: number,
    stiffness: size,
    damping: size,
    maximumForce: size,
    model: fc.constantFrom('acceleration', 'force'),
  },
  { requiredKeys: [] },
);
const driven = { axis: fc.constant([0, 1, 0]), limits, motor };
/** Said of single axes. */
const byAxis = {
  limits: fc.record({ 'linear-y': limits, 'angular-x': limits }, { requiredKeys: [] }),
  motors: fc.record({ 'linear-z': motor, 'angular-y': motor }, { requiredKeys: [] }),
};
const joints = [
  fc.record(
    { type: fc.constant('fixed'), ...ends, ...holds, rotation1: turn, rotation2: turn },
    { requiredKeys: ['type', 'body1', 'body2'] },
  ),
  fc.record(
    { type: fc.constant('spherical'), ...ends, ...holds, ...byAxis },
    { requiredKeys: ['type', 'body1', 'body2'] },
  ),
  fc.record(
    { type: fc.constantFrom('revolute', 'prismatic'), ...ends, ...holds, ...driven },
    { requiredKeys: ['type', 'body1', 'body2', 'axis'] },
  ),
  fc.record({ type: fc.constant('rope'), ...ends, ...holds, length: positive }),
  fc.record({
    type: fc.constant('spring'),
    ...ends,
    ...holds,
    restLength: size,
    stiffness: size,
    damping: size,
  }),
  fc.record({
    type: fc.constant('generic'),
    ...ends,
    ...holds,
    axis: fc.constant([1, 0, 0]),
    lockedAxes: fc.subarray(['linear-x', 'angular-y']),
    ...byAxis,
  }),
];

const scene = fc.record(
  {
    $schema: fc.constant('https://example.com/scene.schema.json'),
    gravity: vector,
    stepSeconds: positive,
    solverIterations: fc.integer({ min: 1, max: 255 }),
    lengthUnit: positive,
    bodies: fc.array(body, { minLength: 2, maxLength: 3 }),
    colliders: fc.array(collider, { maxLength: 2 }),
    joints: fc.array(fc.oneof(...joints), { maxLength: 2 }),
  },
  { requiredKeys: ['bodies'] },
);

let physics: Standalone<Physics>;

beforeAll(async () => {
  physics = await createPhysics({ crashLimit: 1000 });
});

afterAll(async () => {
  await physics.close();
});

/** What a file would say; nothing of what no file can. */
function asJson(value: unknown): unknown {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' || typeof inner === 'symbol' ? String(inner) : inner,
  );
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

/** Why a scene is refused; undefined if it is loaded. */
async function refusalOf(given: unknown): Promise<Error | undefined> {
  try {
    const { world } = await loadScene(physics, given as Scene);
    await world.dispose();
    return undefined;
  } catch (error) {
    requireRefusal(error);
    return error as Error;
  }
}

test('scenes of all that can be said are accepted by both', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      isScene(given);
      expect(isScene.errors ?? []).toEqual([]);
      expect(await refusalOf(given)).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

const COMPOUND = { shape: 'compound', parts: [{ shape: 'ball', radius: 1 }] };

test.each(['halfspace', 'voxels', 'compound', 'glue'])('a %s is no part', async (shape) => {
  const given = { bodies: [], colliders: [{ ...COMPOUND, parts: [{ shape, normal: [0, 1, 0] }] }] };
  expect(isScene(given)).toBe(false);
  expect((await refusalOf(given))?.message).toMatch(/^colliders\[0\]\.parts\[0\]\.shape must be/);
});

/** Scenes with one property, and that empty: nothing that `if (value)` sees. */
const EMPTY = ['', 0, false].flatMap((empty) => {
  const bodies = [{ type: 'dynamic' }, { type: 'dynamic' }];
  const hinge = { type: 'revolute', body1: 0, body2: 1, axis: [0, 1, 0] };
  const socket = { type: 'spherical', body1: 0, body2: 1 };
  const traits = ['massProperties', 'oneWay', 'surfaceVelocity', 'collisionGroups', 'events'];
  return [
    ...['limits', 'motor'].map((name) => ({ bodies, joints: [{ ...hinge, [name]: empty }] })),
    ...['limits', 'motors'].map((name) => ({ bodies, joints: [{ ...socket, [name]: empty }] })),
    { bodies, colliders: [{ ...COMPOUND, parts: empty }] },
    { bodies, colliders: empty },
    ...traits.map((name) => ({
      bodies: [{ type: 'fixed', colliders: [{ shape: 'ball', radius: 1, [name]: empty }] }],
    })),
    { bodies: [{ type: 'dynamic', additionalMassProperties: empty }] },
    { bodies, joints: empty },
  ];
});

test.each(EMPTY)('%j is refused by both', async (given) => {
  expect(isScene(given)).toBe(false);
  expect(await refusalOf(given)).toBeDefined();
});

test('broken scenes are refused by both, with a path', { timeout: 240_000 }, async () => {
  const broken = scene.chain((whole) => damaged(whole)).map(asJson);
  let [refused, onlyByLoader] = [0, 0];
  await fc.assert(
    fc.asyncProperty(broken, async (given) => {
      const isValid = isScene(given);
      const refusal = await refusalOf(given);
      if (refusal === undefined) {
        expect(isScene.errors ?? []).toEqual([]);
        return;
      }
      refused++;
      const { message } = refusal;
      expect(message).toMatch(PATH);
      if (!isValid) return;
      onlyByLoader++;
      const isBeyond = RANGED.test(message) || BEYOND.some((reason) => message.includes(reason));
      expect([message, isBeyond]).toEqual([message, true]);
    }),
    { numRuns: 700 },
  );
  expect(refused).toBeGreaterThan(300);
  expect(onlyByLoader).toBeLessThan(refused / 3);
});
