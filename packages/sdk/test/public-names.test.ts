/** The names that the package offers: a change of this list is a change for everybody who uses it. */
import * as node from '@inos/sdk';
import { expect, test } from 'vitest';
import * as browser from '../dist/index.js';

const NAMES = [
  'Account',
  'Arena',
  'BudgetVerifier',
  'Credits',
  'Epoch',
  'InosError',
  'JOB_OPTIONS',
  'Ledger',
  'MAXIMUM_THREADS',
  'PageTable',
  'PriceTag',
  'Reactor',
  'Ring',
  'STATIC_REGIONS',
  'SafeSAB',
  'createInos',
  'createStandalone',
  'defineCapsule',
  'defineMethod',
  'describe',
  'diagnose',
  'hardwareThreads',
  'outOfRange',
  'readResult',
  'requireInteger',
  'wrongType',
];

test('in Node', () => {
  expect(Object.keys(node).sort()).toEqual(NAMES);
});

test('in browsers, the same', () => {
  expect(Object.keys(browser).sort()).toEqual(NAMES);
});
