/**
 * What a world is made with.
 */
import { outOfRange, requireInteger, wrongType, type SafeSAB } from '@inos/sdk';
import { PhysicsLimits } from './generated/physics.js';
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

/** Options that were checked, and how many events are kept. */
export interface EncodedWorld {
  readonly settings: Omit<WorldSettings, 'poses' | 'events'>;
  readonly entries: number;
}

/** Checks a world's options. */
export function encodeWorld(memory: SafeSAB, options: WorldOptions): EncodedWorld {
  const { quotaBytes, entries } = encodeMemory(memory, options);
  const most = PhysicsLimits.MAXIMUM_BODIES;
  const capacity = requireInteger('capacity', options.capacity ?? 1024, 1, most);
  const settings = {
    capacity,
    gravity: requireNumbers('gravity', options.gravity ?? GRAVITY, 3),
    stepSeconds: requirePositive('stepSeconds', options.stepSeconds ?? 1 / 60),
    solverIterations: requireInteger('solverIterations', options.solverIterations ?? 4, 1, 255),
    lengthUnit: requirePositive('lengthUnit', options.lengthUnit ?? 1),
    quotaBytes,
  };
  return { settings, entries };
}

/** Checks how much memory a world may have, and how many events. */
export function encodeMemory(
  memory: SafeSAB,
  options: RestoreOptions,
): { readonly quotaBytes: number; readonly entries: number } {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  const largest = Math.min(memory.maximumBytes, 2 ** 32 - 1);
  const given = options.memoryBytes ?? largest;
  const quotaBytes = requireInteger('memoryBytes', given, 2 ** 20, largest);
  const entries = requireInteger('eventCapacity', options.eventCapacity ?? 1024, 0, 2 ** 20);
  if ((entries & (entries - 1)) !== 0) {
    throw outOfRange('eventCapacity', '0 or a power of two', entries);
  }
  return { quotaBytes, entries };
}
