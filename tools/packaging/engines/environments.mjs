// Engines that run programs: the machine's Node, and newer ones, Deno and Bun as the npm registry has them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../scripts/process.mjs';
import { MODULES, versionOf } from '../dependencies.mjs';
import { output } from '../output.mjs';

/** Tries an engine: the program that a user would write must end by itself, then every feature is tried. */
function engine({ command, args = [], ...environment }) {
  const { name } = environment;
  return {
    ...environment,
    isThere: existsSync(command),
    try({ consumer }) {
      const folder = consumer(['engines/consumer'], name);
      // What Deno caches is of no use to anybody afterwards.
      const options = { cwd: folder, env: { ...process.env, DENO_DIR: join(folder, '.deno') } };
      const printed = output(command, [...args, 'main.mjs'], options);
      if (printed !== 'ok') throw new Failure(`${name} printed ${printed}`);
      const outcomes = JSON.parse(output(command, [...args, 'try.mjs'], options));
      return { ...outcomes, idle: 'ok' };
    },
  };
}

/** The Nodes that are supported: the machine's own, usually the first, is one; newer ones come from the registry. */
const NODES = [20, 22, 24, 26];
const [own] = process.versions.node.split('.').map(Number);

const nodes = [...new Set([...NODES, own])].map((major) =>
  engine({
    name: `Node ${major}`,
    version: `${major}.x`,
    isListed: NODES.includes(major),
    command: major === own ? process.execPath : join(MODULES, `node-${major}/bin/node`),
  }),
);

/** https://github.com/oven-sh/bun/pull/36356 */
const BUN_STUCK =
  'Bun doesn’t always end a worker whose WebAssembly loops for ever ' +
  '([its issue](https://github.com/oven-sh/bun/pull/36356)). When it doesn’t, the capsule is given up: the stuck job fails ' +
  'with `capsule/stuck`, all others with `capsule/given-up`, and the worker goes on until the process ends.';

/** Every engine there is. */
export const engines = [
  ...nodes,
  engine({
    name: 'Deno',
    version: versionOf('deno'),
    command: join(MODULES, 'deno/deno'),
    args: ['run', '--allow-read', '--no-prompt'],
  }),
  engine({
    name: 'Bun',
    version: versionOf('bun'),
    command: join(MODULES, 'bun/bin/bun.exe'),
    wavers: { stuck: BUN_STUCK },
  }),
];
