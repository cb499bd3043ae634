/**
 * What soft bodies are made with, checked and as the capsule reads it.
 */
import { outOfRange, requireInteger, wrongType } from '@inos/sdk';
import { encodeGroups, type InteractionGroups } from './collider-options.js';
import type { CommandStream } from './command-stream.js';
import {
  SoftData as Data,
  SoftFlag as Flag,
  SoftKind,
  SoftMaterial as Material,
} from './generated/controls.js';
import { PhysicsLimits } from './generated/physics.js';
import { requireKnownSoft } from './known-keys.js';
import {
  requireBoolean,
  requireName,
  requireNumber,
  requireNumbers,
  requirePositive,
  requireSize,
  type Numbers,
  type Vector3,
} from './numbers.js';

/** A spring: how often it would swing in a second, and how strongly that is damped. */
export type SoftSpring = readonly [frequency: number, dampingRatio: number];

/** How something gives way for good. */
export interface SoftPlasticity {
  /** From which strain on. */
  readonly yield: number;
  /**
   * How fast, as a share a second.
   * @default 1
   */
  readonly creep?: number;
  /** How far at most. */
  readonly maximum?: number;
}

/** What a soft body is made of. */
export interface SoftMaterial {
  /** @default [30, 1] */
  readonly edges?: SoftSpring;
  /** @default [10, 1] */
  readonly bending?: SoftSpring;
  /** @default [30, 1] */
  readonly volume?: SoftSpring;
  /** @default [10, 1] */
  readonly shapeMatching?: SoftSpring;
  /**
   * Pascals, of elastic cells.
   * @default 1e4
   */
  readonly youngModulus?: number;
  /** @default 0.3 */
  readonly poissonRatio?: number;
  /** @default 1 */
  readonly elasticDamping?: number;
  /** @default 0 */
  readonly deformationDamping?: number;
  /** How cells give way; they don't unless given. */
  readonly plasticity?: SoftPlasticity;
  /** How edges give way; they don't unless given. */
  readonly edgePlasticity?: SoftPlasticity & {
    readonly flow?: 'both' | 'compression' | 'tension';
  };
  /** The strain from which on edges and cells tear; never unless given. */
  readonly tearStrain?: number;
  /** Newtons from which on edges tear; never unless given. */
  readonly tearForce?: number;
  /**
   * Seconds over which loads are smoothed.
   * @default 0
   */
  readonly tearSmoothing?: number;
  /** @default 1 */
  readonly interiorStrength?: number;
  /** Unlimited unless given. */
  readonly maximumTearsPerStep?: number;
  /** The least number of elements of a piece; any unless given. */
  readonly minimumPiece?: number;
}

/** What every soft body may have. */
export interface SoftTraits {
  readonly material?: SoftMaterial;
  /** Kilograms in all; 1 a particle unless given. */
  readonly mass?: number;
  /** Metres that its surface keeps from others; half an edge unless given. */
  readonly particleRadius?: number;
  /** Particles that are held where they are. */
  readonly pinned?: Numbers;
  /** @default [0, 0, 0] */
  readonly translation?: Vector3;
  /** @default 0 */
  readonly linearDamping?: number;
  /** @default 1 */
  readonly gravityScale?: number;
  /** @default 0 */
  readonly additionalSolverIterations?: number;
  /** @default true */
  readonly canSleep?: boolean;
  /** Whether it keeps its volume; as is usual for its kind unless given. */
  readonly volumePreservation?: boolean;
  /** Whether it is drawn to its shape; as is usual for its kind unless given. */
  readonly shapeMatching?: boolean;
  /** @default 1 */
  readonly volumeFactor?: number;
  /** @default false */
  readonly selfContacts?: boolean;
  /**
   * Whether its edges can be pushed together without resistance.
   * @default false
   */
  readonly tensionOnly?: boolean;
  /** @default 'volume' */
  readonly cellModel?: 'volume' | 'corotational' | 'neo-hookean';
  /**
   * Whether it meets anything.
   * @default true
   */
  readonly collides?: boolean;
  /** @default 0.5 */
  readonly friction?: number;
  /** @default 0 */
  readonly restitution?: number;
  readonly collisionGroups?: InteractionGroups;
}

/** A soft body to be created. Counts are of particles. */
export type SoftBodyOptions = SoftTraits &
  (
    | {
        readonly kind: 'rope';
        readonly start: Vector3;
        readonly end: Vector3;
        readonly count: number;
      }
    | {
        readonly kind: 'cloth';
        readonly origin: Vector3;
        /** From one particle to the next, along and across. */
        readonly along: Vector3;
        readonly across: Vector3;
        readonly counts: readonly [along: number, across: number];
      }
    | {
        readonly kind: 'tube';
        readonly origin: Vector3;
        readonly axis: Vector3;
        readonly radii: readonly [start: number, end: number];
        readonly counts: readonly [around: number, along: number];
      }
    | {
        readonly kind: 'box';
        readonly center: Vector3;
        readonly halfExtents: Vector3;
        readonly counts: readonly [x: number, y: number, z: number];
      }
    | {
        readonly kind: 'ball';
        readonly center: Vector3;
        readonly radius: number;
        /** From 0 to 6: each one makes four triangles of one. */
        readonly subdivisions: number;
      }
    | { readonly kind: 'trimesh'; readonly points: Numbers; readonly indices: Numbers }
    | {
        readonly kind: 'volumetric';
        readonly points: Numbers;
        readonly indices: Numbers;
        readonly cellSize: number;
        /** Whether the mesh is moved by the cells, for thin parts. */
        readonly skinned?: boolean;
      }
    | {
        readonly kind: 'particles';
        readonly points: Numbers;
        /** Two particles each. */
        readonly edges?: Numbers;
        /** Four particles each. */
        readonly cells?: Numbers;
      }
  );

const NEVER = Number.POSITIVE_INFINITY;
const FLOWS = { both: 0, compression: 1, tension: 2 } as const;
const MODELS = { volume: 0, corotational: 1, 'neo-hookean': 2 } as const;
const NONE = PhysicsLimits.NONE;

/** A word of a material: a number, or one that stays a word. */
type Entry = readonly [value: number, isWord?: true];

function encodePlasticity(path: string, given: SoftPlasticity | undefined, maximum: number) {
  const { yield: from = 0, creep = 1, maximum: most = maximum } = given ?? {};
  return [
    requireSize(`${path}.yield`, from),
    requireSize(`${path}.creep`, creep),
    requireSize(`${path}.maximum`, most),
  ];
}

/** Checks what a soft body is made of; entries in the order of the schema. */
export function encodeMaterial(path: string, material: SoftMaterial): readonly Entry[] {
  if (typeof material !== 'object' || material === null) {
    throw wrongType(path, 'an object', material);
  }
  const spring = (name: string, given: SoftSpring | undefined, otherwise: SoftSpring) => {
    const [frequency, damping] = Array.from(
      requireNumbers(`${path}.${name}`, given ?? otherwise, 2),
    );
    return [
      requirePositive(`${path}.${name}[0]`, frequency),
      requireSize(`${path}.${name}[1]`, damping),
    ];
  };
  const tear = (name: string, given: number | undefined) =>
    given === undefined ? NEVER : requirePositive(`${path}.${name}`, given);
  const { edgePlasticity } = material;
  const poisson = requireNumber(`${path}.poissonRatio`, material.poissonRatio ?? 0.3, 0);
  if (poisson >= 0.5) throw outOfRange(`${path}.poissonRatio`, 'below 0.5', poisson);
  const count = (name: string, given: number | undefined): Entry => [
    given === undefined ? NONE : requireInteger(`${path}.${name}`, given, 0, NONE - 1),
    true,
  ];
  const numbers = [
    ...spring('edges', material.edges, [30, 1]),
    ...spring('bending', material.bending, [10, 1]),
    ...spring('volume', material.volume, [30, 1]),
    ...spring('shapeMatching', material.shapeMatching, [10, 1]),
    requirePositive(`${path}.youngModulus`, material.youngModulus ?? 1e4),
    poisson,
    requireSize(`${path}.elasticDamping`, material.elasticDamping ?? 1),
    requireSize(`${path}.deformationDamping`, material.deformationDamping ?? 0),
    ...encodePlasticity(`${path}.plasticity`, material.plasticity, 1),
    ...encodePlasticity(`${path}.edgePlasticity`, edgePlasticity, 0.5),
  ];
  return [
    ...numbers.map((number): Entry => [number]),
    [requireName(`${path}.edgePlasticity.flow`, edgePlasticity?.flow ?? 'both', FLOWS), true],
    [tear('tearStrain', material.tearStrain)],
    [tear('tearForce', material.tearForce)],
    [requireSize(`${path}.tearSmoothing`, material.tearSmoothing ?? 0)],
    [requireSize(`${path}.interiorStrength`, material.interiorStrength ?? 1)],
    count('maximumTearsPerStep', material.maximumTearsPerStep),
    count('minimumPiece', material.minimumPiece),
  ];
}

/** Writes a material from `at` on. */
export function writeMaterial(
  stream: Pick<CommandStream, 'word' | 'number'>,
  at: number,
  entries: readonly Entry[],
): void {
  entries.forEach(([value, isWord], index) => {
    if (isWord) stream.word(at + index, value);
    else stream.number(at + index, value);
  });
}

/** What a kind is given by. */
interface Form {
  readonly kind: number;
  /** Numbers, then counts, as the schema says. */
  readonly sizes?: readonly number[];
  readonly counts?: readonly number[];
  readonly points?: Numbers;
  readonly second?: Numbers;
  readonly cells?: Numbers;
}

function points(path: string, given: Numbers): Numbers {
  const values = requireNumbers(path, given, given?.length ?? 0);
  if (values.length === 0 || values.length % 3 !== 0) {
    throw outOfRange(path, 'three numbers of each of some points', values.length);
  }
  return values;
}

function indices(path: string, given: Numbers, width: number, end: number): Numbers {
  const values = requireNumbers(path, given, given?.length ?? 0);
  if (values.length % width !== 0) throw outOfRange(path, `${width} of each`, values.length);
  for (let at = 0; at < values.length; at++) {
    requireInteger(`${path}[${at}]`, values[at], 0, end - 1);
  }
  return values;
}

function encodeForm(path: string, options: SoftBodyOptions): Form {
  const vector = (name: string, value: Vector3) =>
    Array.from(requireNumbers(`${path}.${name}`, value, 3));
  const count = (name: string, value: number, least: number) =>
    requireInteger(`${path}.${name}`, value, least, 2 ** 20);
  const counts = (given: readonly number[], least: number) =>
    Array.from(requireNumbers(`${path}.counts`, given, given?.length ?? 0), (value, at) =>
      count(`counts[${at}]`, value, least),
    );
  switch (options.kind) {
    case 'rope':
      return {
        kind: SoftKind.ROPE,
        sizes: [...vector('start', options.start), ...vector('end', options.end)],
        counts: [count('count', options.count, 2)],
      };
    case 'cloth':
      return {
        kind: SoftKind.CLOTH,
        sizes: [
          ...vector('origin', options.origin),
          ...vector('along', options.along),
          ...vector('across', options.across),
        ],
        counts: counts(options.counts, 2),
      };
    case 'tube':
      return {
        kind: SoftKind.TUBE,
        sizes: [
          ...vector('origin', options.origin),
          ...vector('axis', options.axis),
          ...Array.from(requireNumbers(`${path}.radii`, options.radii, 2), (radius, at) =>
            requirePositive(`${path}.radii[${at}]`, radius),
          ),
        ],
        counts: counts(options.counts, 3),
      };
    case 'box':
      return {
        kind: SoftKind.CUBOID,
        sizes: [
          ...vector('center', options.center),
          ...vector('halfExtents', options.halfExtents).map((half, axis) =>
            requirePositive(`${path}.halfExtents[${axis}]`, half),
          ),
        ],
        counts: counts(options.counts, 2),
      };
    case 'ball':
      return {
        kind: SoftKind.SPHERE,
        sizes: [
          ...vector('center', options.center),
          requirePositive(`${path}.radius`, options.radius),
        ],
        counts: [requireInteger(`${path}.subdivisions`, options.subdivisions, 0, 6)],
      };
    default:
      return encodeMesh(path, options);
  }
}

type MeshOptions = Extract<SoftBodyOptions, { readonly points: Numbers }>;

function encodeMesh(path: string, options: MeshOptions): Form {
  const kinds = {
    trimesh: SoftKind.TRIMESH,
    volumetric: SoftKind.VOLUMETRIC,
    particles: SoftKind.PARTICLES,
  };
  const kind = requireName(`${path}.kind`, options.kind, kinds);
  const given = points(`${path}.points`, options.points);
  const end = given.length / 3;
  if (options.kind === 'particles') {
    return {
      kind,
      points: given,
      second: indices(`${path}.edges`, options.edges ?? [], 2, end),
      cells: indices(`${path}.cells`, options.cells ?? [], 4, end),
    };
  }
  const triangles = indices(`${path}.indices`, options.indices, 3, end);
  if (options.kind === 'trimesh') return { kind, points: given, second: triangles };
  const size = requirePositive(`${path}.cellSize`, options.cellSize);
  return { kind, points: given, second: triangles, sizes: [size] };
}

/** A soft body as the capsule reads it. */
export function encodeSoftBody(path: string, options: SoftBodyOptions): Uint32Array {
  if (typeof options !== 'object' || options === null) {
    throw wrongType(path, 'an object with a kind', options);
  }
  const form = encodeForm(path, options);
  requireKnownSoft(path, options);
  const pinned = indices(`${path}.pinned`, options.pinned ?? [], 1, 2 ** 20);
  const parts = [form.points ?? [], form.second ?? [], form.cells ?? [], pinned];
  const words = new Uint32Array(Data.HEAD + parts.reduce((sum, part) => sum + part.length, 0));
  const numbers = new Float32Array(words.buffer);
  words[Data.KIND] = form.kind;
  parts.forEach((part, index) => (words[Data.FIRST + index] = part.length));
  const { sizes = [], counts = [] } = form;
  numbers.set(sizes, Data.SIZES);
  words.set(counts, Data.SIZES + sizes.length);
  writeTraits(path, options, words, numbers);
  let at = Data.HEAD;
  parts.forEach((part, index) => {
    if (index === 0) numbers.set(part, at);
    else words.set(part, at);
    at += part.length;
  });
  return words;
}

function encodeFlags(path: string, options: SoftBodyOptions): number {
  const flag = (name: string, value: boolean | undefined, bit: number, otherwise = false) =>
    requireBoolean(`${path}.${name}`, value ?? otherwise) ? bit : 0;
  const given = (name: string, value: boolean | undefined, bit: number) =>
    value === undefined ? 0 : (bit << 1) | flag(name, value, bit);
  return (
    given('volumePreservation', options.volumePreservation, Flag.VOLUME_PRESERVATION) |
    given('shapeMatching', options.shapeMatching, Flag.SHAPE_MATCHING) |
    flag('selfContacts', options.selfContacts, Flag.SELF_CONTACTS) |
    flag('tensionOnly', options.tensionOnly, Flag.TENSION_ONLY) |
    (flag('collides', options.collides, 1, true) === 1 ? 0 : Flag.NO_COLLIDER) |
    flag('canSleep', options.canSleep, Flag.CAN_SLEEP, true) |
    (options.kind === 'volumetric' ? flag('skinned', options.skinned, Flag.SKINNED) : 0) |
    (options.mass === undefined ? 0 : Flag.MASS_GIVEN) |
    (options.particleRadius === undefined ? 0 : Flag.RADIUS_GIVEN)
  );
}

function writeTraits(
  path: string,
  options: SoftBodyOptions,
  words: Uint32Array,
  numbers: Float32Array,
): void {
  const size = (name: string, value: number | undefined, otherwise: number) =>
    requireSize(`${path}.${name}`, value ?? otherwise);
  words[Data.FLAGS] = encodeFlags(path, options);
  numbers[Data.MASS] =
    options.mass === undefined ? 0 : requirePositive(`${path}.mass`, options.mass);
  numbers[Data.RADIUS] = size('particleRadius', options.particleRadius, 0);
  numbers[Data.LINEAR_DAMPING] = size('linearDamping', options.linearDamping, 0);
  numbers[Data.GRAVITY_SCALE] = requireNumber(`${path}.gravityScale`, options.gravityScale ?? 1);
  const iterations = options.additionalSolverIterations ?? 0;
  words[Data.SOLVER_ITERATIONS] = requireInteger(
    `${path}.additionalSolverIterations`,
    iterations,
    0,
    255,
  );
  const translation = options.translation ?? [0, 0, 0];
  numbers.set(requireNumbers(`${path}.translation`, translation, 3), Data.TRANSLATION);
  words[Data.CELL_MODEL] = requireName(`${path}.cellModel`, options.cellModel ?? 'volume', MODELS);
  numbers[Data.VOLUME_FACTOR] = size('volumeFactor', options.volumeFactor, 1);
  numbers[Data.FRICTION] = size('friction', options.friction, 0.5);
  numbers[Data.RESTITUTION] = size('restitution', options.restitution, 0);
  words[Data.COLLISION_GROUPS] = encodeGroups(`${path}.collisionGroups`, options.collisionGroups);
  const entries = encodeMaterial(`${path}.material`, options.material ?? {});
  if (entries.length !== Material.COUNT) throw outOfRange(path, 'a whole material', entries.length);
  writeMaterial(
    {
      word: (index, value) => (words[index] = value),
      number: (index, value) => (numbers[index] = value),
    },
    Data.MATERIAL,
    entries,
  );
}
