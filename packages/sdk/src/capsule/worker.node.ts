/** The worker that runs a capsule's threads in Node, one after another. */
import { parentPort } from 'node:worker_threads';
import type { WorkerMessage, WorkerTask } from './platform.js';
import { runWorker } from './worker-main.js';

const post = (message: WorkerMessage) => parentPort?.postMessage(message);

// Deno ends a thread that WebAssembly keeps busy only if that holds a lock: without one it runs on for ever.
if ('Deno' in globalThis) {
  void navigator.locks.request(crypto.randomUUID(), () => new Promise(() => undefined));
}

post({ kind: 'up' });
let last = Promise.resolve();
parentPort?.on('message', (task: WorkerTask) => {
  last = last.then(() => runWorker(task, post));
});
