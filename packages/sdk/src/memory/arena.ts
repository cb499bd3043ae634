/**
 * Allocation in the shared memory for data that several sides see: jobs, inputs, outputs. The twin of
 * `crates/inos-sdk/src/arena.rs`: small allocations are slots of a slab page with a bitmap at its start,
 * large ones are runs of whole pages; anybody may free what anybody allocated.
 */
import { headerWord, HeaderWords, Layout, PageWords } from './layout.js';
import { sdkError } from '../errors.js';
import { kindOf, ownerOf, type PageTable } from './page-table.js';

/** A live allocation. */
export interface Extent {
  readonly offset: number;
  readonly byteLength: number;
}

/** A fresh allocation and how much of its start may hold old bytes. */
export interface Allocation extends Extent {
  readonly dirtyBytes: number;
}

/** Bytes of a slot of a slab class. */
export function slotBytes(slabClass: number): number {
  return PageWords.SLAB_SMALLEST_BYTES << slabClass;
}

const FIRST_PAGE = Layout.ARENA_OFFSET / Layout.PAGE_BYTES;

/** The slab class that a page's packed entry says, -1 if it is no slab of the arena's. */
function slabClassIn(packed: number): number {
  const slabClass = kindOf(packed) - PageWords.KIND_SLAB;
  const isSlab = ownerOf(packed) === PageWords.OWNER_ARENA && slabClass < PageWords.SLAB_CLASSES;
  return isSlab && slabClass >= 0 ? slabClass : -1;
}

/** The smallest slab class whose slots hold `bytes`, -1 if they take whole pages. */
export function slabClassOf(bytes: number): number {
  for (let slabClass = 0; slabClass < PageWords.SLAB_CLASSES; slabClass++) {
    if (slotBytes(slabClass) >= bytes) return slabClass;
  }
  return -1;
}

/** The arena of a memory. Each instance fills slab pages of its own. */
export class Arena {
  readonly #pages: PageTable;
  readonly #control: Uint32Array;
  readonly #words: (endBytes: number) => Uint32Array;
  readonly #slabs: number[][] = Array.from({ length: PageWords.SLAB_CLASSES }, () => []);

  /**
   * @param pages - the page table
   * @param control - the memory's control words
   * @param words - gives the words of the whole memory, as it is now where so many bytes of it are wanted
   */
  constructor(pages: PageTable, control: Uint32Array, words: (endBytes: number) => Uint32Array) {
    this.#pages = pages;
    this.#control = control;
    this.#words = words;
  }

  /**
   * Allocates bytes at a multiple of 64. Their content is undefined up to `dirtyBytes`, then zero.
   *
   * @throws InosError `memory/out-of-memory`
   */
  alloc(bytes: number): Allocation {
    const slabClass = slabClassOf(Math.max(bytes, 1));
    if (slabClass >= 0) return this.#allocSlot(slabClass);
    const count = Math.ceil(bytes / Layout.PAGE_BYTES);
    const run = this.#pages.take(
      PageWords.OWNER_ARENA,
      this.#nextGeneration(),
      PageWords.KIND_HEAD,
      count,
    );
    const byteLength = count * Layout.PAGE_BYTES;
    const dirtyPages = Math.max(0, run.firstCleanPage - run.page);
    return {
      offset: run.page * Layout.PAGE_BYTES,
      byteLength,
      dirtyBytes: Math.min(byteLength, dirtyPages * Layout.PAGE_BYTES),
    };
  }

  /** Forgets its slab pages, after the page table was founded anew. */
  forget(): void {
    for (const pages of this.#slabs) pages.length = 0;
  }

  #nextGeneration(): number {
    return Atomics.add(this.#control, headerWord(HeaderWords.NEXT_RUN_GENERATION), 1);
  }

  #allocSlot(slabClass: number): Allocation {
    const slabs = this.#slabs[slabClass] ?? [];
    const byteLength = slotBytes(slabClass);
    for (let index = slabs.length - 1; index >= 0; index--) {
      const offset = this.#takeSlot(slabs[index] ?? 0, slabClass);
      if (offset > 0) return { offset, byteLength, dirtyBytes: byteLength };
    }
    const kind = PageWords.KIND_SLAB + slabClass;
    const { page } = this.#pages.take(PageWords.OWNER_ARENA, this.#nextGeneration(), kind, 1);
    const first = (page * Layout.PAGE_BYTES) / 4;
    const words = this.#words((page + 1) * Layout.PAGE_BYTES);
    words.fill(0, first, first + PageWords.SLAB_HEADER_BYTES / 4);
    slabs.push(page);
    const offset = this.#takeSlot(page, slabClass);
    if (offset > 0) return { offset, byteLength, dirtyBytes: byteLength };
    // All of a fresh page's slots are taken: somebody writes there who shouldn't.
    throw sdkError('memory/out-of-memory', `no room for ${byteLength} bytes in a fresh page`);
  }

  /** Takes a free slot of a slab page; 0 if there is none. */
  #takeSlot(page: number, slabClass: number): number {
    const base = page * Layout.PAGE_BYTES;
    const words = this.#words(base + Layout.PAGE_BYTES);
    const bytes = slotBytes(slabClass);
    const slots = Layout.PAGE_BYTES / bytes;
    let slot = Math.ceil(PageWords.SLAB_HEADER_BYTES / bytes);
    while (slot < slots) {
      const word = base / 4 + (slot >>> 5);
      const taken = Atomics.load(words, word);
      const end = Math.min(slots, ((slot >>> 5) + 1) * 32);
      if (taken === 0xffffffff) {
        slot = end;
        continue;
      }
      for (; slot < end; slot++) {
        const bit = 1 << (slot & 31);
        if ((taken & bit) === 0 && (Atomics.or(words, word, bit) & bit) === 0)
          return base + slot * bytes;
      }
    }
    return 0;
  }

  /** Frees the allocation that starts at an offset. False if none does, also when it was freed already. */
  free(offset: number): boolean {
    const extent = this.extent(offset);
    if (extent?.offset !== offset) return false;
    const page = Math.floor(offset / Layout.PAGE_BYTES);
    // What `extent` has seen decides: the table is not asked twice what the page is.
    if (extent.byteLength >= Layout.PAGE_BYTES)
      return this.#pages.giveBack(page, PageWords.OWNER_ARENA);
    const slabClass = slabClassOf(extent.byteLength);
    const slot = (offset % Layout.PAGE_BYTES) / slotBytes(slabClass);
    const bit = 1 << (slot & 31);
    const word = (page * Layout.PAGE_BYTES) / 4 + (slot >>> 5);
    return (Atomics.and(this.#words(offset), word, ~bit) & bit) !== 0;
  }

  /** The live allocation that an offset lies in. */
  extent(offset: number): Extent | undefined {
    const page = Math.floor(offset / Layout.PAGE_BYTES);
    // Whatever the table says: the tables themselves and the static regions are nobody's allocation.
    if (!(page >= FIRST_PAGE && page < Layout.MAXIMUM_PAGES)) return undefined;
    const entry = this.#pages.packed(page);
    const slabClass = slabClassIn(entry);
    if (slabClass >= 0) return this.#slotExtent(page, slabClass, offset);
    const isBody = kindOf(entry) === PageWords.KIND_BODY;
    const headPage = isBody ? this.#pages.link(page) : page;
    if (headPage < FIRST_PAGE || headPage > page) return undefined;
    const head = isBody ? this.#pages.packed(headPage) : entry;
    if (kindOf(head) !== PageWords.KIND_HEAD || ownerOf(head) !== PageWords.OWNER_ARENA)
      return undefined;
    const pages = this.#pages.link(headPage);
    if (page - headPage >= pages) return undefined;
    return { offset: headPage * Layout.PAGE_BYTES, byteLength: pages * Layout.PAGE_BYTES };
  }

  #slotExtent(page: number, slabClass: number, offset: number): Extent | undefined {
    const base = page * Layout.PAGE_BYTES;
    const byteLength = slotBytes(slabClass);
    const slot = Math.floor((offset - base) / byteLength);
    if (slot * byteLength < PageWords.SLAB_HEADER_BYTES) return undefined;
    const words = this.#words(base + Layout.PAGE_BYTES);
    // A table may name pages that the memory hasn't.
    if (words.byteLength < base + Layout.PAGE_BYTES) return undefined;
    const taken = Atomics.load(words, base / 4 + (slot >>> 5)) & (1 << (slot & 31));
    return taken === 0 ? undefined : { offset: base + slot * byteLength, byteLength };
  }

  /** Whether a range lies inside one live allocation. */
  contains(offset: number, byteLength: number): boolean {
    const extent = this.extent(offset);
    const end = offset + byteLength;
    if (extent === undefined || end > extent.offset + extent.byteLength) return false;
    return this.#words(end).byteLength >= end;
  }
}
