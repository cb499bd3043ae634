/** The package's own failures: the numbers and codes that all languages share. */
import { expect, test } from 'vitest';
import vectors from '../../../vectors/errors.json';
import { PHYSICS_ERRORS } from '../src/errors.js';

test('vectors/errors.json lists every code with its number', () => {
  const codes = vectors.physics.flatMap((entry) =>
    'number' in entry ? [[entry.number, entry.code]] : [],
  );
  expect(Object.fromEntries(codes)).toEqual(PHYSICS_ERRORS);
});
