// How soon a capsule that crashed does the next job: from the call of the one that kills it, submitted when the
// capsule is idle, to the end of the one that is submitted right after.
import { createInos } from '@inos/sdk';
import { interleave } from './interleave.mjs';
import { summarise } from './statistics.mjs';
import { touchCapsule } from './touch.mjs';
import { fillEnds } from './work.mjs';

const THREADS = [1, 4];

/** @param {{ rounds: number }} plan @param {(phase: string) => void} say */
export async function measureRecovery({ rounds }, say) {
  say('recovery from crashes');
  const cases = await Promise.all(THREADS.map(start));
  try {
    await interleave(cases, rounds, async ({ inos, data, samples }) => {
      await inos.touch.touch(data);
      const started = performance.now();
      const dying = inos.touch.crash();
      const next = inos.touch.touch(data);
      await next;
      samples.push(performance.now() - started);
      await dying.then(
        () => Promise.reject(new Error('the capsule was expected to crash')),
        () => undefined,
      );
    });
  } finally {
    await Promise.all(cases.map(({ inos }) => inos.close()));
  }
  const rows = cases.map(({ name, samples }) => ({
    name,
    ...summarise(samples),
    longest: Math.max(...samples),
  }));
  return {
    id: 'recovery',
    title: 'From a crash to the next job done',
    columns: [
      { key: 'p50', title: 'p50 ms' },
      { key: 'p99', title: 'p99 ms' },
      { key: 'longest', title: 'longest ms' },
    ],
    rows,
    thresholds: rows.map(({ name }) => ({ name, key: 'p99', atMost: 50 })),
  };
}

async function start(threads) {
  const inos = await createInos({
    capsules: { touch: touchCapsule({ threads, crashLimit: Infinity }) },
  });
  const data = fillEnds(inos.memory.alloc(Uint8Array, 4096));
  const name = threads === 1 ? 'a capsule of one thread' : `a capsule of ${threads} threads`;
  return { name, inos, data, samples: [] };
}
