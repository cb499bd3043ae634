/**
 * Node's worker threads and files.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Platform, ThreadPlatform } from './platform.js';

const nodeThreads: ThreadPlatform = {
  spawn(name, onMessage, onLost) {
    // Nothing of the parent's command line applies: loaders and inspectors would only slow the start.
    const worker = new Worker(new URL('./worker.node.js', import.meta.url), { name, execArgv: [] });
    worker.on('message', onMessage);
    worker.on('error', onLost);
    worker.on('exit', (code) => {
      onLost(new Error(`the worker exited with code ${code}`));
    });
    return {
      run: (task) => {
        worker.postMessage(task);
      },
      terminate: async () => {
        await worker.terminate();
      },
      keepAlive: (isNeeded) => {
        if (isNeeded) worker.ref();
        else worker.unref();
      },
    };
  },
  async compile(href) {
    const url = new URL(href);
    if (url.protocol !== 'file:') return WebAssembly.compileStreaming(fetch(url));
    return WebAssembly.compile(await readFile(url));
  },
};

export const nodePlatform: Platform = {
  threads: () => Promise.resolve(nodeThreads),
  canShare: true,
  mayBlock: true,
  get hardwareThreads() {
    return availableParallelism();
  },
};
