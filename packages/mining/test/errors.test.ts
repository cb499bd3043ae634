/** The capsule's own failures: the numbers and codes that all languages share. */
import { expect, test } from 'vitest';
import vectors from '../../../vectors/errors.json';
import { MINING_ERRORS } from '../src/errors.js';

test('vectors/errors.json lists every code with its number', () => {
  const codes = vectors.mining.map(({ number, code }) => [number, code]);
  expect(Object.fromEntries(codes)).toEqual(MINING_ERRORS);
});
