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

/** Checks that options are an object. */
export function requireOptions<T>(argument: string, options: T): T {
  if (typeof options !== 'object' || options === null) {
    throw wrongType(argument, 'an object', options);
  }
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
