/**
 * Starts the worker that owns the GPU in browsers.
 *
 * Nothing tells when a worker is gone but the end of a lock that it holds (Web Locks), so it takes one, by its name.
 */
import type { SpawnGpuThread } from './gpu-lane.js';
import type { LaneReport } from './messages.js';

/** Starts it. */
export const spawnGpuThread: SpawnGpuThread = (onReport, onLost) => {
  const name = `mining gpu ${crypto.randomUUID()}`;
  const worker = new Worker(new URL('./gpu-worker.js', import.meta.url), { type: 'module', name });
  worker.onmessage = ({ data }: MessageEvent<LaneReport>) => {
    onReport(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onLost(event.error ?? new Error(event.message || 'the GPU worker could not be loaded'));
  };
  return {
    send: (order) => {
      worker.postMessage(order);
    },
    terminate: async () => {
      worker.terminate();
      await navigator.locks.request(name, () => undefined).catch(() => undefined);
    },
  };
};
