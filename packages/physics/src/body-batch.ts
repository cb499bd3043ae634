/**
 * Changing many bodies at once: a command for each, written in one go.
 */
import { wrongType } from '@inos/sdk';
import type { Body } from './body.js';
import { beginSet } from './body-options.js';
import type { CommandStream } from './command-stream.js';
import { BodyProperty as Property } from './generated/physics.js';
import { requireKnown } from './known-keys.js';
import { requireBatch, requireUnit, type Numbers } from './numbers.js';

/** What is given to many bodies: x, y, z of each in turn; rotations have x, y, z, w. */
export interface BodyChanges {
  readonly translations?: Numbers;
  readonly rotations?: Numbers;
  /** Metres per second. */
  readonly linearVelocities?: Numbers;
  /** Radians per second. */
  readonly angularVelocities?: Numbers;
  /** Where `kinematic-position` bodies shall be after the next step. */
  readonly nextTranslations?: Numbers;
  readonly nextRotations?: Numbers;
  /** Newtons in each step, besides those there are. */
  readonly forces?: Numbers;
  /** Newton metres in each step, besides those there are. */
  readonly torques?: Numbers;
  /** Newton seconds, at once. */
  readonly impulses?: Numbers;
  readonly torqueImpulses?: Numbers;
}

/** In the order in which they take effect. */
const CHANGES: readonly (readonly [keyof BodyChanges, property: number, width: 3 | 4])[] = [
  ['translations', Property.TRANSLATION, 3],
  ['rotations', Property.ROTATION, 4],
  ['linearVelocities', Property.LINEAR_VELOCITY, 3],
  ['angularVelocities', Property.ANGULAR_VELOCITY, 3],
  ['nextTranslations', Property.NEXT_TRANSLATION, 3],
  ['nextRotations', Property.NEXT_ROTATION, 4],
  ['forces', Property.ADD_FORCE, 3],
  ['torques', Property.ADD_TORQUE, 3],
  ['impulses', Property.IMPULSE, 3],
  ['torqueImpulses', Property.TORQUE_IMPULSE, 3],
];

const CHANGE_KEYS = CHANGES.map(([name]) => name);

/** Checks changes of so many bodies. */
export function requireChanges(changes: BodyChanges, count: number): void {
  if (typeof changes !== 'object' || changes === null) {
    throw wrongType('changes', 'an object of arrays', changes);
  }
  requireKnown('changes', changes, CHANGE_KEYS);
  for (const [name, , width] of CHANGES) {
    const values = changes[name];
    if (values === undefined) continue;
    requireBatch(`changes.${name}`, values, count, width);
    for (let index = 0; width === 4 && index < count; index++) {
      requireUnit(`changes.${name}[${index * 4}]`, values, index * 4);
    }
  }
}

/** Writes the commands of changes that were checked. */
export function writeChanges(
  stream: CommandStream,
  bodies: readonly Body[],
  changes: BodyChanges,
  isWaking: boolean,
): void {
  for (const [name, property, width] of CHANGES) {
    const values = changes[name];
    if (values === undefined) continue;
    bodies.forEach((body, index) =>
      stream.slice(beginSet(stream, body, property, width, isWaking), values, index * width, width),
    );
  }
}
