/**
 * The capsule's methods that list and read. Users hold worlds, which call these.
 */
import { defineMethod, MAXIMUM_THREADS, readResult, type Price } from '@inos/sdk';
import type { Commands } from './command-stream.js';
import {
  CreateSoftBodyParams,
  CreateSoftBodyResult,
  DebugLinesParams,
  ListParams,
  PhysicsMethod,
  QueryParams,
  ReadParams,
} from './generated/physics.js';
import { writeQuery, type QueryCall } from './query.js';

/** What queries cost: 10 micro-credits, and one for each started 100. */
const QUERY_PRICE: Price = { base: 10n, price: 1n, units: 100n, unit: 'query' };

/** So many are worth waking other threads for. */
const SHARED_QUERIES = 256;

/** Many questions with one answer each, by all threads of the capsule. */
export const query = defineMethod({
  id: PhysicsMethod.QUERY,
  arity: 1,
  params: QueryParams,
  price: QUERY_PRICE,
  isReusable: true,
  parse: (call: QueryCall) => call,
  estimate: ({ count }) => ({ minimum: Math.min(1, count), maximum: count }),
  // Threads read the world side by side; one that changes it first does so alone.
  threads: ({ commands, count }) =>
    commands.byteLength === 0 && count >= SHARED_QUERIES ? MAXIMUM_THREADS : 1,
  encode: (params, call, job) => {
    writeQuery(params, call);
    job.region(params.commands, call.commands, 'commands');
    job.region(params.shape, call.shape, 'shape');
    job.region(params.input, call.input, 'input');
    job.region(params.output, call.output, 'output');
  },
  decode: () => undefined,
});

export const list = defineMethod({
  id: PhysicsMethod.LIST,
  arity: 1,
  params: ListParams,
  price: QUERY_PRICE,
  parse: (call: QueryCall) => call,
  estimate: ({ count }) => ({ minimum: Math.min(1, count), maximum: count }),
  encode: (params, call, job) => {
    const inner = params._initQuery();
    writeQuery(inner, call);
    job.region(inner.commands, call.commands, 'commands');
    job.region(inner.shape, call.shape, 'shape');
    job.region(inner.input, call.input, 'input');
    job.region(inner.output, call.output, 'output');
  },
  decode: () => undefined,
});

/** One call of `createSoftBody`. */
export interface SoftBodyCall {
  readonly world: number;
  readonly commands: Commands;
  readonly slot: number;
  readonly generation: number;
  readonly data: Uint32Array;
}

export const createSoftBody = defineMethod({
  id: PhysicsMethod.CREATE_SOFT_BODY,
  arity: 1,
  params: CreateSoftBodyParams,
  price: QUERY_PRICE,
  resultBytes: 64,
  parse: (call: SoftBodyCall) => call,
  estimate: () => ({ minimum: 1, maximum: 1 }),
  encode: (params, call, job) => {
    params.world = call.world;
    job.region(params.commands, call.commands, 'commands');
    params.slot = call.slot;
    params.generation = call.generation;
    job.region(params.data, call.data, 'data');
  },
  decode: (result) => readResult(result.result(), CreateSoftBodyResult).particles,
});

/** One call of `read`. */
export interface ReadCall {
  readonly world: number;
  readonly commands: Commands;
  readonly subject: number;
  readonly properties: number;
  /** How many things. */
  readonly count: number;
  readonly input: Uint32Array;
  readonly output: Uint32Array<SharedArrayBuffer>;
}

export const read = defineMethod({
  id: PhysicsMethod.READ,
  arity: 1,
  params: ReadParams,
  price: QUERY_PRICE,
  isReusable: true,
  parse: (call: ReadCall) => call,
  estimate: ({ count }) => ({ minimum: Math.min(1, count), maximum: count }),
  encode: (params, call, job) => {
    params.world = call.world;
    job.region(params.commands, call.commands, 'commands');
    params.subject = call.subject;
    params.properties = call.properties;
    job.region(params.input, call.input, 'input');
    job.region(params.output, call.output, 'output');
  },
  decode: () => undefined,
});

/** One call of `debugLines`. */
export interface DebugLinesCall {
  readonly world: number;
  readonly commands: Commands;
  readonly modes: number;
  readonly exclude: number;
  readonly output: Uint32Array<SharedArrayBuffer>;
}

export const debugLines = defineMethod({
  id: PhysicsMethod.DEBUG_LINES,
  arity: 1,
  params: DebugLinesParams,
  price: QUERY_PRICE,
  isReusable: true,
  parse: (call: DebugLinesCall) => call,
  estimate: () => ({ minimum: 1, maximum: 1 }),
  encode: (params, call, job) => {
    params.world = call.world;
    job.region(params.commands, call.commands, 'commands');
    params.modes = call.modes;
    params.exclude = call.exclude;
    job.region(params.output, call.output, 'output');
  },
  decode: () => undefined,
});
