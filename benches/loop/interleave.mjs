// Measures contestants in turns, A B C D, B A D C, C D A B, D C B A, …: what disturbs the machine for a while disturbs
// all of them, and nobody always comes after the same other, or first.
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../scripts/process.mjs';

/**
 * @template C
 * @param {C[]} contestants
 * @param {number} rounds
 * @param {(contestant: C) => Promise<void>} measure
 */
export async function interleave(contestants, rounds, measure) {
  const count = contestants.length;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < count; turn++) {
      const place = round % 2 === 0 ? turn : count - turn;
      await measure(contestants[(round + place) % count]);
    }
  }
}

/** Calls between two glances at the clock, which would cost the fastest the most. */
const CALLS_PER_GLANCE = 64;

/**
 * Calls back to back, after `warmUp` calls that don't count.
 *
 * @param {(index: number) => PromiseLike<unknown>} call
 * @param {{ count: number, warmUp: number, expected: unknown[] }} options call number n takes input n, in turns
 * @returns {Promise<number[]>} microseconds
 */
export async function timeHot(call, { count, warmUp, expected }) {
  const samples = [];
  for (let number = -warmUp; number < count; number++) {
    const index = (number + warmUp) % expected.length;
    const started = performance.now();
    const result = await call(index);
    const ended = performance.now();
    requireEqual(result, expected[index]);
    if (number >= 0) samples.push((ended - started) * 1000);
  }
  return samples;
}

/** One call after everything has been asleep. @returns {Promise<number>} microseconds */
export async function timeFromSleep(call, { sleepMs, index, expected }) {
  await sleep(sleepMs);
  const started = performance.now();
  const result = await call(index);
  const ended = performance.now();
  requireEqual(result, expected[index]);
  return (ended - started) * 1000;
}

/**
 * Keeps so many calls in flight for a while: as soon as one ends its lane makes the next. Results are looked at
 * when they come: kept, they would burden the garbage collector, of the fastest the most.
 *
 * @returns {Promise<number>} calls per second
 */
export async function timeInFlight(call, { lanes, milliseconds, expected }) {
  const started = performance.now();
  const end = started + milliseconds;
  let ended = 0;
  let isOver = false;
  const lane = async (number) => {
    const index = number % expected.length;
    while (!isOver) {
      requireEqual(await call(index), expected[index]);
      if (++ended % CALLS_PER_GLANCE === 0) isOver ||= performance.now() >= end;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  return ended / ((performance.now() - started) / 1000);
}

/** @throws Failure unless a contestant's result is what it should be */
function requireEqual(result, expected) {
  const isEqual = typeof expected === 'number' ? result === expected : areSame(result, expected);
  if (!isEqual)
    throw new Failure(`results differ: expected ${show(expected)}, got ${show(result)}`);
}

function areSame(bytes, expected) {
  if (!(bytes instanceof Uint8Array) || bytes.length !== expected.length) return false;
  for (let index = 0; index < expected.length; index++) {
    if (bytes[index] !== expected[index]) return false;
  }
  return true;
}

function show(value) {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
