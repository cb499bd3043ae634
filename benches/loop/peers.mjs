// The peers, one worker each, behind the one function that the measurements call.
import { releaseProxy, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { Tinypool } from 'tinypool';

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {(index: number) => PromiseLike<unknown>} call runs the job with the input of that number
 * @property {() => Promise<unknown>} close
 */

const ONE_WORKER = { minThreads: 1, maxThreads: 1 };

const workerFile = (name) => new URL(`./workers/${name}.mjs`, import.meta.url);

/** Messages with a number to tell the answers apart: the least that an application would write itself. */
export function startPostMessage(workName, inputs) {
  const worker = new Worker(workerFile('raw'), { workerData: workName });
  const waiting = new Map();
  let last = 0;
  worker.on('message', ({ id, result }) => {
    waiting.get(id)(result);
    waiting.delete(id);
  });
  return {
    name: 'postMessage',
    call: (index) =>
      new Promise((resolve) => {
        const id = ++last;
        waiting.set(id, resolve);
        worker.postMessage({ id, input: inputs[index] });
      }),
    close: () => worker.terminate(),
  };
}

/** Comlink through its adapter for Node. */
export function startComlink(workName, inputs) {
  const worker = new Worker(workerFile('comlink'), { workerData: workName });
  const remote = wrap(nodeEndpoint(worker));
  return {
    name: 'Comlink',
    call: (index) => remote(inputs[index]),
    close: () => {
      remote[releaseProxy]();
      return worker.terminate();
    },
  };
}

function startPool(name, pool, inputs) {
  return {
    name,
    call: (index) => pool.run(inputs[index]),
    close: () => pool.destroy(),
  };
}

/** Everybody who hashes. @returns {Contestant[]} */
export function startPeers(inputs) {
  const filename = workerFile('pool').href;
  const piscina = new Piscina({ filename, ...ONE_WORKER });
  const concurrent = new Piscina({ filename, ...ONE_WORKER, concurrentTasksPerWorker: 1000 });
  return [
    startPostMessage('sha256', inputs),
    startComlink('sha256', inputs),
    startPool('piscina', piscina, inputs),
    startPool('piscina, 1000 per worker', concurrent, inputs),
    startPool('tinypool', new Tinypool({ filename, ...ONE_WORKER }), inputs),
  ];
}
