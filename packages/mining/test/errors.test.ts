/** The capsule's own failures: the numbers and codes that all languages share. */
import { HEADER_ERROR_CODES } from '@inos/mining/bitcoin';
import { POW_ERROR_CODES } from '@inos/mining/pow';
import { expect, test } from 'vitest';
import vectors from '../../../vectors/errors.json';
import { MINING_ERRORS } from '../src/errors.js';

const LISTED: readonly { readonly code: string; readonly number?: number }[] = vectors.mining;

test('vectors/errors.json lists every code of the capsule with its number', () => {
  const numbered = LISTED.filter(({ number }) => number !== undefined);
  const codes = numbered.map(({ number, code }) => [number, code]);
  expect(Object.fromEntries(codes)).toEqual(MINING_ERRORS);
});

test('and every other code without one', () => {
  const others = LISTED.filter(({ number }) => number === undefined);
  const codes = [...POW_ERROR_CODES, ...HEADER_ERROR_CODES];
  expect(others.map(({ code }) => code).sort()).toEqual(codes.sort());
});
