// What a memory of its own costs a capsule: jobs that read the same little of a payload, which shared memory hands
// over in place and a border copies. Beside them, what copying the payload takes by itself.
import { createInos } from '@inos/sdk';
import { interleave, timeHot } from './interleave.mjs';
import { summarise } from './statistics.mjs';
import { touchCapsule } from './touch.mjs';
import { fillEnds, touch } from './work.mjs';

const SIZES = [
  { label: '1 KiB', bytes: 2 ** 10 },
  { label: '1 MiB', bytes: 2 ** 20 },
  { label: '64 MiB', bytes: 2 ** 26 },
];

/**
 * @param {{ rounds: number, count: number, warmUp: number }} plan calls per round and contestant
 * @param {(phase: string) => void} say
 */
export async function measureIsolated(plan, say) {
  say('a memory of its own');
  const inos = await createInos({
    capsules: { shared: touchCapsule(), isolated: touchCapsule({ isolated: true }) },
  });
  const target = inos.memory.alloc(Uint8Array, SIZES.at(-1).bytes);
  const cases = SIZES.flatMap(({ label, bytes }) => {
    const payload = fillEnds(inos.memory.alloc(Uint8Array, bytes));
    const result = touch(payload);
    const copy = () => {
      target.set(payload);
      return result;
    };
    const calls = [
      ['shared', () => inos.shared.touch(payload)],
      ['isolated', () => inos.isolated.touch(payload)],
      ['copying alone', copy],
    ];
    return calls.map(([name, call]) => ({
      name: `${name}, ${label}`,
      label,
      call,
      expected: [result],
      samples: [],
      ...fewer(plan, bytes),
    }));
  });
  try {
    await interleave(cases, plan.rounds, async ({ call, count, warmUp, expected, samples }) => {
      samples.push(...(await timeHot(call, { count, warmUp, expected })));
    });
  } finally {
    await inos.close();
  }
  return group(cases);
}

/** Large copies take long: fewer of them. */
function fewer({ count, warmUp }, bytes) {
  if (bytes <= 2 ** 10) return { count, warmUp };
  return bytes <= 2 ** 20 ? { count: Math.ceil(count / 5), warmUp: 2 } : { count: 2, warmUp: 1 };
}

function group(cases) {
  const rows = cases.map(({ name, label, samples }) => ({ name, label, ...summarise(samples) }));
  const shared = (row) => rows.find(({ label }) => label === row.label);
  return {
    id: 'isolated',
    title:
      'What a memory of its own costs a capsule, back to back: jobs that read 1 KiB of a payload',
    columns: [
      { key: 'p50', title: 'p50 µs' },
      { key: 'p99', title: 'p99 µs' },
      { key: 'cost', title: 'p50 ÷ shared' },
    ],
    rows: rows.map((row) => ({ ...row, cost: row.p50 / shared(row).p50 })),
    thresholds: [],
  };
}
