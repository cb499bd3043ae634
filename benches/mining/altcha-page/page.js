// In the page: challenges of ALTCHA's version 2, each solved by both in turns, each with as many threads as the altcha
// package takes by itself. Starting workers counts, as it does for visitors.
import { solve } from '@inos/mining/solve';
import { solveChallengeWorkers } from 'altcha/lib';
import ShaWorker from 'altcha/workers/sha?worker';

const threads = navigator.hardwareConcurrency;

const SOLVERS = {
  ours: async (challenge) =>
    JSON.parse(atob((await solve(challenge, { threads })).payload)).solution,
  altcha: (challenge) =>
    solveChallengeWorkers({ challenge, concurrency: threads, createWorker: () => new ShaWorker() }),
};

async function measure(challenges) {
  const samples = { ours: [], altcha: [] };
  for (const [round, challenge] of challenges.entries()) {
    const found = [];
    const turns = Object.entries(SOLVERS);
    for (const [name, solver] of round % 2 === 0 ? turns : turns.reverse()) {
      const started = performance.now();
      const { counter, derivedKey } = await solver(challenge);
      // The first is for the engine to warm up.
      if (round > 0) samples[name].push(performance.now() - started);
      found.push(`${counter} ${derivedKey}`);
    }
    if (found[0] !== found[1]) throw new Error(`${found[0]}, and ${found[1]} for altcha`);
  }
  return { threads, isolated: crossOriginIsolated, samples };
}

const response = await fetch('challenges.json');
globalThis.outcome = await measure(await response.json()).catch((error) => ({
  error: String(error),
}));
