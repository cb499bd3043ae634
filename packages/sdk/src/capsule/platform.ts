/**
 * What differs between browsers and Node. Each entry point of the package fills this one slot.
 */
import type { CapsuleThread, ThreadStart } from '../kernel/supervisor.js';

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

/** A worker that runs one capsule thread after another. */
export interface CapsuleWorker extends CapsuleThread {
  /** Has it run a thread. Only while it runs none. */
  run(task: WorkerTask): void;
}

/** What the engine does for capsules that start. */
export interface ThreadPlatform {
  /**
   * Starts a worker.
   *
   * @param onMessage - hears what it says
   * @param onLost - called when it is gone, with the reason; after `terminate` too
   */
  spawn(
    name: string,
    onMessage: (message: WorkerMessage) => void,
    onLost: (reason: unknown) => void,
  ): CapsuleWorker;
  /** Compiles the module at a URL. */
  compile(href: string): Promise<WebAssembly.Module>;
}

/** The engine around us. */
export interface Platform {
  /** Loads what starts threads. */
  threads(): Promise<ThreadPlatform>;
  /** Whether memory can be shared with workers: on pages only with cross-origin isolation. */
  readonly canShare: boolean;
  /** Whether this thread may sleep in an atomic wait. */
  readonly mayBlock: boolean;
  /** How many threads the machine runs at once. */
  readonly hardwareThreads: number;
  /** Hears of each runtime that is made. */
  onCreated?: (runtime: unknown) => void;
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
