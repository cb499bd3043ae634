// Rapier without WebAssembly: a program of its own, told line by line what to do, which times itself.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cargo } from '../../scripts/cargo.mjs';
import { Failure, root, say } from '../../scripts/process.mjs';
import { anchorsOf, terrain } from './scenes.mjs';

const NUMBERS_OF_A_POSE = 7;
const DIGITS_OF_A_NUMBER = 8;

/** Builds the program; gives its path, or undefined where it can't be built. */
export async function buildNative() {
  say('building the native program (minutes, the first time)');
  const code = await cargo(['build', '--quiet', '--release', '--package', 'inos-physics-native'], {
    cwd: root,
  });
  if (code === 0) return join(root, 'target/release/inos-physics-native');
  say('the native program could not be built: going on without it');
  return undefined;
}

/** A scene with all that the program needs to know. */
function describe({ items, joints, terrain: hasTerrain }) {
  const { points, indices } = hasTerrain ? terrain() : {};
  return {
    items,
    joints: joints.map(([first, second]) => {
      const [anchor1, anchor2] = anchorsOf(items[first], items[second]);
      return { first, second, anchor1, anchor2 };
    }),
    ...(hasTerrain ? { terrain: { points: [...points], indices: [...indices] } } : {}),
  };
}

/** A scene in a process of its own. */
export async function nativeWorld(program, scene) {
  const file = join(tmpdir(), `inos-bench-${process.pid}-${scene.name.replace(/\W+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify(describe(scene)));
  const child = spawn(program, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request) => {
    child.stdin.write(`${request}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Failure(`the native program ended at: ${request}`);
    return value;
  };
  await ask('step 0');
  rmSync(file);
  return {
    step: async (count) => Number(await ask(`step ${count}`)),
    poses: async () => posesOf(await ask('poses')),
    end: async () => {
      child.stdin.end();
    },
  };
}

function posesOf(digits) {
  const bytes = Buffer.from(digits, 'hex');
  const stride = (NUMBERS_OF_A_POSE * DIGITS_OF_A_NUMBER) / 2;
  return Array.from({ length: bytes.length / stride }, (_, index) =>
    Array.from({ length: NUMBERS_OF_A_POSE }, (_, axis) =>
      bytes.readFloatBE(index * stride + axis * 4),
    ),
  );
}
