/** The worker that runs a capsule's threads in a browser, one after another. */
import type { WorkerMessage, WorkerTask } from './platform.js';
import { runWorker } from './worker-main.js';

/** Settled once the worker holds the lock that lasts as long as it does. Sandboxed frames have no locks. */
const isLocked = new Promise<unknown>((resolve) => {
  const hold = () => {
    resolve(undefined);
    return new Promise(() => undefined);
  };
  navigator.locks.request(self.name, hold).catch(resolve);
});

const post = (message: WorkerMessage) => {
  globalThis.postMessage(message);
};

post({ kind: 'up' });
let last = isLocked;
globalThis.onmessage = ({ data }: MessageEvent<WorkerTask>) => {
  last = last.then(() => runWorker(data, post));
};
