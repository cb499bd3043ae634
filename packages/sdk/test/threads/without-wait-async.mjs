// A thread in an engine without `Atomics.waitAsync`, which some browsers still are: epochs must be polled.
import { parentPort, workerData } from 'node:worker_threads';

Reflect.deleteProperty(Atomics, 'waitAsync');
const { Epoch, SafeSAB } = await import('@inos/sdk');

const sab = SafeSAB.attach(workerData.memory);
const { epoch: byteOffset } = workerData.options;
const epoch = new Epoch(sab, byteOffset / 4);
parentPort.postMessage('asleep');
await epoch.waitAsync(0);
parentPort.postMessage({ has: 'waitAsync' in Atomics, value: epoch.load() });
