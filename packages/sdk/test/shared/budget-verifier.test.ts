/** The economic check: what it sets aside, what it refuses, and the price list that capsules read. */
import { BudgetVerifier, PriceTag, type Ledger } from '@inos/sdk';
import { beforeEach, expect, test } from 'vitest';
import { CapsuleWords, Layout } from '../../src/memory/layout.js';
import { balances, newLedger, newReservation, smallMemory, TOTAL } from '../memories.js';

const sab = smallMemory();
const reservation = newReservation(sab);

let ledger: Ledger;
let verifier: BudgetVerifier;
beforeEach(() => {
  ledger = newLedger(sab);
  ledger.open();
  ledger.open();
  ledger.transfer(0, 1, 1000);
  reservation.words.fill(0);
  verifier = new BudgetVerifier(sab, ledger);
});

test('sets a budget aside and settles it', () => {
  verifier.verify(1, 600, 600, reservation);
  expect([ledger.available(1), ledger.reserved(1), reservation.words[0]]).toEqual([400, 600, 600]);
  expect(verifier.settle(1, 2, reservation, 250)).toEqual({ charged: 250, refunded: 350 });
  expect(balances(ledger).slice(1)).toEqual([
    { available: 750, reserved: 0 },
    { available: 250, reserved: 0 },
  ]);
  expect(ledger.total()).toBe(TOTAL);
});

test('refuses a budget below the least cost, before it looks at the account', () => {
  expect(() => verifier.verify(1, 99, 100, reservation)).toThrow(
    expect.objectContaining({
      code: 'job/budget-too-small',
      details: { budget: 99, minimum: 100 },
    }),
  );
  expect(() => verifier.verify(1, 5000, 5001, reservation)).toThrow('below the least cost');
  expect([ledger.available(1), ledger.reserved(1), reservation.words[0]]).toEqual([1000, 0, 0]);
});

test('refuses what the account does not hold', () => {
  expect(() => verifier.verify(1, 1001, 1, reservation)).toThrow(
    expect.objectContaining({
      code: 'credits/insufficient',
      details: { account: 1, available: 1000, amount: 1001 },
    }),
  );
  expect([ledger.available(1), ledger.reserved(1), reservation.words[0]]).toEqual([1000, 0, 0]);
});

test('a budget may be all that the account holds, or nothing', () => {
  verifier.verify(1, 0, 0, reservation);
  verifier.verify(1, 1000, 1000, reservation);
  expect(ledger.available(1)).toBe(0);
});

test('publishes prices where capsules read them', () => {
  const free = new PriceTag('price', { base: 0n, price: 0n, unit: 'byte' });
  const dear = new PriceTag('price', {
    base: BigInt(Number.MAX_SAFE_INTEGER),
    price: 2n ** 32n,
    units: 2n ** 33n + 5n,
    unit: 'hash',
  });
  verifier.publish(3, [free, dear]);
  const start = (Layout.CAPSULES_OFFSET + 3 * CapsuleWords.STRIDE_BYTES) / 4;
  expect(sab.words[start + CapsuleWords.METHODS]).toBe(2);
  const prices = start + CapsuleWords.PRICES;
  const count = 2 * CapsuleWords.PRICE_STRIDE_WORDS;
  expect([...sab.words.subarray(prices, prices + count)]).toEqual(
    [
      [0, 0, 0, 0, 1, 0],
      [0xffffffff, 0x1fffff, 0, 1, 5, 2],
    ].flat(),
  );
});

test('publishes no more prices than there is room for, and for no capsule that cannot be', () => {
  const price = new PriceTag('price', { base: 1n, price: 1n, unit: 'byte' });
  const prices = Array<PriceTag>(Layout.MAXIMUM_METHODS + 1).fill(price);
  expect(() => verifier.publish(0, prices)).toThrow(/number of prices/);
  expect(() => verifier.publish(Layout.MAXIMUM_CAPSULES, [price])).toThrow(/^capsule must be/);
  expect(() => verifier.publish(-1, [price])).toThrow(/^capsule must be/);
});
