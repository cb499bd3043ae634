/** The allocator below SafeSAB: the places it gives, as in Rust, and what it says of offsets from anywhere. */
import { Arena, type SafeSAB } from '@inos/sdk';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import vectors from '../../../../vectors/arena.json';
import { Layout, PageWords } from '../../src/memory/layout.js';
import { smallMemory } from '../memories.js';

const FIRST_PAGE = Layout.ARENA_OFFSET / Layout.PAGE_BYTES;

/** Bytes that are taken: whole pages, and slots of slab pages. */
function takenBytes(sab: SafeSAB): number {
  let taken = 0;
  for (let page = FIRST_PAGE; page < sab.pages.pages; page++) {
    const kind = sab.pages.entry(page)?.kind;
    if (kind === undefined) continue;
    if (kind < PageWords.KIND_SLAB) taken += Layout.PAGE_BYTES;
    else
      taken += slotsOf(sab, page) * (PageWords.SLAB_SMALLEST_BYTES << (kind - PageWords.KIND_SLAB));
  }
  return taken;
}

function slotsOf(sab: SafeSAB, page: number): number {
  const header = PageWords.SLAB_HEADER_BYTES / 4;
  const bitmap = new Uint32Array(sab.buffer, page * Layout.PAGE_BYTES, header);
  return [...bitmap].reduce((sum, word) => sum + word.toString(2).replaceAll('0', '').length, 0);
}

describe('places', () => {
  test.each(vectors.arenas)('$name', ({ steps }) => {
    const { arena } = smallMemory();
    for (const step of steps) {
      if (step.alloc === undefined) {
        expect(arena.free(Layout.ARENA_OFFSET + step.free)).toBe(step.freed);
        continue;
      }
      const { offset, byteLength } = arena.alloc(step.alloc);
      expect({ offset: offset - Layout.ARENA_OFFSET, bytes: byteLength }).toEqual({
        offset: step.offset,
        bytes: step.bytes,
      });
    }
  });
});

describe('extents', () => {
  let sab: SafeSAB;
  beforeAll(() => {
    sab = smallMemory();
  });

  test.each([
    -1,
    -(2 ** 40),
    0,
    4096,
    Layout.ARENA_OFFSET - 1,
    2 ** 32,
    2 ** 53,
    Number.NaN,
    Infinity,
  ])('there is none at %d', (offset) => {
    expect(sab.arena.extent(offset)).toBeUndefined();
    expect(sab.arena.contains(offset, 1)).toBe(false);
    expect(sab.arena.free(offset)).toBe(false);
  });

  test('a slab’s header belongs to nobody', () => {
    const { offset } = sab.arena.alloc(64);
    const page = offset - (offset % Layout.PAGE_BYTES);
    for (let byte = page; byte < offset; byte += 4) expect(sab.arena.extent(byte)).toBeUndefined();
    expect(sab.arena.extent(offset)).toEqual({ offset, byteLength: 64 });
    sab.arena.free(offset);
  });

  test('end where the allocation ends', () => {
    const { offset, byteLength } = sab.arena.alloc(100_000);
    expect(byteLength).toBe(2 * Layout.PAGE_BYTES);
    expect(sab.arena.contains(offset, byteLength)).toBe(true);
    expect(sab.arena.contains(offset + 1, byteLength)).toBe(false);
    expect(sab.arena.contains(offset + byteLength - 1, 1)).toBe(true);
    expect(sab.arena.contains(offset + byteLength, 0)).toBe(false);
    expect(sab.arena.contains(offset, 2 ** 32)).toBe(false);
    sab.arena.free(offset);
  });

  test('a bent link leads nowhere', () => {
    const { offset } = sab.arena.alloc(200_000);
    const page = offset / Layout.PAGE_BYTES;
    const link = Layout.PAGE_TABLE_OFFSET / 4 + (page + 1) * 2 + PageWords.LINK;
    for (const bent of [page + 2, page + 1, Layout.MAXIMUM_PAGES, 0xffffffff, 0]) {
      sab.words[link] = bent;
      expect(sab.arena.extent(offset + Layout.PAGE_BYTES), `${bent}`).toBeUndefined();
    }
    sab.words[link] = page;
    expect(sab.arena.extent(offset + Layout.PAGE_BYTES)?.offset).toBe(offset);
    sab.arena.free(offset);
  });

  test.each([Number.NaN, Infinity, 2 ** 32 + 1])('%d bytes are refused', (bytes) => {
    expect(() => sab.arena.alloc(bytes)).toThrow(RangeError);
  });
});

test('two arenas of one memory never give the same place', () => {
  const sab = smallMemory();
  const arenas = [sab.arena, new Arena(sab.pages, sab.words, () => new Uint32Array(sab.buffer))];
  const seen = new Set<number>();
  for (let count = 0; count < 1200; count++) {
    const { offset } = arenas[count % 2]?.alloc([1, 100, 20_000][count % 3] ?? 0) ?? { offset: 0 };
    expect(seen.has(offset)).toBe(false);
    seen.add(offset);
  }
  // Each frees what the other gave.
  let count = 0;
  for (const offset of seen) expect(arenas[++count % 2]?.free(offset)).toBe(true);
  expect(takenBytes(sab)).toBe(0);
});

describe('allocations of any sizes in any order', () => {
  type Step = { alloc: number; class: number } | { free: number } | { scope: number[] };

  interface Live {
    readonly view: Uint8Array<SharedArrayBuffer>;
    readonly mark: number;
  }

  const length = fc.oneof(
    { weight: 4, arbitrary: fc.nat(300) },
    { weight: 3, arbitrary: fc.nat(20_000) },
    { weight: 2, arbitrary: fc.nat(300_000) },
    { weight: 1, arbitrary: fc.constantFrom(0, 64, 65_536, 16_384, 16_385) },
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ alloc: length, class: fc.nat(2) }) },
    { weight: 4, arbitrary: fc.record({ free: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ scope: fc.array(length, { maxLength: 4 }) }) },
  );

  function requireApart(lives: readonly Live[], sab: SafeSAB): void {
    const extents = lives.map(({ view }) => sab.arena.extent(view.byteOffset));
    extents.sort((one, other) => (one?.offset ?? 0) - (other?.offset ?? 0));
    for (const [index, extent] of extents.entries()) {
      const next = extents[index + 1];
      if (extent === undefined) throw new Error('a live allocation has no extent');
      if (next && next.offset < extent.offset + extent.byteLength) throw new Error('overlap');
    }
  }

  function requireUnchanged({ view, mark }: Live): void {
    if (view.some((byte) => byte !== mark)) throw new Error('the content changed');
  }

  const sab = smallMemory();

  function run(steps: readonly Step[]): void {
    const lives: Live[] = [];
    let marks = 0;
    const take = (bytes: number): Live => {
      const view = sab.alloc(Uint8Array, bytes);
      if (view.byteOffset % 64 !== 0 || view.some((byte) => byte !== 0)) throw new Error('not new');
      const mark = (++marks % 255) + 1;
      view.fill(mark);
      return { view, mark };
    };
    for (const one of steps) {
      if ('alloc' in one) {
        lives.push(take(one.alloc));
      } else if ('free' in one) {
        const [gone] = lives.splice(one.free % Math.max(1, lives.length), 1);
        if (gone) requireUnchanged(gone);
        if (gone) sab.free(gone.view);
      } else {
        const scoped = sab.scope((scope) => {
          const views = one.scope.map((bytes) => scope.alloc(Uint8Array, bytes));
          requireApart([...lives, ...views.map((view) => ({ view, mark: 0 }))], sab);
          for (const view of views) view.fill(0xee);
          return views;
        });
        if (scoped.some((view) => sab.arena.extent(view.byteOffset))) throw new Error('not freed');
      }
      requireApart(lives, sab);
    }
    lives.forEach(requireUnchanged);
    for (const { view } of lives) sab.free(view);
  }

  test('live ones never overlap, keep their content, and all comes back', () => {
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      run(steps);
      expect(takenBytes(sab)).toBe(0);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
