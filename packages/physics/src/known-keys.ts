/**
 * What options may be given: a name that isn't among these is a slip of the pen, and would have no effect.
 */
import { JOB_OPTIONS, wrongType } from '@inos/sdk';
import { requireOptions } from '@inos/sdk/errors';

/** What a body may have wherever it is; places and velocities are given for one or for many. */
const BODY_TRAIT_KEYS = [
  'type',
  'linearDamping',
  'angularDamping',
  'gravityScale',
  'canSleep',
  'sleeping',
  'enabled',
  'ccd',
  'softCcdPrediction',
  'lockTranslations',
  'lockRotations',
  'additionalMass',
  'additionalMassProperties',
  'dominance',
  'additionalSolverIterations',
  'additionalPgsIterations',
  'gyroscopicForces',
  'fastRotation',
  'colliders',
];

/** What a body may be given by. */
export const BODY_KEYS: readonly string[] = [
  ...BODY_TRAIT_KEYS,
  'position',
  'rotation',
  'linearVelocity',
  'angularVelocity',
];

/** What bodies that are alike may be given by. */
export const BODIES_KEYS: readonly string[] = [
  ...BODY_TRAIT_KEYS,
  'positions',
  'rotations',
  'linearVelocities',
  'angularVelocities',
  'sizes',
];

/** What every collider may be given by. */
export const TRAIT_KEYS: readonly string[] = [
  'shape',
  'position',
  'rotation',
  'density',
  'mass',
  'friction',
  'restitution',
  'frictionCombineRule',
  'restitutionCombineRule',
  'collisionGroups',
  'solverGroups',
  'sensor',
  'enabled',
  'contactSkin',
  'events',
  'contactForceThreshold',
  'collisionTypes',
  'massProperties',
  'oneWay',
  'surfaceVelocity',
];

/** What each shape is given by. */
export const SHAPE_KEYS: Readonly<Record<string, readonly string[]>> = {
  ball: ['radius'],
  box: ['halfExtents', 'borderRadius'],
  capsule: ['halfHeight', 'radius'],
  cylinder: ['halfHeight', 'radius', 'borderRadius'],
  cone: ['halfHeight', 'radius', 'borderRadius'],
  halfspace: ['normal'],
  segment: ['a', 'b'],
  triangle: ['a', 'b', 'c', 'borderRadius'],
  'convex-hull': ['points', 'borderRadius'],
  'convex-mesh': ['points', 'indices', 'borderRadius'],
  trimesh: ['points', 'indices', 'fixInternalEdges', 'oriented'],
  polyline: ['points', 'indices'],
  heightfield: ['rows', 'heights', 'scale', 'fixInternalEdges'],
  voxels: ['cells', 'size'],
  compound: ['parts'],
};

/** What a world's memory may be given by. */
export const MEMORY_KEYS: readonly string[] = ['memoryBytes', 'eventCapacity', 'particleCapacity'];

/** What a world may be given by. */
export const WORLD_KEYS: readonly string[] = [
  'gravity',
  'stepSeconds',
  'capacity',
  'solverIterations',
  'lengthUnit',
  ...MEMORY_KEYS,
];

/** What of a list that isn't filtered may be said. */
export const LIST_KEYS: readonly string[] = [...JOB_OPTIONS, 'list'];

/** What steps may be given by. */
export const STEP_KEYS: readonly string[] = [...JOB_OPTIONS, 'onProgress'];

/** What reads of properties may be given by. */
export const READ_KEYS: readonly string[] = [...JOB_OPTIONS, 'readings'];

/** What lines that show what rapier sees may be given by. */
export const LINES_KEYS: readonly string[] = [...JOB_OPTIONS, 'modes', 'exclude', 'lines'];

const FILTER_KEYS = ['groups', 'excludeBody', 'excludeCollider', 'onlyCollider', 'exclude'];
const HITS_KEYS = [...JOB_OPTIONS, 'hits'];
const RAY_KEYS = [...FILTER_KEYS, 'maximumDistance', 'solid'];

/** What each kind of question may be given by. */
export const QUERY_KEYS = {
  rays: [...RAY_KEYS, ...HITS_KEYS],
  rayList: [...RAY_KEYS, ...LIST_KEYS],
  points: [...RAY_KEYS, 'features', ...HITS_KEYS],
  colliders: [...FILTER_KEYS, ...LIST_KEYS],
  contacts: [...FILTER_KEYS, 'maximumDistance', ...LIST_KEYS],
  casts: [...FILTER_KEYS, 'maximumTime', 'targetDistance', 'stopAtPenetration', ...HITS_KEYS],
  pairs: ['maximumDistance', ...HITS_KEYS],
  pairCasts: ['maximumTime', 'targetDistance', 'stopAtPenetration', ...HITS_KEYS],
  overlaps: [...FILTER_KEYS, 'limit', ...HITS_KEYS],
} as const;

/** What every joint may be given by. */
export const JOINT_KEYS: readonly string[] = [
  'type',
  'anchor1',
  'anchor2',
  'contactsEnabled',
  'reduced',
];

/** What a joint of each type may be given by besides. */
export const OWN_JOINT_KEYS: Readonly<Record<string, readonly string[]>> = {
  fixed: ['rotation1', 'rotation2'],
  spherical: ['limits', 'motors'],
  revolute: ['axis', 'limits', 'motor'],
  prismatic: ['axis', 'limits', 'motor'],
  rope: ['length'],
  spring: ['restLength', 'stiffness', 'damping'],
  generic: ['axis', 'lockedAxes', 'limits', 'motors'],
};

/** What a character may be given by. */
export const CHARACTER_KEYS: readonly string[] = [
  'up',
  'offset',
  'slide',
  'steps',
  'maximumClimbAngle',
  'minimumSlideAngle',
  'snapToGround',
  'nudge',
  'pushes',
  'mass',
  'groups',
  'exclude',
];

/** What a vehicle may be given by. */
export const VEHICLE_KEYS: readonly string[] = [
  'upAxis',
  'forwardAxis',
  'groups',
  'exclude',
  'enabled',
];

/** What a soft body of each kind is given by. */
const SOFT_KEYS: Readonly<Record<string, readonly string[]>> = {
  rope: ['start', 'end', 'count'],
  cloth: ['origin', 'along', 'across', 'counts'],
  tube: ['origin', 'axis', 'radii', 'counts'],
  box: ['center', 'halfExtents', 'counts'],
  ball: ['center', 'radius', 'subdivisions'],
  trimesh: ['points', 'indices'],
  volumetric: ['points', 'indices', 'cellSize', 'skinned'],
  particles: ['points', 'edges', 'cells'],
};

/** What every soft body may be given by. */
const SOFT_TRAIT_KEYS = [
  'kind',
  'material',
  'mass',
  'particleRadius',
  'pinned',
  'translation',
  'linearDamping',
  'gravityScale',
  'additionalSolverIterations',
  'canSleep',
  'volumePreservation',
  'shapeMatching',
  'volumeFactor',
  'selfContacts',
  'tensionOnly',
  'cellModel',
  'collides',
  'friction',
  'restitution',
  'collisionGroups',
];

/** What drives an axis may be given by. */
export const MOTOR_KEYS: readonly string[] = [
  'targetPosition',
  'targetVelocity',
  'stiffness',
  'damping',
  'maximumForce',
  'model',
];
/** The axes of a joint. */
export const AXIS_KEYS: readonly string[] = [
  'linear-x',
  'linear-y',
  'linear-z',
  'angular-x',
  'angular-y',
  'angular-z',
];

/** Properties that are objects themselves, and what they may have. */
const INNER_KEYS: Readonly<Record<string, readonly string[]>> = {
  collisionGroups: ['memberships', 'filter'],
  solverGroups: ['memberships', 'filter'],
  massProperties: ['mass', 'centerOfMass', 'principalInertia', 'inertiaFrame'],
  additionalMassProperties: ['mass', 'centerOfMass', 'principalInertia', 'inertiaFrame'],
  oneWay: ['normal', 'angle'],
  motor: MOTOR_KEYS,
  motors: AXIS_KEYS,
  groups: ['memberships', 'filter'],
  steps: ['maximumHeight', 'minimumWidth', 'onDynamicBodies'],
  linear: ['proportional', 'integral', 'derivative'],
  angular: ['proportional', 'integral', 'derivative'],
  material: [
    'edges',
    'bending',
    'volume',
    'shapeMatching',
    'youngModulus',
    'poissonRatio',
    'elasticDamping',
    'deformationDamping',
    'plasticity',
    'edgePlasticity',
    'tearStrain',
    'tearForce',
    'tearSmoothing',
    'interiorStrength',
    'maximumTearsPerStep',
    'minimumPiece',
  ],
  plasticity: ['yield', 'creep', 'maximum'],
  edgePlasticity: ['yield', 'creep', 'maximum', 'flow'],
};

/** Checks the names of what options are given by, in those that are objects themselves too. */
export function requireKnown(path: string, options: object, known: readonly string[]): void {
  walkKnown(path, options, known, (at, value, keys) => {
    if (typeof value === 'object' && value !== null) requireKnown(at, value, keys);
  });
}

/** As {@link requireKnown}, for plain data: what isn't left out is of its type, and null is nothing's value. */
export function requireObject(path: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(path || 'the scene', 'an object', value);
  }
  for (const [key, inner] of Object.entries(value)) {
    if (known.includes(key) && inner === null) {
      throw wrongType(pathOf(path, key), 'given or left out', inner);
    }
  }
  walkKnown(path, value, known, requireObject);
}

/** The path of a known property. */
function pathOf(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Refuses unknown names; calls `see` with what is an object itself, and what that may have. */
function walkKnown(
  path: string,
  options: object,
  known: readonly string[],
  see: (path: string, value: unknown, keys: readonly string[]) => void,
): void {
  requireOptions(path, options, known);
  for (const [key, value] of Object.entries(options)) {
    const keys = Object.hasOwn(INNER_KEYS, key) ? INNER_KEYS[key] : undefined;
    if (keys !== undefined && value !== undefined) see(pathOf(path, key), value, keys);
  }
}

const COLLIDER_KEYS = new Map(
  Object.entries(SHAPE_KEYS).map(([shape, keys]) => [shape, [...TRAIT_KEYS, ...keys]]),
);

/** As {@link requireKnown}, for a collider whose shape was checked. */
export function requireKnownCollider(path: string, options: { readonly shape: unknown }): void {
  const { shape } = options;
  const known = typeof shape === 'string' ? COLLIDER_KEYS.get(shape) : undefined;
  requireKnown(path, options, known ?? TRAIT_KEYS);
}

/** As {@link requireKnown}, for a shape of many numbers; what is none is refused elsewhere. */
export function requireKnownShape(path: string, data: { readonly shape: string }): void {
  const known = Object.hasOwn(SHAPE_KEYS, data?.shape) ? SHAPE_KEYS[data.shape] : undefined;
  if (known !== undefined) requireKnown(path, data, ['shape', ...known]);
}

/** As {@link requireKnown}, for a soft body whose kind was checked. */
export function requireKnownSoft(path: string, options: { readonly kind: string }): void {
  requireKnown(path, options, [...SOFT_TRAIT_KEYS, ...(SOFT_KEYS[options.kind] ?? [])]);
}
