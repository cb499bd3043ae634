// What a payload costs: jobs that read the same little of 1 KiB as of 1 GiB. Ours are handed a region of the
// shared memory; the peers' messages carry a structured clone.
import { interleave, timeHot } from './interleave.mjs';
import { FRESH, PREPARED, startTouch } from './ours.mjs';
import { startComlink, startPostMessage } from './peers.mjs';
import { summarise } from './statistics.mjs';
import { fillEnds, touch } from './work.mjs';

const SIZES = [
  { label: '1 KiB', bytes: 2 ** 10 },
  { label: '1 MiB', bytes: 2 ** 20 },
  { label: '64 MiB', bytes: 2 ** 26 },
  { label: '1 GiB', bytes: 2 ** 30 },
];
/** The largest that is cloned for the peers, and how often: the larger the less often. */
const LARGEST_CLONE = 2 ** 26;

/**
 * @param {{ rounds: number, count: number, warmUp: number }} plan calls per round and contestant
 * @param {(phase: string) => void} say
 */
export async function measurePayload(plan, say) {
  say('payloads');
  const cloned = SIZES.filter(({ bytes }) => bytes <= LARGEST_CLONE);
  const inputs = cloned.map(({ bytes }) => fillEnds(new Uint8Array(bytes)));
  const expected = touch(inputs[0]);
  const ours = await startTouch(SIZES.map(({ bytes }) => bytes));
  const peers = [startPostMessage('touch', inputs), startComlink('touch', inputs)];
  const cases = [
    ...ours.contestants.flatMap((contestant) => casesOf(contestant, SIZES, () => plan)),
    ...peers.flatMap((contestant) => casesOf(contestant, cloned, (bytes) => fewer(plan, bytes))),
  ];
  try {
    await interleave(cases, plan.rounds, async ({ call, count, warmUp, samples }) => {
      samples.push(...(await timeHot(call, { count, warmUp, expected: [expected] })));
    });
  } finally {
    await Promise.all([ours, ...peers].map((contestant) => contestant.close()));
  }
  return group(cases);
}

function casesOf(contestant, sizes, planFor) {
  return sizes.map(({ label, bytes }, index) => ({
    name: `${contestant.name}, ${label}`,
    contestant: contestant.name,
    call: () => contestant.call(index),
    samples: [],
    ...planFor(bytes),
  }));
}

/** Clones take long: fewer of those that take longer. */
function fewer({ count }, bytes) {
  if (bytes <= 2 ** 10) return { count, warmUp: 10 };
  return bytes <= 2 ** 20 ? { count: Math.ceil(count / 10), warmUp: 2 } : { count: 1, warmUp: 0 };
}

function group(cases) {
  const rows = cases.map(({ name, contestant, samples }) => ({
    name,
    contestant,
    ...summarise(samples),
  }));
  const smallest = (row) => rows.find(({ contestant }) => contestant === row.contestant);
  return {
    id: 'payload',
    title: 'What the payload costs, back to back: jobs that read 1 KiB of it, whatever its size',
    columns: [
      { key: 'p50', title: 'p50 µs' },
      { key: 'p99', title: 'p99 µs' },
      { key: 'growth', title: 'p50 ÷ own 1 KiB' },
    ],
    rows: rows.map((row) => ({ ...row, growth: row.p50 / smallest(row).p50 })),
    thresholds: [PREPARED, FRESH].map((name) => ({
      name: `${name}, 1 GiB`,
      key: 'growth',
      atMost: 1.2,
    })),
  };
}
