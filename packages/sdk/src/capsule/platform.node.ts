/**
 * Node's worker threads and files.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Platform, WorkerMessage } from './platform.js';

export const nodePlatform: Platform = {
  spawn(task, name, events) {
    // Nothing of the parent's command line applies: loaders and inspectors would only slow the start.
    const worker = new Worker(new URL('./worker.node.js', import.meta.url), {
      workerData: task,
      name,
      execArgv: [],
    });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') events.onReady();
      else if (message.kind === 'left') events.onLeft();
      else events.onCrash(message.error);
    });
    worker.on('error', (error) => {
      events.onCrash(error);
    });
    worker.on('exit', (code) => {
      events.onCrash(new Error(`the worker exited with code ${code}`));
    });
    return {
      terminate: async () => {
        await worker.terminate();
      },
      keepAlive: (isNeeded) => {
        if (isNeeded) worker.ref();
        else worker.unref();
      },
    };
  },
  async compile(url) {
    if (url.protocol !== 'file:') return WebAssembly.compileStreaming(fetch(url));
    return WebAssembly.compile(await readFile(url));
  },
  mayBlock: true,
  get hardwareThreads() {
    return availableParallelism();
  },
};
