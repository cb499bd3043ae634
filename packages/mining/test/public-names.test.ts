/** The names that the package offers: a change of this list is a change for everybody who uses it. */
import * as node from '@inos/mining';
import { expect, test } from 'vitest';
import * as browser from '../dist/index.js';

const NAMES = [
  'HASH_PRICE',
  'Hasher',
  'SEARCH_PRICE',
  'createMining',
  'equalDigests',
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

test('of proof of work, each entry its own', async () => {
  const entries = {
    pow: await import('@inos/mining/pow'),
    middleware: await import('@inos/mining/pow/middleware'),
    solve: await import('@inos/mining/solve'),
    element: await import('@inos/mining/element'),
    bitcoin: await import('@inos/mining/bitcoin'),
  };
  const names = Object.entries(entries).map(([name, entry]) => [name, Object.keys(entry).sort()]);
  expect(Object.fromEntries(names)).toEqual({
    pow: ['MemoryStore', 'POW_ERROR_CODES', 'createChallenge', 'targetOfDifficulty', 'verify'],
    middleware: ['SOLUTION_FIELD', 'expressGuard', 'honoGuard', 'nodeGuard'],
    solve: ['POW_ERROR_CODES', 'createSolver', 'solve'],
    element: ['ENGLISH', 'defineInosPow'],
    bitcoin: [
      'HEADER_BYTES',
      'HEADER_ERROR_CODES',
      'MAXIMUM_TARGET',
      'NONCE_OFFSET',
      'RETARGET_BLOCKS',
      'RETARGET_SECONDS',
      'bitsOfTarget',
      'blockHash',
      'difficultyOfTarget',
      'headerSearch',
      'parseHeader',
      'retarget',
      'serializeHeader',
      'targetOfBits',
      'targetOfBlockDifficulty',
      'verifyChain',
      'verifyHeader',
      'workOfTarget',
    ],
  });
});
