/** The worker that owns the GPU in a browser. */
import initialise from '../wasm/mining-gpu.js';
import { gpuWasm } from './gpu-wasm.js';
import { GpuWorker } from './lanes/gpu-worker-main.js';
import type { LaneOrder } from './lanes/messages.js';

async function load(): Promise<void> {
  if (!('gpu' in navigator)) throw new Error('this browser has no WebGPU here');
  await initialise({ module_or_path: gpuWasm });
}

const worker = new GpuWorker(load, (report) => {
  globalThis.postMessage(report);
});

globalThis.onmessage = ({ data }: MessageEvent<LaneOrder>) => {
  worker.take(data);
};
