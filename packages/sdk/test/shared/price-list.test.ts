/** Prices: the same sums as in Rust to the last micro-credit, however large the numbers are. */
import { PriceTag } from '@inos/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import vectors from '../../../../vectors/price.json';

const MAXIMUM = BigInt(Number.MAX_SAFE_INTEGER);

function tag(name: string): PriceTag {
  const price = vectors.prices[name as keyof typeof vectors.prices];
  const [base, each, units] = [BigInt(price.base), BigInt(price.price), BigInt(price.units)];
  return new PriceTag('price', { base, price: each, units, unit: 'thing' });
}

describe('cost', () => {
  test.each(vectors.costs)('$n of $price', ({ price, n, cost }) => {
    expect(tag(price).cost(Number(n))).toBe(cost === null ? Number(MAXIMUM) : Number(cost));
  });

  test.each(vectors.affordable)('$budget affords $units of $price', ({ price, budget, units }) => {
    if (units === null) {
      expect(tag(price).cost(0)).toBeGreaterThan(Number(budget));
      return;
    }
    // Numbers of this language end before some counts of units do.
    if (BigInt(units) >= MAXIMUM) return;
    expect(tag(price).cost(Number(units))).toBeLessThanOrEqual(Number(budget));
    const more = tag(price).cost(Number(units) + 1);
    if (Number(budget) < Number(MAXIMUM)) expect(more).toBeGreaterThan(Number(budget));
  });

  test('is the exact sum, or all there is if that is less', () => {
    const credits = fc.oneof(fc.bigInt(0n, 2000n), fc.bigInt(0n, MAXIMUM));
    const units = fc.oneof(fc.bigInt(1n, 2000n), fc.bigInt(1n, MAXIMUM));
    const property = fc.property(
      credits,
      credits,
      units,
      fc.maxSafeNat(),
      (base, price, units, n) => {
        const exact = base + (BigInt(n) * price + units - 1n) / units;
        const cost = new PriceTag('price', { base, price, units, unit: 'thing' }).cost(n);
        expect(BigInt(cost)).toBe(exact > MAXIMUM ? MAXIMUM : exact);
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });
});

test('a unit each is the default', () => {
  expect(new PriceTag('price', { base: 1n, price: 2n, unit: 'thing' }).cost(3)).toBe(7);
});

describe('refuses', () => {
  const good = { base: 1n, price: 1n, units: 1n, unit: 'byte' };

  test.each([
    ['base', -1n, RangeError],
    ['base', 2n ** 53n, RangeError],
    ['base', 5, TypeError],
    ['price', -1n, RangeError],
    ['price', undefined, TypeError],
    ['units', 0n, RangeError],
    ['units', -1n, RangeError],
    ['units', '1', TypeError],
    ['unit', 7, TypeError],
  ])('a %s of %o, naming it', (field, value, kind) => {
    const make = (): PriceTag => new PriceTag('prices.hash', { ...good, [field]: value });
    expect(make).toThrow(kind);
    expect(make).toThrow(new RegExp(`^prices\\.hash\\.${field} must be`));
  });
});
