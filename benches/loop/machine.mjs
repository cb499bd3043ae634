// What must be known of the machine to read the results, and how much others disturbed them.
import { readFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';

/** The machine that it ran on. */
export function machineFacts() {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    system: `${type()} ${release()}`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/**
 * Measures how much of the machine other programs use: threads that wait awake can't be quick when
 * somebody else has their core.
 *
 * @returns {() => number} how many cores they kept busy, on average, since the meter was started
 */
export function startNoiseMeter() {
  const started = { at: performance.now(), machine: busyMs(), own: ownMs() };
  return () => {
    const others = busyMs() - started.machine - (ownMs() - started.own);
    return Math.max(0, others / (performance.now() - started.at));
  };
}

/** Of this process and of the programs that it has run: native peers and browsers. */
function ownMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs();
}

/** Of children that have ended, where the system tells (proc(5), `cutime` and `cstime`, in hundredths of a second). */
function childrenMs() {
  try {
    const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ');
    return fields
      .split(' ')
      .slice(13, 15)
      .reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
  } catch {
    return 0;
  }
}

function busyMs() {
  return cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
}
