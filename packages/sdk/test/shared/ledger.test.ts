/** The ledger against a plain one: the same balances after any movements, and a sum that never changes. */
import { InosError, type Ledger, type Reservation } from '@inos/sdk';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import vectors from '../../../../vectors/ledger.json';
import { Layout, LedgerWords } from '../../src/memory/layout.js';
import { LedgerModel, type Movement, type Outcome } from '../ledger-model.js';
import {
  balances,
  ledgerWord,
  newLedger,
  newReservation,
  smallMemory,
  TOTAL,
} from '../memories.js';

const sab = smallMemory();
const slots = [newReservation(sab), newReservation(sab), newReservation(sab)];

let ledger: Ledger;
beforeEach(() => {
  ledger = newLedger(sab);
  for (const { words } of slots) words.fill(0);
});

function slot(index: number): Reservation {
  const reservation = slots[index];
  if (reservation === undefined) throw new Error('no such slot');
  return reservation;
}

function move(movement: Movement): Outcome {
  if ('open' in movement) return ledger.open();
  if ('transfer' in movement) {
    const { from, to, amount } = movement.transfer;
    ledger.transfer(from, to, amount);
    return undefined;
  }
  if ('reserve' in movement) {
    const { account, amount } = movement.reserve;
    ledger.reserve(account, amount, slot(movement.reserve.slot));
    return undefined;
  }
  const { account, operator, charged } = movement.settle;
  return ledger.settle(account, operator, slot(movement.settle.slot), charged);
}

/** What a movement gives, refusals included. */
function outcome(movement: Movement): Outcome {
  try {
    return move(movement);
  } catch (error) {
    if (error instanceof InosError && error.code === 'credits/insufficient') return 'insufficient';
    if (error instanceof RangeError && error.message.startsWith('account must be')) {
      return 'unknown-account';
    }
    throw error;
  }
}

describe('scenarios', () => {
  test.each(vectors.scenarios)('$name', ({ steps, balances: expected }) => {
    for (const step of steps) {
      const given = outcome(step);
      const gives = 'open' in step ? step.open : 'gives' in step ? step.gives : step.refused;
      expect(given).toEqual(gives);
      expect(ledger.total()).toBe(TOTAL);
    }
    expect(balances(ledger)).toEqual(expected);
  });
});

describe('any movements', () => {
  const account = fc.oneof(
    { weight: 9, arbitrary: fc.nat(4) },
    { weight: 1, arbitrary: fc.nat(600) },
  );
  const amount = fc.oneof(
    fc.nat(1000),
    fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
    fc.maxSafeNat(),
  );
  const reservation = fc.nat(2);
  const movement: fc.Arbitrary<Movement> = fc.oneof(
    { weight: 1, arbitrary: fc.record({ open: fc.constant(0) }) },
    {
      weight: 4,
      arbitrary: fc.record({ transfer: fc.record({ from: account, to: account, amount }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ reserve: fc.record({ account, amount, slot: reservation }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        settle: fc.record({ account, operator: account, slot: reservation, charged: amount }),
      }),
    },
  );

  test('agree with the plain ledger and never change the sum', () => {
    const property = fc.property(fc.array(movement, { maxLength: 80 }), (movements) => {
      ledger = newLedger(sab);
      for (const { words } of slots) words.fill(0);
      const model = new LedgerModel();
      for (const one of [{ open: 1 }, { open: 2 }, ...movements]) {
        expect(outcome(one)).toEqual(model.apply(one));
        expect(ledger.total()).toBe(TOTAL);
      }
      expect(balances(ledger)).toEqual(model.balances);
      expect(slots.map(({ words }) => words[0])).toEqual(model.slots.map((noted) => noted >>> 0));
    });
    fc.assert(property, { numRuns: 150 });
  });
});

describe('refusals', () => {
  test('name the account, what it holds and what was asked for', () => {
    ledger.open();
    ledger.transfer(0, 1, 5);
    expect(() => ledger.transfer(1, 0, 6)).toThrow(
      expect.objectContaining({
        code: 'credits/insufficient',
        details: { account: 1, available: 5, amount: 6 },
      }),
    );
    expect(Atomics.load(sab.words, ledgerWord(LedgerWords.LOCK))).toBe(0);
  });

  test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])('an amount of %d', (amount) => {
    ledger.open();
    ledger.transfer(0, 1, 100);
    ledger.reserve(1, 10, slot(0));
    const before = balances(ledger);
    expect(() => ledger.transfer(0, 1, amount)).toThrow(/^amount must be an integer/);
    expect(() => ledger.reserve(0, amount, slot(1))).toThrow(/^amount must be an integer/);
    expect(() => ledger.settle(1, 0, slot(0), amount)).toThrow(/^charged must be an integer/);
    expect(balances(ledger)).toEqual(before);
  });

  test.each([-1, 1, 0.5, Number.NaN, Layout.MAXIMUM_ACCOUNTS])('account %d', (account) => {
    const calls = [
      () => ledger.available(account),
      () => ledger.reserved(account),
      () => ledger.transfer(account, 0, 0),
      () => ledger.transfer(0, account, 0),
      () => ledger.reserve(account, 0, slot(0)),
      () => ledger.settle(account, 0, slot(0), 0),
      () => ledger.settle(0, account, slot(0), 0),
    ];
    for (const call of calls) expect(call).toThrow(/^account must be one of the 1 open accounts/);
    expect(Atomics.load(sab.words, ledgerWord(LedgerWords.LOCK))).toBe(0);
  });

  test('more accounts than there can be', () => {
    for (let account = 1; account < Layout.MAXIMUM_ACCOUNTS; account++) {
      expect(ledger.open()).toBe(account);
    }
    expect(() => ledger.open()).toThrow(
      expect.objectContaining({ code: 'credits/too-many-accounts' }),
    );
    ledger.transfer(0, Layout.MAXIMUM_ACCOUNTS - 1, 5);
    expect(ledger.available(Layout.MAXIMUM_ACCOUNTS - 1)).toBe(5);
    expect(ledger.total()).toBe(TOTAL);
  });

  test('a number of accounts that a stray write made too large', () => {
    sab.words[ledgerWord(LedgerWords.ACCOUNTS)] = 0xffffffff;
    expect(() => ledger.available(Layout.MAXIMUM_ACCOUNTS)).toThrow(RangeError);
    expect(ledger.total()).toBe(TOTAL);
    expect(() => ledger.open()).toThrow(
      expect.objectContaining({ code: 'credits/too-many-accounts' }),
    );
  });
});

test('a reservation that says more than was set aside gives no more', () => {
  ledger.open();
  ledger.transfer(0, 1, 100);
  ledger.reserve(1, 40, slot(0));
  slot(0).words.set([0xffffffff, 0x1fffff]);
  expect(ledger.settle(1, 0, slot(0), 1000)).toEqual({ charged: 40, refunded: 0 });
  expect([ledger.available(1), ledger.reserved(1), ledger.total()]).toEqual([60, 0, TOTAL]);
});
