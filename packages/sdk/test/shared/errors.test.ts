/** Errors: every code is listed with its number and meaning, and a caller's mistake is named. */
import { describe as picture, InosError, outOfRange, requireInteger, wrongType } from '@inos/sdk';
import { requireLimits, requireOptions } from '@inos/sdk/errors';
import { describe, expect, test } from 'vitest';
import { INOS_ERROR_CODES } from '../../src/error-codes.js';
import vectors from '../../../../vectors/errors.json';
import { SDK_CODES } from '../../src/capsule/define-capsule.js';
import { FailureCode } from '../../src/memory/layout.js';

describe('vectors/errors.json', () => {
  test('lists every code of the package, in order, and no other', () => {
    expect(vectors.sdk.map(({ code }) => code)).toEqual([...INOS_ERROR_CODES]);
    expect([...INOS_ERROR_CODES].sort()).toEqual([...INOS_ERROR_CODES]);
  });

  test('has the numbers that capsules give', () => {
    const numbered = vectors.sdk.filter(({ number }) => number !== undefined);
    expect(Object.fromEntries(numbered.map(({ number, code }) => [number, code]))).toEqual(
      SDK_CODES,
    );
  });

  test('has each number once, the SDK’s below where capsules’ begin', () => {
    for (const [name, entries] of [
      ['sdk', vectors.sdk] as const,
      ['mining', vectors.mining] as const,
    ]) {
      const numbers = entries.flatMap(({ number }) => number ?? []);
      expect(new Set(numbers).size).toBe(numbers.length);
      const first = FailureCode.FIRST_CAPSULE_CODE;
      expect(numbers.every((number) => number >= first === (name !== 'sdk'))).toBe(true);
    }
  });

  test('says what each means', () => {
    for (const { code, meaning } of [...vectors.sdk, ...vectors.mining]) {
      expect(code).toMatch(/^[a-z]+\/[a-z-]+$/);
      expect(meaning).toMatch(/^[A-Z].{20,}\.$/);
    }
  });
});

describe('InosError', () => {
  test('has a code, details and a cause', () => {
    const cause = new Error('below');
    const error = new InosError('job/expired', 'too late', { details: { job: 7 }, cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'InosError',
      code: 'job/expired',
      message: 'too late',
      details: { job: 7 },
      cause,
    });
    expect(String(error)).toBe('InosError: too late');
  });

  test('needs neither', () => {
    const error = new InosError('job/expired', 'too late');
    expect(error.details).toEqual({});
    expect('cause' in error).toBe(false);
  });
});

describe('mistakes of the caller', () => {
  test.each([
    ['text', '"text"'],
    ['x'.repeat(50), `"${'x'.repeat(40)}…"`],
    [5n, '5n'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'undefined'],
    [new Uint16Array(3), 'Uint16Array(3)'],
    [new DataView(new ArrayBuffer(5)), 'DataView(5)'],
    [picture, 'the function describe'],
    [() => undefined, 'the function without a name'],
    [new Map(), 'an instance of Map'],
    [{}, 'an instance of Object'],
    [Object.create(null), 'an instance of an object without a prototype'],
    [Symbol('s'), 'Symbol(s)'],
  ])('show %o', (value, text) => {
    expect(picture(value)).toBe(text);
  });

  test('name the argument, what it should be and what it was', () => {
    const type = wrongType('data', 'a typed array', 'text');
    expect(type).toBeInstanceOf(TypeError);
    expect(type.message).toBe('data must be a typed array, got "text"');
    const range = outOfRange('length', 'at most 5', 6);
    expect(range).toBeInstanceOf(RangeError);
    expect(range.message).toBe('length must be at most 5, got 6');
  });

  describe('requireOptions', () => {
    const known = ['one', 'two'];
    const refusal = (path: string, name: string) =>
      new TypeError(`${path} must be one of the known names (one, two), got ${picture(name)}`);

    test('gives the options back that have known names only', () => {
      for (const options of [{}, { one: 1 }, { two: undefined, one: 1 }, { three: undefined }]) {
        expect(requireOptions('options', options, known)).toBe(options);
      }
      const any = { three: 3 };
      expect(requireOptions('options', any)).toBe(any);
      expect(() => requireOptions('options', any, [])).toThrow('options.three must be');
    });

    test('names what is misspelt by its path', () => {
      const refused = (argument: string, name: string) => () =>
        requireOptions(argument, { one: 1, [name]: 2 }, known);
      expect(refused('options', 'tow')).toThrow(refusal('options.tow', 'tow'));
      expect(refused('', 'tow')).toThrow(refusal('tow', 'tow'));
      expect(refused('list[0]', 'a b')).toThrow(refusal('list[0]["a b"]', 'a b'));
      expect(refused('', '')).toThrow(refusal('[""]', ''));
      expect(refused('options', '__proto_')).toThrow(refusal('options.__proto_', '__proto_'));
    });

    test('names what is no object', () => {
      for (const value of [null, undefined, 5, 'one', () => 1]) {
        expect(() => requireOptions('options', value, known)).toThrow(/^options must be an object/);
        expect(() => requireOptions('', value)).toThrow(/^options must be an object, got /);
      }
    });

    test('sees own names only: not what somebody gave all objects', () => {
      const options = Object.create(
        { three: 3 },
        { one: { value: 1, enumerable: true } },
      ) as object;
      expect(requireOptions('options', options, known)).toBe(options);
    });
  });

  describe('requireLimits', () => {
    test('gives the options back', () => {
      const { signal } = new AbortController();
      for (const options of [
        {},
        { deadlineMs: 0 },
        { deadlineMs: 2 ** 31 - 1, signal, other: 1 },
      ]) {
        expect(requireLimits(options)).toBe(options);
      }
    });

    test.each<[object, Error]>([
      [{ deadlineMs: '1' }, wrongType('options.deadlineMs', 'a number', '1')],
      [{ deadlineMs: null }, wrongType('options.deadlineMs', 'a number', null)],
      [{ signal: {} }, wrongType('options.signal', 'an AbortSignal', {})],
      ...[-1, Number.NaN, 2 ** 31].map((deadlineMs): [object, Error] => [
        { deadlineMs },
        outOfRange('options.deadlineMs', 'from 0 to 2147483647 milliseconds', deadlineMs),
      ]),
    ])('refuses %o', (options, refusal) => {
      expect(() => requireLimits(options)).toThrow(refusal);
    });
  });

  test('requireInteger takes its bounds and what is between them', () => {
    expect([1, 2, 3].map((value) => requireInteger('n', value, 1, 3))).toEqual([1, 2, 3]);
    for (const value of [0, 4, 1.5, Number.NaN, Infinity]) {
      expect(() => requireInteger('n', value, 1, 3)).toThrow(
        /^n must be an integer from 1 to 3, got/,
      );
    }
    for (const value of ['1', 1n, null, undefined]) {
      expect(() => requireInteger('n', value, 1, 3)).toThrow(/^n must be a number, got/);
    }
  });
});
