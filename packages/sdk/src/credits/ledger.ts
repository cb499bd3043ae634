/**
 * The double-entry ledger in shared memory. The twin of `crates/inos-sdk/src/credits.rs`.
 *
 * Every movement changes both its sides in one transaction under one lock, behind a journal of the old
 * values; readers take those while one is under way. All accounts together hold 2^53 - 1 micro-credits, for
 * ever, so every balance is a safe integer and this file needs no bigint.
 */
import { requireInteger, sdkError } from '../errors.js';
import { Layout, LedgerWords, ThreadState, threadWord, ThreadWords } from '../memory/layout.js';
import type { SafeSAB } from '../memory/safe-sab.js';

/** What ending a reservation moved, in micro-credits. */
export interface Settlement {
  /** What went to the operator. */
  readonly charged: number;
  /** What went back to the account. */
  readonly refunded: number;
}

const LEDGER_WORD = Layout.LEDGER_OFFSET / 4;
const LOCK = LEDGER_WORD + LedgerWords.LOCK;
const SEQUENCE = LEDGER_WORD + LedgerWords.SEQUENCE;
const ACCOUNTS = LEDGER_WORD + LedgerWords.ACCOUNTS;
const JOURNAL_LENGTH = LEDGER_WORD + LedgerWords.JOURNAL_LENGTH;
const JOURNAL = LEDGER_WORD + LedgerWords.JOURNAL;
const ENTRIES = LEDGER_WORD + LedgerWords.ENTRIES;
const TWO_TO_32 = 2 ** 32;
/** Looks at a lock after which its holder, if it is being ended, is taken for dead: some milliseconds. */
const PATIENCE_LOOKS = 100_000;
/**
 * How long others may keep the lock, in milliseconds, before the ledger is taken for damaged. Its holder may be a
 * thread that the operating system has put aside; one that was killed is only known once this thread goes on.
 */
const LONGEST_WAIT_MS = 2000;
/** Looks at balances that move before the lock is taken to read them. */
const SNAPSHOT_LOOKS = 1000;
/** How often others may come first before the number of accounts is taken for damaged. */
const MOST_TRIES = 1024;

function badLedger(problem: string) {
  return sdkError('protocol/bad-ledger', `the ledger's words can't be: ${problem}`);
}

/** Reads a u64 kept as two words, low first. */
export function loadU64(words: Uint32Array, index: number): number {
  return Atomics.load(words, index) + Atomics.load(words, index + 1) * TWO_TO_32;
}

/** Writes a safe integer as two words, low first. */
export function storeU64(words: Uint32Array, index: number, value: number): void {
  Atomics.store(words, index, value >>> 0);
  Atomics.store(words, index + 1, Math.floor(value / TWO_TO_32));
}

function requireAmount(argument: string, amount: number): void {
  requireInteger(argument, amount, 0, Number.MAX_SAFE_INTEGER);
}

/** As {@link loadU64}, for words that nobody else writes now: a plain read, which engines make one instruction. */
export function readU64(words: Uint32Array, index: number): number {
  return (words[index] ?? 0) + (words[index + 1] ?? 0) * TWO_TO_32;
}

function writeU64(words: Uint32Array, index: number, value: number): void {
  words[index] = value >>> 0;
  words[index + 1] = Math.floor(value / TWO_TO_32);
}

/** A reservation: two words somewhere in the memory that hold what is set aside for one job. */
export interface Reservation {
  /** The words that hold it. */
  readonly words: Uint32Array;
  /** Index of its low word in `words`. */
  readonly word: number;
  /** Its byte offset in the memory. */
  readonly offset: number;
}

/** The ledger of a memory, as used by the host. Amounts are micro-credits as safe integers. */
export class Ledger {
  readonly #words: Uint32Array;
  readonly #sab: SafeSAB;
  readonly #transaction: Transaction;
  readonly #patience: number;
  readonly #condemned = new Set<number>();
  /** Accounts that are known to be open, whatever the memory says. */
  #known = 0;
  /** Who was last waited for in vain: nobody waits for it as long once more. */
  #lost: number | undefined;

  /**
   * @param sab - the memory
   * @param patienceLooks - looks at a held lock between two questions whether its holder still lives
   */
  constructor(sab: SafeSAB, patienceLooks = PATIENCE_LOOKS) {
    this.#sab = sab;
    this.#words = sab.words;
    this.#patience = patienceLooks;
    this.#transaction = new Transaction(sab.words);
  }

  /** Puts everything there will ever be into the treasury. For whoever makes the memory, once. */
  found(): void {
    this.#known = 1;
    Atomics.store(this.#words, ACCOUNTS, 1);
    storeU64(
      this.#words,
      this.#available(LedgerWords.TREASURY),
      Number(LedgerWords.TOTAL_MICRO_CREDITS),
    );
  }

  #available(account: number): number {
    return ENTRIES + this.#checked(account) * LedgerWords.ENTRY_WORDS + LedgerWords.ENTRY_AVAILABLE;
  }

  #reserved(account: number): number {
    return ENTRIES + this.#checked(account) * LedgerWords.ENTRY_WORDS + LedgerWords.ENTRY_RESERVED;
  }

  #checked(account: number): number {
    const open = this.#openAccounts(this.#words[ACCOUNTS] ?? 0);
    if (!Number.isInteger(account) || account < 0 || account >= open) {
      throw new RangeError(`account must be one of the ${open} open accounts, got ${account}`);
    }
    return account;
  }

  /** How many accounts are open. */
  get accounts(): number {
    return this.#openAccounts(Atomics.load(this.#words, ACCOUNTS));
  }

  #openAccounts(said: number): number {
    return Math.min(Math.max(said, this.#known), Layout.MAXIMUM_ACCOUNTS);
  }

  /**
   * Takes the lock and begins a transaction. Whoever calls this ends it with {@link #unlock}.
   *
   * @throws InosError `protocol/bad-ledger` if nobody gives it back
   */
  #lock(): Transaction {
    // Capsule threads hold the lock for some tens of nanoseconds, so this is no place to sleep.
    let since = 0;
    for (let looks = 1; ; looks++) {
      const holder = Atomics.compareExchange(this.#words, LOCK, 0, LedgerWords.HOST_HOLDER);
      if (holder === 0) break;
      if (looks % this.#patience !== 0) continue;
      since ||= performance.now();
      this.#waitOn(holder, since);
    }
    this.#lost = undefined;
    this.#transaction.begin();
    return this.#transaction;
  }

  /** Whether nobody keeps the lock for long. A look, if it is free; else some milliseconds of them. */
  isFree(): boolean {
    for (let looks = 1; ; looks++) {
      const holder = Atomics.load(this.#words, LOCK);
      if (holder === 0) return true;
      if (looks < this.#patience) continue;
      return this.#isDead(holder) && this.recover(holder);
    }
  }

  #unlock(): void {
    Atomics.store(this.#words, LOCK, 0);
  }

  /** Says that a thread is being ended, so that nobody waits for it to give the lock back. */
  condemn(holder: number): void {
    this.#condemned.add(holder);
  }

  /** Whether a thread gives nothing back any more: it is being ended, or has left its loop. */
  #isDead(holder: number): boolean {
    if (this.#condemned.has(holder)) return true;
    // Whoever writes the lock may write any number.
    if (holder > Layout.MAXIMUM_THREADS) return false;
    return this.#words[threadWord(holder - 1) + ThreadWords.STATE] === ThreadState.LEFT;
  }

  /** Undoes what a thread that died in the middle of a transaction left half done; gives up on any other. */
  #waitOn(holder: number, since: number): void {
    if (this.#isDead(holder)) {
      this.recover(holder);
    } else if (holder === this.#lost || performance.now() - since > LONGEST_WAIT_MS) {
      this.#lost = holder;
      throw badLedger(`holder ${holder} doesn't give its lock back`);
    }
  }

  /**
   * Reads several balances as they stood at one instant.
   *
   * @throws InosError `protocol/bad-ledger` if there is no such instant
   */
  #snapshot<T>(read: (balance: (word: number) => number) => T): T {
    const now = (word: number) => loadU64(this.#words, word);
    for (let looks = 0; looks < SNAPSHOT_LOOKS; looks++) {
      const before = Atomics.load(this.#words, SEQUENCE);
      // Whoever makes a transaction may be put aside in the middle of it, or dead: nobody waits for that.
      const value = read(before % 2 === 0 ? now : this.#journaled);
      if (Atomics.load(this.#words, SEQUENCE) === before) return value;
    }
    // They come one after another: nothing moves for whoever has the lock.
    this.#lock();
    try {
      return read(now);
    } finally {
      this.#unlock();
    }
  }

  /** A balance as it was before the transaction that is under way. */
  readonly #journaled = (word: number): number => {
    const words = this.#words;
    const legs = Math.min(Atomics.load(words, JOURNAL_LENGTH), LedgerWords.JOURNAL_LEGS);
    for (let leg = 0; leg < legs; leg++) {
      const entry = JOURNAL + leg * LedgerWords.JOURNAL_LEG_WORDS;
      if (Atomics.load(words, entry) === word * 4) return loadU64(words, entry + 1);
    }
    return loadU64(words, word);
  };

  /** What an account may spend. */
  available(account: number): number {
    const word = this.#available(account);
    return this.#snapshot((balance) => balance(word));
  }

  /** What is set aside for an account's unfinished jobs. */
  reserved(account: number): number {
    const word = this.#reserved(account);
    return this.#snapshot((balance) => balance(word));
  }

  /** The sum over all accounts, reservations included: always the same number. */
  total(): bigint {
    return this.#snapshot((balance) => {
      let sum = 0n;
      const open = this.accounts;
      for (let account = 0; account < open; account++) {
        const entry = ENTRIES + account * LedgerWords.ENTRY_WORDS;
        sum += BigInt(balance(entry + LedgerWords.ENTRY_AVAILABLE));
        sum += BigInt(balance(entry + LedgerWords.ENTRY_RESERVED));
      }
      return sum;
    });
  }

  /**
   * Opens an account with nothing in it and returns its number.
   *
   * @throws InosError `credits/too-many-accounts`, `protocol/bad-ledger`
   */
  open(): number {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const said = Atomics.load(this.#words, ACCOUNTS);
      const open = this.#openAccounts(said);
      if (open >= Layout.MAXIMUM_ACCOUNTS) {
        throw sdkError('credits/too-many-accounts', `all ${open} accounts are open already`);
      }
      if (Atomics.compareExchange(this.#words, ACCOUNTS, said, open + 1) === said) {
        this.#known = open + 1;
        return open;
      }
    }
    throw badLedger('its number of accounts never stays');
  }

  /**
   * Moves an amount from one account to another.
   *
   * @throws RangeError for an account or an amount that can't be
   * @throws InosError `credits/insufficient`, `protocol/bad-ledger`; then nothing has moved
   */
  transfer(from: number, to: number, amount: number): void {
    requireAmount('amount', amount);
    const debit = this.#available(from);
    const credit = this.#available(to);
    const transaction = this.#lock();
    try {
      transaction.require(from, debit, amount);
      transaction.shift(debit, credit, amount);
      transaction.apply();
    } finally {
      this.#unlock();
    }
  }

  /**
   * Sets an amount aside for a job.
   *
   * @throws RangeError for an account or an amount that can't be
   * @throws InosError `credits/insufficient`, `protocol/bad-ledger`; then nothing has moved
   */
  reserve(account: number, amount: number, reservation: Reservation): void {
    requireAmount('amount', amount);
    const debit = this.#available(account);
    const credit = this.#reserved(account);
    const transaction = this.#lock();
    try {
      transaction.require(account, debit, amount);
      transaction.shift(debit, credit, amount);
      transaction.writeReservation(reservation, amount);
      transaction.apply();
    } finally {
      this.#unlock();
    }
  }

  /**
   * Ends a reservation: at most `charged` of it goes to the operator, the rest back to the account. A second
   * call moves nothing.
   *
   * @throws RangeError for an account or an amount that can't be
   * @throws InosError `protocol/bad-ledger`; then nothing has moved
   */
  settle(account: number, operator: number, reservation: Reservation, charged: number): Settlement {
    requireAmount('charged', charged);
    const aside = this.#reserved(account);
    const back = this.#available(account);
    const earned = this.#available(operator);
    const transaction = this.#lock();
    try {
      // Never more than the account has set aside, whatever the reservation's words say.
      const noted = readU64(reservation.words, reservation.word);
      const reserved = Math.min(noted, transaction.read(aside));
      const paid = Math.min(charged, reserved);
      transaction.shift(aside, earned, paid);
      transaction.shift(aside, back, reserved - paid);
      transaction.writeReservation(reservation, 0);
      transaction.apply();
      return { charged: paid, refunded: reserved - paid };
    } finally {
      this.#unlock();
    }
  }

  /**
   * Undoes what a dead holder left half done, if it died holding the lock. Says whether it did.
   *
   * @param holder - 1 + the dead thread's number
   */
  recover(holder: number): boolean {
    const words = this.#words;
    this.#condemned.delete(holder);
    if (Atomics.load(words, LOCK) !== holder) return false;
    // While the sequence is even, readers see what there is: all of a transaction, or nothing of it.
    const isHalfDone = Atomics.load(words, SEQUENCE) % 2 === 1;
    const all = new Uint32Array(this.#sab.buffer);
    const noted = Math.min(Atomics.load(words, JOURNAL_LENGTH), LedgerWords.JOURNAL_LEGS);
    const legs = isHalfDone ? noted : 0;
    for (let leg = 0; leg < legs; leg++) {
      const entry = JOURNAL + leg * LedgerWords.JOURNAL_LEG_WORDS;
      const offset = Atomics.load(words, entry);
      const word = offset / 4;
      // What is no balance and no reservation was written by nobody we know.
      if (!isJournaled(offset) || word + 1 >= all.length) continue;
      Atomics.store(all, word, Atomics.load(words, entry + 1));
      Atomics.store(all, word + 1, Atomics.load(words, entry + 2));
    }
    if (isHalfDone) Atomics.add(words, SEQUENCE, 1);
    Atomics.store(words, JOURNAL_LENGTH, 0);
    Atomics.store(words, LOCK, 0);
    return true;
  }
}

/** Whether a leg of the journal may name an offset: balances lie in the ledger, reservations in the arena. */
function isJournaled(offset: number): boolean {
  const end = Layout.LEDGER_OFFSET + Layout.LEDGER_BYTES - 8;
  const isBalance = offset >= ENTRIES * 4 && offset <= end;
  return offset % 4 === 0 && (isBalance || offset >= Layout.ARENA_OFFSET);
}

/**
 * Changes that become visible together or not at all. One is kept and used again: the lock is held meanwhile,
 * and taking and giving it back order the plain reads and writes in between.
 */
class Transaction {
  readonly #words: Uint32Array;
  readonly #targets: Uint32Array[] = [];
  readonly #indices: number[] = [];
  readonly #offsets: number[] = [];
  readonly #values: number[] = [];
  #legs = 0;

  constructor(words: Uint32Array) {
    this.#words = words;
  }

  begin(): void {
    this.#legs = 0;
  }

  #legOf(word: number): number {
    for (let leg = 0; leg < this.#legs; leg++) {
      if (this.#offsets[leg] === word * 4) return leg;
    }
    return -1;
  }

  #stage(target: Uint32Array, word: number, offset: number, value: number): void {
    const leg = this.#legs++;
    this.#targets[leg] = target;
    this.#indices[leg] = word;
    this.#offsets[leg] = offset;
    this.#values[leg] = value;
  }

  /** @throws InosError `protocol/bad-ledger` for a balance that can't be */
  read(word: number): number {
    const leg = this.#legOf(word);
    const balance = leg < 0 ? readU64(this.#words, word) : (this.#values[leg] ?? 0);
    if (balance > Number.MAX_SAFE_INTEGER) throw badLedger('a balance beyond what there is');
    return balance;
  }

  #write(word: number, value: number): void {
    const leg = this.#legOf(word);
    if (leg < 0) this.#stage(this.#words, word, word * 4, value);
    else this.#values[leg] = value;
  }

  writeReservation(reservation: Reservation, value: number): void {
    this.#stage(reservation.words, reservation.word, reservation.offset, value);
  }

  require(account: number, word: number, amount: number): void {
    const available = this.read(word);
    if (available >= amount) return;
    throw sdkError(
      'credits/insufficient',
      `account ${account} holds ${available} micro-credits, ${amount} were asked for`,
      { details: { account, available, amount } },
    );
  }

  /** Moves an amount between two balances. The caller has checked that `from` holds it. */
  shift(from: number, to: number, amount: number): void {
    if (amount === 0) return;
    this.#write(from, this.read(from) - amount);
    const credited = this.read(to) + amount;
    if (credited > Number.MAX_SAFE_INTEGER) throw badLedger('a balance beyond what there is');
    this.#write(to, credited);
  }

  apply(): void {
    const words = this.#words;
    for (let leg = 0; leg < this.#legs; leg++) {
      const entry = JOURNAL + leg * LedgerWords.JOURNAL_LEG_WORDS;
      const target = this.#targets[leg] ?? words;
      const index = this.#indices[leg] ?? 0;
      words[entry] = this.#offsets[leg] ?? 0;
      words[entry + 1] = target[index] ?? 0;
      words[entry + 2] = target[index + 1] ?? 0;
    }
    words[JOURNAL_LENGTH] = this.#legs;
    Atomics.add(words, SEQUENCE, 1);
    for (let leg = 0; leg < this.#legs; leg++) {
      writeU64(this.#targets[leg] ?? words, this.#indices[leg] ?? 0, this.#values[leg] ?? 0);
    }
    Atomics.add(words, SEQUENCE, 1);
    words[JOURNAL_LENGTH] = 0;
  }
}
