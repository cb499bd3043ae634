// What must be known of the machine to read the results, and how much others disturbed them.
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
  const started = { at: performance.now(), machine: busyMs(), own: process.cpuUsage() };
  return () => {
    const own = process.cpuUsage(started.own);
    const others = busyMs() - started.machine - (own.user + own.system) / 1000;
    return Math.max(0, others / (performance.now() - started.at));
  };
}

function busyMs() {
  return cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
}
