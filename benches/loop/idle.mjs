// What a runtime that waits costs: the CPU time of a process that holds one, beside that of a process that
// only waits for its timer, both at the same time.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROCESS = fileURLToPath(new URL('./idle-process.mjs', import.meta.url));
/** Below this a difference says nothing: timers and the engine's own housekeeping vary by as much. */
const MEASURABLE_PERCENT = 0.1;

/** @param {{ idleMs: number }} plan @param {(phase: string) => void} say */
export async function measureIdle({ idleMs }, say) {
  say('a waiting runtime');
  const [nothing, runtime] = await Promise.all(
    ['nothing', 'runtime'].map((what) => idlePercent(what, idleMs)),
  );
  return {
    id: 'idle',
    title: `CPU of a waiting process over ${idleMs / 1000} s, in % of a core`,
    columns: [
      { key: 'percent', title: 'CPU %' },
      { key: 'more', title: 'more than nothing' },
    ],
    rows: [
      { name: 'nothing but a timer', percent: nothing, more: 0 },
      { name: 'INOS, after jobs', percent: runtime, more: runtime - nothing },
    ],
    thresholds: [{ name: 'INOS, after jobs', key: 'more', atMost: MEASURABLE_PERCENT }],
  };
}

async function idlePercent(what, idleMs) {
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, what, String(idleMs)]);
  return Number(stdout);
}
