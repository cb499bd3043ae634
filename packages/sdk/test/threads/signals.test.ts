/** Epochs and rings between threads: no wake is lost, each entry arrives once and in its producer's order. */
import { once } from 'node:events';
import { Epoch, Reactor, Ring, type SafeSAB } from '@inos/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { presetRing, smallMemory } from '../memories.js';
import { runThread, startThread } from './run.js';

let sab: SafeSAB;
beforeAll(() => {
  sab = smallMemory();
});

/** A new epoch and where it lies. */
function newEpoch(): { epoch: Epoch; offset: number } {
  const { byteOffset } = sab.alloc(Int32Array, 16);
  return { epoch: new Epoch(sab, byteOffset / 4), offset: byteOffset };
}

describe('epochs', () => {
  const TURNS = 10_000;

  test('two threads wake each other ten thousand times', async () => {
    const options = { ping: newEpoch().offset, pong: newEpoch().offset, turns: TURNS };
    const threads = [runThread(sab, 'pong', options), runThread(sab, 'ping', options)];
    expect(await Promise.all(threads)).toEqual([TURNS, TURNS]);
  });

  test('a thread and an event loop wake each other ten thousand times', async () => {
    const [ping, pong] = [newEpoch(), newEpoch()];
    const options = { ping: ping.offset, pong: pong.offset, turns: TURNS };
    const thread = runThread(sab, 'pong', options);
    for (let turn = 0; turn < TURNS; turn++) {
      ping.epoch.bump();
      while (pong.epoch.load() === turn) await pong.epoch.waitAsync(turn);
    }
    expect(await thread).toBe(TURNS);
  });

  test('a bump wakes every sleeper if it says so', async () => {
    const { epoch, offset } = newEpoch();
    const threads = [1, 2, 3].map(() => runThread(sab, 'sleep', { epoch: offset }));
    const sleepers = new Int32Array(sab.buffer, offset, 2);
    while (Atomics.load(sleepers, 1) < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    epoch.bump(Infinity);
    expect(await Promise.all(threads)).toEqual(['awake', 'awake', 'awake']);
    expect(Atomics.load(sleepers, 1)).toBe(0);
  });

  test('are polled where engines have no waitAsync', async () => {
    const { epoch, offset } = newEpoch();
    const thread = startThread(sab, 'without-wait-async.mjs', { options: { epoch: offset } });
    expect(await once(thread, 'message')).toEqual(['asleep']);
    const woken = once(thread, 'message');
    await new Promise((resolve) => setTimeout(resolve, 5));
    epoch.bump();
    expect(await woken).toEqual([{ has: false, value: 1 }]);
  });
});

test('a reactor that may block sleeps in place and wakes for each answer', async () => {
  const [ping, pong] = [newEpoch(), newEpoch()];
  const turns = 500;
  const thread = runThread(sab, 'pong', { ping: ping.offset, pong: pong.offset, turns });
  for (let turn = 0; turn < turns; turn++) {
    const job = { hasEnded: false };
    const react = (): boolean => (job.hasEnded = pong.epoch.load() !== turn);
    ping.epoch.bump();
    expect(new Reactor(sab, pong.epoch, react, true).linger(job, 1e7)).toBe(true);
  }
  expect(await thread).toBe(turns);
  expect(Atomics.load(new Int32Array(sab.buffer, pong.offset, 2), 1)).toBe(0);
  const unanswered = new Reactor(sab, pong.epoch, () => false, true);
  expect(unanswered.linger({ hasEnded: false }, 200)).toBe(false);
});

describe('rings', () => {
  const LAST = 0xffffffff;

  /** Runs producers and consumers on one ring; resolves what each consumer took, in its order. */
  async function run(producers: number, consumers: number, capacity: number, start: number) {
    const words = sab.alloc(Uint32Array, Ring.bytes(capacity) / 4);
    presetRing(words, capacity, start);
    const [items, room] = [newEpoch().offset, newEpoch().offset];
    const shared = { ring: words.byteOffset, capacity, items, room };
    const entries = ENTRIES / producers;
    const indices = [...Array(producers).keys()];
    const consume = Array.from({ length: consumers }, () =>
      runThread(sab, 'consume', { ...shared, last: LAST }),
    );
    await Promise.all(
      indices.map((producer) => runThread(sab, 'produce', { ...shared, producer, entries })),
    );
    const stop = { ...shared, producer: LAST, entries: consumers };
    await runThread(sab, 'produce', stop);
    return (await Promise.all(consume)) as [number, number][][];
  }

  const ENTRIES = 12_000;

  test.each([
    [3, 1, 8, 0],
    [1, 3, 2, 2 ** 32 - 1000],
    [2, 2, 4, 2 ** 32 - 6],
    [2, 2, 1024, 2 ** 31 - 10],
  ])('%i producers, %i consumers, %i slots, from position %i', async (...[producers, ...rest]) => {
    const taken = await run(producers, ...rest);
    const all = taken.flat().map(([producer, entry]) => producer * ENTRIES + entry);
    const sent = Array.from({ length: ENTRIES }, (_, index) => {
      return (index % producers) * ENTRIES + Math.floor(index / producers);
    });
    const numerically = (one: number, other: number): number => one - other;
    expect(all.sort(numerically)).toEqual(sent.sort(numerically));
    for (const consumer of taken) {
      const next = Array<number>(producers).fill(-1);
      for (const [producer, entry] of consumer) {
        expect(entry > (next[producer] ?? 0)).toBe(true);
        next[producer] = entry;
      }
    }
  });
});
