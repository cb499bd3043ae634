// Run by idle.mjs: `node idle-process.mjs runtime|nothing MILLISECONDS` prints the process's CPU time while
// it waits, all threads together, in percent of a core.
import { setTimeout as sleep } from 'node:timers/promises';

const [what, idleMs] = process.argv.slice(2);
/** After it threads have gone to sleep and compilers are done. */
const SETTLE_MS = 500;
const JOBS = 2000;

async function startRuntime() {
  const { createMining } = await import('@inos/mining');
  const mining = await createMining({ threads: 1 });
  const input = mining.memory.alloc(Uint8Array, 64);
  for (let job = 0; job < JOBS; job++) await mining.hash('sha256', input);
  return mining;
}

const runtime = what === 'runtime' ? await startRuntime() : undefined;
await sleep(SETTLE_MS);
const before = process.cpuUsage();
const started = performance.now();
await sleep(Number(idleMs));
const elapsed = performance.now() - started;
const { user, system } = process.cpuUsage(before);
await runtime?.close();
process.stdout.write(String((user + system) / 1000 / elapsed / 0.01));
