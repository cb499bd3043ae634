/** The worker that owns the GPU in a browser. */
import initialise from '../../wasm/mining-gpu.js';
import { gpuWasm } from '../gpu-wasm.js';
import { GpuWorker } from './gpu-worker-main.js';
import type { LaneOrder } from './messages.js';

async function load(): Promise<void> {
  if (!('gpu' in navigator)) throw new Error('this browser has no WebGPU here');
  await initialise({ module_or_path: gpuWasm });
}

const worker = new GpuWorker({
  load,
  post: (report) => {
    globalThis.postMessage(report);
  },
});

/** Settled once it holds the lock that lasts as long as it does. Sandboxed frames have no locks. */
const isLocked = new Promise<unknown>((resolve) => {
  const hold = () => {
    resolve(undefined);
    return new Promise(() => undefined);
  };
  navigator.locks.request(self.name, hold).catch(resolve);
});

globalThis.onmessage = async ({ data }: MessageEvent<LaneOrder>) => {
  await isLocked;
  worker.take(data);
};
