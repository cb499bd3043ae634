/**
 * PID controllers: they give a body the velocity that takes it to where it shall be. The twin of
 * `crates/inos-physics/src/pid.rs`.
 */
import { wrongType } from '@inos/sdk';
import type { CommandStream } from './command-stream.js';
import { PidFlag, PidOperand as Operand, PidTarget as Target } from './generated/controls.js';
import { Command } from './generated/physics.js';
import { AXES, type JointAxis } from './joint.js';
import { requireKnown } from './known-keys.js';
import {
  requireName,
  requireNumbers,
  requireRotation,
  requireSize,
  type Rotation,
  type Vector3,
} from './numbers.js';
import type { PropertyOf, Readings } from './read.js';
import type { Handle } from './slots.js';
import type { World } from './world.js';

/** A gain: of all three axes, or of each. */
export type PidGain = number | Vector3;

/** Gains of one kind of motion. */
export interface PidGains {
  /**
   * How strongly it is drawn to the target: velocity for each metre or radian.
   * @default 60
   */
  readonly proportional?: PidGain;
  /**
   * How strongly what was missed so far counts.
   * @default 1
   */
  readonly integral?: PidGain;
  /**
   * How much of the difference in velocity is taken away.
   * @default 0.8
   */
  readonly derivative?: PidGain;
}

/** What a controller does. */
export interface PidOptions {
  readonly linear?: PidGains;
  readonly angular?: PidGains;
  /**
   * Along and around which of the world's axes it works.
   * @default all
   */
  readonly axes?: readonly JointAxis[];
}

/** Where a body shall be. */
export interface PidGoal {
  /** Metres; without it, its place isn't touched. */
  readonly position?: Vector3;
  /** Without it, how it is turned isn't touched. */
  readonly rotation?: Rotation;
  /**
   * How fast it shall be there, in metres per second.
   * @default [0, 0, 0]
   */
  readonly linearVelocity?: Vector3;
  /** @default [0, 0, 0] */
  readonly angularVelocity?: Vector3;
}

/** Options as commands carry them. */
export interface EncodedPid {
  readonly axes: number;
  readonly gains: readonly number[];
}

function encodeGain(path: string, gain: PidGain): readonly number[] {
  if (typeof gain === 'number') return Array<number>(3).fill(requireSize(path, gain));
  return Array.from(requireNumbers(path, gain, 3), (value, axis) =>
    requireSize(`${path}[${axis}]`, value),
  );
}

function encodeGains(path: string, gains: PidGains = {}): readonly number[] {
  if (typeof gains !== 'object' || gains === null) {
    throw wrongType(path, 'an object with gains', gains);
  }
  return [
    ...encodeGain(`${path}.proportional`, gains.proportional ?? 60),
    ...encodeGain(`${path}.integral`, gains.integral ?? 1),
    ...encodeGain(`${path}.derivative`, gains.derivative ?? 0.8),
  ];
}

const PID_KEYS: readonly string[] = ['linear', 'angular', 'axes'];
const GOAL_KEYS: readonly string[] = ['position', 'rotation', 'linearVelocity', 'angularVelocity'];

/** Checks what a controller does. */
export function encodePid(options: PidOptions): EncodedPid {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  requireKnown('options', options, PID_KEYS);
  const { axes } = options;
  if (axes !== undefined && !Array.isArray(axes)) {
    throw wrongType('options.axes', 'an array of axes', axes);
  }
  const bits = axes?.reduce<number>(
    (all, axis, index) => all | (1 << requireName(`options.axes[${index}]`, axis, AXES)),
    0,
  );
  return {
    axes: bits ?? 0b11_1111,
    gains: [
      ...encodeGains('options.linear', options.linear),
      ...encodeGains('options.angular', options.angular),
    ],
  };
}

/** Writes options from `at` on. */
export function writePid(stream: CommandStream, at: number, { axes, gains }: EncodedPid): void {
  stream.word(at + Operand.AXES, axes);
  stream.numbers(at + Operand.LINEAR_GAINS, gains);
}

/** A PID controller of a body. */
export class Pid {
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

  /** Draws the body to a goal before each step, from now on. Without a goal, no longer. */
  follow(goal?: PidGoal): void {
    this.#aim(goal ?? {}, 0);
  }

  /** Changes the body's velocity towards a goal, once. */
  correct(goal: PidGoal): void {
    this.#aim(goal, PidFlag.ONCE);
  }

  #aim(goal: PidGoal, flag: number): void {
    if (typeof goal !== 'object' || goal === null) {
      throw wrongType('goal', 'an object with a position or a rotation', goal);
    }
    requireKnown('goal', goal, GOAL_KEYS);
    const { position, rotation, linearVelocity = ORIGIN, angularVelocity = ORIGIN } = goal;
    const numbers = [
      [Target.POSITION, requireNumbers('goal.position', position ?? ORIGIN, 3)],
      [Target.ROTATION, requireRotation('goal.rotation', rotation ?? UNTURNED)],
      [Target.LINEAR_VELOCITY, requireNumbers('goal.linearVelocity', linearVelocity, 3)],
      [Target.ANGULAR_VELOCITY, requireNumbers('goal.angularVelocity', angularVelocity, 3)],
    ] as const;
    const { stream, at } = this.world.beginControl(this, Command.TARGET_PID, Target.COUNT);
    const linear = position === undefined ? 0 : PidFlag.LINEAR;
    const angular = rotation === undefined ? 0 : PidFlag.ANGULAR;
    stream.word(at + Target.FLAGS, flag | linear | angular);
    for (const [operand, values] of numbers) stream.numbers(at + operand, values);
  }

  /** Changes what it does: all of it, with defaults for what isn't given. */
  setOptions(options: PidOptions): void {
    const encoded = encodePid(options);
    const { stream, at } = this.world.beginControl(this, Command.SET_PID, Operand.COUNT);
    writePid(stream, at, encoded);
  }

  /** Forgets what was missed so far. */
  resetIntegrals(): void {
    this.world.beginControl(this, Command.RESET_PID, 0);
  }

  /** One of its properties. */
  async read<P extends PropertyOf<'pid'>>(property: P): Promise<Readings<'pid', P>[P]> {
    return (await this.world.readPids([this], [property]))[property];
  }

  /** Forgets it. Its body stays. */
  remove(): void {
    this.world.removeControl(this);
  }
}

const ORIGIN = [0, 0, 0] as const;
const UNTURNED = [0, 0, 0, 1] as const;
