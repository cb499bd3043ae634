/**
 * Starts the worker that owns the GPU in Node.
 */
import { Worker } from 'node:worker_threads';
import type { SpawnGpuThread } from './gpu-lane.js';

/** Starts it; it doesn't keep the process alive. */
export const spawnGpuThread: SpawnGpuThread = (onReport, onLost) => {
  const worker = new Worker(new URL('./gpu-worker.node.js', import.meta.url), {
    name: 'mining gpu',
    execArgv: [],
  });
  worker.on('message', onReport);
  worker.on('error', onLost);
  worker.on('exit', (code) => {
    onLost(new Error(`the GPU worker exited with code ${code}`));
  });
  worker.unref();
  return {
    send: (order) => {
      worker.postMessage(order);
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
};
