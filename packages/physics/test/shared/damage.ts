/** Values with something else in some places, and what a refusal of them looks like. */
import { InosError } from '@inos/sdk';
import fc from 'fast-check';
import { expect } from 'vitest';

/** What nobody should write there, and what somebody will. */
export const STRANGE = fc.oneof(
  fc.constantFrom<unknown>(
    NaN,
    Infinity,
    -Infinity,
    1e39,
    -1,
    0,
    1e-45,
    2 ** 32,
    0.5,
    '',
    '1',
    null,
    undefined,
    true,
    [],
    [[]],
    {},
    [1, 2],
    [0, 0, 0],
    [0, 0, 0, 0],
    [NaN, 0, 0],
    'ball',
    'dynamic',
    '__proto__',
    10n,
    Symbol('strange'),
    () => 1,
  ),
  fc.jsonValue(),
);

type Place = readonly (string | number)[];

/** Plain data, whose inside can be damaged; handles are whole or not there. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || Array.isArray(value);
}

/** Every place in a value, from the whole to the leaves. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (!isPlain(value)) return [at];
  const inside = Object.entries(value).flatMap(([key, inner]) =>
    placesIn(inner, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return [at, ...inside];
}

/** A copy with something else in one place. */
function replaced(value: unknown, [key, ...rest]: Place, by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...(value as object) };
  const inner = (copy as Record<string | number, unknown>)[key];
  (copy as Record<string | number, unknown>)[key] = replaced(inner, rest, by);
  return copy;
}

/** A value with one to three places damaged. */
export function damaged(value: unknown, strange: fc.Arbitrary<unknown> = STRANGE) {
  const places = placesIn(value);
  return fc
    .array(fc.tuple(fc.constantFrom(...places), strange), { minLength: 1, maxLength: 3 })
    .map((damages) =>
      // From the leaves up: a place that is replaced has no inside any more.
      [...damages]
        .sort(([one], [other]) => other.length - one.length)
        .reduce((whole, [place, by]) => replaced(whole, place, by), value),
    );
}

/** A refusal names what is wrong; a mistake of ours reads like one of JavaScript's own. */
export function requireRefusal(error: unknown): void {
  const isTyped =
    error instanceof TypeError || error instanceof RangeError || error instanceof InosError;
  expect(isTyped, String(error)).toBe(true);
  const { message } = error as Error;
  expect(message).not.toMatch(/cannot |is not a function|is not iterable|undefined \(/i);
  if (error instanceof InosError) expect(error.code).toMatch(/^(physics|memory)\//);
  else expect(message).toMatch(/ must be /);
}
