/** Who owns which page: taking, giving back, and what a capsule that died leaves behind. */
import { type PageTable, type SafeSAB } from '@inos/sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import { Layout, PageWords } from '../../src/memory/layout.js';
import { smallMemory } from '../memories.js';

const FIRST_PAGE = Layout.ARENA_OFFSET / Layout.PAGE_BYTES;
const { KIND_HEAD, KIND_BODY, OWNER_ARENA } = PageWords;

let sab: SafeSAB;
let pages: PageTable;
beforeEach(() => {
  sab ??= smallMemory();
  ({ pages } = sab);
  const table = Layout.PAGE_TABLE_OFFSET / 4;
  sab.words.fill(0, table, table + Layout.PAGE_TABLE_BYTES / 4);
});

function entries(first: number, count: number): (readonly unknown[] | undefined)[] {
  return Array.from({ length: count }, (_, index) => {
    const entry = pages.entry(first + index);
    return entry && [entry.owner, entry.kind, entry.generation, entry.link];
  });
}

test('a run has a head that names its length and a body that names its head', () => {
  expect(pages.take(3, 7, KIND_HEAD, 3).page).toBe(FIRST_PAGE);
  expect(entries(FIRST_PAGE, 4)).toEqual([
    [3, KIND_HEAD, 7, 3],
    [3, KIND_BODY, 7, FIRST_PAGE],
    [3, KIND_BODY, 7, FIRST_PAGE],
    undefined,
  ]);
});

test('16 bits of a generation are kept', () => {
  const { page } = pages.take(1, 0x1_0005, KIND_HEAD, 1);
  expect(pages.entry(page)?.generation).toBe(5);
  expect(pages.reclaim(1, 0x2_0005)).toBe(1);
});

describe('take', () => {
  test('finds the first hole that is wide enough', () => {
    const runs = [2, 1, 3, 1].map((count) => pages.take(1, 1, KIND_HEAD, count).page);
    expect(runs).toEqual([0, 2, 3, 6].map((page) => FIRST_PAGE + page));
    pages.giveBack(FIRST_PAGE, 1);
    pages.giveBack(FIRST_PAGE + 3, 1);
    expect(pages.take(2, 1, KIND_HEAD, 3).page).toBe(FIRST_PAGE + 3);
    expect(pages.take(2, 1, KIND_HEAD, 1).page).toBe(FIRST_PAGE);
    expect(pages.take(2, 1, KIND_HEAD, 2).page).toBe(FIRST_PAGE + 7);
  });

  test('leaves no trace of what it could not get', () => {
    const taken = pages.take(1, 1, KIND_HEAD, 500).page;
    expect(() => pages.take(2, 1, KIND_HEAD, 13)).toThrow('no room for 851968 bytes');
    expect(entries(FIRST_PAGE + 500, 12)).toEqual(Array(12).fill(undefined));
    expect(pages.take(2, 1, KIND_HEAD, 12).page).toBe(taken + 500);
  });

  test.each([0, -1, 1.5, Number.NaN, Layout.MAXIMUM_PAGES + 1])('refuses %d pages', (count) => {
    expect(() => pages.take(1, 1, KIND_HEAD, count)).toThrow(/count must be an integer/);
  });

  test('says which pages nobody has had before', () => {
    const fresh = smallMemory();
    const first = fresh.pages.take(1, 1, KIND_HEAD, 4);
    expect(first.firstCleanPage).toBeLessThanOrEqual(first.page);
    fresh.pages.giveBack(first.page, 1);
    expect(fresh.pages.take(1, 1, KIND_HEAD, 6).firstCleanPage).toBe(FIRST_PAGE + 4);
  });
});

describe('giveBack', () => {
  test('frees a run of its owner, once', () => {
    const { page } = pages.take(OWNER_ARENA, 9, KIND_HEAD, 3);
    expect(pages.giveBack(page, 1)).toBe(false);
    expect(pages.giveBack(page + 1, OWNER_ARENA)).toBe(false);
    expect(pages.giveBack(page, OWNER_ARENA)).toBe(true);
    expect(entries(page, 3)).toEqual([undefined, undefined, undefined]);
    expect(pages.giveBack(page, OWNER_ARENA)).toBe(false);
  });

  test.each([-1, 0, FIRST_PAGE, Layout.MAXIMUM_PAGES, Number.NaN])('has nothing at %d', (page) => {
    expect(pages.entry(page)).toBeUndefined();
    expect(pages.giveBack(page, OWNER_ARENA)).toBe(false);
  });
});

test('reclaim frees one life of one owner', () => {
  const old = pages.take(1, 4, KIND_HEAD, 2).page;
  const young = pages.take(1, 5, KIND_HEAD, 1).page;
  const other = pages.take(2, 4, KIND_HEAD, 1).page;
  expect(pages.reclaim(1, 4)).toBe(2);
  expect(entries(old, 2)).toEqual([undefined, undefined]);
  expect([pages.entry(young)?.owner, pages.entry(other)?.owner]).toEqual([1, 2]);
  expect(pages.reclaim(1, 4)).toBe(0);
});
