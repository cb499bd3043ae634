/**
 * What differs between browsers and Node. Each entry point of the package fills this one slot.
 */
import type { CapsuleThread, ThreadEvents, ThreadStart } from '../kernel/supervisor.js';

/** What a worker is told at its start. */
export interface WorkerTask extends ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'left' }
  | { readonly kind: 'crashed'; readonly error: unknown };

/** The engine around us. */
export interface Platform {
  /** Starts a worker that runs a capsule's thread. */
  spawn(task: WorkerTask, name: string, events: ThreadEvents): CapsuleThread;
  /** Compiles the module at a URL. */
  compile(url: URL): Promise<WebAssembly.Module>;
  /** Whether this thread may sleep in an atomic wait. */
  readonly mayBlock: boolean;
  /** How many threads the machine runs at once. */
  readonly hardwareThreads: number;
}

let installed: Platform | undefined;

/** Fills the slot. For the package's entry points. */
export function installPlatform(platform: Platform): void {
  installed = platform;
}

/** The engine around us. */
export function platform(): Platform {
  if (installed === undefined)
    throw new Error('import @inos/sdk by its name, not by a file inside it');
  return installed;
}
