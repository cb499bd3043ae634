/**
 * What browsers are to the runtime.
 *
 * `terminate` only asks: Chromium lets WebAssembly run on for two seconds. Nothing tells when a worker is gone but
 * the end of a lock that it holds (Web Locks), so each takes one, by its own name, before it runs anything.
 */
import { compileAt } from './fetched-wasm.js';
import type { CapsuleWorker, Platform, WorkerMessage } from './platform.js';

function openWorker(): CapsuleWorker {
  const name = `inos ${crypto.randomUUID()}`;
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name });
  const opened: CapsuleWorker = {
    run: (task) => {
      worker.postMessage(task);
    },
    isUp: false,
    onMessage: () => {
      opened.isUp = true;
    },
    lost: new Promise((resolve) => {
      worker.onerror = (event) => {
        event.preventDefault();
        resolve(new Error(event.message || 'the worker could not be loaded'));
      };
    }),
    terminate: async () => {
      worker.terminate();
      await navigator.locks.request(name, () => undefined).catch(() => undefined);
    },
    keepAlive: () => undefined,
  };
  worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
    opened.onMessage(data);
  };
  return opened;
}

export const webPlatform: Platform = {
  openWorker,
  compileAt,
  get canShare() {
    return globalThis.crossOriginIsolated;
  },
  // Only pages have a window, and only there engines forbid it.
  mayBlock: typeof window === 'undefined',
  get hardwareThreads() {
    return globalThis.navigator.hardwareConcurrency;
  },
};
