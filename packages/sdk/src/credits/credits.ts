/**
 * Accounts as users hold them: opened, funded and read in bigints.
 */
import { requireCredits, requireOptions, wrongType } from '../errors.js';
import { LedgerWords } from '../memory/layout.js';
import type { Ledger } from './ledger.js';

/** One account of a runtime's ledger. Amounts are micro-credits. */
export class Account {
  /** Its number in the ledger. */
  readonly index: number;
  /** What it is called in messages. */
  readonly name: string;
  readonly #ledger: Ledger;

  constructor(ledger: Ledger, index: number, name: string) {
    this.#ledger = ledger;
    this.index = index;
    this.name = name;
  }

  /** What it may spend. */
  get available(): bigint {
    return BigInt(this.#ledger.available(this.index));
  }

  /** What is set aside for its unfinished jobs. */
  get reserved(): bigint {
    return BigInt(this.#ledger.reserved(this.index));
  }

  /** Whether the account belongs to this ledger. */
  isOf(ledger: Ledger): boolean {
    return this.#ledger === ledger;
  }
}

/** The credits of a runtime. */
export class Credits {
  /** What jobs are paid from unless told otherwise. */
  readonly default: Account;
  /** Where all credits come from and where they may go back to. */
  readonly treasury: Account;
  readonly #ledger: Ledger;
  readonly #operators = new Map<string, Account>();
  /** Accounts that are watched. */
  readonly #watched = new Map<
    number,
    { readonly account: Account; below: number; isLow: boolean }
  >();

  /**
   * @param ledger - a founded ledger
   * @param credits - what the default account starts with
   */
  constructor(ledger: Ledger, credits: bigint) {
    this.#ledger = ledger;
    this.treasury = new Account(ledger, LedgerWords.TREASURY, 'treasury');
    this.default = this.open({ name: 'default', credits });
  }

  /**
   * Opens an account.
   *
   * @param options - `name` for messages; `credits` to fund it with, from the treasury
   * @throws InosError `credits/too-many-accounts`, `credits/insufficient` if the treasury holds less
   */
  open(options: { readonly name?: string; readonly credits?: bigint } = {}): Account {
    const credits = requireCredits(
      'credits',
      requireOptions('options', options, ['name', 'credits']).credits ?? 0n,
    );
    const index = this.#ledger.open();
    if (credits > 0) this.#ledger.transfer(LedgerWords.TREASURY, index, credits);
    return new Account(this.#ledger, index, options.name ?? `account ${index}`);
  }

  /**
   * Gives an account credits from the treasury.
   *
   * @throws InosError `credits/insufficient` if the treasury holds less
   */
  fund(account: Account, amount: bigint): void {
    this.transfer(this.treasury, account, amount);
  }

  /**
   * Moves credits between accounts.
   *
   * @throws InosError `credits/insufficient`; then nothing has moved
   */
  transfer(from: Account, to: Account, amount: bigint): void {
    const [debit, credit] = [this.indexOf('from', from), this.indexOf('to', to)];
    this.#ledger.transfer(debit, credit, requireCredits('amount', amount));
  }

  /**
   * Watches an account: the runtime's event `credits-low` comes when it has paid and holds less than `amount`,
   * once until it holds as much again. 0n ends it.
   */
  warnBelow(account: Account, amount: bigint): void {
    const index = this.indexOf('account', account);
    const below = requireCredits('amount', amount);
    this.#watched.set(index, { account, below, isLow: false });
  }

  /** The account, if it is watched and has just become low. For the kernel, after each payment. */
  becameLow(index: number): Account | undefined {
    const watched = this.#watched.get(index);
    if (watched === undefined) return undefined;
    const wasLow = watched.isLow;
    try {
      watched.isLow = this.#ledger.available(index) < watched.below;
    } catch {
      // A ledger that can't be read says nothing of anybody.
      return undefined;
    }
    return watched.isLow && !wasLow ? watched.account : undefined;
  }

  /** The account that earns what a capsule's jobs are charged. */
  operator(capsule: string): Account | undefined {
    return this.#operators.get(capsule);
  }

  /** Opens a capsule's operator account. */
  openOperator(capsule: string): Account {
    const account = this.open({ name: `operator of ${capsule}` });
    this.#operators.set(capsule, account);
    return account;
  }

  /** The sum over all accounts, reservations included. It never changes. */
  get total(): bigint {
    return this.#ledger.total();
  }

  /** What an account may spend, as a safe integer: the fast way for the kernel's own use. */
  availableTo(account: number): number {
    return this.#ledger.available(account);
  }

  /** The number of an account of this runtime. */
  indexOf(argument: string, account: Account): number {
    if (!(account instanceof Account) || !account.isOf(this.#ledger)) {
      throw wrongType(argument, 'an account of this runtime', account);
    }
    return account.index;
  }
}
