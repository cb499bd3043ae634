/**
 * Starts the worker that owns the GPU in Node, and ends it, or has the process end, only while Dawn's native code is
 * at rest.
 */
import { Worker } from 'node:worker_threads';
import type { SpawnGpuThread } from './gpu-lane.js';
import type { LaneOrder } from './messages.js';
import { WorkerGate } from './worker-gate.js';

/**
 * How long an end waits for Dawn. What it waits for is a driver that loads or shaders that are compiled: less than a second
 * with a GPU, five with a driver in software on two cores. One that takes much longer hangs, and shall not keep a process
 * from ending.
 */
const LONGEST_WAIT_MS = 20_000;

/** Starts it; it doesn't keep the process alive. */
export const spawnGpuThread: SpawnGpuThread = (onReport, onLost) => {
  const gate = new WorkerGate();
  const worker = new Worker(new URL('./gpu-worker.node.js', import.meta.url), {
    name: 'mining gpu',
    execArgv: [],
    workerData: gate.word,
  });
  const send = (order: LaneOrder) => {
    worker.postMessage(order);
  };
  /** Has it give up what it works on and leave by itself. */
  const end = () => {
    gate.close();
    send({ kind: 'end' });
  };
  // Node stops its workers when the process ends, whatever they are at. Nothing but this comes before that in all cases,
  // `process.exit` included, and it can't wait but by blocking.
  const onProcessExit = () => {
    end();
    gate.waitEmpty(LONGEST_WAIT_MS);
  };
  process.on('exit', onProcessExit);
  const gone = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      process.off('exit', onProcessExit);
      resolve();
      onLost(new Error(`the GPU worker exited with code ${code}`));
    });
  });
  worker.on('message', onReport);
  worker.on('error', onLost);
  worker.unref();
  return {
    send,
    terminate: async () => {
      end();
      const timer = setTimeout(() => void worker.terminate(), LONGEST_WAIT_MS);
      // Neither it nor the worker keeps the process alive: the process's end waits by itself.
      timer.unref();
      await gone;
      clearTimeout(timer);
    },
  };
};
