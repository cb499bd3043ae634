/**
 * Who owns which 64 KiB page. The twin of `crates/inos-sdk/src/pages.rs`, word for word the same protocol:
 * compare-and-swap alone, so that no dying thread can keep a lock.
 */
import { requireInteger, sdkError } from '../errors.js';
import { headerWord, HeaderWords, Layout, PageWords } from './layout.js';

/** One entry of the table, taken apart. */
export interface PageEntry {
  /** 1 + capsule index, `PageWords.OWNER_ARENA` or `PageWords.OWNER_SYSTEM`. */
  readonly owner: number;
  /** Body, head, or slab + class. */
  readonly kind: number;
  /** Which life of its owner, or which allocation. */
  readonly generation: number;
  /** A head's length in pages, another page's head. */
  readonly link: number;
}

/** A run of pages and whether some of them may hold old bytes. */
export interface TakenPages {
  readonly page: number;
  /** Pages from this one on are zero: nobody has had them before. */
  readonly firstCleanPage: number;
}

const TABLE_WORD = Layout.PAGE_TABLE_OFFSET / 4;
const FIRST_PAGE = Layout.ARENA_OFFSET / Layout.PAGE_BYTES;
/** How many times its present size a memory may grow by at once, at most this many pages: 1 MiB. */
const GROWTH_PAGES = 16;
/** How often free pages may be there and then taken by others, before a table is taken for damaged. */
const FRUITLESS_WALKS = 64;
/** How often others may change a word before its new value is left to them. */
const MOST_TRIES = 1024;

/** The kind that a packed entry says. */
export function kindOf(packed: number): number {
  return (packed >>> 8) & 0xff;
}

/** The owner that a packed entry says. */
export function ownerOf(packed: number): number {
  return packed & 0xff;
}

/** The page table of a memory. */
export class PageTable {
  readonly #memory: WebAssembly.Memory;
  readonly #words: Uint32Array;

  /**
   * @param memory - the shared memory
   * @param words - its control words, from offset 0 on
   */
  constructor(memory: WebAssembly.Memory, words: Uint32Array) {
    this.#memory = memory;
    this.#words = words;
  }

  #entryWord(page: number): number {
    return TABLE_WORD + page * 2 + PageWords.ENTRY;
  }

  #linkWord(page: number): number {
    return TABLE_WORD + page * 2 + PageWords.LINK;
  }

  /** The packed entry of a page, 0 if it is free. */
  packed(page: number): number {
    return Atomics.load(this.#words, this.#entryWord(page));
  }

  /** The link word of a page. */
  link(page: number): number {
    return Atomics.load(this.#words, this.#linkWord(page));
  }

  /** The entry of a page, `undefined` if it is free or can't exist. */
  entry(page: number): PageEntry | undefined {
    if (!(page >= 0 && page < Layout.MAXIMUM_PAGES)) return undefined;
    const packed = this.packed(page);
    if (packed === 0) return undefined;
    return {
      owner: ownerOf(packed),
      kind: kindOf(packed),
      generation: packed >>> 16,
      link: this.link(page),
    };
  }

  /** How many pages the memory has now. */
  get pages(): number {
    return this.#memory.buffer.byteLength / Layout.PAGE_BYTES;
  }

  /**
   * Takes neighbouring pages for an owner, growing the memory where it must.
   *
   * @throws RangeError for a count of pages that can't be
   * @throws InosError `memory/out-of-memory`
   */
  take(owner: number, generation: number, kind: number, count: number): TakenPages {
    requireInteger('count', count, 1, Layout.MAXIMUM_PAGES);
    for (let fruitless = 0; fruitless <= FRUITLESS_WALKS;) {
      const limit = this.pages;
      let page = FIRST_PAGE;
      while (page + count <= limit) {
        const obstacle = this.#claim(owner, generation, kind, page, count);
        if (obstacle < 0)
          return { page, firstCleanPage: this.#raise(HeaderWords.TOUCHED_PAGES, page + count) };
        page = fruitless === 0 ? this.#after(obstacle) : obstacle + 1;
      }
      // Where none is missing there are free pages at the end, and no run led there. Either they were freed just now,
      // or the lengths of runs can't be trusted: the next walk goes page by page.
      if (this.#extend(limit, count) === 0) fruitless++;
    }
    throw this.#outOfMemory(count);
  }

  #outOfMemory(count: number, cause?: unknown) {
    const maximum = Atomics.load(this.#words, headerWord(HeaderWords.MAXIMUM_PAGES));
    const details = { bytes: count * Layout.PAGE_BYTES, maximumBytes: maximum * Layout.PAGE_BYTES };
    const message = `no room for ${details.bytes} bytes in a memory of at most ${details.maximumBytes}`;
    return sdkError('memory/out-of-memory', message, { details, cause });
  }

  /** Sets a free page aside for ever. */
  reserve(page: number): void {
    this.#claim(PageWords.OWNER_SYSTEM, 0, PageWords.KIND_HEAD, page, 1);
  }

  #after(page: number): number {
    const head = this.entry(page);
    return head?.kind === PageWords.KIND_HEAD && head.link > 0 ? page + head.link : page + 1;
  }

  /** Claims pages one by one, the head first. Returns -1, or the page that was taken after undoing it all. */
  #claim(owner: number, generation: number, kind: number, page: number, count: number): number {
    const mark = ((generation & 0xffff) << 16) | owner;
    for (let index = 0; index < count; index++) {
      const entry = (mark | ((index === 0 ? kind : PageWords.KIND_BODY) << 8)) >>> 0;
      if (Atomics.compareExchange(this.#words, this.#entryWord(page + index), 0, entry) !== 0) {
        this.#clear(page, index);
        return page + index;
      }
      Atomics.store(this.#words, this.#linkWord(page + index), index === 0 ? count : page);
    }
    return -1;
  }

  #clear(page: number, count: number): void {
    // Backwards, so that the head, which names the length, goes last.
    for (let index = count - 1; index >= 0; index--) {
      Atomics.store(this.#words, this.#linkWord(page + index), 0);
      Atomics.store(this.#words, this.#entryWord(page + index), 0);
    }
  }

  /** Makes room behind the last page that is taken. Returns how many pages were missing. */
  #extend(limit: number, count: number): number {
    const maximum = Atomics.load(this.#words, headerWord(HeaderWords.MAXIMUM_PAGES));
    // Free pages at the end count: only what is missing is added.
    let free = 0;
    while (free < Math.min(count, limit - FIRST_PAGE) && this.entry(limit - free - 1) === undefined)
      free++;
    const missing = count - free;
    if (missing === 0) return 0;
    const spare = Math.min(GROWTH_PAGES, maximum - limit - missing);
    try {
      if (spare < 0) throw new RangeError('beyond the maximum');
      this.#memory.grow(missing + spare);
    } catch (cause) {
      // Somebody else may have grown it meanwhile, which is as good.
      if (this.pages > limit) return missing;
      throw this.#outOfMemory(count, cause);
    }
    this.#raise(HeaderWords.MEMORY_PAGES, this.pages);
    return missing;
  }

  /** Raises a word of the header to at least `value`; returns what it was before. */
  #raise(word: number, value: number): number {
    const index = headerWord(word);
    let seen = Atomics.load(this.#words, index);
    for (let tries = 0; seen < value && tries < MOST_TRIES; tries++) {
      const now = Atomics.compareExchange(this.#words, index, seen, value);
      if (now === seen) break;
      seen = now;
    }
    return seen;
  }

  /**
   * Gives back the run whose head is `page`. Says whether it was such a head of that owner and is now free;
   * of two callers at once, one is told so.
   */
  giveBack(page: number, owner: number): boolean {
    if (!(page >= 0 && page < Layout.MAXIMUM_PAGES)) return false;
    const live = this.packed(page);
    const isHead = live !== 0 && kindOf(live) !== PageWords.KIND_BODY && ownerOf(live) === owner;
    if (!isHead) return false;
    const claimed = this.link(page);
    const dying = ((live & 0xffff00ff) | (PageWords.KIND_BODY << 8)) >>> 0;
    if (Atomics.compareExchange(this.#words, this.#entryWord(page), live, dying) !== live)
      return false;
    this.#clear(page, this.#runLength(page, claimed, dying));
    return true;
  }

  /** How many pages of the run at `page` are its own, whatever length its head claims. */
  #runLength(page: number, claimed: number, body: number): number {
    const most = Math.min(claimed, Layout.MAXIMUM_PAGES - page);
    let length = 1;
    while (
      length < most &&
      this.packed(page + length) === body &&
      this.link(page + length) === page
    )
      length++;
    return length;
  }

  /** Frees every page of an owner in one of its lives. For its supervisor, after its threads are gone. */
  reclaim(owner: number, generation: number): number {
    const pages = this.pages;
    let freed = 0;
    for (let page = FIRST_PAGE; page < pages; page++) {
      const entry = this.entry(page);
      if (entry?.owner === owner && entry.generation === (generation & 0xffff)) {
        this.#clear(page, 1);
        freed++;
      }
    }
    return freed;
  }
}
