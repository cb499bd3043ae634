// Ten thousand steps: late and reordered inputs, and at every check the same bits on both sides.
import { expect, test } from 'vitest';
import { play } from '../game.mjs';

interface Played {
  readonly checks: readonly { readonly step: number; readonly digests: readonly string[] }[];
  readonly moves: number;
  readonly overtakings: number;
  readonly rollbacks: readonly number[];
}

test('two peers agree for 10,000 steps', { timeout: 300_000 }, async () => {
  const { checks, moves, overtakings, rollbacks } = (await play({ steps: 10_000 })) as Played;
  expect(checks.map(({ step }) => step)).toEqual(
    Array.from({ length: 20 }, (_, index) => (index + 1) * 500),
  );
  for (const { digests } of checks) expect(digests[1]).toBe(digests[0]);
  // Something happened, it arrived out of order, and both had to go back for it.
  expect(new Set(checks.map(({ digests }) => digests[0])).size).toBe(20);
  expect(moves).toBeGreaterThan(500);
  expect(overtakings).toBeGreaterThan(50);
  for (const count of rollbacks) expect(count).toBeGreaterThan(200);
});

test('other dice make another game', { timeout: 60_000 }, async () => {
  const [one, other] = [await play({ steps: 500 }), await play({ steps: 500, seed: 2 })];
  expect(other.checks[0]?.digests[0]).not.toBe(one.checks[0]?.digests[0]);
});
