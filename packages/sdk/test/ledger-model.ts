/** The ledger as anybody would write it with plain numbers: what the shared one is compared with. */
import { TOTAL } from './memories.js';

/** One movement, as vectors and properties write it down. */
export type Movement =
  | { readonly open: number }
  | { readonly transfer: { readonly from: number; readonly to: number; readonly amount: number } }
  | {
      readonly reserve: {
        readonly account: number;
        readonly amount: number;
        readonly slot: number;
      };
    }
  | {
      readonly settle: {
        readonly account: number;
        readonly operator: number;
        readonly slot: number;
        readonly charged: number;
      };
    };

/** What a movement gives: nothing, a refusal, a new account’s number or a settlement. */
export type Outcome =
  | undefined
  | 'insufficient'
  | 'unknown-account'
  | number
  | { readonly charged: number; readonly refunded: number };

/** A ledger of plain numbers. */
export class LedgerModel {
  readonly available = [Number(TOTAL)];
  readonly reserved = [0];
  readonly slots = [0, 0, 0];

  /** What readers see. */
  get balances(): { available: number; reserved: number }[] {
    return this.available.map((available, account) => ({
      available,
      reserved: this.reserved[account] ?? 0,
    }));
  }

  #knows(...accounts: number[]): boolean {
    return accounts.every((account) => account < this.available.length);
  }

  #move(from: number[], fromIndex: number, to: number[], toIndex: number, amount: number): void {
    from[fromIndex] = (from[fromIndex] ?? 0) - amount;
    to[toIndex] = (to[toIndex] ?? 0) + amount;
  }

  /** Does what a movement says. */
  apply(movement: Movement): Outcome {
    const { available, reserved, slots } = this;
    if ('open' in movement) {
      reserved.push(0);
      return available.push(0) - 1;
    }
    if ('transfer' in movement) {
      const { from, to, amount } = movement.transfer;
      if (!this.#knows(from, to)) return 'unknown-account';
      if ((available[from] ?? 0) < amount) return 'insufficient';
      this.#move(available, from, available, to, amount);
      return undefined;
    }
    if ('reserve' in movement) {
      const { account, amount, slot } = movement.reserve;
      if (!this.#knows(account)) return 'unknown-account';
      if ((available[account] ?? 0) < amount) return 'insufficient';
      this.#move(available, account, reserved, account, amount);
      slots[slot] = amount;
      return undefined;
    }
    const { account, operator, slot, charged } = movement.settle;
    if (!this.#knows(account, operator)) return 'unknown-account';
    const aside = Math.min(slots[slot] ?? 0, reserved[account] ?? 0);
    const paid = Math.min(charged, aside);
    this.#move(reserved, account, available, operator, paid);
    this.#move(reserved, account, available, account, aside - paid);
    slots[slot] = 0;
    return { charged: paid, refunded: aside - paid };
  }
}
