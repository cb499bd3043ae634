// The capsule's source as native code, and BLAKE3's own tree hashing: a process that answers line by line.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cargo } from '../../scripts/cargo.mjs';
import { Failure, root } from '../../scripts/process.mjs';

/**
 * Builds it and starts it.
 *
 * @param {boolean} [isNarrow] with vectors of 128 bits at most, in a folder of its own
 */
export async function startNative(isNarrow = false) {
  const folder = isNarrow ? 'target/narrow' : 'target';
  const narrow = isNarrow ? ['--features', 'narrow', '--target-dir', folder] : [];
  const build = ['build', '--release', '--quiet', '--package', 'inos-mining-native'];
  const code = await cargo([...build, ...narrow], { cwd: root });
  if (code !== 0) throw new Failure('benches/mining/native could not be built', code);
  const program = join(root, folder, 'release/inos-mining-native');
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (command) => {
    child.stdin.write(`${command}\n`);
    const { value = 'failed' } = await lines.next();
    if (value === 'failed') throw new Failure(`the native program failed at: ${command}`);
    return value.split(' ');
  };
  return {
    /** Seconds for so many nonces, in four lanes or one at a time. */
    search: async (kind, count) => Number((await ask(`${kind} ${count}`))[0]) / 1e9,
    /** Seconds for a file, and its digest. */
    file: async (path, threads) => {
      const [nanoseconds, digest] = await ask(`file ${threads} ${path}`);
      return { seconds: Number(nanoseconds) / 1e9, digest };
    },
    close: () => child.stdin.end(),
  };
}
