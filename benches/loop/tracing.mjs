// What tracing costs: the same small jobs in a runtime that doesn't trace, in one that traces as by default (so many
// jobs a second) and in one that traces each job, in turns of some milliseconds. Rounds that follow one another are
// compared; of those ratios the median counts. Runtimes that do the same differ by several per cent, by where their
// memory and their threads happen to lie: so there are many of each.
import { createHash } from 'node:crypto';
import { timeHot, timeInFlight } from './interleave.mjs';
import { startMining } from './ours.mjs';
import { median } from './statistics.mjs';
import { makeInputs } from './work.mjs';

const LANES = 1000;
const TRACING = { off: false, on: true, each: { jobsPerSecond: Infinity } };

/**
 * @param {{ rounds: number, warmUpRounds: number, milliseconds: number, count: number, runtimes: number }} plan `count`
 * calls or `milliseconds` a round, so many rounds for each of `runtimes` runtimes of a kind
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
  for (let turn = 0; turn < plan.runtimes; turn++) {
    const order = rotated(Object.keys(TRACING), turn);
    const runtimes = {};
    try {
      for (const each of order) {
        runtimes[each] = await startMining(inputs, { tracing: TRACING[each] });
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
    costOfEach: (median(rounds.map(({ off, each }) => off / each)) - 1) * 100,
  }));
  return {
    id: 'tracing',
    title: 'What tracing costs: jobs per second without and with it',
    columns: [
      { key: 'off', title: 'off' },
      { key: 'on', title: 'on' },
      { key: 'cost', title: 'cost, %' },
      { key: 'costOfEach', title: 'with each job traced, %' },
    ],
    rows,
    thresholds: rows.map(({ name }) => ({ name, key: 'cost', atMost: 3 })),
  };
}

async function callsPerSecond(call, count, expected) {
  const samples = await timeHot(call, { count, warmUp: 20, expected });
  return (count * 1e6) / samples.reduce((sum, sample) => sum + sample);
}

/** The rates of all calls, round by round, in turns. */
async function compare(calls, rate, { rounds, warmUpRounds }) {
  const names = Object.keys(calls);
  const found = [];
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const rates = {};
    for (const name of rotated(names, round)) rates[name] = await rate(calls[name]);
    if (round >= warmUpRounds) found.push(rates);
  }
  return found;
}

function rotated(names, turns) {
  const first = turns % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}
