// What tracing costs: the same small jobs in a runtime that traces and in one that doesn't, in turns of some
// milliseconds. Each round of the one is compared with the next of the other; of those ratios the median counts.
import { createHash } from 'node:crypto';
import { timeHot, timeInFlight } from './interleave.mjs';
import { startMining } from './ours.mjs';
import { median } from './statistics.mjs';
import { makeInputs } from './work.mjs';

const LANES = 1000;

/**
 * @param {{ rounds: number, warmUpRounds: number, milliseconds: number, count: number }} plan `count` calls or
 * `milliseconds` a round
 * @param {(phase: string) => void} say
 */
export async function measureTracing(plan, say) {
  say('tracing');
  const inputs = makeInputs();
  const expected = inputs.map((input) => createHash('sha256').update(input).digest());
  const off = await startMining(inputs);
  const on = await startMining(inputs, { tracing: true });
  const ways = [
    ['back to back', (call) => callsPerSecond(call, plan.count, expected)],
    [
      `${LANES} in flight`,
      (call) => timeInFlight(call, { lanes: LANES, milliseconds: plan.milliseconds, expected }),
    ],
  ];
  const rows = [];
  try {
    for (const [way, rate] of ways) {
      for (const [index, { name, call }] of off.contestants.entries()) {
        const pair = [call, on.contestants[index].call];
        rows.push({ name: `${name}, ${way}`, ...(await compare(pair, rate, plan)) });
      }
    }
  } finally {
    await Promise.all([off.close(), on.close()]);
  }
  return {
    id: 'tracing',
    title: 'What tracing costs: jobs per second without and with it',
    columns: [
      { key: 'off', title: 'off' },
      { key: 'on', title: 'on' },
      { key: 'cost', title: 'cost, %' },
    ],
    rows,
    thresholds: rows.map(({ name }) => ({ name, key: 'cost', atMost: 3 })),
  };
}

async function callsPerSecond(call, count, expected) {
  const samples = await timeHot(call, { count, warmUp: 20, expected });
  return (count * 1e6) / samples.reduce((sum, sample) => sum + sample);
}

/** The rates of two calls in turns, and how much slower the second is. */
async function compare([first, second], rate, { rounds, warmUpRounds }) {
  const rates = { off: [], on: [] };
  const ratios = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const turns = round % 2 === 0 ? ['off', 'on'] : ['on', 'off'];
    const found = {};
    for (const turn of turns) found[turn] = await rate(turn === 'off' ? first : second);
    if (round < 0) continue;
    rates.off.push(found.off);
    rates.on.push(found.on);
    ratios.push(found.off / found.on);
  }
  return { off: median(rates.off), on: median(rates.on), cost: (median(ratios) - 1) * 100 };
}
