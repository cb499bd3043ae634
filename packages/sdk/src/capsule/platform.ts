/**
 * What differs between browsers and Node. Each entry point of the package fills this one slot.
 */
import type { ThreadStart } from '../kernel/supervisor.js';
import type { Turn } from './turns.js';

/** A capsule's thread, for whoever runs it. */
export interface ThreadTask extends ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** What a worker is told: a thread to run, in its turn. */
export interface WorkerTask extends ThreadTask {
  readonly turn: Turn;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'up' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'left' }
  | { readonly kind: 'crashed'; readonly error: unknown };

/** Compiles the module at a URL, unless it is told to stop before that has come. */
export type CompileAt = (href: string, signal: AbortSignal) => Promise<WebAssembly.Module>;

/** A worker that runs one capsule thread after another. */
export interface CapsuleWorker {
  /** Has it run a thread, when it runs none. */
  run(task: WorkerTask): void;
  /** Whether it is there. */
  isUp: boolean;
  /** Hears what it says. At first, that it is there. */
  onMessage: (message: WorkerMessage) => void;
  /** Resolves when it is gone, with the reason; after `terminate` too. */
  readonly lost: Promise<unknown>;
  /** Ends it, wherever it is. Resolves when it has ended. */
  terminate(): Promise<void>;
  /** Whether the process should stay alive for it. At first it should not. */
  keepAlive(isNeeded: boolean): void;
}

/** The engine around us. */
export interface Platform {
  /** Starts a worker. It takes tasks at once, and does them when it is there. */
  openWorker(): CapsuleWorker;
  readonly compileAt: CompileAt;
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
