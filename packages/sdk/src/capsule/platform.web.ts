/**
 * Browsers' workers and fetch.
 */
import type { Platform, WorkerMessage } from './platform.js';

export const webPlatform: Platform = {
  spawn(name, onMessage, onLost) {
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
      terminate: () => {
        worker.terminate();
        return Promise.resolve();
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
  get canShare() {
    return globalThis.crossOriginIsolated;
  },
  // Only pages have a window, and only there engines forbid it.
  mayBlock: typeof window === 'undefined',
  get hardwareThreads() {
    return globalThis.navigator.hardwareConcurrency;
  },
};
