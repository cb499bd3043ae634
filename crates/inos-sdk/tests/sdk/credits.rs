//! The ledger against a plain one, also when its thread dies in the middle: the sum never changes.

use inos_sdk::layout::{constants, ledger_words as words};
use inos_sdk::{Arena, Error, Ledger, SafeSab};
use proptest::prelude::*;
use serde_json::Value;

use crate::memory::{Memory, balance_offset, ledger_offset, load, load_u64, store, store_u64};
use crate::vectors::{self, list, number, text, word};

const TOTAL: u64 = words::TOTAL_MICRO_CREDITS;
/// Where the tests keep reservations: word pairs at the arena's start.
const SLOTS: u32 = constants::ARENA_OFFSET;

fn slot(index: u32) -> u32 {
    SLOTS + index * 8
}

/// One movement, as vectors and properties write it down.
#[derive(Clone, Copy, Debug)]
enum Movement {
    Open,
    Transfer {
        from: u32,
        to: u32,
        amount: u64,
    },
    Reserve {
        account: u32,
        amount: u64,
        slot: u32,
    },
    Settle {
        account: u32,
        operator: u32,
        slot: u32,
        charged: u64,
    },
}

/// What a movement gives: a number or two, or a refusal.
type Outcome = Result<(u64, u64), Error>;

fn apply(ledger: &Ledger<'_>, movement: Movement) -> Outcome {
    match movement {
        Movement::Open => ledger.open().map(|account| (account.into(), 0)),
        Movement::Transfer { from, to, amount } => {
            ledger.transfer(from, to, amount).map(|()| (0, 0))
        }
        Movement::Reserve {
            account,
            amount,
            slot: at,
        } => ledger.reserve(account, amount, slot(at)).map(|()| (0, 0)),
        Movement::Settle {
            account,
            operator,
            slot: at,
            charged,
        } => ledger.settle(account, operator, slot(at), charged),
    }
}

/// The ledger as anybody would write it with plain numbers.
struct Model {
    accounts: Vec<(u64, u64)>,
    slots: [u64; 3],
}

impl Model {
    fn new() -> Self {
        Self {
            accounts: vec![(TOTAL, 0)],
            slots: [0; 3],
        }
    }

    fn account(&mut self, account: u32) -> Result<&mut (u64, u64), Error> {
        self.accounts
            .get_mut(account as usize)
            .ok_or(Error::UnknownAccount { account })
    }

    fn debit(&mut self, account: u32, amount: u64) -> Result<(), Error> {
        let available = self.account(account)?.0;
        if available < amount {
            return Err(Error::InsufficientCredits {
                account,
                available,
                amount,
            });
        }
        self.account(account)?.0 -= amount;
        Ok(())
    }

    fn apply(&mut self, movement: Movement) -> Outcome {
        match movement {
            Movement::Open => {
                self.accounts.push((0, 0));
                Ok((self.accounts.len() as u64 - 1, 0))
            }
            Movement::Transfer { from, to, amount } => {
                self.account(from)?;
                self.account(to)?;
                self.debit(from, amount)?;
                self.account(to)?.0 += amount;
                Ok((0, 0))
            }
            Movement::Reserve {
                account,
                amount,
                slot,
            } => {
                self.debit(account, amount)?;
                self.account(account)?.1 += amount;
                self.slots[slot as usize] = amount;
                Ok((0, 0))
            }
            Movement::Settle {
                account,
                operator,
                slot,
                charged,
            } => {
                self.account(account)?;
                self.account(operator)?;
                let aside = self.slots[slot as usize].min(self.account(account)?.1);
                let paid = charged.min(aside);
                self.account(account)?.1 -= aside;
                self.account(account)?.0 += aside - paid;
                self.account(operator)?.0 += paid;
                self.slots[slot as usize] = 0;
                Ok((paid, aside - paid))
            }
        }
    }
}

fn balances(ledger: &Ledger<'_>) -> Vec<(u64, u64)> {
    (0..)
        .map_while(|account| {
            Some((
                ledger.available(account).ok()?,
                ledger.reserved(account).ok()?,
            ))
        })
        .collect()
}

fn movement(step: &Value) -> Movement {
    let transfer = &step["transfer"];
    let reserve = &step["reserve"];
    let settle = &step["settle"];
    if !step["open"].is_null() {
        Movement::Open
    } else if !transfer.is_null() {
        Movement::Transfer {
            from: word(&transfer["from"]),
            to: word(&transfer["to"]),
            amount: number(&transfer["amount"]),
        }
    } else if !reserve.is_null() {
        Movement::Reserve {
            account: word(&reserve["account"]),
            amount: number(&reserve["amount"]),
            slot: word(&reserve["slot"]),
        }
    } else {
        Movement::Settle {
            account: word(&settle["account"]),
            operator: word(&settle["operator"]),
            slot: word(&settle["slot"]),
            charged: number(&settle["charged"]),
        }
    }
}

#[test]
fn scenarios_are_those_of_every_language() {
    for vector in list(&vectors::read("ledger.json")["scenarios"]) {
        let memory = Memory::new(1);
        let ledger = memory.ledger(1);
        for (index, step) in list(&vector["steps"]).iter().enumerate() {
            let place = format!("{}, step {index}", text(&vector["name"]));
            let gives = &step["gives"];
            match apply(&ledger, movement(step)) {
                Err(Error::InsufficientCredits { .. }) => {
                    assert_eq!(step["refused"], "insufficient", "{place}");
                }
                Err(Error::UnknownAccount { .. }) => {
                    assert_eq!(step["refused"], "unknown-account", "{place}");
                }
                Err(other) => panic!("{place}: {other}"),
                Ok((account, _)) if !step["open"].is_null() => {
                    assert_eq!(account, number(&step["open"]), "{place}");
                }
                Ok((charged, refunded)) if !gives.is_null() => {
                    let expected = (number(&gives["charged"]), number(&gives["refunded"]));
                    assert_eq!((charged, refunded), expected, "{place}");
                }
                Ok(_) => assert!(step["refused"].is_null(), "{place}"),
            }
            assert_eq!(ledger.total(), Ok(TOTAL), "{place}");
        }
        let expected: Vec<_> = list(&vector["balances"])
            .iter()
            .map(|balance| (number(&balance["available"]), number(&balance["reserved"])))
            .collect();
        assert_eq!(balances(&ledger), expected, "{}", vector["name"]);
    }
}

#[test]
fn there_are_so_many_accounts_and_no_more() {
    let memory = Memory::new(1);
    let ledger = memory.ledger(1);
    for account in 1..constants::MAXIMUM_ACCOUNTS {
        assert_eq!(ledger.open(), Ok(account));
    }
    let capacity = constants::MAXIMUM_ACCOUNTS;
    assert_eq!(ledger.open(), Err(Error::TooManyAccounts { capacity }));
    // Also when a stray write makes the number too large.
    store(memory.sab(), ledger_offset(words::ACCOUNTS), u32::MAX);
    assert!(ledger.open().is_err());
    assert_eq!(
        ledger.available(capacity),
        Err(Error::UnknownAccount { account: capacity })
    );
    assert_eq!(ledger.total(), Ok(TOTAL));
}

#[test]
fn a_reservation_outside_the_memory_is_refused_and_nothing_moves() {
    let memory = Memory::new(1);
    let ledger = memory.ledger(1);
    for reservation in [
        0,
        2,
        u32::MAX,
        u32::MAX - 3,
        memory.sab().byte_length() as u32,
    ] {
        assert!(ledger.reserve(0, 5, reservation).is_err());
        assert!(ledger.settle(0, 0, reservation, 5).is_err());
        assert_eq!(balances(&ledger), [(TOTAL, 0)]);
        assert_eq!(load(memory.sab(), ledger_offset(words::LOCK)), 0);
    }
}

#[test]
fn a_reservation_that_says_more_than_was_set_aside_gives_no_more() {
    let memory = Memory::new(1);
    let ledger = memory.ledger(1);
    ledger.open().unwrap();
    ledger.transfer(0, 1, 100).unwrap();
    ledger.reserve(1, 40, slot(0)).unwrap();
    store_u64(memory.sab(), slot(0), u64::MAX);
    assert_eq!(ledger.settle(1, 0, slot(0), u64::MAX), Ok((40, 0)));
    assert_eq!(balances(&ledger), [(TOTAL - 60, 0), (60, 0)]);
}

/// The stores of a transaction, as `Ledger::apply` makes them, so that a test can stop between any two.
fn stores(sab: SafeSab<'_>, holder: u32, legs: &[(u32, u64)]) -> Vec<(u32, u32)> {
    let at = ledger_offset;
    let halves =
        |offset: u32, value: u64| [(offset, value as u32), (offset + 4, (value >> 32) as u32)];
    let sequence = load(sab, at(words::SEQUENCE));
    let mut stores = vec![(at(words::LOCK), holder)];
    for (index, &(offset, _)) in legs.iter().enumerate() {
        let leg = words::JOURNAL + index as u32 * words::JOURNAL_LEG_WORDS;
        stores.push((at(leg), offset));
        stores.extend(halves(at(leg + 1), load_u64(sab, offset)));
    }
    stores.push((at(words::JOURNAL_LENGTH), legs.len() as u32));
    stores.push((at(words::SEQUENCE), sequence.wrapping_add(1)));
    for &(offset, value) in legs {
        stores.extend(halves(offset, value));
    }
    stores.push((at(words::SEQUENCE), sequence.wrapping_add(2)));
    stores.push((at(words::JOURNAL_LENGTH), 0));
    stores
}

const HOLDER: u32 = 7;

/// A ledger whose account 1 has set something aside of what it has.
fn prepared(memory: &Memory) -> Ledger<'_> {
    let ledger = memory.ledger(HOLDER);
    ledger.open().unwrap();
    ledger.open().unwrap();
    ledger.transfer(0, 1, (1 << 33) + 1000).unwrap();
    ledger.reserve(1, (1 << 32) + 600, slot(0)).unwrap();
    ledger
}

/// The legs of settling that reservation with 2^32 + 1 micro-credits charged.
fn settlement() -> [(u32, u64); 4] {
    [
        (balance_offset(1, words::ENTRY_RESERVED), 0),
        (balance_offset(2, words::ENTRY_AVAILABLE), (1 << 32) + 1),
        (balance_offset(1, words::ENTRY_AVAILABLE), (1 << 32) + 999),
        (slot(0), 0),
    ]
}

#[test]
fn a_thread_that_dies_at_any_store_leaves_all_or_nothing() {
    let whole = Memory::new(1);
    let ledger = prepared(&whole);
    let before = balances(&ledger);
    ledger.settle(1, 2, slot(0), (1 << 32) + 1).unwrap();
    let after = balances(&ledger);
    let count = stores(whole.sab(), HOLDER, &settlement()).len();
    for written in 0..=count {
        let memory = Memory::new(1);
        let sab = memory.sab();
        let ledger = prepared(&memory);
        let stores = stores(sab, HOLDER, &settlement());
        for &(offset, value) in &stores[..written] {
            store(sab, offset, value);
        }
        if written == count {
            // What was stored by hand is what the ledger itself stores.
            assert_eq!(balances(&ledger), after);
            for word in [words::SEQUENCE, words::JOURNAL_LENGTH] {
                let offset = ledger_offset(word);
                assert_eq!(load(sab, offset), load(whole.sab(), offset));
            }
        }
        let readable = load(sab, ledger_offset(words::SEQUENCE)).is_multiple_of(2);
        let seen = readable.then(|| balances(&ledger));
        assert!(!ledger.recover(HOLDER + 1));
        assert_eq!(ledger.recover(HOLDER), written > 0);
        assert_eq!(ledger.total(), Ok(TOTAL), "after {written} stores");
        let now = balances(&ledger);
        assert!(now == before || now == after, "after {written} stores");
        assert_eq!(load_u64(sab, slot(0)) == 0, now == after);
        // What somebody may have read already is not taken back.
        assert!(
            seen.is_none_or(|seen| seen == now),
            "after {written} stores"
        );
        assert!(!ledger.recover(HOLDER));
        ledger.transfer(0, 2, 1).unwrap();
    }
}

#[test]
fn recovering_shows_no_other_sum_to_those_who_read_meanwhile() {
    let memory = Memory::new(1);
    let sab = memory.sab();
    let ledger = memory.ledger(HOLDER);
    for _ in 0..2 {
        ledger
            .transfer(0, ledger.open().unwrap(), 1_000_000)
            .unwrap();
    }
    std::thread::scope(|scope| {
        let reader = Ledger::new(sab, 1).unwrap();
        let rounds = scope.spawn(move || {
            for round in 0..20_000 {
                let [one, two] = [1, 2].map(|account| ledger.available(account).unwrap());
                let legs = [
                    (balance_offset(1, words::ENTRY_AVAILABLE), one - 1),
                    (balance_offset(2, words::ENTRY_AVAILABLE), two + 1),
                ];
                let stores = stores(sab, HOLDER, &legs);
                for &(offset, value) in &stores[..1 + round % stores.len()] {
                    store(sab, offset, value);
                }
                assert!(ledger.recover(HOLDER));
            }
        });
        while !rounds.is_finished() {
            assert_eq!(reader.total(), Ok(TOTAL));
        }
        rounds.join().unwrap();
    });
}

#[test]
fn threads_that_move_credits_never_change_the_sum() {
    let memory = Memory::new(1);
    let sab = memory.sab();
    let ledger = memory.ledger(1);
    for _ in 0..4 {
        ledger.transfer(0, ledger.open().unwrap(), 10_000).unwrap();
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3_u32)
            .map(|thread| {
                scope.spawn(move || {
                    let ledger = Ledger::new(sab, thread + 1).unwrap();
                    let mut random = thread;
                    let mut next = |limit: u32| {
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (random >> 8) % limit
                    };
                    for _ in 0..20_000 {
                        let (payer, other) = (1 + next(4), 1 + next(4));
                        // Refusals are part of the game.
                        let _ = ledger.transfer(other, 1 + next(4), next(2000).into());
                        if ledger
                            .reserve(payer, next(500).into(), slot(thread))
                            .is_ok()
                        {
                            ledger
                                .settle(payer, other, slot(thread), next(600).into())
                                .unwrap();
                        }
                    }
                })
            })
            .collect();
        while !threads.iter().all(|thread| thread.is_finished()) {
            assert_eq!(ledger.total(), Ok(TOTAL));
        }
    });
    assert_eq!(ledger.total(), Ok(TOTAL));
    assert!(balances(&ledger).iter().all(|&(_, reserved)| reserved == 0));
    assert!(Arena::new(sab).is_ok());
}

fn any_movement() -> impl Strategy<Value = Movement> {
    let account = || prop_oneof![9 => 0..5_u32, 1 => 0..600_u32];
    let amount = || {
        prop_oneof![
            0..1000_u64,
            prop::sample::select(vec![0, u64::from(u32::MAX), 1 << 32, TOTAL, u64::MAX]),
            0..=TOTAL,
        ]
    };
    prop_oneof![
        1 => Just(Movement::Open),
        4 => (account(), account(), amount())
            .prop_map(|(from, to, amount)| Movement::Transfer { from, to, amount }),
        3 => (account(), amount(), 0..3_u32)
            .prop_map(|(account, amount, slot)| Movement::Reserve { account, amount, slot }),
        3 => (account(), account(), 0..3_u32, amount()).prop_map(
            |(account, operator, slot, charged)| Movement::Settle { account, operator, slot, charged }
        ),
    ]
}

proptest! {
    #[test]
    fn any_movements_agree_with_the_plain_ledger(
        movements in prop::collection::vec(any_movement(), 0..150),
    ) {
        let memory = Memory::new(1);
        let ledger = memory.ledger(1);
        let mut model = Model::new();
        for movement in [Movement::Open, Movement::Open].into_iter().chain(movements) {
            prop_assert_eq!(apply(&ledger, movement), model.apply(movement));
            prop_assert_eq!(ledger.total(), Ok(TOTAL));
        }
        prop_assert_eq!(balances(&ledger), model.accounts);
        let slots = [0, 1, 2].map(|index| load_u64(memory.sab(), slot(index)));
        prop_assert_eq!(slots, model.slots);
    }
}
