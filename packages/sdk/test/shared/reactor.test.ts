/** The host's half of the loop: every bump is reacted to, and nothing runs while nothing is due. */
import { Epoch, Reactor } from '@inos/sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import { smallMemory } from '../memories.js';

const sab = smallMemory();
const words = sab.alloc(Int32Array, 2);
const epoch = new Epoch(sab, words.byteOffset / 4);

let due: number[];
let taken: number[];
let looks: number;
let reactor: Reactor;

beforeEach(() => {
  due = [];
  taken = [];
  looks = 0;
  reactor = new Reactor(
    sab,
    epoch,
    () => {
      looks++;
      taken.push(...due);
      return due.splice(0).length > 0;
    },
    false,
  );
});

/** Answers as a capsule does: first what there is, then the bump. */
function answer(value: number): void {
  due.push(value);
  epoch.bump(Infinity);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
}

test('poll takes what there is and says whether there was anything', () => {
  expect(reactor.poll()).toBe(false);
  answer(1);
  expect(reactor.poll()).toBe(true);
  expect(taken).toEqual([1]);
});

describe('watch', () => {
  test('reacts to every bump, until it is not needed', async () => {
    reactor.watch(() => taken.length < 50);
    for (let value = 0; value < 50; value++) {
      answer(value);
      if (value % 7 === 0) await settle();
    }
    await settle();
    expect(taken).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(Atomics.load(words, 1)).toBe(0);
  });

  test('looks only after bumps', async () => {
    let isNeeded = true;
    reactor.watch(() => isNeeded);
    await settle();
    const before = looks;
    await settle();
    expect(looks).toBe(before);
    isNeeded = false;
    epoch.bump();
    await settle();
    expect(Atomics.load(words, 1)).toBe(0);
  });

  test('does not begin when it is not needed', async () => {
    reactor.watch(() => false);
    await settle();
    expect([looks, Atomics.load(words, 1)]).toEqual([0, 0]);
  });

  test('called twice watches once, and again after it has ended', async () => {
    const isNeeded = (): boolean => taken.length < 1;
    reactor.watch(isNeeded);
    reactor.watch(isNeeded);
    await settle();
    expect(Atomics.load(words, 1)).toBe(1);
    answer(1);
    await settle();
    expect(Atomics.load(words, 1)).toBe(0);
    reactor.watch(() => taken.length < 2);
    answer(2);
    await settle();
    expect(taken).toEqual([1, 2]);
  });

  test('takes what came before it began', async () => {
    answer(1);
    reactor.watch(() => taken.length < 1);
    await settle();
    expect(taken).toEqual([1]);
  });
});

describe('linger', () => {
  test('looks until the job has ended', () => {
    const job = { hasEnded: false };
    const lingerer = new Reactor(
      sab,
      epoch,
      () => {
        if (++looks < 1000) return false;
        job.hasEnded = true;
        return true;
      },
      false,
    );
    expect(lingerer.linger(job, 1e6)).toBe(true);
    expect(looks).toBe(1000);
  });

  test('goes on when the answer was another job’s', () => {
    const job = { hasEnded: false };
    const lingerer = new Reactor(
      sab,
      epoch,
      () => {
        job.hasEnded = ++looks === 3;
        return true;
      },
      false,
    );
    expect(lingerer.linger(job, 1e6)).toBe(true);
    expect(looks).toBe(3);
  });

  test('gives up when the time is over', () => {
    expect(reactor.linger({ hasEnded: false }, 1)).toBe(false);
    expect(looks).toBeGreaterThan(0);
  });
});
