/**
 * Browsers' workers and fetch. Loaded when a capsule starts.
 *
 * `terminate` only asks: Chromium lets WebAssembly run on for two seconds. Nothing tells when a worker is gone but
 * the end of a lock that it holds (Web Locks), so each takes one, by its own name, before it runs anything.
 */
import type { ThreadPlatform, WorkerMessage } from './platform.js';

export const webThreads: ThreadPlatform = {
  spawn(label, onMessage, onLost) {
    const name = `${label} ${crypto.randomUUID()}`;
    const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name });
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      onMessage(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      onLost(event.error ?? new Error(event.message || 'the worker could not be loaded'));
    };
    return {
      run: (task) => {
        worker.postMessage(task);
      },
      terminate: async () => {
        worker.terminate();
        await navigator.locks.request(name, () => undefined).catch(() => undefined);
      },
      keepAlive: () => undefined,
    };
  },
  async compile(href) {
    const response = await fetch(href);
    if (!response.ok) throw new Error(`fetching ${href} gave status ${response.status}`);
    const isTyped = response.headers.get('content-type')?.startsWith('application/wasm') ?? false;
    if (isTyped) return WebAssembly.compileStreaming(response);
    return WebAssembly.compile(await response.arrayBuffer());
  },
};
