import { describe, expect, it } from 'vitest';
import { NextTurn } from '../../src/kernel/waits.js';

const WAITS = 64;

function waitAwake(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

function allowAll(turn: NextTurn): boolean {
  return Array.from({ length: WAITS }, () => turn.allowsWait()).every(Boolean);
}

describe('the event loop’s next turn', () => {
  it('comes once, however often it is planned, and then again', async () => {
    let turns = 0;
    const turn = new NextTurn(() => turns++);
    turn.plan();
    turn.plan();
    expect(turns).toBe(0);
    await expect.poll(() => turns).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(turns).toBe(1);
    turn.plan();
    await expect.poll(() => turns).toBe(2);
  });

  it('is owed once waits in place have put it off, and paid by itself', async () => {
    let wasOwed: boolean | undefined;
    const turn: NextTurn = new NextTurn(() => (wasOwed = turn.isOwed));
    turn.plan();
    expect(turn.isOwed).toBe(false);
    waitAwake(10);
    expect(allowAll(turn)).toBe(false);
    expect(turn.isOwed).toBe(true);
    await expect.poll(() => wasOwed).toBe(false);
    expect(allowAll(turn)).toBe(true);
  });

  it('is owed to nobody who hasn’t planned it', () => {
    const turn = new NextTurn(() => undefined);
    waitAwake(10);
    expect(allowAll(turn)).toBe(true);
    expect(turn.isOwed).toBe(false);
  });
});
