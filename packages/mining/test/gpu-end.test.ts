/**
 * Processes that end while the GPU's worker loads its driver, compiles its shaders or searches. Dawn aborts a process
 * whose thread is stopped at that: it must be left to finish first.
 */
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';

const PROGRAM = `
const { createMining } = await import('@inos/mining');
const [how, milliseconds] = process.argv.slice(1);
const mining = await createMining({ threads: 1 });
await mining.start();
const controller = new AbortController();
const options = { header: new Uint8Array(80), target: { zeroBits: 255 }, lanes: ['cpu', 'gpu'] };
mining.search(options, { signal: controller.signal }).then(undefined, () => undefined);
await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
if (how === 'exit') process.exit(0);
controller.abort();
await mining.close();
`;

function run(how: string, milliseconds: number): Promise<{ code: unknown; stderr: string }> {
  const args = ['--input-type=module', '--eval', PROGRAM, how, String(milliseconds)];
  // From the package's folder, so that the program finds the package by its name.
  const cwd = new URL('..', import.meta.url);
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => (stderr += piece.toString()));
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code: code ?? signal, stderr });
    });
  });
}

it.each(['exit', 'close'])('by %s, as if there were no GPU', { timeout: 180_000 }, async (how) => {
  for (const milliseconds of [40, 60, 100, 200, 400]) {
    const { code, stderr } = await run(how, milliseconds);
    expect({ how, milliseconds, code }, stderr).toEqual({ how, milliseconds, code: 0 });
  }
});
