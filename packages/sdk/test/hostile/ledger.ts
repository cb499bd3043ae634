/** A ledger whose words say anything, and change between two looks: what it says of them is an error, its sum stays. */
import { InosError, Ledger, type SafeSAB } from '@inos/sdk';
import { Layout, LedgerWords } from '../../src/memory/layout.js';
import { ledgerWord } from '../memories.js';
import { Input, readChanges } from './input.js';
import { freshMemory, words } from './memory.js';
import { takeWritten, watch } from './watched.js';

const MOST_STEPS = 16;
const ACCOUNTS = 4;
const HOLDERS = [1, 2, LedgerWords.HOST_HOLDER];
const PATIENCE_LOOKS = 16;
const KNOWN = ['protocol/bad-ledger', 'credits/insufficient', 'credits/too-many-accounts'];

function writeWords(input: Input): void {
  const plain = words();
  for (let count = input.below(12); count > 0; count--) {
    const places = [
      input.below(4),
      LedgerWords.JOURNAL + input.below(LedgerWords.JOURNAL_LEGS * LedgerWords.JOURNAL_LEG_WORDS),
      LedgerWords.ENTRIES + input.below(ACCOUNTS * LedgerWords.ENTRY_WORDS),
    ];
    const value = input.isSet()
      ? Layout.LEDGER_OFFSET + (LedgerWords.ENTRIES + input.below(64)) * 4
      : input.word();
    plain[ledgerWord(input.choose(places))] = input.isSet() ? value : input.choose(HOLDERS);
  }
}

/** What all balances add up to, whatever the number of accounts says. */
function sum(): bigint {
  const plain = words();
  let total = 0n;
  const first = ledgerWord(LedgerWords.ENTRIES);
  const end = first + Layout.MAXIMUM_ACCOUNTS * LedgerWords.ENTRY_WORDS;
  for (let entry = first; entry < end; entry += LedgerWords.ENTRY_WORDS) {
    for (const word of [LedgerWords.ENTRY_AVAILABLE, LedgerWords.ENTRY_RESERVED]) {
      const [low = 0, high = 0] = plain.subarray(entry + word);
      total += BigInt(low) + BigInt(high) * 2n ** 32n;
    }
  }
  return total;
}

const account = (input: Input) => (input.isSet() ? input.below(ACCOUNTS) : input.word());
const amount = (input: Input) => Math.min(Number.MAX_SAFE_INTEGER, input.amount());

/** Reservations lie in records of the arena: whoever moves credits knows where. */
function reservation({ buffer }: SafeSAB, input: Input) {
  const offset = Layout.ARENA_OFFSET + input.below(16) * 8;
  return { words: new Uint32Array(buffer, offset, 2), word: 0, offset };
}

function step(ledger: Ledger, sab: SafeSAB, input: Input): void {
  const kind = input.below(7);
  if (kind === 0) void ledger.available(account(input));
  else if (kind === 1) void ledger.reserved(account(input));
  else if (kind === 2) void ledger.total();
  else if (kind === 3) ledger.open();
  else if (kind === 4) ledger.transfer(account(input), account(input), amount(input));
  else if (kind === 5) ledger.reserve(account(input), amount(input), reservation(sab, input));
  else ledger.settle(account(input), account(input), reservation(sab, input), amount(input));
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    const isOfAccount = error instanceof RangeError && error.message.startsWith('account');
    const isKnown = error instanceof InosError && KNOWN.includes(error.code);
    if (!isKnown && !isOfAccount) throw error;
  }
}

/** Nothing but the ledger's own words and word pairs of the arena is ever written. */
function requireApart(): void {
  for (const at of takeWritten()) {
    const isOwn = at >= Layout.LEDGER_OFFSET && at < Layout.LEDGER_OFFSET + Layout.LEDGER_BYTES;
    if (!isOwn && at < Layout.ARENA_OFFSET) throw new Error(`${at} was written`);
  }
}

export function ledger(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const sab = freshMemory();
  const ledger = new Ledger(sab, PATIENCE_LOOKS);
  ledger.found();
  for (let count = 1; count < ACCOUNTS; count++) ledger.open();
  writeWords(input);
  takeWritten();
  const { hook, count } = readChanges(input);
  let before = sum();
  for (let steps = 0; steps < MOST_STEPS && !input.isEmpty; steps++) {
    // Undoing writes what the journal says, which here is anything.
    const isRecovery = input.below(8) === 0;
    watch(hook, () => {
      attempt(() => {
        if (isRecovery) ledger.recover(input.choose(HOLDERS));
        else step(ledger, sab, input);
      });
    });
    const after = sum();
    if (count === 0 && !isRecovery && after !== before) throw new Error('the sum has changed');
    before = after;
    requireApart();
  }
}
