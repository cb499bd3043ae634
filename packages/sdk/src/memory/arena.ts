/**
 * Allocation in the shared memory for data that several sides see: jobs, inputs, outputs. The twin of
 * `crates/inos-sdk/src/arena.rs`: small allocations are slots of a slab page with a bitmap at its start,
 * large ones are runs of whole pages; anybody may free what anybody allocated.
 */
import { headerWord, HeaderWords, Layout, PageWords } from './layout.js';
import type { PageTable } from './page-table.js';

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
  readonly #words: () => Uint32Array;
  readonly #slabs: number[][] = Array.from({ length: PageWords.SLAB_CLASSES }, () => []);

  /**
   * @param pages - the page table
   * @param control - the memory's control words
   * @param words - gives the words of the whole memory as it is now
   */
  constructor(pages: PageTable, control: Uint32Array, words: () => Uint32Array) {
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
    this.#words().fill(0, first, first + PageWords.SLAB_HEADER_BYTES / 4);
    slabs.push(page);
    return { offset: this.#takeSlot(page, slabClass), byteLength, dirtyBytes: byteLength };
  }

  /** Takes a free slot of a slab page; 0 if there is none. */
  #takeSlot(page: number, slabClass: number): number {
    const words = this.#words();
    const base = page * Layout.PAGE_BYTES;
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
    if (this.extent(offset)?.offset !== offset) return false;
    const page = Math.floor(offset / Layout.PAGE_BYTES);
    const slabClass = this.#slabClass(page);
    if (slabClass < 0) return this.#pages.giveBack(page, PageWords.OWNER_ARENA);
    const slot = (offset % Layout.PAGE_BYTES) / slotBytes(slabClass);
    const bit = 1 << (slot & 31);
    const word = (page * Layout.PAGE_BYTES) / 4 + (slot >>> 5);
    return (Atomics.and(this.#words(), word, ~bit) & bit) !== 0;
  }

  #slabClass(page: number): number {
    const entry = this.#pages.packed(page);
    const slabClass = ((entry >>> 8) & 0xff) - PageWords.KIND_SLAB;
    const isSlab = (entry & 0xff) === PageWords.OWNER_ARENA && slabClass < PageWords.SLAB_CLASSES;
    return isSlab && slabClass >= 0 ? slabClass : -1;
  }

  /** The live allocation that an offset lies in. */
  extent(offset: number): Extent | undefined {
    const page = Math.floor(offset / Layout.PAGE_BYTES);
    if (page < 0 || page >= Layout.MAXIMUM_PAGES) return undefined;
    const slabClass = this.#slabClass(page);
    if (slabClass >= 0) return this.#slotExtent(page, slabClass, offset);
    const entry = this.#pages.packed(page);
    const isBody = ((entry >>> 8) & 0xff) === PageWords.KIND_BODY;
    const headPage = isBody ? this.#pages.link(page) : page;
    if (headPage >= Layout.MAXIMUM_PAGES || headPage > page) return undefined;
    const head = this.#pages.packed(headPage);
    const pages = this.#pages.link(headPage);
    if ((head & 0xffff) !== ((PageWords.KIND_HEAD << 8) | PageWords.OWNER_ARENA)) return undefined;
    if (page - headPage >= pages) return undefined;
    return { offset: headPage * Layout.PAGE_BYTES, byteLength: pages * Layout.PAGE_BYTES };
  }

  #slotExtent(page: number, slabClass: number, offset: number): Extent | undefined {
    const base = page * Layout.PAGE_BYTES;
    const byteLength = slotBytes(slabClass);
    const slot = Math.floor((offset - base) / byteLength);
    if (slot * byteLength < PageWords.SLAB_HEADER_BYTES) return undefined;
    const taken = Atomics.load(this.#words(), base / 4 + (slot >>> 5)) & (1 << (slot & 31));
    return taken === 0 ? undefined : { offset: base + slot * byteLength, byteLength };
  }

  /** Whether a range lies inside one live allocation. */
  contains(offset: number, byteLength: number): boolean {
    const extent = this.extent(offset);
    return extent !== undefined && offset + byteLength <= extent.offset + extent.byteLength;
  }
}
