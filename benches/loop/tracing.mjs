// What tracing costs: the same small jobs in a runtime that traces and in one that doesn't, in turns of some
// milliseconds. Each round of the one is compared with the next of the other; of those ratios the median counts. Two
// runtimes that do the same differ by several per cent, by where their memory and their threads happen to lie: so many
// pairs of them are compared.
import { createHash } from 'node:crypto';
import { timeHot, timeInFlight } from './interleave.mjs';
import { startMining } from './ours.mjs';
import { median } from './statistics.mjs';
import { makeInputs } from './work.mjs';

const LANES = 1000;

/**
 * @param {{ rounds: number, warmUpRounds: number, milliseconds: number, count: number, runtimes: number }} plan `count`
 * calls or `milliseconds` a round, so many rounds for each of `runtimes` pairs of runtimes
 * @param {(phase: string) => void} say
 */
export async function measureTracing(plan, say) {
  say('tracing');
  const inputs = makeInputs();
  const expected = inputs.map((input) => createHash('sha256').update(input).digest());
  const ways = {
    'back to back': (call) => callsPerSecond(call, plan.count, expected),
    [`${LANES} in flight`]: (call) =>
      timeInFlight(call, { lanes: LANES, milliseconds: plan.milliseconds, expected }),
  };
  const found = new Map();
  for (let pair = 0; pair < plan.runtimes; pair++) {
    const order = pair % 2 === 0 ? ['off', 'on'] : ['on', 'off'];
    const runtimes = {};
    try {
      for (const each of order) {
        runtimes[each] = await startMining(inputs, { tracing: each === 'on' });
      }
      for (const [way, rate] of Object.entries(ways)) {
        for (const [index, { name }] of runtimes.off.contestants.entries()) {
          const calls = Object.fromEntries(
            order.map((each) => [each, runtimes[each].contestants[index].call]),
          );
          const row = `${name}, ${way}`;
          found.set(row, [...(found.get(row) ?? []), ...(await compare(calls, rate, plan))]);
        }
      }
    } finally {
      await Promise.all(Object.values(runtimes).map((runtime) => runtime.close()));
    }
  }
  const rows = [...found].map(([name, rounds]) => ({
    name,
    off: median(rounds.map(({ off }) => off)),
    on: median(rounds.map(({ on }) => on)),
    cost: (median(rounds.map(({ off, on }) => off / on)) - 1) * 100,
  }));
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

/** The rates of both calls, round by round, in turns. */
async function compare(calls, rate, { rounds, warmUpRounds }) {
  const found = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const turns = round % 2 === 0 ? ['off', 'on'] : ['on', 'off'];
    const rates = {};
    for (const turn of turns) rates[turn] = await rate(calls[turn]);
    if (round >= 0) found.push(rates);
  }
  return found;
}
