/** The worker that runs a capsule's threads in Node, one after another. */
import { parentPort } from 'node:worker_threads';
import type { WorkerMessage, WorkerTask } from './platform.js';
import { runWorker } from './worker-main.js';

const post = (message: WorkerMessage) => parentPort?.postMessage(message);

post({ kind: 'up' });
parentPort?.on('message', (task: WorkerTask) => {
  void runWorker(task, post);
});
