/** The names that the package offers: a change of this list is a change for everybody who uses it. */
import * as node from '@inos/mining';
import { expect, test } from 'vitest';
import * as browser from '../dist/index.js';

const NAMES = [
  'HASH_PRICE',
  'Hasher',
  'SEARCH_PRICE',
  'createMining',
  'expectedHashes',
  'mining',
  'searchMessage',
  'searchProgress',
];

test('in Node', () => {
  expect(Object.keys(node).sort()).toEqual(NAMES);
});

test('in browsers, the same', () => {
  expect(Object.keys(browser).sort()).toEqual(NAMES);
});
