/** The worker that runs a capsule's threads in Node, one after another. */
import { parentPort } from 'node:worker_threads';
import type { WorkerTask } from './platform.js';
import { runWorker } from './worker-main.js';

parentPort?.on('message', (task: WorkerTask) => {
  void runWorker(task, (message) => {
    parentPort?.postMessage(message);
  });
});
