/** The worker that owns the GPU in Node, through Dawn: the optional peer `webgpu`. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import initialise from '../../wasm/mining-gpu.js';
import { gpuWasm } from '../gpu-wasm.js';
import { GpuWorker } from './gpu-worker-main.js';
import type { LaneOrder } from './messages.js';
import { WorkerGate } from './worker-gate.js';

/** What is used of the package. */
interface Dawn {
  readonly globals: object;
  /** Makes what browsers call `navigator.gpu`. */
  readonly create: (options: readonly string[]) => unknown;
}

/** By a variable: bundlers shall not look for what needn't be installed. */
const DAWN = 'webgpu' as string;

/** Dawn's settings, separated by commas, such as `backend=vulkan`. */
const OPTIONS = process.env.INOS_DAWN?.split(',') ?? [];

async function loadDawn(): Promise<Dawn> {
  try {
    return (await import(DAWN)) as Dawn;
  } catch (error) {
    throw new Error('Node has no WebGPU: install the package webgpu', { cause: error });
  }
}

async function load(): Promise<void> {
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals);
  const navigator = { gpu: create(OPTIONS) };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  // By this wgpu knows that it is in a worker, and so where to look for the above.
  Object.assign(globalThis, { WorkerGlobalScope: { [Symbol.hasInstance]: () => true } });
  await initialise({ module_or_path: await readFile(gpuWasm) });
}

const worker = new GpuWorker({
  load,
  post: (report) => {
    parentPort?.postMessage(report);
  },
  gate: new WorkerGate(workerData as WorkerGate['word']),
  // Nothing else keeps it: it ends as all threads do that have nothing left to do.
  leave: () => {
    parentPort?.close();
  },
});

parentPort?.on('message', (order: LaneOrder) => {
  worker.take(order);
});
