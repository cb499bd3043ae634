/** A page table, slabs and a header that say anything: what they give lies in the arena, and nobody else's is touched. */
import { InosError, type SafeSAB } from '@inos/sdk';
import { HeaderWords, headerWord, Layout, PageWords } from '../../src/memory/layout.js';
import { Input, readChanges } from './input.js';
import { FIRST_PAGE, freshMemory, words } from './memory.js';
import { takeWritten, watch } from './watched.js';

const MOST_STEPS = 24;
/** Pages whose entries are written. */
const PAGES = 12;
const TABLES: readonly (readonly [number, number])[] = [
  [Layout.HEADER_OFFSET, Layout.HEADER_BYTES],
  [Layout.PAGE_TABLE_OFFSET, Layout.PAGE_TABLE_BYTES],
];
/** What the host may say of tables that make no sense. */
const KNOWN = ['memory/out-of-memory', 'memory/freed'];

const entryWord = (page: number) => Layout.PAGE_TABLE_OFFSET / 4 + page * 2;

function writeEntry(plain: Uint32Array, input: Input): void {
  const word = entryWord(FIRST_PAGE + input.below(PAGES));
  if (input.isSet()) {
    const owner = input.choose([1, 2, PageWords.OWNER_ARENA, PageWords.OWNER_SYSTEM]);
    const kind = input.choose([
      PageWords.KIND_BODY,
      PageWords.KIND_HEAD,
      PageWords.KIND_SLAB,
      11,
      12,
    ]);
    plain[word + PageWords.ENTRY] = ((input.below(3) << 16) | (kind << 8) | owner) >>> 0;
    plain[word + PageWords.LINK] = input.isSet()
      ? FIRST_PAGE + input.below(PAGES)
      : input.below(PAGES);
  } else {
    plain[word + PageWords.ENTRY] = input.word();
    plain[word + PageWords.LINK] = input.word();
  }
}

function writeTables(input: Input): void {
  const plain = words();
  for (let count = input.below(2 * PAGES); count > 0; count--) writeEntry(plain, input);
  for (let count = input.below(6); count > 0; count--) {
    const page = FIRST_PAGE + input.below(PAGES);
    plain[(page * Layout.PAGE_BYTES) / 4 + input.below(32)] = input.word();
  }
  if (input.below(4) > 0) return;
  const header = [
    HeaderWords.MAXIMUM_PAGES,
    HeaderWords.MEMORY_PAGES,
    HeaderWords.TOUCHED_PAGES,
    HeaderWords.NEXT_RUN_GENERATION,
  ];
  plain[headerWord(input.choose(header))] = input.word();
}

function requireThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

function requireInside(sab: SafeSAB, offset: number, byteLength: number): void {
  const isInside = offset >= Layout.ARENA_OFFSET && offset + byteLength <= sab.byteLength;
  requireThat(isInside, `${byteLength} bytes at ${offset}`);
}

/** Where a step looks: somewhere in the arena, at what was allocated, or anywhere. */
function place(input: Input, given: readonly { byteOffset: number }[]): number {
  const last = given.at(-1);
  return last && input.isSet() ? last.byteOffset : input.word();
}

type Step = (sab: SafeSAB, input: Input, given: Uint8Array[]) => void;

const STEPS: readonly Step[] = [
  (sab, input, given) => {
    const view = sab.alloc(Uint8Array, input.choose([0, 1, 64, 1000, 20_000, 70_000, 200_000]), {
      zeroed: input.isSet(),
    });
    requireInside(sab, view.byteOffset, view.byteLength);
    requireThat(view.byteOffset % 64 === 0, `not aligned: ${view.byteOffset}`);
    given.push(view);
  },
  (sab, _, given) => {
    const view = given.pop();
    if (view) sab.free(view);
  },
  (sab, input, given) => {
    const offset = place(input, given);
    const extent = sab.arena.extent(offset);
    if (extent === undefined) return;
    const isAround = extent.offset <= offset && offset < extent.offset + extent.byteLength;
    requireThat(isAround && extent.offset >= Layout.ARENA_OFFSET, `an extent at ${extent.offset}`);
  },
  (sab, input, given) => {
    const [offset, byteLength] = [place(input, given), input.word()];
    if (sab.arena.contains(offset, byteLength)) requireInside(sab, offset, byteLength);
  },
  (sab, input, given) => {
    const offset = place(input, given);
    try {
      const view = sab.view(Uint32Array, offset, input.below(64));
      requireInside(sab, view.byteOffset, view.byteLength);
    } catch (error) {
      // The argument is named: it is the caller who is told.
      requireThat((error as Error).message.startsWith('byteOffset'), String(error));
    }
  },
  ({ arena }, input, given) => void arena.free(place(input, given)),
  ({ pages }, input) => {
    const count = 1 + input.below(PAGES);
    const { page } = pages.take(2, 1, PageWords.KIND_HEAD, count);
    requireThat(page >= FIRST_PAGE && page + count <= pages.pages, `${count} pages at ${page}`);
  },
  ({ pages }, input) => {
    void pages.giveBack(
      FIRST_PAGE + input.below(PAGES),
      input.choose([1, 2, PageWords.OWNER_ARENA]),
    );
  },
  ({ pages }, input) => void pages.reclaim(1 + input.below(2), input.below(3)),
];

/** Who owns which page. */
function owners(): Uint32Array {
  const start = entryWord(FIRST_PAGE);
  return words().slice(start, start + 2 * PAGES);
}

/** What was given back was its owner's, and of the run that it named. */
function requireApart(before: Uint32Array, page: number, owner: number): void {
  const after = owners();
  for (let index = 0; index < PAGES; index++) {
    const [entry = 0, link = 0] = before.subarray(index * 2);
    const isSame = after[index * 2] === entry && after[index * 2 + 1] === link;
    const isOwn = (entry & 0xff) === owner && (FIRST_PAGE + index === page || link === page);
    requireThat(isSame || isOwn, `page ${FIRST_PAGE + index} was somebody else's`);
  }
}

/** Giving a run back while nobody else writes. */
function giveBackStill(sab: SafeSAB, input: Input): void {
  const page = FIRST_PAGE + input.below(PAGES);
  const owner = input.choose([1, 2, PageWords.OWNER_ARENA]);
  const before = owners();
  sab.pages.giveBack(page, owner);
  requireApart(before, page, owner);
}

export function tables(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const sab = freshMemory();
  writeTables(input);
  giveBackStill(sab, input);
  takeWritten();
  const { hook } = readChanges(input);
  const given: Uint8Array[] = [];
  for (let count = 0; count < MOST_STEPS && !input.isEmpty; count++) {
    const step = input.choose(STEPS);
    watch(hook, () => {
      try {
        step(sab, input, given);
      } catch (error) {
        if (!(error instanceof InosError) || !KNOWN.includes(error.code)) throw error;
      }
    });
  }
  for (const at of takeWritten()) {
    const isKnown = TABLES.some(([start, length]) => at >= start && at < start + length);
    requireThat(at >= Layout.ARENA_OFFSET || isKnown, `${at} was written`);
  }
}
