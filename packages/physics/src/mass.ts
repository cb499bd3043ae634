/**
 * Mass properties: how heavy something is, and how it resists being turned.
 */
import { wrongType } from '@inos/sdk';
import {
  requireNumbers,
  requireRotation,
  requireSize,
  type Rotation,
  type Vector3,
} from './numbers.js';

/** How heavy something is, around which point, and how it resists being turned. */
export interface MassProperties {
  /** Kilograms. */
  readonly mass: number;
  /**
   * In its own frame.
   * @default [0, 0, 0]
   */
  readonly centerOfMass?: Vector3;
  /** Kilogram square metres around the axes of {@link inertiaFrame}. */
  readonly principalInertia: Vector3;
  /**
   * How those axes are turned in its own frame.
   * @default [0, 0, 0, 1]
   */
  readonly inertiaFrame?: Rotation;
}

/** Mass properties as commands carry them. `path` names them in errors. */
export function encodeMass(path: string, properties: MassProperties): readonly number[] {
  if (typeof properties !== 'object' || properties === null) {
    throw wrongType(path, 'an object with a mass', properties);
  }
  const { mass, centerOfMass = [0, 0, 0], principalInertia } = properties;
  const { inertiaFrame = [0, 0, 0, 1] } = properties;
  const inertia = requireNumbers(`${path}.principalInertia`, principalInertia, 3);
  return [
    requireSize(`${path}.mass`, mass),
    ...Array.from(requireNumbers(`${path}.centerOfMass`, centerOfMass, 3)),
    ...Array.from(inertia, (value, axis) =>
      requireSize(`${path}.principalInertia[${axis}]`, value),
    ),
    ...Array.from(requireRotation(`${path}.inertiaFrame`, inertiaFrame)),
  ];
}
