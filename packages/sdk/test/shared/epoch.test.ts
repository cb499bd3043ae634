/** The epoch on one thread: it grows, wraps, and its sleepers wake. More threads: test/threads. */
import { Epoch, SafeSAB } from '@inos/sdk';
import { describe, expect, test } from 'vitest';
import { smallMemory } from '../memories.js';

const sab = smallMemory();

function epochAt(first: number): { epoch: Epoch; words: Int32Array; sleepers: () => number } {
  const words = sab.alloc(Int32Array, 2);
  words[0] = first;
  const word = words.byteOffset / 4;
  return { epoch: new Epoch(sab, word), words, sleepers: () => Atomics.load(words, 1) };
}

/** Lets everything that is due be done. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
}

test('each bump changes the value', () => {
  const { epoch } = epochAt(0);
  const seen = Array.from({ length: 4 }, () => {
    epoch.bump();
    return epoch.load();
  });
  expect(seen).toEqual([1, 2, 3, 4]);
});

test('wraps', () => {
  const { epoch } = epochAt(2 ** 31 - 1);
  epoch.bump();
  expect(epoch.load()).toBe(-(2 ** 31));
  const { epoch: last } = epochAt(-1);
  last.bump();
  expect(last.load()).toBe(0);
});

test('a second holder sees the bumps of the first', () => {
  const other = SafeSAB.attach(sab.memory);
  const { epoch, words } = epochAt(0);
  const word = words.byteOffset / 4;
  epoch.bump();
  expect(new Epoch(other, word).load()).toBe(1);
});

describe('waitAsync', () => {
  test('is over at once when the value has changed', async () => {
    const { epoch, sleepers } = epochAt(0);
    epoch.bump();
    await epoch.waitAsync(0);
    expect(sleepers()).toBe(0);
  });

  test('sleeps until a bump', async () => {
    const { epoch, sleepers } = epochAt(0);
    let isAwake = false;
    const sleep = epoch.waitAsync(0).then(() => (isAwake = true));
    await settle();
    expect([isAwake, sleepers()]).toEqual([false, 1]);
    epoch.bump();
    await sleep;
    expect(sleepers()).toBe(0);
  });

  test('a bump wakes as many as it says', async () => {
    const { epoch, sleepers } = epochAt(0);
    let awake = 0;
    const sleep = Array.from({ length: 5 }, () => epoch.waitAsync(0).then(() => awake++));
    await settle();
    expect(sleepers()).toBe(5);
    epoch.bump(2);
    await settle();
    expect([awake, sleepers()]).toEqual([2, 3]);
    epoch.bump(Infinity);
    await Promise.all(sleep);
    expect([awake, sleepers()]).toEqual([5, 0]);
  });

  test('no bump is missed that comes between looking and sleeping', async () => {
    const { epoch } = epochAt(0);
    for (let turn = 0; turn < 200; turn++) {
      const seen = epoch.load();
      const sleep = epoch.waitAsync(seen);
      epoch.bump();
      await sleep;
    }
    expect(epoch.load()).toBe(200);
  });
});
