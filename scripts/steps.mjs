// Runs a list of checks to the end, even when one fails, and says at the end how each went: who fixes
// something wants to know about everything that is broken.
import { Failure, say } from './process.mjs';

/**
 * @typedef {{ name: string, work: () => Promise<number | void> }} Step
 * `work` resolves an exit code, or nothing; what it throws as a Failure fails the step.
 */

/**
 * @param {Step[]} steps
 * @returns {Promise<string[]>} the names of those that failed
 */
export async function runSteps(steps) {
  const results = [];
  for (const { name, work } of steps) {
    say(`── ${name}`);
    const started = performance.now();
    const failed = await hasFailed(work);
    results.push({ name, failed, seconds: (performance.now() - started) / 1000 });
  }
  say('──');
  for (const { name, failed, seconds } of results) {
    say(`${failed ? 'FAILED' : 'ok    '} ${seconds.toFixed(1).padStart(7)} s  ${name}`);
  }
  return results.filter(({ failed }) => failed).map(({ name }) => name);
}

async function hasFailed(work) {
  try {
    return ((await work()) ?? 0) !== 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(error.message);
    return true;
  }
}
