/** The worker that runs a capsule's thread in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerTask } from './platform.js';
import { runWorker } from './worker-main.js';

void runWorker(workerData as WorkerTask, (message) => {
  parentPort?.postMessage(message);
});
