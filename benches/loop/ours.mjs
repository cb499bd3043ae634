// INOS as a contestant: jobs encoded anew each time ("fresh") and jobs encoded once ("prepared").
import { createMining } from '@inos/mining';
import { createInos } from '@inos/sdk';
import { touchCapsule } from './touch.mjs';
import { fillEnds } from './work.mjs';

/** The names by which the thresholds know the two. */
export const PREPARED = 'INOS, prepared';
export const FRESH = 'INOS, fresh';

/** Address space for a payload of 1 GiB beside the tables. */
const PAYLOAD_MEMORY_BYTES = 2 ** 31;

/** Starts one thread that hashes views over the shared memory. @param {object} [options] of the runtime */
export async function startMining(inputs, options = {}) {
  const mining = await createMining({ threads: 1, ...options });
  const views = inputs.map((input) => {
    const view = mining.memory.alloc(Uint8Array, input.length);
    view.set(input);
    return view;
  });
  const prepared = views.map((view) => mining.hash.prepare('sha256', view));
  const contestants = [
    { name: PREPARED, call: (index) => prepared[index].submit() },
    { name: FRESH, call: (index) => mining.hash('sha256', views[index]) },
  ];
  const close = async () => {
    for (const job of prepared) job.dispose();
    await mining.close();
  };
  return { contestants, close };
}

/** Starts one thread that is handed regions of the given sizes and reads both ends of them. */
export async function startTouch(sizes) {
  const inos = await createInos({
    capsules: { touch: touchCapsule() },
    memory: { maximumBytes: PAYLOAD_MEMORY_BYTES },
  });
  const { touch } = inos.touch;
  const payloads = sizes.map((bytes) => fillEnds(inos.memory.alloc(Uint8Array, bytes)));
  const prepared = payloads.map((payload) => touch.prepare(payload));
  const contestants = [
    { name: PREPARED, call: (index) => prepared[index].submit() },
    { name: FRESH, call: (index) => touch(payloads[index]) },
  ];
  const close = async () => {
    for (const job of prepared) job.dispose();
    await inos.close();
  };
  return { contestants, close };
}
