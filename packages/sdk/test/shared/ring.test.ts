/** The ring against a plain list: what goes in comes out, once, in order, also where positions wrap at 2^32. */
import { Ring, type RingEntry } from '@inos/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../../../vectors/ring.json';
import { Layout, RingWords } from '../../src/memory/layout.js';
import { presetRing, smallMemory } from '../memories.js';

const sab = smallMemory();

/** A ring of its own in the arena, through which `start` entries went already. */
function ringAt(capacity: number, start: number): { ring: Ring; words: Uint32Array } {
  const words = sab.alloc(Uint32Array, Ring.bytes(capacity) / 4);
  presetRing(words, capacity, start);
  return { ring: new Ring(sab, words.byteOffset, capacity), words };
}

test.each(vectors.rings)('$name', ({ capacity, start, steps }) => {
  const { ring, words } = ringAt(capacity, start);
  for (const step of steps) {
    if (step.push) {
      const [offset = 0, generation = 0] = step.push;
      expect(ring.push(offset, generation)).toBe(step.accepted);
    } else {
      const [offset, generation] = step.pop ?? [];
      expect(ring.pop()).toEqual(step.pop ? { offset, generation } : undefined);
    }
  }
  sab.free(words);
});

test('zeroed memory is an empty ring', () => {
  const ring = new Ring(sab, Layout.RINGS_OFFSET, 8);
  expect(ring.pop()).toBeUndefined();
  expect(ring.push(1, 2)).toBe(true);
  expect(ring.pop()).toEqual({ offset: 1, generation: 2 });
});

test('reset empties it', () => {
  const { ring, words } = ringAt(4, 2 ** 32 - 3);
  for (let entry = 0; entry < 4; entry++) ring.push(entry, entry);
  ring.reset();
  expect(ring.pop()).toBeUndefined();
  expect([1, 2, 3, 4, 5].map((entry) => ring.push(entry, 0))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  sab.free(words);
});

test('an entry that is being written holds up those behind it', () => {
  const { ring, words } = ringAt(4, 0);
  ring.push(1, 0);
  ring.push(2, 0);
  // As between a producer’s claim of its place and its last store.
  const sequence = RingWords.SLOTS + RingWords.SLOT_SEQUENCE;
  const [written = 0] = words.subarray(sequence);
  words[sequence] = 0;
  expect(ring.pop()).toBeUndefined();
  words[sequence] = written;
  expect(ring.pop()).toEqual({ offset: 1, generation: 0 });
  sab.free(words);
});

describe('against a plain list', () => {
  type Step = RingEntry | 'pop';

  const word = fc.integer({ min: 0, max: 0xffffffff });
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ offset: word, generation: word }),
    fc.constant<Step>('pop'),
  );
  const start = fc.oneof(word, fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 - 1 }));

  test('every step says the same', () => {
    const capacity = fc.constantFrom(2, 4, 8, 32);
    const property = fc.property(
      capacity,
      start,
      fc.array(step, { maxLength: 120 }),
      (capacity, start, steps) => {
        const { ring, words } = ringAt(capacity, start);
        const model: RingEntry[] = [];
        for (const one of steps) {
          if (one === 'pop') {
            expect(ring.pop()).toEqual(model.shift());
          } else {
            const hasRoom = model.length < capacity;
            if (hasRoom) model.push(one);
            expect(ring.push(one.offset, one.generation)).toBe(hasRoom);
          }
        }
        for (const entry of model) expect(ring.pop()).toEqual(entry);
        expect(ring.pop()).toBeUndefined();
        sab.free(words);
      },
    );
    fc.assert(property, { numRuns: 200 });
  });
});

describe('refuses', () => {
  test.each([0, 1, 3, 6, -2, 2 ** 25, 2.5, Number.NaN])('a capacity of %d', (capacity) => {
    expect(() => new Ring(sab, Layout.ARENA_OFFSET, capacity)).toThrow(/^capacity must be/);
    expect(() => Ring.bytes(capacity)).toThrow(RangeError);
  });

  test.each([-4, 2, 4097, Number.NaN, 2 ** 32])('to lie at %d', (byteOffset) => {
    expect(() => new Ring(sab, byteOffset, 4)).toThrow(/^byteOffset must be/);
  });

  test('to reach beyond the memory', () => {
    const last = sab.byteLength - Ring.bytes(8);
    expect(new Ring(sab, last, 8)).toBeInstanceOf(Ring);
    expect(() => new Ring(sab, last, 16)).toThrow(/^byteOffset must be/);
  });
});
