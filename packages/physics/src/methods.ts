/**
 * The capsule's methods as jobs. Users hold worlds, which call these.
 */
import { defineMethod, readResult, type MethodsOf, type Price } from '@inos/sdk';
import { createSoftBody, debugLines, list, query, read } from './ask-methods.js';
import type { Commands } from './command-stream.js';
import {
  CreateShapeParams,
  CreateWorldParams,
  CreateWorldResult,
  DigestParams,
  PhysicsLimits,
  PhysicsMethod,
  RestoreParams,
  RestoreSnapshotParams,
  RestoreSnapshotResult,
  SaveParams,
  SaveResult,
  StepParams,
  TakeSnapshotParams,
  TakeSnapshotResult,
} from './generated/physics.js';

/** What stepping costs: 10 micro-credits, and one for each started 100 bodies in a step. */
export const STEP_PRICE: Price = { base: 10n, price: 1n, units: 100n, unit: 'body-step' };
/** What everything else costs: 10 micro-credits. */
const CALL_PRICE: Price = { base: 10n, price: 0n, unit: 'call' };
const ONE_CALL = { minimum: 1, maximum: 1 };

/** What a world is made with, checked. */
export interface WorldSettings {
  readonly poses: Uint8Array<SharedArrayBuffer>;
  readonly events: Uint8Array<SharedArrayBuffer>;
  readonly particles: Uint8Array<SharedArrayBuffer>;
  readonly capacity: number;
  readonly quotaBytes: number;
  readonly gravity: ArrayLike<number>;
  readonly stepSeconds: number;
  readonly solverIterations: number;
  readonly lengthUnit: number;
}

const createWorld = defineMethod({
  id: PhysicsMethod.CREATE_WORLD,
  arity: 1,
  params: CreateWorldParams,
  price: CALL_PRICE,
  resultBytes: 64,
  parse: (settings: WorldSettings) => settings,
  estimate: () => ONE_CALL,
  encode: (params, settings, job) => {
    job.region(params.poses, settings.poses, 'poses');
    job.region(params.events, settings.events, 'events');
    job.region(params.particles, settings.particles, 'particles');
    params.capacity = settings.capacity;
    params.quotaBytes = settings.quotaBytes;
    params.gravityX = settings.gravity[0] ?? 0;
    params.gravityY = settings.gravity[1] ?? 0;
    params.gravityZ = settings.gravity[2] ?? 0;
    params.stepSeconds = settings.stepSeconds;
    params.solverIterations = settings.solverIterations;
    params.lengthUnit = settings.lengthUnit;
  },
  decode: (result) => readResult(result.result(), CreateWorldResult).world,
});

/** One call of `step`. */
export interface StepCall {
  readonly world: number;
  readonly commands: Commands;
  readonly steps: number;
  /** When steps are due, see `Pace`; an empty view for as fast as it can. */
  readonly pace: Commands;
  /** How many bodies the world has. */
  readonly bodies: number;
}

const step = defineMethod({
  id: PhysicsMethod.STEP,
  arity: 1,
  params: StepParams,
  price: STEP_PRICE,
  isReusable: true,
  parse: (call: StepCall) => call,
  estimate: ({ steps, bodies }) => {
    const units = Math.max(1, bodies);
    return { minimum: steps === 0 ? 0 : units, maximum: units * steps };
  },
  encode: (params, { world, commands, steps, pace }, job) => {
    params.world = world;
    job.region(params.commands, commands, 'commands');
    params.steps = steps;
    job.region(params.pace, pace, 'pace');
  },
  decode: () => undefined,
});

const digest = defineMethod({
  id: PhysicsMethod.DIGEST,
  arity: 2,
  params: DigestParams,
  price: CALL_PRICE,
  outputBytes: PhysicsLimits.DIGEST_BYTES,
  isReusable: true,
  parse: (world: number, commands: Commands) => ({ world, commands }),
  estimate: () => ONE_CALL,
  encode: (params, { world, commands }, job) => {
    params.world = world;
    job.region(params.commands, commands, 'commands');
  },
  decode: (result) => result.output(),
});

const save = defineMethod({
  id: PhysicsMethod.SAVE,
  arity: 2,
  params: SaveParams,
  price: CALL_PRICE,
  resultBytes: 64,
  isReusable: true,
  parse: (world: number, commands: Commands) => ({ world, commands }),
  estimate: () => ONE_CALL,
  encode: (params, { world, commands }, job) => {
    params.world = world;
    job.region(params.commands, commands, 'commands');
  },
  decode: (result) => {
    const { saved, byteLength } = readResult(result.result(), SaveResult);
    return { offset: saved, byteLength };
  },
});

const restore = defineMethod({
  id: PhysicsMethod.RESTORE,
  arity: 2,
  params: RestoreParams,
  price: CALL_PRICE,
  isReusable: true,
  parse: (world: number, saved: number) => ({ world, saved }),
  estimate: () => ONE_CALL,
  encode: (params, { world, saved }) => {
    params.world = world;
    params.saved = saved;
  },
  decode: () => undefined,
});

const takeSnapshot = defineMethod({
  id: PhysicsMethod.TAKE_SNAPSHOT,
  arity: 3,
  params: TakeSnapshotParams,
  price: CALL_PRICE,
  resultBytes: 64,
  parse: (world: number, commands: Commands, host: Uint32Array) => ({ world, commands, host }),
  estimate: () => ONE_CALL,
  encode: (params, { world, commands, host }, job) => {
    params.world = world;
    job.region(params.commands, commands, 'commands');
    job.region(params.host, host, 'host');
  },
  decode: (result) => {
    const { snapshot, byteLength } = readResult(result.result(), TakeSnapshotResult);
    return { offset: snapshot, byteLength };
  },
});

/** One call of `restoreSnapshot`. */
export interface RestoreSnapshotCall {
  readonly snapshot: Uint8Array;
  readonly poses: Uint8Array<SharedArrayBuffer>;
  readonly events: Uint8Array<SharedArrayBuffer>;
  readonly particles: Uint8Array<SharedArrayBuffer>;
  readonly quotaBytes: number;
}

const restoreSnapshot = defineMethod({
  id: PhysicsMethod.RESTORE_SNAPSHOT,
  arity: 1,
  params: RestoreSnapshotParams,
  price: CALL_PRICE,
  resultBytes: 64,
  parse: (call: RestoreSnapshotCall) => call,
  estimate: () => ONE_CALL,
  encode: (params, call, job) => {
    job.region(params.snapshot, call.snapshot, 'snapshot');
    job.region(params.poses, call.poses, 'poses');
    job.region(params.events, call.events, 'events');
    job.region(params.particles, call.particles, 'particles');
    params.quotaBytes = call.quotaBytes;
  },
  decode: (result) => readResult(result.result(), RestoreSnapshotResult).world,
});

/** One call of `createShape`. */
export interface ShapeCall {
  readonly world: number;
  readonly commands: Commands;
  readonly slot: number;
  readonly generation: number;
  readonly data: Uint32Array;
}

const createShape = defineMethod({
  id: PhysicsMethod.CREATE_SHAPE,
  arity: 1,
  params: CreateShapeParams,
  price: CALL_PRICE,
  isReusable: true,
  parse: (call: ShapeCall) => call,
  estimate: () => ONE_CALL,
  encode: (params, call, job) => {
    params.world = call.world;
    job.region(params.commands, call.commands, 'commands');
    params.slot = call.slot;
    params.generation = call.generation;
    job.region(params.data, call.data, 'data');
  },
  decode: () => undefined,
});

/** All methods, by name. */
export const methods = {
  createWorld,
  step,
  digest,
  save,
  restore,
  createShape,
  query,
  list,
  read,
  debugLines,
  createSoftBody,
  takeSnapshot,
  restoreSnapshot,
};

/** The methods as the runtime makes them callable. */
export type PhysicsMethods = MethodsOf<typeof methods>;
