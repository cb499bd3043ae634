/**
 * Characters: colliders that walk. The twin of `crates/inos-physics/src/character.rs`.
 */
import { wrongType } from '@inos/sdk';
import { encodeGroups, type InteractionGroups } from './collider-options.js';
import type { CommandStream } from './command-stream.js';
import { CharacterFlag as Flag, CharacterOperand as Operand } from './generated/controls.js';
import { Command } from './generated/physics.js';
import { CHARACTER_KEYS, requireKnown } from './known-keys.js';
import type { CharacterCollisionList } from './list.js';
import {
  requireBoolean,
  requireDirection,
  requireNumbers,
  requireSize,
  type Vector3,
} from './numbers.js';
import { encodeKinds, type QueryFilter } from './query.js';
import type { PropertyOf, Readings } from './read.js';
import type { Handle } from './slots.js';
import type { World } from './world.js';

/** Metres, or a share of the character's height. */
export type CharacterLength = number | { readonly share: number };

/** How a character climbs steps. */
export interface CharacterSteps {
  /** The highest step. */
  readonly maximumHeight: CharacterLength;
  /** The least room on it. */
  readonly minimumWidth: CharacterLength;
  /**
   * Whether it steps on dynamic bodies.
   * @default true
   */
  readonly onDynamicBodies?: boolean;
}

/** How a character walks. */
export interface CharacterOptions {
  /**
   * Which way is up. Any length but 0.
   * @default [0, 1, 0]
   */
  readonly up?: Vector3;
  /**
   * The gap that it keeps from what is around it. Not 0, or it gets stuck.
   * @default { share: 0.01 }
   */
  readonly offset?: CharacterLength;
  /**
   * Whether it slides along what it runs into, or stops.
   * @default true
   */
  readonly slide?: boolean;
  /** Without it, it climbs none. */
  readonly steps?: CharacterSteps;
  /**
   * The steepest slope that it walks up, in radians.
   * @default Math.PI / 4
   */
  readonly maximumClimbAngle?: number;
  /**
   * The least steep slope that it slides down, in radians.
   * @default Math.PI / 4
   */
  readonly minimumSlideAngle?: number;
  /**
   * How far it drops to stay on the ground; `undefined` for not at all.
   * @default { share: 0.2 }
   */
  readonly snapToGround?: CharacterLength | undefined;
  /**
   * How far it moves off what it slides along.
   * @default 1e-4
   */
  readonly nudge?: number;
  /**
   * Whether it pushes dynamic bodies.
   * @default false
   */
  readonly pushes?: boolean;
  /**
   * Kilograms that it pushes with.
   * @default its body's
   */
  readonly mass?: number;
  /** Groups of what it doesn't walk through. */
  readonly groups?: InteractionGroups;
  /** Kinds of what it walks through. */
  readonly exclude?: NonNullable<QueryFilter['exclude']>;
}

/** Options as commands carry them: numbers and words by their operand. */
export interface EncodedCharacter {
  readonly words: readonly (readonly [operand: number, value: number])[];
  readonly numbers: readonly (readonly [operand: number, values: ArrayLike<number>])[];
}

function requireLength(path: string, length: CharacterLength) {
  if (typeof length !== 'object' || length === null) {
    return { value: requireSize(path, length), isShare: false };
  }
  return { value: requireSize(`${path}.share`, length.share), isShare: true };
}

const NO_LENGTH = { value: 0, isShare: false };

/** Checks how a character walks. */
export function encodeCharacter(options: CharacterOptions): EncodedCharacter {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  requireKnown('options', options, CHARACTER_KEYS);
  const { steps } = options;
  const offset = requireLength('options.offset', options.offset ?? { share: 0.01 });
  if (steps !== undefined && (typeof steps !== 'object' || steps === null)) {
    throw wrongType('options.steps', 'an object', steps);
  }
  const height = steps
    ? requireLength('options.steps.maximumHeight', steps.maximumHeight)
    : NO_LENGTH;
  const width = steps ? requireLength('options.steps.minimumWidth', steps.minimumWidth) : NO_LENGTH;
  const given = 'snapToGround' in options ? options.snapToGround : { share: 0.2 };
  const snap = given === undefined ? NO_LENGTH : requireLength('options.snapToGround', given);
  const flag = (name: string, value: boolean, bit: number) =>
    requireBoolean(`options.${name}`, value) ? bit : 0;
  const flags =
    flag('slide', options.slide ?? true, Flag.SLIDE) |
    (steps ? Flag.STEP : 0) |
    flag('steps.onDynamicBodies', steps?.onDynamicBodies ?? true, Flag.STEP_ON_DYNAMIC) |
    (given === undefined ? 0 : Flag.SNAP) |
    flag('pushes', options.pushes ?? false, Flag.PUSH) |
    (options.mass === undefined ? 0 : Flag.MASS_GIVEN) |
    (offset.isShare ? Flag.OFFSET_RELATIVE : 0) |
    (height.isShare ? Flag.STEP_HEIGHT_RELATIVE : 0) |
    (width.isShare ? Flag.STEP_WIDTH_RELATIVE : 0) |
    (snap.isShare ? Flag.SNAP_RELATIVE : 0);
  const angle = (name: string, value: number | undefined) =>
    requireSize(`options.${name}`, value ?? Math.PI / 4);
  return {
    words: [
      [Operand.FLAGS, flags],
      [Operand.FILTER, encodeKinds(options.exclude ?? [])],
      [Operand.GROUPS, encodeGroups('options.groups', options.groups)],
    ],
    numbers: [
      [Operand.UP, requireDirection('options.up', options.up ?? [0, 1, 0])],
      [Operand.OFFSET, [offset.value]],
      [Operand.CLIMB_ANGLE, [angle('maximumClimbAngle', options.maximumClimbAngle)]],
      [Operand.SLIDE_ANGLE, [angle('minimumSlideAngle', options.minimumSlideAngle)]],
      [Operand.STEP_HEIGHT, [height.value]],
      [Operand.STEP_WIDTH, [width.value]],
      [Operand.SNAP_DISTANCE, [snap.value]],
      [Operand.NUDGE, [requireSize('options.nudge', options.nudge ?? 1e-4)]],
      [Operand.MASS, [requireSize('options.mass', options.mass ?? 0)]],
    ],
  };
}

/** Writes options from `at` on. */
export function writeCharacter(stream: CommandStream, at: number, options: EncodedCharacter): void {
  for (const [operand, value] of options.words) stream.word(at + operand, value);
  for (const [operand, values] of options.numbers) stream.numbers(at + operand, values);
}

/**
 * A collider that walks. A move is found with the other commands, before the world's next step, against the world
 * as it was after the latest.
 */
export class Character {
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
   * Moves it as far as it gets: a `kinematic-position` body with the next step, a collider without a body at once.
   *
   * @param translation - where it wants to, in metres from where it is
   */
  move(translation: Vector3): void {
    this.#go(requireNumbers('translation', translation, 3), true);
  }

  /** Finds how far it would get, for {@link read}, and leaves it where it is. */
  probe(translation: Vector3): void {
    this.#go(requireNumbers('translation', translation, 3), false);
  }

  #go(translation: ArrayLike<number>, isTaken: boolean): void {
    const { stream, at } = this.world.beginControl(this, Command.MOVE_CHARACTER, 4);
    stream.numbers(at, translation);
    stream.word(at + 3, isTaken ? 1 : 0);
  }

  /** Changes how it walks: all of it, with defaults for what isn't given. */
  setOptions(options: CharacterOptions): void {
    const encoded = encodeCharacter(options);
    const { stream, at } = this.world.beginControl(this, Command.SET_CHARACTER, Operand.COUNT);
    writeCharacter(stream, at, encoded);
  }

  /** What its latest move came to. Many at once: {@link World.readCharacters}. */
  async read<P extends PropertyOf<'character'>>(property: P): Promise<Readings<'character', P>[P]> {
    return (await this.world.readCharacters([this], [property]))[property];
  }

  /** What it ran into in its latest move. */
  readCollisions(): Promise<CharacterCollisionList> {
    return this.world.readCharacterCollisions([this]);
  }

  /** Forgets it. Its collider stays. */
  remove(): void {
    this.world.removeControl(this);
  }
}
