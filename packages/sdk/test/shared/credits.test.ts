/** Accounts as users hold them: opened, funded, read, and refused by name. */
import { Credits, type Account, type InosError } from '@inos/sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import { Layout } from '../../src/memory/layout.js';
import { newLedger, newReservation, smallMemory, TOTAL } from '../memories.js';

const sab = smallMemory();
const elsewhere = smallMemory();

let credits: Credits;
beforeEach(() => {
  credits = new Credits(newLedger(sab), 1000n);
});

function refusal(code: string): InosError {
  return expect.objectContaining({ name: 'InosError', code }) as InosError;
}

test('the default account starts with what it is given, the treasury with the rest', () => {
  expect([credits.default.available, credits.default.reserved]).toEqual([1000n, 0n]);
  expect(credits.treasury.available).toBe(TOTAL - 1000n);
  expect([credits.default.name, credits.treasury.name]).toEqual(['default', 'treasury']);
  expect(credits.total).toBe(TOTAL);
});

test('accounts are opened, funded and read', () => {
  const account = credits.open({ name: 'mine', credits: 5n });
  credits.fund(account, 10n);
  credits.transfer(account, credits.default, 15n);
  credits.transfer(credits.default, account, 0n);
  expect([account.available, credits.default.available]).toEqual([0n, 1015n]);
  expect(credits.open().name).toBe(`account ${account.index + 1}`);
  expect(credits.total).toBe(TOTAL);
});

test('an account shows what is set aside', () => {
  const ledger = newLedger(sab);
  const own = new Credits(ledger, 100n);
  ledger.reserve(own.default.index, 30, newReservation(sab));
  expect([own.default.available, own.default.reserved]).toEqual([70n, 30n]);
  expect(own.availableTo(own.default.index)).toBe(70);
});

test('a capsule’s operator has an account of its own', () => {
  expect(credits.operator('mining')).toBeUndefined();
  const operator = credits.openOperator('mining');
  expect(credits.operator('mining')).toBe(operator);
  expect([operator.name, operator.available]).toEqual(['operator of mining', 0n]);
});

describe('refuses', () => {
  test('more than there is', () => {
    const account = credits.open();
    expect(() => credits.transfer(credits.default, account, 1001n)).toThrow(
      refusal('credits/insufficient'),
    );
    expect(() => credits.fund(account, TOTAL)).toThrow(refusal('credits/insufficient'));
    expect(() => credits.open({ credits: TOTAL })).toThrow(refusal('credits/insufficient'));
    expect([credits.default.available, account.available, credits.total]).toEqual([
      1000n,
      0n,
      TOTAL,
    ]);
  });

  test('more accounts than there can be', () => {
    for (let open = 2; open < Layout.MAXIMUM_ACCOUNTS; open++) credits.open();
    expect(() => credits.open()).toThrow(refusal('credits/too-many-accounts'));
  });

  test.each([
    [5, TypeError],
    ['5', TypeError],
    [null, TypeError],
    [-1n, RangeError],
    [2n ** 53n, RangeError],
  ])('an amount of %o', (amount, kind) => {
    const wrong = amount as bigint;
    const calls: [string, () => unknown][] = [
      ['amount', () => credits.transfer(credits.treasury, credits.default, wrong)],
      ['amount', () => credits.fund(credits.default, wrong)],
    ];
    if (amount !== null) calls.push(['credits', () => credits.open({ credits: wrong })]);
    for (const [argument, call] of calls) {
      expect(call).toThrow(kind);
      expect(call).toThrow(new RegExp(`^${argument} must be`));
    }
    expect(credits.default.available).toBe(1000n);
  });

  test('what is no account of this runtime', () => {
    const foreign = new Credits(newLedger(elsewhere), 1n).default;
    const { default: own } = credits;
    const lookalike = { index: 0, name: 'treasury', available: 5n, isOf: () => true };
    const wrong: unknown[] = [foreign, lookalike, undefined, 0];
    for (const account of wrong as Account[]) {
      expect(() => credits.transfer(account, own, 1n)).toThrow(/^from must be an account/);
      expect(() => credits.transfer(own, account, 1n)).toThrow(/^to must be an account/);
      expect(() => credits.fund(account, 1n)).toThrow(TypeError);
    }
    expect(foreign.isOf(newLedger(sab))).toBe(false);
  });
});
