/**
 * Play money, for a memory whose capsule may write what it likes: the host takes no lock there and trusts no balance.
 */
import {
  Ledger,
  loadU64,
  storeU64,
  type Reservation,
  type Settlement,
} from '../../credits/ledger.js';
import { Layout, LedgerWords } from '../../memory/layout.js';
import type { SafeSAB } from '../../memory/safe-sab.js';

const LEDGER_WORD = Layout.LEDGER_OFFSET / 4;
const LOCK = LEDGER_WORD + LedgerWords.LOCK;
const SEQUENCE = LEDGER_WORD + LedgerWords.SEQUENCE;
const JOURNAL_LENGTH = LEDGER_WORD + LedgerWords.JOURNAL_LENGTH;

/**
 * Play money: the capsule's own economic check finds in an account of each job exactly what the border has reserved
 * for it. No thread of the capsule uses that account at the time, so the host needs no lock that a hostile one could
 * keep for ever.
 */
export class PlayLedger extends Ledger {
  readonly #words: Uint32Array;

  constructor(sab: SafeSAB) {
    super(sab);
    this.#words = sab.words;
  }

  /** Lets an account hold `amount`, and nothing set aside. */
  fund(account: number, amount: number): void {
    const entry = LEDGER_WORD + LedgerWords.ENTRIES + account * LedgerWords.ENTRY_WORDS;
    storeU64(this.#words, entry + LedgerWords.ENTRY_AVAILABLE, amount);
    storeU64(this.#words, entry + LedgerWords.ENTRY_RESERVED, 0);
  }

  override settle(
    _account: number,
    _operator: number,
    { words, word }: Reservation,
    charged: number,
  ): Settlement {
    const reserved = loadU64(words, word);
    storeU64(words, word, 0);
    return { charged, refunded: Math.max(0, reserved - charged) };
  }

  /** Its threads are gone: whatever they left of a transaction concerns only them. */
  override recover(): boolean {
    for (const word of [LOCK, JOURNAL_LENGTH, SEQUENCE]) Atomics.store(this.#words, word, 0);
    return true;
  }
}
