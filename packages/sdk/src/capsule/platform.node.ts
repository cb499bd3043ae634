/**
 * Node's worker threads and files, and those of engines that are like it.
 *
 * `terminate` tells too early when a worker is gone: Deno only asks, and lets WebAssembly run on for milliseconds. But
 * everywhere a port that the worker holds closes with its thread, which is then at none of the memory any more.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { MessageChannel, Worker } from 'node:worker_threads';
import { outOfRange } from '../errors.js';
import type { CapsuleWorker, CompileAt, Platform, WorkerMessage } from './platform.js';

function openWorker(): CapsuleWorker {
  const { port1: ours, port2: its } = new MessageChannel();
  const gone = new Promise((resolve) => ours.on('close', resolve));
  // Deno looks at a port only where somebody listens.
  ours.on('message', () => undefined).unref();
  // CommonJS, without imports of its own: Node's loader of modules would take a fifth of the worker's start.
  const worker = new Worker(new URL('./worker.node.cjs', import.meta.url), {
    name: 'inos',
    // Nothing of the parent's command line applies: loaders and inspectors would only slow the start.
    execArgv: [],
    workerData: its,
    transferList: [its],
  });
  worker.unref();
  const lost = new Promise<unknown>((resolve) => {
    worker.on('error', resolve);
    worker.on('exit', (code) => {
      resolve(new Error(`the worker exited with code ${code}`));
    });
  });
  const opened: CapsuleWorker = {
    run: (task) => {
      worker.postMessage(task);
    },
    isUp: false,
    onMessage: () => {
      opened.isUp = true;
    },
    lost,
    terminate: async () => {
      ours.ref();
      await worker.terminate();
      await gone;
    },
    keepAlive: (isNeeded) => {
      if (isNeeded) worker.ref();
      else worker.unref();
    },
  };
  worker.on('message', (message: WorkerMessage) => {
    opened.onMessage(message);
  });
  return opened;
}

const compileAt: CompileAt = async (href, signal) => {
  if (!URL.canParse(href)) {
    throw outOfRange('wasm', "a URL, such as new URL('./file.wasm', import.meta.url)", href);
  }
  const url = new URL(href);
  if (url.protocol !== 'file:') return WebAssembly.compileStreaming(fetch(url, { signal }));
  return WebAssembly.compile(await readFile(url));
};

// Loaded with the package: nobody waits for it then, and a file costs little.
void import('./starter.js');

export const nodePlatform: Platform = {
  openWorker,
  compileAt,
  canShare: true,
  mayBlock: true,
  get hardwareThreads() {
    return availableParallelism();
  },
};
