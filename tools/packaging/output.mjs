// Runs a program that shows something by what it prints.
import { spawnSync } from 'node:child_process';
import { Failure } from '../../scripts/process.mjs';

const TIMEOUT_MS = 60_000;

/**
 * What a program prints, trimmed.
 *
 * @throws Failure with all that it said, if it fails or doesn't end
 */
export function output(command, args, options) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: TIMEOUT_MS, ...options });
  if (result.status === 0) return result.stdout.trim();
  const end = result.error?.message ?? `exit code ${result.status ?? result.signal}`;
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  throw new Failure(`${[command, ...args].join(' ')}: ${end}\n${said}`);
}
