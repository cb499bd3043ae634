/**
 * What can go wrong, as one class with stable codes.
 *
 * Codes rather than subclasses: a class's identity dies at workers and WebAssembly, a string doesn't.
 * Mistakes of the caller are `TypeError` and `RangeError`, made by the functions at the end.
 */
import type { InosErrorCode } from './error-codes.js';

export type { InosErrorCode };

/** What an {@link InosError} may carry besides its message. */
export interface InosErrorOptions {
  /** Facts for programs: sizes, counts, names. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * An error with a stable code.

 * @example
 * ```ts
 * try {
 *   await job;
 * } catch (error) {
 *   if (error instanceof InosError && error.code === 'job/expired') retryLater();
 * }
 * ```
 */
export class InosError extends Error {
  override readonly name = 'InosError';
  /** The stable code, such as `job/expired`. */
  readonly code: InosErrorCode | (string & {});
  /** Facts for programs. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: InosErrorCode | (string & {}),
    message: string,
    options: InosErrorOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** An {@link InosError} of this package. */
export function sdkError(
  code: InosErrorCode,
  message: string,
  options?: InosErrorOptions,
): InosError {
  return new InosError(code, message, options);
}

/** A short picture of a value, for messages. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  // Not its source, which is what its text would be.
  if (typeof value === 'function') return `the function ${value.name || 'without a name'}`;
  if (value === null || typeof value !== 'object') return String(value);
  if (ArrayBuffer.isView(value)) {
    const length =
      'length' in value && typeof value.length === 'number' ? value.length : value.byteLength;
    return `${value.constructor.name}(${length})`;
  }
  return `an instance of ${value.constructor?.name ?? 'an object without a prototype'}`;
}

/** A `TypeError` that names the argument, what it should be and what it was. */
export function wrongType(argument: string, expected: string, given: unknown): TypeError {
  return new TypeError(`${argument} must be ${expected}, got ${describe(given)}`);
}

/** A `RangeError` that names the argument, what it should be and what it was. */
export function outOfRange(argument: string, expected: string, given: unknown): RangeError {
  return new RangeError(`${argument} must be ${expected}, got ${describe(given)}`);
}

/**
 * Checks that options are an object, and that they have no other names than the known ones, if these are given: a misspelt
 * one would have no effect, and nobody would notice. What is `undefined` counts as left out.
 *
 * @param argument - how to name the options in errors; where it is empty, a name that is wrong stands alone
 */
export function requireOptions<T>(argument: string, options: T, known?: readonly string[]): T {
  if (typeof options !== 'object' || options === null) {
    throw wrongType(argument || 'options', 'an object', options);
  }
  if (known === undefined) return options;
  // Every job comes by here: this allocates nothing.
  for (const name in options) {
    if (known.includes(name) || options[name] === undefined) continue;
    if (!Object.hasOwn(options, name)) continue;
    const plain = argument === '' ? name : `${argument}.${name}`;
    const path = /^[\w$-]+$/.test(name) ? plain : `${argument}[${JSON.stringify(name)}]`;
    throw wrongType(path, `one of the known names (${known.join(', ')})`, name);
  }
  return options;
}

/** What ends work early. */
interface Limits {
  readonly deadlineMs?: unknown;
  readonly signal?: unknown;
}

/** Timers that are set for longer go off at once. */
const LONGEST_DEADLINE_MS = 2 ** 31 - 1;

/** Checks a deadline and a signal, where options have them. */
export function requireLimits<T extends Limits>(options: T): T {
  const { deadlineMs, signal } = options;
  if (deadlineMs !== undefined) {
    if (typeof deadlineMs !== 'number')
      throw wrongType('options.deadlineMs', 'a number', deadlineMs);
    if (!(deadlineMs >= 0 && deadlineMs <= LONGEST_DEADLINE_MS)) {
      throw outOfRange(
        'options.deadlineMs',
        `from 0 to ${LONGEST_DEADLINE_MS} milliseconds`,
        deadlineMs,
      );
    }
  }
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw wrongType('options.signal', 'an AbortSignal', signal);
  return options;
}

/** Checks that a value is an integer within bounds, both included; `Infinity` is one if it is the upper bound. */
export function requireInteger(
  argument: string,
  value: unknown,
  minimum: number,
  maximum: number,
): number {
  if (typeof value !== 'number') throw wrongType(argument, 'a number', value);
  if ((!Number.isInteger(value) && value !== Infinity) || value < minimum || value > maximum) {
    throw outOfRange(argument, `an integer from ${minimum} to ${maximum}`, value);
  }
  return value;
}

/** Checks that a value is an amount of micro-credits: a bigint from 0 to the total there is. */
export function requireCredits(argument: string, value: unknown): number {
  if (typeof value !== 'bigint') throw wrongType(argument, 'a bigint of micro-credits', value);
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw outOfRange(argument, `from 0n to ${Number.MAX_SAFE_INTEGER}n micro-credits`, value);
  }
  return Number(value);
}
