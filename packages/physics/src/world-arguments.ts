/**
 * Checks of arguments that many of a world's methods have.
 */
import { JOB_OPTIONS, wrongType, type JobOptions } from '@inos/sdk';

/** Checks that something is an array. */
export function requireArray(argument: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrongType(argument, 'an array', value);
}

/** What of a query's options, whose names were checked, is the job's. */
export function jobOptions(options: JobOptions): JobOptions {
  const given = JOB_OPTIONS.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
