/** The worker that runs a capsule's threads in a browser, one after another. */
import type { WorkerTask } from './platform.js';
import { runWorker } from './worker-main.js';

globalThis.onmessage = ({ data }: MessageEvent<WorkerTask>) => {
  void runWorker(data, (message) => {
    globalThis.postMessage(message);
  });
};
