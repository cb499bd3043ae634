// `node examples/lockstep/lockstep.mjs [--steps N] [--seed N]`, after `pnpm build`: plays the game and prints both
// peers' digests every 500 steps. Ends with 1 if they ever differ.
import { parseArgs } from 'node:util';
import { play } from './game.mjs';

const options = {
  steps: { type: 'string', default: '10000' },
  seed: { type: 'string', default: '1' },
};
const { steps, seed } = parseArgs({ options }).values;

const outcome = await play({
  steps: Number(steps),
  seed: Number(seed),
  onCheck: ({ step, digests }) => {
    const isEqual = digests.every((digest) => digest === digests[0]);
    const [short] = digests.map((digest) => digest.slice(0, 32));
    console.log(`${String(step).padStart(6)}  ${short}  ${isEqual ? 'equal' : 'DIFFERENT'}`);
    if (!isEqual) process.exitCode = 1;
  },
});
const { moves, overtakings, rollbacks, stepsAgain } = outcome;
console.log(`${moves} moves, ${overtakings} of them overtaken on their way`);
console.log(`${rollbacks.join(' and ')} rollbacks, ${stepsAgain.join(' and ')} steps taken again`);
