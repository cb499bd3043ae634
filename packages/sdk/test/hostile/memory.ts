/** One memory for all runs: its tables are as new at the start of each. */
import { SafeSAB } from '@inos/sdk';
import { HeaderWords, headerWord, Layout } from '../../src/memory/layout.js';
import { smallMemory } from '../memories.js';
import { plainWords, takeWritten } from './watched.js';

const { memory } = smallMemory();
memory.grow(16);
const MAXIMUM_PAGES = (64 * 2 ** 20) / Layout.PAGE_BYTES;

/** The first page of the arena. */
export const FIRST_PAGE = Layout.ARENA_OFFSET / Layout.PAGE_BYTES;

/** Words of the memory that nobody sees. */
export function words(): Uint32Array {
  return plainWords(memory.buffer as unknown as SharedArrayBuffer);
}

/** Where the runs' records and slabs lie. */
const USED_BYTES = 16 * Layout.PAGE_BYTES;

/** The memory, with fresh tables, nothing allocated and nothing left of an earlier run. */
export function freshMemory(): SafeSAB {
  const all = words();
  all.fill(0, 0, Layout.STATIC_OFFSET / 4);
  all.fill(0, Layout.ARENA_OFFSET / 4, (Layout.ARENA_OFFSET + USED_BYTES) / 4);
  const header = (word: number, value: number) => (all[headerWord(word)] = value);
  header(HeaderWords.VERSION, Layout.VERSION);
  header(HeaderWords.MAXIMUM_PAGES, MAXIMUM_PAGES);
  header(HeaderWords.MEMORY_PAGES, memory.buffer.byteLength / Layout.PAGE_BYTES);
  header(HeaderWords.TOUCHED_PAGES, memory.buffer.byteLength / Layout.PAGE_BYTES);
  header(HeaderWords.MAGIC, Layout.MAGIC);
  const sab = SafeSAB.attach(memory);
  takeWritten();
  return sab;
}
