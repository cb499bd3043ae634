/**
 * What a world is made with.
 */
import { outOfRange, requireInteger, type SafeSAB } from '@inos/sdk';
import { ParticlesWords, PhysicsLimits } from './generated/physics.js';
import { MEMORY_KEYS, requireKnown, WORLD_KEYS } from './known-keys.js';
import type { WorldSettings } from './methods.js';
import { requireNumbers, requirePositive, type Vector3 } from './numbers.js';

/** What of a world isn't in its snapshot. */
export interface RestoreOptions {
  /**
   * The most memory that its bodies and what they touch may take, in bytes.
   * @default the whole memory
   */
  readonly memoryBytes?: number;
  /**
   * How many events are kept for slow readers: a power of two, or 0 for no events at all.
   * @default 1024
   */
  readonly eventCapacity?: number;
  /**
   * For how many particles of soft bodies there is room in {@link World.particles}, pieces that tear off included;
   * 0 for none.
   * @default 0
   */
  readonly particleCapacity?: number;
}

/** What a world is made with. */
export interface WorldOptions extends RestoreOptions {
  /**
   * Metres per second squared.
   * @default [0, -9.81, 0]
   */
  readonly gravity?: Vector3;
  /**
   * Seconds of a step.
   * @default 1 / 60
   */
  readonly stepSeconds?: number;
  /**
   * The most bodies.
   * @default 1024
   */
  readonly capacity?: number;
  /**
   * How often the solver goes over its constraints in a step.
   * @default 4
   */
  readonly solverIterations?: number;
  /**
   * How many units a typical body is long.
   * @default 1
   */
  readonly lengthUnit?: number;
}

const GRAVITY = [0, -9.81, 0] as const;

/** What a world's memory is made of, checked. */
export interface EncodedMemory {
  readonly quotaBytes: number;
  /** How many events are kept. */
  readonly entries: number;
  /** For how many particles there is room. */
  readonly particles: number;
}

/** Options that were checked. */
export interface EncodedWorld extends EncodedMemory {
  readonly settings: Omit<WorldSettings, 'poses' | 'events' | 'particles'>;
}

/** Checks a world's options. */
export function encodeWorld(memory: SafeSAB, options: WorldOptions): EncodedWorld {
  const encoded = encodeMemory(memory, options, WORLD_KEYS);
  const most = PhysicsLimits.MAXIMUM_BODIES;
  const capacity = requireInteger('capacity', options.capacity ?? 1024, 1, most);
  const settings = {
    capacity,
    gravity: requireNumbers('gravity', options.gravity ?? GRAVITY, 3),
    stepSeconds: requirePositive('stepSeconds', options.stepSeconds ?? 1 / 60),
    solverIterations: requireInteger('solverIterations', options.solverIterations ?? 4, 1, 255),
    lengthUnit: requirePositive('lengthUnit', options.lengthUnit ?? 1),
    quotaBytes: encoded.quotaBytes,
  };
  return { settings, ...encoded };
}

/** Checks how much memory a world may have, and for what. */
export function encodeMemory(
  memory: SafeSAB,
  options: RestoreOptions,
  known = MEMORY_KEYS,
): EncodedMemory {
  requireKnown('', options, known);
  const largest = Math.min(memory.maximumBytes, 2 ** 32 - 1);
  const given = options.memoryBytes ?? largest;
  const quotaBytes = requireInteger('memoryBytes', given, 2 ** 20, largest);
  const entries = requireInteger('eventCapacity', options.eventCapacity ?? 1024, 0, 2 ** 20);
  // One alone would always be the next to be overwritten.
  if (entries === 1 || (entries & (entries - 1)) !== 0) {
    throw outOfRange('eventCapacity', '0 or a power of two from 2', entries);
  }
  const { MAXIMUM } = ParticlesWords;
  const room = requireInteger('particleCapacity', options.particleCapacity ?? 0, 0, MAXIMUM);
  return { quotaBytes, entries, particles: room };
}
