// A worker that exposes one function of work.mjs through Comlink.
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { parentPort, workerData } from 'node:worker_threads';
import * as work from '../work.mjs';

expose(work[workerData], nodeEndpoint(parentPort));
