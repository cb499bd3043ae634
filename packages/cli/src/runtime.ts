/**
 * The runtime that the commands work with: the mining capsule over one memory, its threads already started.
 */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mining } from '@inos/mining';
import { createInos, hardwareThreads, MAXIMUM_THREADS, type Inos } from '@inos/sdk';
import { writeChromeTrace } from '@inos/sdk/trace';

/** A started runtime with the mining capsule. */
export type MiningRuntime = Awaited<ReturnType<typeof openRuntime>>;

/** Options of {@link openRuntime}. */
export interface RuntimeOptions {
  readonly threads: number;
  readonly maximumBytes?: number;
  readonly credits?: bigint;
  readonly tracing?: boolean;
}

/** The bounds of `--threads`. */
export const THREAD_BOUNDS = { minimum: 1, maximum: MAXIMUM_THREADS } as const;

/** One thread for each core. */
export function defaultThreads(): number {
  return Math.min(hardwareThreads(), THREAD_BOUNDS.maximum);
}

/** Opens a runtime and waits until its threads run. */
export async function openRuntime({ threads, maximumBytes, credits, tracing }: RuntimeOptions) {
  const inos = await createInos({
    capsules: { mining: mining({ threads }) },
    ...(maximumBytes === undefined ? {} : { memory: { maximumBytes } }),
    ...(credits === undefined ? {} : { credits }),
    ...(tracing === undefined ? {} : { tracing }),
  });
  try {
    await inos.mining.start();
  } catch (error) {
    await inos.close({ force: true });
    throw error;
  }
  return inos;
}

/** Writes what happens until the runtime is closed to a file that Perfetto and chrome://tracing open. */
export async function writeTrace(inos: Inos, path: string): Promise<void> {
  await pipeline(Readable.from(writeChromeTrace(inos.trace())), createWriteStream(path));
}
