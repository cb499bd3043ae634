/** Starts threads that share a memory with the test. */
import { Worker } from 'node:worker_threads';
import type { SafeSAB } from '@inos/sdk';

/** Runs a task of thread.mjs in a thread of its own and resolves what it reports. */
export function runThread(sab: SafeSAB, task: string, options: object): Promise<unknown> {
  const thread = startThread(sab, 'thread.mjs', { task, options });
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) =>
      reject(new Error(`the thread left with ${code} and said nothing`)),
    );
  });
}

/** Starts a file of this folder as a thread. */
export function startThread(sab: SafeSAB, file: string, data: object): Worker {
  const workerData = { memory: sab.memory, ...data };
  return new Worker(new URL(file, import.meta.url), { workerData });
}
