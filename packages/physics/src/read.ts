/**
 * Properties of many things at once, each into an array of its own. The twin of `crates/inos-physics/src/read.rs`.
 */
import { outOfRange, requireInteger, wrongType, type JobOptions } from '@inos/sdk';
import {
  ReadBody,
  ReadCharacter,
  ReadCollider,
  ReadJoint,
  ReadPid,
  ReadSoftBody,
  ReadSubject,
  ReadVehicle,
  ReadWheel,
  ReadWorld,
} from './generated/answers.js';
import { WheelProperty } from './generated/controls.js';
import { requireName } from './numbers.js';

/** How a property lies in its array. */
interface Layout {
  readonly number: number;
  /** Values of one thing. */
  readonly width: number;
  readonly type: 'number' | 'word' | 'integer';
}

const numbers = <W extends number>(number: number, width: W) =>
  ({ number, width, type: 'number' }) as const;
const word = (number: number) => ({ number, width: 1, type: 'word' }) as const;
const integer = (number: number) => ({ number, width: 1, type: 'integer' }) as const;

/** Properties of bodies: how many values each has, and of which type. */
export const BODY_PROPERTIES = {
  type: word(ReadBody.KIND),
  enabled: word(ReadBody.ENABLED),
  sleeping: word(ReadBody.SLEEPING),
  moving: word(ReadBody.MOVING),
  translation: numbers(ReadBody.TRANSLATION, 3),
  rotation: numbers(ReadBody.ROTATION, 4),
  linearVelocity: numbers(ReadBody.LINEAR_VELOCITY, 3),
  angularVelocity: numbers(ReadBody.ANGULAR_VELOCITY, 3),
  nextTranslation: numbers(ReadBody.NEXT_TRANSLATION, 3),
  nextRotation: numbers(ReadBody.NEXT_ROTATION, 4),
  linearDamping: numbers(ReadBody.LINEAR_DAMPING, 1),
  angularDamping: numbers(ReadBody.ANGULAR_DAMPING, 1),
  gravityScale: numbers(ReadBody.GRAVITY_SCALE, 1),
  dominance: integer(ReadBody.DOMINANCE),
  effectiveDominance: integer(ReadBody.EFFECTIVE_DOMINANCE),
  lockedAxes: word(ReadBody.LOCKED_AXES),
  ccd: word(ReadBody.CCD),
  ccdActive: word(ReadBody.CCD_ACTIVE),
  softCcdPrediction: numbers(ReadBody.SOFT_CCD_PREDICTION, 1),
  additionalSolverIterations: word(ReadBody.SOLVER_ITERATIONS),
  additionalPgsIterations: word(ReadBody.PGS_ITERATIONS),
  mass: numbers(ReadBody.MASS, 1),
  inverseMass: numbers(ReadBody.INVERSE_MASS, 1),
  localCenterOfMass: numbers(ReadBody.LOCAL_CENTER_OF_MASS, 3),
  centerOfMass: numbers(ReadBody.CENTER_OF_MASS, 3),
  principalInertia: numbers(ReadBody.PRINCIPAL_INERTIA, 3),
  inversePrincipalInertia: numbers(ReadBody.INVERSE_PRINCIPAL_INERTIA, 3),
  inertiaFrame: numbers(ReadBody.INERTIA_FRAME, 4),
  effectiveInverseMass: numbers(ReadBody.EFFECTIVE_INVERSE_MASS, 3),
  effectiveInverseInertia: numbers(ReadBody.EFFECTIVE_INVERSE_INERTIA, 6),
  effectiveInertia: numbers(ReadBody.EFFECTIVE_INERTIA, 6),
  force: numbers(ReadBody.FORCE, 3),
  torque: numbers(ReadBody.TORQUE, 3),
  gyroscopicForces: word(ReadBody.GYROSCOPIC_FORCES),
  colliderCount: word(ReadBody.COLLIDERS),
  kineticEnergy: numbers(ReadBody.KINETIC_ENERGY, 1),
  fastRotation: word(ReadBody.FAST_ROTATION),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of colliders. */
export const COLLIDER_PROPERTIES = {
  body: word(ReadCollider.BODY),
  shape: word(ReadCollider.SHAPE),
  enabled: word(ReadCollider.ENABLED),
  sensor: word(ReadCollider.SENSOR),
  translation: numbers(ReadCollider.TRANSLATION, 3),
  rotation: numbers(ReadCollider.ROTATION, 4),
  localTranslation: numbers(ReadCollider.LOCAL_TRANSLATION, 3),
  localRotation: numbers(ReadCollider.LOCAL_ROTATION, 4),
  friction: numbers(ReadCollider.FRICTION, 1),
  restitution: numbers(ReadCollider.RESTITUTION, 1),
  combineRules: word(ReadCollider.COMBINE_RULES),
  collisionGroups: word(ReadCollider.COLLISION_GROUPS),
  solverGroups: word(ReadCollider.SOLVER_GROUPS),
  events: word(ReadCollider.EVENTS),
  hooks: word(ReadCollider.HOOKS),
  collisionTypes: word(ReadCollider.COLLISION_TYPES),
  contactForceThreshold: numbers(ReadCollider.CONTACT_FORCE_THRESHOLD, 1),
  contactSkin: numbers(ReadCollider.CONTACT_SKIN, 1),
  density: numbers(ReadCollider.DENSITY, 1),
  mass: numbers(ReadCollider.MASS, 1),
  volume: numbers(ReadCollider.VOLUME, 1),
  bounds: numbers(ReadCollider.BOUNDS, 6),
  sizes: numbers(ReadCollider.SIZES, 10),
  scale: numbers(ReadCollider.SCALE, 3),
  rows: word(ReadCollider.ROWS),
  columns: word(ReadCollider.COLUMNS),
  centerOfMass: numbers(ReadCollider.CENTER_OF_MASS, 3),
  principalInertia: numbers(ReadCollider.PRINCIPAL_INERTIA, 3),
  inertiaFrame: numbers(ReadCollider.INERTIA_FRAME, 4),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of joints. */
export const JOINT_PROPERTIES = {
  reduced: word(ReadJoint.KIND),
  enabled: word(ReadJoint.ENABLED),
  contactsEnabled: word(ReadJoint.CONTACTS_ENABLED),
  anchor1: numbers(ReadJoint.ANCHOR1, 3),
  anchor2: numbers(ReadJoint.ANCHOR2, 3),
  frame1: numbers(ReadJoint.FRAME1, 4),
  frame2: numbers(ReadJoint.FRAME2, 4),
  lockedAxes: word(ReadJoint.LOCKED_AXES),
  limitedAxes: word(ReadJoint.LIMITED_AXES),
  motorAxes: word(ReadJoint.MOTOR_AXES),
  limits: numbers(ReadJoint.LIMITS, 12),
  motors: numbers(ReadJoint.MOTORS, 36),
  impulses: numbers(ReadJoint.IMPULSES, 6),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of the world. */
export const WORLD_PROPERTIES = {
  gravity: numbers(ReadWorld.GRAVITY, 3),
  stepSeconds: numbers(ReadWorld.STEP_SECONDS, 1),
  lengthUnit: numbers(ReadWorld.LENGTH_UNIT, 1),
  solverIterations: word(ReadWorld.SOLVER_ITERATIONS),
  pgsIterations: word(ReadWorld.PGS_ITERATIONS),
  stabilizationIterations: word(ReadWorld.STABILIZATION_ITERATIONS),
  ccdSubsteps: word(ReadWorld.CCD_SUBSTEPS),
  contactFrequency: numbers(ReadWorld.CONTACT_FREQUENCY, 1),
  contactDampingRatio: numbers(ReadWorld.CONTACT_DAMPING_RATIO, 1),
  allowedLinearError: numbers(ReadWorld.ALLOWED_LINEAR_ERROR, 1),
  predictionDistance: numbers(ReadWorld.PREDICTION_DISTANCE, 1),
  maximumCorrectiveVelocity: numbers(ReadWorld.MAXIMUM_CORRECTIVE_VELOCITY, 1),
  warmstart: numbers(ReadWorld.WARMSTART, 1),
  contactErp: numbers(ReadWorld.CONTACT_ERP, 1),
  bodyCount: word(ReadWorld.BODIES),
  colliderCount: word(ReadWorld.COLLIDERS),
  jointCount: word(ReadWorld.JOINTS),
  activeBodyCount: word(ReadWorld.ACTIVE_BODIES),
  contactPairCount: word(ReadWorld.CONTACT_PAIRS),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of characters: what the latest move came to. */
export const CHARACTER_PROPERTIES = {
  movement: numbers(ReadCharacter.MOVEMENT, 3),
  grounded: word(ReadCharacter.GROUNDED),
  sliding: word(ReadCharacter.SLIDING),
  collisionCount: word(ReadCharacter.COLLISIONS),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of vehicles. */
export const VEHICLE_PROPERTIES = {
  speed: numbers(ReadVehicle.SPEED, 1),
  wheelCount: word(ReadVehicle.WHEELS),
  upAxis: word(ReadVehicle.UP_AXIS),
  forwardAxis: word(ReadVehicle.FORWARD_AXIS),
  chassis: word(ReadVehicle.CHASSIS),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of a vehicle's wheels. */
export const WHEEL_PROPERTIES = {
  connection: numbers(WheelProperty.CONNECTION, 3),
  direction: numbers(WheelProperty.DIRECTION, 3),
  axle: numbers(WheelProperty.AXLE, 3),
  suspensionRestLength: numbers(WheelProperty.REST_LENGTH, 1),
  radius: numbers(WheelProperty.RADIUS, 1),
  maximumSuspensionTravel: numbers(WheelProperty.MAXIMUM_TRAVEL, 1),
  suspensionStiffness: numbers(WheelProperty.STIFFNESS, 1),
  suspensionCompression: numbers(WheelProperty.COMPRESSION, 1),
  suspensionRelaxation: numbers(WheelProperty.RELAXATION, 1),
  maximumSuspensionForce: numbers(WheelProperty.MAXIMUM_FORCE, 1),
  brake: numbers(WheelProperty.BRAKE, 1),
  steering: numbers(WheelProperty.STEERING, 1),
  engineForce: numbers(WheelProperty.ENGINE_FORCE, 1),
  frictionSlip: numbers(WheelProperty.FRICTION_SLIP, 1),
  sideFrictionStiffness: numbers(WheelProperty.SIDE_FRICTION, 1),
  rotation: numbers(ReadWheel.ROTATION, 1),
  forwardImpulse: numbers(ReadWheel.FORWARD_IMPULSE, 1),
  sideImpulse: numbers(ReadWheel.SIDE_IMPULSE, 1),
  suspensionForce: numbers(ReadWheel.SUSPENSION_FORCE, 1),
  inContact: word(ReadWheel.IN_CONTACT),
  contactNormal: numbers(ReadWheel.CONTACT_NORMAL, 3),
  contactPoint: numbers(ReadWheel.CONTACT_POINT, 3),
  suspensionLength: numbers(ReadWheel.SUSPENSION_LENGTH, 1),
  hardPoint: numbers(ReadWheel.HARD_POINT, 3),
  ground: word(ReadWheel.GROUND),
  center: numbers(ReadWheel.CENTER, 3),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of PID controllers. */
export const PID_PROPERTIES = {
  linearIntegral: numbers(ReadPid.LINEAR_INTEGRAL, 3),
  angularIntegral: numbers(ReadPid.ANGULAR_INTEGRAL, 3),
} as const satisfies Readonly<Record<string, Layout>>;

/** Properties of soft bodies. */
export const SOFT_BODY_PROPERTIES = {
  particleCount: word(ReadSoftBody.PARTICLES),
  mass: numbers(ReadSoftBody.MASS, 1),
  centerOfMass: numbers(ReadSoftBody.CENTER_OF_MASS, 3),
  volume: numbers(ReadSoftBody.VOLUME, 1),
  restVolume: numbers(ReadSoftBody.REST_VOLUME, 1),
  sleeping: word(ReadSoftBody.SLEEPING),
  enabled: word(ReadSoftBody.ENABLED),
  topology: word(ReadSoftBody.TOPOLOGY),
  particleRadius: numbers(ReadSoftBody.PARTICLE_RADIUS, 1),
  volumeFactor: numbers(ReadSoftBody.VOLUME_FACTOR, 1),
} as const satisfies Readonly<Record<string, Layout>>;

/** Speed of a body's point, which every body has. */
export const POINT_PROPERTIES = {
  velocity: numbers(0, 3),
} as const satisfies Readonly<Record<string, Layout>>;

/** What can be read, by the name of its kind. */
export const SUBJECTS = {
  body: { number: ReadSubject.BODY, words: 2, properties: BODY_PROPERTIES },
  collider: { number: ReadSubject.COLLIDER, words: 2, properties: COLLIDER_PROPERTIES },
  joint: { number: ReadSubject.JOINT, words: 2, properties: JOINT_PROPERTIES },
  character: { number: ReadSubject.CHARACTER, words: 2, properties: CHARACTER_PROPERTIES },
  vehicle: { number: ReadSubject.VEHICLE, words: 2, properties: VEHICLE_PROPERTIES },
  wheel: { number: ReadSubject.WHEEL, words: 3, properties: WHEEL_PROPERTIES },
  pid: { number: ReadSubject.PID, words: 2, properties: PID_PROPERTIES },
  softBody: { number: ReadSubject.SOFT_BODY, words: 2, properties: SOFT_BODY_PROPERTIES },
  point: { number: ReadSubject.POINT, words: 5, properties: POINT_PROPERTIES },
  world: { number: ReadSubject.WORLD, words: 1, properties: WORLD_PROPERTIES },
} as const;

/** A kind of things that can be read. */
export type SubjectName = keyof typeof SUBJECTS;

/** The names of a kind's properties. */
export type PropertyOf<S extends SubjectName> = keyof (typeof SUBJECTS)[S]['properties'] & string;

type ArrayOf<L> = L extends { readonly type: 'number' }
  ? Float32Array
  : L extends { readonly type: 'word' }
    ? Uint32Array
    : Int32Array;

/** Arrays of properties: the values of the first thing, then those of the second, and so on. */
export type Readings<S extends SubjectName, P extends PropertyOf<S>> = {
  readonly [Name in P]: ArrayOf<(typeof SUBJECTS)[S]['properties'][Name]>;
};

/** A read that was checked. */
export interface EncodedRead {
  readonly subject: number;
  readonly properties: number;
  readonly count: number;
  readonly input: Uint32Array;
  readonly outputWords: number;
  readonly layouts: readonly (readonly [name: string, layout: Layout])[];
}

/** Checks what shall be read: `things` are the words that name each. */
export function encodeRead(
  subject: SubjectName,
  names: readonly string[],
  things: Uint32Array,
): EncodedRead {
  if (!Array.isArray(names)) throw wrongType('properties', 'an array of names', names);
  const { number, words, properties } = SUBJECTS[subject];
  const known: Readonly<Record<string, Layout>> = properties;
  const layouts = names.map(
    (name, index) => [name, requireName(`properties[${index}]`, name, known)] as const,
  );
  const count = requireInteger('things', things.length / words, 0, 2 ** 26);
  const width = layouts.reduce((sum, [, layout]) => sum + layout.width, 0);
  const input = new Uint32Array(layouts.length + things.length);
  layouts.forEach(([, layout], index) => (input[index] = layout.number));
  input.set(things, layouts.length);
  return {
    subject: number,
    properties: layouts.length,
    count,
    input,
    outputWords: count * width,
    layouts,
  };
}

/** Arrays of properties, of whichever kind. */
export type AnyReadings = Record<string, Float32Array | Uint32Array | Int32Array>;

/** Options of reading. */
export interface ReadOptions<S extends SubjectName, P extends PropertyOf<S>> extends JobOptions {
  /** Where the values go: the readings of an earlier call for as many things. New arrays unless given. */
  readonly readings?: Readings<S, P>;
}

const ARRAYS = { number: Float32Array, word: Uint32Array, integer: Int32Array } as const;

/** Checks that there is room for what shall be read. */
export function requireReadings({ layouts, count }: EncodedRead, readings: AnyReadings): void {
  if (typeof readings !== 'object' || readings === null) {
    throw wrongType('options.readings', 'the readings of an earlier call', readings);
  }
  for (const [name, { width, type }] of layouts) {
    const array = Object.hasOwn(readings, name) ? readings[name] : undefined;
    const path = `options.readings.${name}`;
    if (!(array instanceof ARRAYS[type])) throw wrongType(path, `a ${ARRAYS[type].name}`, array);
    if (array.length !== count * width) {
      throw outOfRange(path, `${count * width} values`, array.length);
    }
  }
}

function viewOf(type: Layout['type'], buffer: SharedArrayBuffer, at: number, length: number) {
  if (type === 'number') return new Float32Array(buffer, at, length);
  if (type === 'word') return new Uint32Array(buffer, at, length);
  return new Int32Array(buffer, at, length);
}

/** What was read, in new arrays or in those of earlier readings. */
export function decodeRead(
  { layouts, count }: EncodedRead,
  output: Uint32Array<SharedArrayBuffer>,
  readings: AnyReadings | undefined,
): AnyReadings {
  const arrays: AnyReadings = readings ?? {};
  let at = output.byteOffset;
  for (const [name, { width, type }] of layouts) {
    const values = viewOf(type, output.buffer, at, count * width);
    at += values.byteLength;
    const known = readings?.[name];
    if (known) known.set(values);
    else arrays[name] = values.slice();
  }
  return arrays;
}
