// Rates of contestants that work in turns: everybody is warm before anything counts, and all have turns of about the
// same length.
import { interleave } from '../loop/interleave.mjs';

/** Long beside what begins and ends a turn, short beside the slices that a busy system gives to programs. */
const TURN_SECONDS = 0.01;
/** Engines compile what has run for a while again, and better: so long everybody has worked before. */
const WARM_UP_SECONDS = 0.6;
/** How much longer than the last a turn may become while the right length is looked for. */
const FASTEST_GROWTH = 8;

/**
 * @param {{ name: string, seconds: (count: number) => Promise<number> }[]} contestants each says how long it took for
 *   so many pieces of work
 * @param {number} rounds
 * @returns {Promise<Record<string, number[]>>} pieces per second, a sample for each round
 */
export async function sampleRates(contestants, rounds) {
  const entries = contestants.map((contestant) => ({
    ...contestant,
    count: 1,
    worked: 0,
    samples: [],
  }));
  while (entries.some(({ worked }) => worked < WARM_UP_SECONDS)) {
    for (const entry of entries) {
      const seconds = await entry.seconds(entry.count);
      const growth = Math.min(TURN_SECONDS / seconds, FASTEST_GROWTH);
      entry.worked += seconds;
      entry.count = Math.max(1, Math.round(entry.count * growth));
    }
  }
  await interleave(entries, rounds, async ({ count, seconds, samples }) => {
    samples.push(count / (await seconds(count)));
  });
  return Object.fromEntries(entries.map(({ name, samples }) => [name, samples]));
}
