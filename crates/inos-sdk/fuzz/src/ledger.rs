//! A ledger whose words say anything: what it says of them is an error, and its sum is what it was.

use inos_sdk::layout::{ARENA_OFFSET, constants, ledger_words as words};
use inos_sdk::{Error, Ledger};

use crate::hostile::Changes;
use crate::input::Input;
use crate::memory::{Memory, ledger_offset, store, take_stored, with_memory};

const MOST_STEPS: u32 = 24;
const HOLDERS: [u32; 3] = [1, 2, words::HOST_HOLDER];
const LOOKS: u32 = 32;
const ACCOUNTS: u32 = 4;

fn write_words(memory: &Memory, input: &mut Input<'_>) {
    for _ in 0..input.below(12) {
        let word = match input.below(4) {
            0 => input.below(4),
            1 => words::JOURNAL + input.below(words::JOURNAL_LEGS * words::JOURNAL_LEG_WORDS),
            2 => words::ENTRIES + input.below(ACCOUNTS * words::ENTRY_WORDS),
            _ => u32::from(input.byte()) * 32 + input.below(32),
        };
        let value = match input.below(3) {
            0 => ledger_offset(words::ENTRIES) + input.below(64) * 4,
            1 => input.choose(&HOLDERS),
            _ => input.word(),
        };
        store(memory.sab(), ledger_offset(word), value);
    }
}

/// Movements of a ledger that says anything, and whose words change between two looks.
pub fn ledger(data: &[u8]) {
    let mut input = Input::new(data);
    with_memory(|memory| {
        let ledgers = HOLDERS.map(|holder| {
            let ledger = Ledger::new(memory.sab(), holder).unwrap();
            ledger.with_patience(LOOKS)
        });
        ledgers[0].found().unwrap();
        for _ in 1..ACCOUNTS {
            ledgers[0].open().unwrap();
        }
        write_words(memory, &mut input);
        take_stored();
        let changes = Changes::read(&mut input);
        let is_still = changes.is_empty();
        let mut sum = memory.sum();
        changes.begin(|_| true);
        for _ in 0..MOST_STEPS {
            if input.is_empty() {
                break;
            }
            let ledger = ledgers[input.below(3) as usize];
            let is_recovery = step(ledger, &mut input);
            let before = std::mem::replace(&mut sum, memory.sum());
            // Undoing writes what the journal says, which here is anything.
            assert!(sum == before || !is_still || is_recovery);
            assert_apart(memory);
        }
    });
}

/// Nothing but the ledger's own words and word pairs of the arena is ever written.
fn assert_apart(memory: &Memory) {
    let own = constants::LEDGER_OFFSET..constants::LEDGER_OFFSET + constants::LEDGER_BYTES;
    for offset in take_stored()
        .into_iter()
        .filter_map(|at| memory.offset_of(at))
    {
        let is_known = own.contains(&offset) || offset >= ARENA_OFFSET;
        assert!(is_known, "{offset:#x} was written");
    }
}

/// Says whether it was a recovery.
fn step(ledger: Ledger<'_>, input: &mut Input<'_>) -> bool {
    let account = |input: &mut Input<'_>| {
        if input.is_set() {
            input.below(ACCOUNTS)
        } else {
            input.word()
        }
    };
    // Reservations lie in records of the arena: whoever moves credits knows where.
    let reservation = |input: &mut Input<'_>| ARENA_OFFSET + input.below(16) * 8;
    let moved = match input.below(8) {
        0 => ledger.available(account(input)).map(drop),
        1 => ledger.reserved(account(input)).map(drop),
        2 => ledger.total().map(drop),
        3 => ledger.open().map(drop),
        4 => ledger.transfer(account(input), account(input), input.long()),
        5 => ledger.reserve(account(input), input.long(), reservation(input)),
        6 => {
            let (payer, operator) = (account(input), account(input));
            let settled = ledger.settle(payer, operator, reservation(input), input.long());
            settled.map(drop)
        }
        _ => {
            ledger.recover(input.choose(&HOLDERS));
            return true;
        }
    };
    if let Err(error) = moved {
        let is_known = matches!(
            error,
            Error::UnknownAccount { .. }
                | Error::BadLedger { .. }
                | Error::InsufficientCredits { .. }
                | Error::TooManyAccounts { .. }
        );
        assert!(is_known, "{error}");
    }
    false
}
