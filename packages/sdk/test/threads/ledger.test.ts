/** The ledger under threads: while they move credits and one reads, the sum is the same at every look. */
import type { Ledger, SafeSAB } from '@inos/sdk';
import { beforeAll, expect, test } from 'vitest';
import { LedgerWords } from '../../src/memory/layout.js';
import { ledgerWord, newLedger, newReservation, smallMemory, TOTAL } from '../memories.js';
import { runThread } from './run.js';

const ACCOUNTS = 5;
const TURNS = 20_000;

let sab: SafeSAB;
let ledger: Ledger;
beforeAll(() => {
  sab = smallMemory();
  ledger = newLedger(sab);
  for (let count = 0; count < ACCOUNTS; count++) ledger.transfer(0, ledger.open(), 10_000);
});

/** Reads the sum in a thread of its own as long as `work` takes. */
async function whileRead(work: () => Promise<void>): Promise<{ reads: number; wrong: number }> {
  const stop = sab.alloc(Int32Array, 1);
  const reader = runThread(sab, 'read', { stop: stop.byteOffset, total: TOTAL });
  await work();
  Atomics.store(stop, 0, 1);
  return (await reader) as { reads: number; wrong: number };
}

test('threads that move credits never change the sum', async () => {
  const { reads, wrong } = await whileRead(async () => {
    const threads = [1, 2].map((seed) => {
      const reservation = newReservation(sab).offset;
      return runThread(sab, 'move', { seed, turns: TURNS, accounts: ACCOUNTS, reservation });
    });
    let isRunning = true;
    const ended = Promise.all(threads).finally(() => (isRunning = false));
    while (isRunning) {
      for (let look = 0; look < 100; look++) expect(ledger.total()).toBe(TOTAL);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const refused = (await ended) as number[];
    expect(refused.every((count) => count > 0 && count < TURNS)).toBe(true);
  });
  expect(reads).toBeGreaterThan(0);
  expect(wrong).toBe(0);
  for (let account = 0; account <= ACCOUNTS; account++) expect(ledger.reserved(account)).toBe(0);
});

test('recovering from dead threads shows no other sum to those who read meanwhile', async () => {
  // Enough for the transfers that are through before their thread dies.
  ledger.transfer(0, 1, 10_000);
  const { words } = sab;
  const lock = ledgerWord(LedgerWords.LOCK);
  const sequence = ledgerWord(LedgerWords.SEQUENCE);
  const journal = ledgerWord(LedgerWords.JOURNAL);
  const entry = (account: number): number => {
    return ledgerWord(LedgerWords.ENTRIES + account * LedgerWords.ENTRY_WORDS);
  };

  /** The stores of a thread that moves a credit from account 1 to account 2, its lock first and last. */
  function* storesOf(holder: number): Generator<void> {
    const legs = [entry(1), entry(2)].map((word, leg) => ({ word, change: leg === 0 ? -1 : 1 }));
    yield void Atomics.store(words, lock, holder);
    for (const [leg, { word }] of legs.entries()) {
      const at = journal + leg * LedgerWords.JOURNAL_LEG_WORDS;
      yield void Atomics.store(words, at, word * 4);
      yield void Atomics.store(words, at + 1, words[word] ?? 0);
      yield void Atomics.store(words, at + 2, words[word + 1] ?? 0);
    }
    yield void Atomics.store(words, ledgerWord(LedgerWords.JOURNAL_LENGTH), legs.length);
    yield void Atomics.add(words, sequence, 1);
    for (const { word, change } of legs) yield void Atomics.add(words, word, change);
    yield void Atomics.add(words, sequence, 1);
    yield void Atomics.store(words, ledgerWord(LedgerWords.JOURNAL_LENGTH), 0);
  }

  const { wrong } = await whileRead(async () => {
    for (let round = 0; round < 3000; round++) {
      const stores = storesOf(7);
      for (let left = round % 14; left >= 0; left--) stores.next();
      expect(ledger.recover(7)).toBe(true);
      if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect(wrong).toBe(0);
  expect(ledger.total()).toBe(TOTAL);
});
