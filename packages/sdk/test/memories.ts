/** Memories, rings and ledgers as the tests want them: new, small, and used again where engines run short of them. */
import { Ledger, SafeSAB, type Reservation } from '@inos/sdk';
import { Layout, LedgerWords, RingWords } from '../src/memory/layout.js';

/** The smallest memory there is: room for 512 pages. */
export function smallMemory(): SafeSAB {
  return SafeSAB.create({ maximumBytes: 64 * 2 ** 20 });
}

/** Index of a word of the ledger. */
export function ledgerWord(word: number): number {
  return Layout.LEDGER_OFFSET / 4 + word;
}

/** A ledger with everything in its treasury and nothing of an earlier one in the same memory. */
export function newLedger(sab: SafeSAB): Ledger {
  sab.words.fill(0, ledgerWord(0), (Layout.LEDGER_OFFSET + Layout.LEDGER_BYTES) / 4);
  const ledger = new Ledger(sab);
  ledger.found();
  return ledger;
}

/** Room for a reservation. */
export function newReservation(sab: SafeSAB): Reservation {
  const words = sab.alloc(Uint32Array, 2);
  return { words, word: 0, offset: words.byteOffset };
}

/** What a ledger's readers see of the accounts that are open. */
export function balances(ledger: Ledger): { available: number; reserved: number }[] {
  return Array.from({ length: ledger.accounts }, (_, account) => ({
    available: ledger.available(account),
    reserved: ledger.reserved(account),
  }));
}

/** All that an account can ever hold. */
export const TOTAL = LedgerWords.TOTAL_MICRO_CREDITS;

/** Makes a ring's words say that `start` entries went through it already, give or take 2^32. */
export function presetRing(words: Uint32Array, capacity: number, start: number): void {
  words.fill(0);
  words[RingWords.TAIL] = start;
  words[RingWords.HEAD] = start;
  for (let position = start; position < start + capacity; position++) {
    const index = position & (capacity - 1);
    const sequence = RingWords.SLOTS + index * RingWords.SLOT_WORDS + RingWords.SLOT_SEQUENCE;
    words[sequence] = position - index;
  }
}
