// The `inos` command of the installed package, by npx, as a user runs it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, root } from '../../../scripts/process.mjs';
import { requireHelloDigest } from '../hello.mjs';
import { output } from '../output.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'packages/cli/package.json'), 'utf8'));
/** The fewest steps in which the scene's ball comes to rest a little above the ground. */
const STEPS = '120';

function requireEqual(actual, expected, what) {
  if (actual !== expected) throw new Failure(`${what}: ${actual} instead of ${expected}`);
}

export const clis = [
  {
    name: '`npx inos`',
    isThere: true,
    isListed: false,
    async try({ consumer }) {
      const cwd = consumer(['cli/consumer'], 'cli');
      const inos = (...args) => output('npx', ['--no-install', 'inos', ...args], { cwd });
      requireEqual(inos('--version'), version, 'inos --version');
      requireHelloDigest(inos('hash', '--algorithm', 'sha256', 'hello.txt').split(/\s+/)[0]);
      const run = JSON.parse(inos('physics', 'run', 'scene.json', '--steps', STEPS, '--json'));
      const [, height] = run.bodies[1].translation;
      if (!(height > 0.5 && height < 0.7))
        throw new Failure(`after ${STEPS} steps the ball is at ${height} m`);
      const verify = ['physics', 'verify', 'scene.json', '--steps', STEPS, '--json'];
      const verified = JSON.parse(inos(...verify, '--digest', run.digest));
      requireEqual(verified.ok, true, 'inos physics verify');
      requireEqual(JSON.parse(inos('doctor', '--json')).canRun, true, 'inos doctor');
      return {};
    },
  },
];
