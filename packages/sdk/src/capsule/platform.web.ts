/**
 * Browsers' workers and fetch.
 *
 * `terminate` only asks: Chromium lets WebAssembly run on for two seconds. Nothing tells when a worker is gone but
 * the end of a lock that it holds (Web Locks), so each takes one, by its own name, before it runs anything.
 */
import { sdkError } from '../errors.js';
import type { Platform, WorkerMessage } from './platform.js';

export const webPlatform: Platform = {
  spawn(label, onMessage, onLost) {
    if (!globalThis.crossOriginIsolated) throw notIsolated();
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
  // Only pages have a window, and only there engines forbid it.
  mayBlock: typeof window === 'undefined',
  get hardwareThreads() {
    return globalThis.navigator.hardwareConcurrency;
  },
};

function notIsolated() {
  return sdkError(
    'runtime/unsupported',
    'the page is not cross-origin isolated, so its memory cannot be shared with workers: serve it with the ' +
      'headers "Cross-Origin-Opener-Policy: same-origin" and "Cross-Origin-Embedder-Policy: require-corp"',
  );
}
