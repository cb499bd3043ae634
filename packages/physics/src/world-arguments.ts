/**
 * Checks of arguments that many of a world's methods have.
 */
import { wrongType, type JobOptions } from '@inos/sdk';
import { requireKnown } from './known-keys.js';

/** Checks that something is an array. */
export function requireArray(argument: string, value: unknown): void {
  if (!Array.isArray(value)) throw wrongType(argument, 'an array', value);
}

/** What of a query's options is the job's. */
export function jobOptions(options: JobOptions): JobOptions {
  requireOptions(options);
  const { budget, deadlineMs, signal, priority, account, whenFull } = options;
  return {
    ...(budget === undefined ? {} : { budget }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(signal === undefined ? {} : { signal }),
    ...(priority === undefined ? {} : { priority }),
    ...(account === undefined ? {} : { account }),
    ...(whenFull === undefined ? {} : { whenFull }),
  };
}

/** Checks that options are an object, and by what they are given. */
export function requireOptions(options: object, known?: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw wrongType('options', 'an object', options);
  }
  if (known !== undefined) requireKnown('options', options, known);
}
