// Runs turbo, which builds what changed, in order, and remembers the rest.
import { join } from 'node:path';
import { exitCode, root } from './process.mjs';

/** Runs turbo's tasks and resolves the exit code; options are those of `exitCode`. */
export function turbo(tasks, args = [], options = {}) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  // Only what really runs is worth reading.
  const quiet = ['--output-logs=new-only', '--no-update-notifier'];
  const command = join(root, 'node_modules/.bin/turbo');
  return exitCode(command, ['run', ...tasks, ...quiet, ...args], { ...options, env });
}
