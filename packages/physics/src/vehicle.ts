/**
 * Vehicles: a chassis on wheels that are rays. The twin of `crates/inos-physics/src/vehicle.rs`.
 */
import { requireInteger, wrongType } from '@inos/sdk';
import { encodeGroups, type InteractionGroups } from './collider-options.js';
import type { CommandStream } from './command-stream.js';
import { VehicleOperand as Operand, WheelOperand, WheelProperty } from './generated/controls.js';
import { Command } from './generated/physics.js';
import { requireKnown, VEHICLE_KEYS } from './known-keys.js';
import {
  requireBoolean,
  requireDirection,
  requireName,
  requireNumber,
  requireNumbers,
  requirePositive,
  requireSize,
  type Numbers,
  type Vector3,
} from './numbers.js';
import { encodeKinds, type QueryFilter } from './query.js';
import type { PropertyOf, Readings } from './read.js';
import type { Handle } from './slots.js';
import type { World } from './world.js';

type AxisName = 'x' | 'y' | 'z';

const AXES = { x: 0, y: 1, z: 2 } as const;

/** How a vehicle stands and what its wheels see. */
export interface VehicleOptions {
  /** @default 'y' */
  readonly upAxis?: AxisName;
  /** @default 'x' */
  readonly forwardAxis?: AxisName;
  /** Groups of what its wheels roll on. */
  readonly groups?: InteractionGroups;
  /** Kinds of what its wheels don't see. */
  readonly exclude?: NonNullable<QueryFilter['exclude']>;
  /**
   * Whether it does its part of each step.
   * @default true
   */
  readonly enabled?: boolean;
}

/** What of a wheel can be changed. */
export interface WheelSettings {
  /** Where its suspension is fixed to the chassis, relative to that. */
  readonly connection?: Vector3;
  /** Which way its suspension points, relative to the chassis. Any length but 0. */
  readonly direction?: Vector3;
  /** Around what it turns, relative to the chassis. Any length but 0. */
  readonly axle?: Vector3;
  /** Metres. */
  readonly suspensionRestLength?: number;
  /** Metres. */
  readonly radius?: number;
  /**
   * Metres that the suspension goes either way.
   * @default 5
   */
  readonly maximumSuspensionTravel?: number;
  /** @default 5.88 */
  readonly suspensionStiffness?: number;
  /**
   * Damping while it is compressed.
   * @default 0.83
   */
  readonly suspensionCompression?: number;
  /**
   * Damping while it is released.
   * @default 0.88
   */
  readonly suspensionRelaxation?: number;
  /**
   * Newtons.
   * @default 6000
   */
  readonly maximumSuspensionForce?: number;
  /**
   * How strongly it is braked.
   * @default 0
   */
  readonly brake?: number;
  /**
   * Radians.
   * @default 0
   */
  readonly steering?: number;
  /**
   * Newtons.
   * @default 0
   */
  readonly engineForce?: number;
  /**
   * How well it grips along its way.
   * @default 10.5
   */
  readonly frictionSlip?: number;
  /**
   * How well it grips sideways.
   * @default 1
   */
  readonly sideFrictionStiffness?: number;
}

/** A wheel to be added. */
export interface WheelOptions extends WheelSettings {
  readonly connection: Vector3;
  /** @default [0, -1, 0] */
  readonly direction?: Vector3;
  /** @default [0, 0, 1] */
  readonly axle?: Vector3;
  readonly suspensionRestLength: number;
  readonly radius: number;
}

type Check = (path: string, value: never) => number | Numbers;

/** Settings: their numbers in the schema, and how they are checked. */
const SETTINGS: Readonly<Record<keyof WheelSettings, readonly [property: number, check: Check]>> = {
  connection: [WheelProperty.CONNECTION, (path, value) => requireNumbers(path, value, 3)],
  direction: [WheelProperty.DIRECTION, requireDirection],
  axle: [WheelProperty.AXLE, requireDirection],
  suspensionRestLength: [WheelProperty.REST_LENGTH, requireSize],
  radius: [WheelProperty.RADIUS, requirePositive],
  maximumSuspensionTravel: [WheelProperty.MAXIMUM_TRAVEL, requireSize],
  suspensionStiffness: [WheelProperty.STIFFNESS, requireSize],
  suspensionCompression: [WheelProperty.COMPRESSION, requireSize],
  suspensionRelaxation: [WheelProperty.RELAXATION, requireSize],
  maximumSuspensionForce: [WheelProperty.MAXIMUM_FORCE, requireSize],
  brake: [WheelProperty.BRAKE, requireSize],
  steering: [WheelProperty.STEERING, (path, value) => requireNumber(path, value)],
  engineForce: [WheelProperty.ENGINE_FORCE, (path, value) => requireNumber(path, value)],
  frictionSlip: [WheelProperty.FRICTION_SLIP, requireSize],
  sideFrictionStiffness: [WheelProperty.SIDE_FRICTION, requireSize],
};

/** Settings that were checked: their numbers and values. */
type EncodedSettings = readonly (readonly [property: number, values: Numbers])[];

function encodeSettings(path: string, settings: WheelSettings): EncodedSettings {
  if (typeof settings !== 'object' || settings === null) {
    throw wrongType(path, 'an object with a wheel’s settings', settings);
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => {
    const [property, check] = requireName(`${path}.${name}`, name, SETTINGS);
    const values = check(`${path}.${name}`, value as never);
    return [property, typeof values === 'number' ? [values] : values] as const;
  });
}

/** A wheel that was checked: what it is made with, and its settings. */
export interface EncodedWheel {
  readonly numbers: readonly (readonly [operand: number, values: Numbers])[];
  readonly settings: EncodedSettings;
}

/** Checks a wheel's options. `path` names them in errors. */
export function encodeWheel(path: string, options: WheelOptions): EncodedWheel {
  if (typeof options !== 'object' || options === null) {
    throw wrongType(path, 'an object with a wheel’s settings', options);
  }
  const { connection, suspensionRestLength, radius, ...rest } = options;
  const { direction = [0, -1, 0], axle = [0, 0, 1], ...settings } = rest;
  const length = requireSize(`${path}.suspensionRestLength`, suspensionRestLength);
  return {
    numbers: [
      [WheelOperand.CONNECTION, requireNumbers(`${path}.connection`, connection, 3)],
      [WheelOperand.DIRECTION, requireDirection(`${path}.direction`, direction)],
      [WheelOperand.AXLE, requireDirection(`${path}.axle`, axle)],
      [WheelOperand.REST_LENGTH, [length]],
      [WheelOperand.RADIUS, [requirePositive(`${path}.radius`, radius)]],
    ],
    settings: encodeSettings(path, settings),
  };
}

/** Options of a vehicle as words, in the order of their operands. It may have `others` besides. */
export function encodeVehicle(
  options: VehicleOptions,
  others: readonly string[] = [],
): readonly number[] {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  requireKnown('options', options, [...VEHICLE_KEYS, ...others]);
  return [
    requireName('options.upAxis', options.upAxis ?? 'y', AXES),
    requireName('options.forwardAxis', options.forwardAxis ?? 'x', AXES),
    encodeKinds(options.exclude ?? []),
    encodeGroups('options.groups', options.groups),
    requireBoolean('options.enabled', options.enabled ?? true) ? 1 : 0,
  ];
}

/** Writes words from `at` on. */
export function writeWords(stream: CommandStream, at: number, words: readonly number[]): void {
  words.forEach((word, index) => stream.word(at + index, word));
}

/** A vehicle of a world. It does its part of each step by itself, just before that. */
export class Vehicle {
  readonly world: World;
  /** Which of the world's controller slots it has. */
  readonly slot: number;
  /** Which of that slot's lives it is. */
  readonly generation: number;
  /** @internal Its life's own number. */
  readonly life: number;

  /** @internal */
  constructor(world: World, { slot, generation, life }: Handle) {
    this.world = world;
    this.slot = slot;
    this.generation = generation;
    this.life = life;
  }

  /**
   * Adds a wheel.
   *
   * @returns its index
   */
  addWheel(options: WheelOptions): number {
    return this.addEncodedWheel(encodeWheel('options', options));
  }

  /** @internal Adds a wheel that was checked. */
  addEncodedWheel({ numbers, settings }: EncodedWheel): number {
    const { stream, at } = this.world.beginControl(this, Command.ADD_WHEEL, WheelOperand.COUNT);
    for (const [operand, values] of numbers) stream.numbers(at + operand, values);
    const index = this.world.noteWheel(this);
    this.#write(index, settings);
    return index;
  }

  /** Changes a wheel, for instance its engine's force, its brake and its steering. */
  setWheel(index: number, settings: WheelSettings): void {
    requireInteger('index', index, 0, this.wheelCount - 1);
    this.#write(index, encodeSettings('settings', settings));
  }

  #write(index: number, settings: EncodedSettings): void {
    for (const [property, values] of settings) {
      const { stream, at } = this.world.beginControl(this, Command.SET_WHEEL, 2 + values.length);
      stream.word(at, index);
      stream.word(at + 1, property);
      stream.numbers(at + 2, values);
    }
  }

  /** Changes how it stands and what its wheels see: all of it, with defaults for what isn't given. */
  setOptions(options: VehicleOptions): void {
    const words = encodeVehicle(options);
    const { stream, at } = this.world.beginControl(this, Command.SET_VEHICLE, Operand.COUNT);
    writeWords(stream, at, words);
  }

  /** How many wheels it has. */
  get wheelCount(): number {
    return this.world.wheelCountOf(this);
  }

  /** One of its properties after the latest step. Many at once: {@link World.readVehicles}. */
  async read<P extends PropertyOf<'vehicle'>>(property: P): Promise<Readings<'vehicle', P>[P]> {
    return (await this.world.readVehicles([this], [property]))[property];
  }

  /** Properties of all its wheels after the latest step. */
  readWheels<P extends PropertyOf<'wheel'>>(
    properties: readonly P[],
  ): Promise<Readings<'wheel', P>> {
    return this.world.readWheels(this, properties);
  }

  /** Forgets it. Its chassis stays. */
  remove(): void {
    this.world.removeControl(this);
  }
}
