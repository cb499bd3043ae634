/**
 * The runtime that the commands work with: the mining capsule over one memory, its threads already started.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mining } from '@inos/mining';
import { createInos, hardwareThreads, MAXIMUM_THREADS, type Inos } from '@inos/sdk';

/** A started runtime with the mining capsule. */
export type MiningRuntime = Awaited<ReturnType<typeof openRuntime>>;

/** Options of {@link openRuntime}. */
export interface RuntimeOptions {
  readonly threads: number;
  readonly maximumBytes?: number;
  readonly credits?: bigint;
  readonly tracing?: boolean;
}

/** Who looks at a whole command's trace looks for each of its jobs. */
const ALL_JOBS = { jobsPerSecond: Infinity };

/** The bounds of `--threads`. */
export const THREAD_BOUNDS = { minimum: 1, maximum: MAXIMUM_THREADS } as const;

/** One thread for each core. */
export function defaultThreads(): number {
  return Math.min(hardwareThreads(), THREAD_BOUNDS.maximum);
}

/** Opens a runtime and waits until its threads run. */
export async function openRuntime(options: RuntimeOptions) {
  const capsules = { mining: mining({ threads: options.threads }) };
  return started(await createInos({ capsules, ...settings(options) }));
}

/** A started, tracing runtime with both capsules. */
export type DemoRuntime = Awaited<ReturnType<typeof openDemoRuntime>>;

/** Opens what the demo works with: as {@link openRuntime}, with a second capsule in the same memory. */
export async function openDemoRuntime(options: RuntimeOptions) {
  // Other commands needn't load it.
  const { physics } = await import('@inos/physics');
  const capsules = { mining: mining({ threads: options.threads }), physics: physics() };
  return started(await createInos({ capsules, ...settings({ ...options, tracing: true }) }));
}

function settings({ maximumBytes, credits, tracing = false }: RuntimeOptions) {
  return {
    tracing: tracing && ALL_JOBS,
    ...(maximumBytes === undefined ? {} : { memory: { maximumBytes } }),
    ...(credits === undefined ? {} : { credits }),
  };
}

async function started<R extends Startable>(inos: R): Promise<R> {
  try {
    await inos.mining.start();
  } catch (error) {
    await inos.close({ force: true });
    throw error;
  }
  return inos;
}

interface Startable {
  readonly mining: { start(): Promise<void> };
  close(options: { readonly force: boolean }): Promise<void>;
}

/** Writes what happens until the runtime is closed to a file that Perfetto and chrome://tracing open. */
export async function writeTrace(inos: Inos, path: string): Promise<void> {
  const trace = inos.trace();
  const { writeChromeTrace } = await import('@inos/sdk/trace');
  await pipeline(Readable.from(writeChromeTrace(trace)), createWriteStream(path));
}
