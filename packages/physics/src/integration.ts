/**
 * How a world is stepped: rapier's integration parameters.
 */
import { requireInteger, wrongType } from '@inos/sdk';
import type { CommandStream } from './command-stream.js';
import { Command, WorldProperty as Property } from './generated/physics.js';
import { requireName, requirePositive, requireSize } from './numbers.js';

/** What of stepping can be changed. {@link World.readWorld} reads them. */
export interface IntegrationSettings {
  /** Seconds of a step. */
  readonly stepSeconds?: number;
  /** How many units a typical body is long. */
  readonly lengthUnit?: number;
  /** How often the solver goes over its constraints in a step: at least once. */
  readonly solverIterations?: number;
  /** How often each of these goes over them. */
  readonly pgsIterations?: number;
  /** How often it does so to undo what was pushed apart. */
  readonly stabilizationIterations?: number;
  /** Substeps at most for continuous collision detection. */
  readonly ccdSubsteps?: number;
  /** How stiffly contacts push apart, in hertz. */
  readonly contactFrequency?: number;
  readonly contactDampingRatio?: number;
  /** How deep bodies may lie in each other, in {@link lengthUnit}s. */
  readonly allowedLinearError?: number;
  /** From how far apart on contacts are found, in {@link lengthUnit}s. */
  readonly predictionDistance?: number;
  /** How fast bodies are pushed apart at most, in {@link lengthUnit}s a second. */
  readonly maximumCorrectiveVelocity?: number;
  /** How much of a step's impulses the next one begins with. */
  readonly warmstart?: number;
}

type Entry = readonly [property: number, type: 'positive' | 'size' | 'count', least?: number];

const SETTINGS: Readonly<Record<keyof IntegrationSettings, Entry>> = {
  stepSeconds: [Property.STEP_SECONDS, 'positive'],
  lengthUnit: [Property.LENGTH_UNIT, 'positive'],
  solverIterations: [Property.SOLVER_ITERATIONS, 'count', 1],
  pgsIterations: [Property.PGS_ITERATIONS, 'count'],
  stabilizationIterations: [Property.STABILIZATION_ITERATIONS, 'count'],
  ccdSubsteps: [Property.CCD_SUBSTEPS, 'count'],
  contactFrequency: [Property.CONTACT_FREQUENCY, 'positive'],
  contactDampingRatio: [Property.CONTACT_DAMPING_RATIO, 'positive'],
  allowedLinearError: [Property.ALLOWED_LINEAR_ERROR, 'size'],
  predictionDistance: [Property.PREDICTION_DISTANCE, 'size'],
  maximumCorrectiveVelocity: [Property.MAXIMUM_CORRECTIVE_VELOCITY, 'size'],
  warmstart: [Property.WARMSTART, 'size'],
};

/** Checks settings, all of them before any is written. */
export function writeIntegration(stream: CommandStream, settings: IntegrationSettings): void {
  if (typeof settings !== 'object' || settings === null) {
    throw wrongType('settings', 'an object', settings);
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const checked = given.map(([name, value]) => {
    const path = `settings.${name}`;
    const [property, type, least = 0] = requireName(path, name, SETTINGS);
    if (type === 'count') {
      return { property, value: requireInteger(path, value, least, 255), isCount: true };
    }
    const number = type === 'size' ? requireSize(path, value) : requirePositive(path, value);
    return { property, value: number, isCount: false };
  });
  for (const { property, value, isCount } of checked) {
    const at = stream.begin(Command.SET_WORLD, 2);
    stream.word(at, property);
    if (isCount) stream.word(at + 1, value);
    else stream.number(at + 1, value);
  }
}
