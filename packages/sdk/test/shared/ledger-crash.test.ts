/**
 * A thread may die between any two of a transaction's stores. Here it does, at every one of them: whoever
 * recovers the ledger finds each balance as it was before or as it was to be, and nobody ever sees another sum.
 */
import { Ledger, SafeSAB } from '@inos/sdk';
import { describe, expect, test } from 'vitest';
import { LedgerWords, ThreadState, threadWord, ThreadWords } from '../../src/memory/layout.js';
import {
  balances,
  ledgerWord,
  newLedger,
  newReservation,
  smallMemory,
  TOTAL,
} from '../memories.js';

const sab = smallMemory();
const reservation = newReservation(sab);
const empty = newReservation(sab);

/** The host recovers itself here; for a capsule's thread all but the number is the same. */
const HOLDER = LedgerWords.HOST_HOLDER;

class Death extends Error {}

/** How many times the thread that is watched may still write. */
const life = { writes: Infinity };

function write(): void {
  if (life.writes-- <= 0) throw new Death();
}

/** The arrays behind those that notice plain writes. */
const behind = new WeakMap<object, Uint32Array>();

/** The same words, through which every plain write is noticed. */
function watched(words: Uint32Array): Uint32Array {
  const proxy = new Proxy(words, {
    get: (target, key) => Reflect.get(target, key, target) as unknown,
    set: (target, key, value) => {
      write();
      return Reflect.set(target, key, value, target);
    },
  });
  behind.set(proxy, words);
  return proxy;
}

type Atomic = (words: Uint32Array, index: number, ...values: number[]) => number;

/** Runs `work` as a thread that dies before it writes once more than `writes` times. Says whether it died. */
function dies(writes: number, work: () => void): boolean {
  const { load, store, add, compareExchange } = Atomics;
  const noticed = (atomic: Atomic, isWrite: boolean): Atomic => {
    return (words, ...rest) => {
      if (isWrite) write();
      return atomic(behind.get(words) ?? words, ...rest);
    };
  };
  Object.assign(Atomics, {
    load: noticed(load, false),
    store: noticed(store, true),
    add: noticed(add, true),
    compareExchange: noticed(compareExchange, true),
  });
  life.writes = writes;
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof Death) return true;
    throw error;
  } finally {
    Object.assign(Atomics, { load, store, add, compareExchange });
    life.writes = Infinity;
  }
}

/** The ledger as held by the thread that dies. */
const mortal = new Ledger({ words: watched(sab.words), buffer: sab.buffer } as unknown as SafeSAB);

/** A ledger in which one account has credits, some of them set aside, and another has none. */
function prepared(): Ledger {
  const ledger = newLedger(sab);
  reservation.words.fill(0);
  empty.words.fill(0);
  ledger.open();
  ledger.open();
  ledger.transfer(0, 1, 2 ** 33 + 1000);
  ledger.reserve(1, 2 ** 32 + 600, reservation);
  return ledger;
}

function state(ledger: Ledger) {
  return { balances: balances(ledger), reserved: [[...reservation.words], [...empty.words]] };
}

const own = { ...reservation, words: watched(reservation.words) };
const spare = { ...empty, words: watched(empty.words) };
const transactions: [string, () => void][] = [
  ['a transfer', () => mortal.transfer(1, 2, 2 ** 31)],
  ['a transfer to oneself', () => mortal.transfer(1, 1, 7)],
  ['a reservation', () => mortal.reserve(1, 2 ** 32 - 1, spare)],
  ['a settlement', () => mortal.settle(1, 2, own, 2 ** 32 + 1)],
  ['a settlement that charges all', () => mortal.settle(1, 2, own, 2 ** 40)],
];

describe.each(transactions)('%s', (_, transact) => {
  test('whose thread dies at any store leaves all or nothing of it', () => {
    const before = state(prepared());
    const whole = prepared();
    expect(dies(Infinity, transact)).toBe(false);
    const after = state(whole);
    let writes = 0;
    for (let ledger = prepared(); dies(writes, transact); ledger = prepared()) {
      const isHeld = Atomics.load(sab.words, ledgerWord(LedgerWords.LOCK)) === HOLDER;
      expect(isHeld).toBe(writes > 0);
      // Readers don't wait for it, wherever it died.
      const seen = balances(ledger);
      expect(ledger.total()).toBe(TOTAL);
      expect([before.balances, after.balances]).toContainEqual(seen);
      expect(ledger.recover(HOLDER - 1)).toBe(false);
      expect(ledger.recover(HOLDER)).toBe(isHeld);
      expect(ledger.total()).toBe(TOTAL);
      expect([before, after]).toContainEqual(state(ledger));
      // What somebody may have read already is not taken back.
      expect(balances(ledger)).toEqual(seen);
      expect(ledger.recover(HOLDER)).toBe(false);
      ledger.transfer(0, 2, 1);
      expect(ledger.total()).toBe(TOTAL);
      writes++;
    }
    // The lock, five words for at least one leg, and the five that frame them.
    expect(writes).toBeGreaterThan(10);
  });
});

test.each([1, 8, 9, 10, 11, 12, 14])(
  'who is ended after %i stores keeps nobody waiting',
  (writes) => {
    const ledger = prepared();
    expect(dies(writes, () => mortal.transfer(1, 2, 5))).toBe(true);
    ledger.condemn(HOLDER);
    expect(ledger.total()).toBe(TOTAL);
    ledger.transfer(0, 2, 7);
    expect([7, 12]).toContain(ledger.available(2));
    expect(ledger.total()).toBe(TOTAL);
    expect(Atomics.load(sab.words, ledgerWord(LedgerWords.LOCK))).toBe(0);
  },
);

test.each([1, 8, 9, 10, 11, 12, 14])(
  'a thread that left its loop after %i stores keeps nobody waiting',
  (writes) => {
    const ledger = prepared();
    expect(dies(writes, () => mortal.transfer(1, 2, 5))).toBe(true);
    const thread = 5;
    sab.words[ledgerWord(LedgerWords.LOCK)] = thread + 1;
    sab.words[threadWord(thread) + ThreadWords.STATE] = ThreadState.LEFT;
    const started = performance.now();
    ledger.transfer(0, 2, 7);
    expect(performance.now() - started).toBeLessThan(1000);
    expect([7, 12]).toContain(ledger.available(2));
    expect(ledger.total()).toBe(TOTAL);
    sab.words[threadWord(thread) + ThreadWords.STATE] = ThreadState.ABSENT;
  },
);

test('another holder of the memory recovers it', () => {
  const ledger = prepared();
  const before = state(ledger);
  expect(dies(11, () => mortal.transfer(1, 2, 5))).toBe(true);
  const other = new Ledger(SafeSAB.attach(sab.memory));
  expect(other.recover(HOLDER)).toBe(true);
  expect(state(other)).toEqual(before);
});

test('a journal that names no words of the memory is passed over', () => {
  const ledger = prepared();
  const { words } = sab;
  for (const offset of [0xffffffff, 0xfffffffc, 2 ** 31, 5]) {
    words[ledgerWord(LedgerWords.LOCK)] = 9;
    words[ledgerWord(LedgerWords.SEQUENCE)] = 0xffffffff;
    words[ledgerWord(LedgerWords.JOURNAL_LENGTH)] = 1;
    words[ledgerWord(LedgerWords.JOURNAL)] = offset;
    expect(ledger.recover(9)).toBe(true);
    expect(ledger.total()).toBe(TOTAL);
  }
});
