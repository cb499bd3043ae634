// Small jobs: how long one takes, back to back and from sleep, and how many a second one worker does.
import { createHash } from 'node:crypto';
import { interleave, timeFromSleep, timeHot, timeInFlight } from './interleave.mjs';
import { FRESH, PREPARED, startMining } from './ours.mjs';
import { startPeers } from './peers.mjs';
import { addRatios, median, summarise } from './statistics.mjs';
import { makeInputs } from './work.mjs';

/** How many jobs are in flight at once when jobs per second are counted. */
const LANES = 1000;
const REFERENCE = 'Comlink';
const TIME_COLUMNS = [
  { key: 'p50', title: 'p50 µs' },
  { key: 'p99', title: 'p99 µs' },
  { key: 'p50Ratio', title: `p50 ÷ ${REFERENCE}` },
  { key: 'p99Ratio', title: `p99 ÷ ${REFERENCE}` },
];

/**
 * Starts everybody, measures them in turns, ends them.
 *
 * @param {{ hot: object, asleep: object, inFlight: object }} plan
 * @param {(phase: string) => void} say
 */
export async function measureSmallJobs(plan, say) {
  const inputs = makeInputs();
  const expected = inputs.map((input) => createHash('sha256').update(input).digest());
  const mining = await startMining(inputs);
  const peers = startPeers(inputs);
  const contestants = [...mining.contestants, ...peers];
  try {
    say('round trips, back to back');
    const hot = await hotGroup(contestants, expected, plan.hot);
    say('jobs per second');
    const inFlight = await inFlightGroup(contestants, expected, plan.inFlight);
    say('round trips from sleep');
    const asleep = await asleepGroup(contestants, expected, plan.asleep);
    return [hot, asleep, inFlight];
  } finally {
    await Promise.all([mining, ...peers].map((contestant) => contestant.close()));
  }
}

async function hotGroup(contestants, expected, { rounds, count, warmUp, firstWarmUp }) {
  const samples = collector(contestants);
  await interleave(contestants, 1, ({ call }) =>
    timeHot(call, { count: 0, warmUp: firstWarmUp, expected }),
  );
  await interleave(contestants, rounds, async ({ name, call }) => {
    samples.get(name).push(...(await timeHot(call, { count, warmUp, expected })));
  });
  return {
    id: 'hot',
    title: 'A whole job with 64 bytes, SHA-256, back to back',
    columns: TIME_COLUMNS,
    rows: timeRows(samples),
    thresholds: [
      { name: PREPARED, key: 'p50Ratio', atMost: 1 / 30 },
      { name: FRESH, key: 'p50Ratio', atMost: 1 / 5 },
    ],
  };
}

async function asleepGroup(contestants, expected, { rounds, sleepMs }) {
  const samples = collector(contestants);
  let index = 0;
  await interleave(contestants, rounds, async ({ name, call }) => {
    index = (index + 1) % expected.length;
    samples.get(name).push(await timeFromSleep(call, { sleepMs, index, expected }));
  });
  return {
    id: 'asleep',
    title: `The same from sleep: ${sleepMs} ms of silence before each job`,
    columns: TIME_COLUMNS,
    rows: timeRows(samples),
    thresholds: [
      { name: PREPARED, key: 'p50Ratio', atMost: 0.8 },
      { name: FRESH, key: 'p50Ratio', atMost: 0.8 },
    ],
  };
}

async function inFlightGroup(contestants, expected, { rounds, warmUpRounds, milliseconds }) {
  const rates = collector(contestants);
  const once = ({ call }) => timeInFlight(call, { lanes: LANES, milliseconds, expected });
  await interleave(contestants, warmUpRounds, once);
  await interleave(contestants, rounds, async (contestant) => {
    rates.get(contestant.name).push(await once(contestant));
  });
  const rows = [...rates].map(([name, values]) => ({
    name,
    rounds: values.length,
    perSecond: median(values),
    slowest: Math.min(...values),
  }));
  const byComlink = addRatios(rows, { key: 'perSecond', of: REFERENCE, as: 'byComlink' });
  return {
    id: 'inFlight',
    title: `Jobs per second, ${LANES} of them in flight on one worker`,
    columns: [
      { key: 'perSecond', title: 'median' },
      { key: 'slowest', title: 'slowest round' },
      { key: 'byComlink', title: `× ${REFERENCE}` },
      { key: 'byPiscina', title: '× piscina' },
    ],
    rows: addRatios(byComlink, { key: 'perSecond', of: 'piscina', as: 'byPiscina' }),
    thresholds: [
      { name: PREPARED, key: 'byComlink', atLeast: 5 },
      { name: FRESH, key: 'byComlink', atLeast: 2 },
      { name: PREPARED, key: 'byPiscina', atLeast: 10 },
      { name: FRESH, key: 'byPiscina', atLeast: 10 },
    ],
  };
}

/** @returns {Map<string, number[]>} */
function collector(contestants) {
  return new Map(contestants.map(({ name }) => [name, []]));
}

function timeRows(samples) {
  const rows = [...samples].map(([name, values]) => ({ name, ...summarise(values) }));
  const withP50 = addRatios(rows, { key: 'p50', of: REFERENCE, as: 'p50Ratio' });
  return addRatios(withP50, { key: 'p99', of: REFERENCE, as: 'p99Ratio' });
}
