/** The layout of the shared memory: the same numbers in every language, and no two ranges that overlap. */
import { namedRanges, tableEnds, type NamedRange } from './layout-ranges.js';
import { describe, expect, test } from 'vitest';
import vectors from '../../../../vectors/layout.json';
import * as generated from '../../src/generated/layout.js';

const { Layout, Rings, RingWords, JobWords, LedgerWords, PageWords } = generated;
const ranges = namedRanges();
const isRing = ({ name }: NamedRange): boolean => /^(inbox|outbox) /.test(name);

function end(range: NamedRange): number {
  return range.offset + range.bytes;
}

/** A generated struct's constants, without what the Cap'n Proto runtime adds. */
function constantsOf(struct: object): Record<string, number> {
  const entries = Object.entries(struct) as [string, unknown][];
  const constants = entries.filter(([name]) => /^[A-Z][A-Z0-9_]*$/.test(name));
  return Object.fromEntries(constants.map(([name, value]) => [name, Number(value)]));
}

test('constants are those that all languages share', () => {
  const structs = Object.entries(generated).filter(([, value]) => typeof value === 'function');
  const constants = structs.map(([name, struct]) => [name, constantsOf(struct as object)]);
  expect(Object.fromEntries(constants)).toEqual(vectors.constants);
});

describe('ranges', () => {
  test('have names of their own', () => {
    expect(new Set(ranges.map(({ name }) => name)).size).toBe(ranges.length);
  });

  test('are there for each ring of each capsule', () => {
    expect(ranges.filter(isRing).length).toBe(Layout.MAXIMUM_CAPSULES * (Rings.PRIORITIES + 1));
  });

  test('never overlap', () => {
    const sorted = [...ranges].sort((one, other) => one.offset - other.offset);
    for (const [index, range] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next) expect(end(range), `${range.name}, ${next.name}`).toBeLessThanOrEqual(next.offset);
    }
  });

  test('lie between the first page of 4 KiB and the arena', () => {
    for (const range of ranges) {
      expect(range.bytes, range.name).toBeGreaterThan(0);
      expect(range.offset, range.name).toBeGreaterThanOrEqual(4096);
      expect(end(range), range.name).toBeLessThanOrEqual(Layout.ARENA_OFFSET);
    }
  });

  test('start on cache lines of their own', () => {
    for (const { name, offset } of ranges) expect(offset % 64, name).toBe(0);
  });
});

describe('tables', () => {
  test.each(tableEnds())('$name: the last entry ends inside its room', ({ end, bytes }) => {
    expect(end).toBeLessThanOrEqual(bytes);
  });

  test('rings lie inside the room for rings', () => {
    for (const range of ranges.filter(isRing)) {
      expect(range.offset).toBeGreaterThanOrEqual(Layout.RINGS_OFFSET);
      expect(end(range)).toBeLessThanOrEqual(Layout.RINGS_OFFSET + Layout.RINGS_BYTES);
    }
  });

  test('static regions begin where the room for them begins', () => {
    const statics = ranges.filter(({ name }) => name.endsWith('statics'));
    expect(Math.min(...statics.map(({ offset }) => offset))).toBe(Layout.STATIC_OFFSET);
  });

  test('each page of the largest memory has an entry', () => {
    expect(Layout.MAXIMUM_PAGES * Layout.PAGE_BYTES).toBe(2 ** 32);
    expect(Layout.PAGE_TABLE_BYTES).toBe(Layout.MAXIMUM_PAGES * PageWords.STRIDE_BYTES);
  });

  test('an outbox holds all that its inboxes can', () => {
    expect(Rings.OUTBOX_CAPACITY).toBeGreaterThanOrEqual(Rings.PRIORITIES * Rings.INBOX_CAPACITY);
  });

  test('capacities of rings are powers of two', () => {
    expect(Math.log2(Rings.INBOX_CAPACITY) % 1).toBe(0);
    expect(Math.log2(Rings.OUTBOX_CAPACITY) % 1).toBe(0);
  });

  test('a ring’s tail, head and first slot lie on different cache lines', () => {
    const lines = [RingWords.TAIL, RingWords.HEAD, RingWords.SLOTS].map((word) => word >>> 4);
    expect(new Set(lines).size).toBe(3);
  });

  test('a slab’s header has a bit for each of its smallest slots', () => {
    const slots = Layout.PAGE_BYTES / PageWords.SLAB_SMALLEST_BYTES;
    expect(PageWords.SLAB_HEADER_BYTES * 8).toBeGreaterThanOrEqual(slots);
  });

  test('what threads change as 64 bits is aligned to 64 bits', () => {
    expect([JobWords.UNITS % 2, JobWords.CURSOR % 2, JobWords.SHARED % 2]).toEqual([0, 0, 0]);
  });

  test('a job’s error text lies between its words and its body', () => {
    expect(JobWords.ERROR_TEXT * 4).toBeGreaterThanOrEqual(JobWords.HEAD_BYTES);
    expect(JobWords.BODY_OFFSET % 64).toBe(0);
  });

  test('the journal has a leg for each change of the largest transaction', () => {
    // Settling takes from what is reserved, pays the operator and the account, and clears the reservation.
    expect(LedgerWords.JOURNAL_LEGS).toBeGreaterThanOrEqual(4);
    expect(Number(LedgerWords.TOTAL_MICRO_CREDITS)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
