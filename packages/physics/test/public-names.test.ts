/** The names that the package offers: a change of this list is a change for everybody who uses it. */
import * as physics from '@inos/physics';
import { expect, test } from 'vitest';

test('the public names', () => {
  expect(Object.keys(physics).sort()).toEqual([
    'BODY_STATES',
    'Body',
    'Collider',
    'EventReader',
    'HIT_WORDS',
    'Joint',
    'Poses',
    'PreparedShape',
    'QueryHits',
    'STEP_PRICE',
    'World',
    'WorldRun',
    'createPhysics',
    'loadScene',
    'physics',
  ]);
});
