// A worker that answers plain messages. `workerData` names the function of work.mjs that it runs.
import { parentPort, workerData } from 'node:worker_threads';
import * as work from '../work.mjs';

const run = work[workerData];

parentPort.on('message', ({ id, input }) => {
  parentPort.postMessage({ id, result: run(input) });
});
