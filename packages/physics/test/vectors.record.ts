/**
 * Writes vectors/physics/worlds.json anew: `RECORD=1 npx vitest run test/record.test.ts` in packages/physics.
 * Each world is what the host wrote for it, command by command, and the digest it came to.
 */
import type { Physics, WorldOptions } from '@inos/physics';
import type { SafeSAB, Standalone } from '@inos/sdk';
import { CommandWords, SnapshotWords } from '../src/generated/physics.js';
import { hexOf } from './shared/hex.js';
import type { Scene } from './shared/scenes.js';

/** A stream of commands, as hexadecimal digits of little-endian words, and how many steps came after it. */
export interface RecordedJob {
  readonly commands: string;
  readonly steps: number;
  /** A shape that was made after them. */
  readonly shape?: RecordedPart;
  /** A soft body that was made, likewise. */
  readonly softBody?: RecordedPart;
}

/** What was made of many words, in generation 0 of its slot. */
export interface RecordedPart {
  readonly slot: number;
  readonly data: string;
}

/** One world of the vectors. */
export interface RecordedWorld {
  readonly name: string;
  readonly options: WorldOptions;
  readonly jobs: readonly RecordedJob[];
  readonly bodies: number;
  readonly steps: number;
  readonly digest: string;
  readonly snapshot: RecordedSnapshot;
}

/** What the world's snapshot was at the end: its checksum is that of all its bytes. */
export interface RecordedSnapshot {
  /** The host's bytes in it. */
  readonly host: string;
  readonly checksum: string;
  readonly byteLength: number;
  /** What the world comes to that many steps later. */
  readonly later: { readonly steps: number; readonly digest: string };
}

/** Steps after a snapshot. */
const LATER = 50;

/** Takes a snapshot apart. */
export function partsOf(snapshot: Uint8Array): Omit<RecordedSnapshot, 'later'> {
  const { CHECKSUM, HEAD_BYTES, HOST_BYTES } = SnapshotWords;
  const hostBytes = new DataView(snapshot.buffer).getUint32(HOST_BYTES * 4, true);
  return {
    host: hexOf(snapshot.subarray(HEAD_BYTES, HEAD_BYTES + hostBytes)),
    checksum: hexOf(snapshot.subarray(CHECKSUM * 4, CHECKSUM * 4 + 32)),
    byteLength: snapshot.byteLength,
  };
}

/** Runs a scene and notes each stream of commands when the host frees it, which is right after its job. */
export async function record(physics: Standalone<Physics>, scene: Scene): Promise<RecordedWorld> {
  const jobs: RecordedJob[] = [];
  let copied = '';
  await using world = await physics.createWorld(scene.options);
  const createShape = world.createShape.bind(world);
  const createSoftBody = world.createSoftBody.bind(world);
  Object.assign(world, {
    createShape: async (definition: Parameters<typeof createShape>[0]) => {
      copied = '';
      const shape = await createShape(definition);
      jobs.push({ commands: '', steps: 0, shape: { slot: shape.slot, data: copied } });
      return shape;
    },
    createSoftBody: async (options: Parameters<typeof createSoftBody>[0]) => {
      copied = '';
      const body = await createSoftBody(options);
      jobs.push({ commands: '', steps: 0, softBody: { slot: body.slot, data: copied } });
      return body;
    },
  });
  const stop = watchFreed(physics.memory, (stream) => {
    // Words of shapes and soft bodies are copied into the shared memory for their job.
    if (stream instanceof Uint8Array) {
      copied = hexOf(stream);
      return;
    }
    const count = stream[CommandWords.WORDS] ?? 0;
    const words = stream.slice(CommandWords.HEAD, CommandWords.HEAD + count);
    jobs.push({ commands: hexOf(new Uint8Array(words.buffer)), steps: 0 });
  });
  const step = world.step.bind(world);
  let isStepping = false;
  Object.assign(world, {
    step: async (steps: number) => {
      if (isStepping) throw new Error('a scene awaits each step');
      isStepping = true;
      const before = jobs.length;
      const outcome = await step(steps);
      isStepping = false;
      if (jobs.length === before) jobs.push({ commands: '', steps });
      else jobs[before] = { commands: jobs[before]?.commands ?? '', steps };
      return outcome;
    },
  });
  await scene.run(world);
  const digest = hexOf(await world.digest());
  stop();
  const { name, options } = scene;
  const { bodyCount: bodies } = world;
  const { step: steps } = world.poses;
  const parts = partsOf(await world.takeSnapshot());
  await step(LATER);
  const later = { steps: LATER, digest: hexOf(await world.digest()) };
  return { name, options, jobs, bodies, steps, digest, snapshot: { ...parts, later } };
}

function watchFreed(memory: SafeSAB, see: (freed: Uint32Array | Uint8Array) => void): () => void {
  const { arena } = memory;
  const free = memory.free.bind(memory);
  const alloc = memory.alloc.bind(memory);
  const freeAt = arena.free.bind(arena);
  const copies = new Map<number, Uint8Array>();
  memory.free = (view) => {
    if (view instanceof Uint32Array && view[CommandWords.TAKEN] === 1) see(view);
    free(view);
  };
  // What a job's arguments were copied into is freed by its place.
  memory.alloc = ((...given: Parameters<typeof alloc>) => {
    const view = alloc(...given);
    if (view instanceof Uint8Array) copies.set(view.byteOffset, view);
    return view;
  }) as typeof memory.alloc;
  arena.free = (offset) => {
    const copy = copies.get(offset);
    if (copy !== undefined) see(copy);
    copies.delete(offset);
    return freeAt(offset);
  };
  return () => {
    Object.assign(memory, { free, alloc });
    arena.free = freeAt;
  };
}
