//! Prices and the economic check: the same sums as in TypeScript, and nothing reserved when refused.

use inos_sdk::layout::{capsule_offset, capsule_words, constants, ledger_words};
use inos_sdk::{BudgetVerifier, Error, Price, Refusal};
use proptest::prelude::*;
use serde_json::Value;

use crate::memory::{Memory, load_u64, store, store_u64};
use crate::vectors::{self, list, number, optional, text};

const TOTAL: u64 = ledger_words::TOTAL_MICRO_CREDITS;
const RESERVATION: u32 = constants::ARENA_OFFSET;

fn price(file: &Value, name: &str) -> Price {
    let price = &file["prices"][name];
    Price {
        base: number(&price["base"]),
        price: number(&price["price"]),
        units: number(&price["units"]),
    }
}

#[test]
fn sums_are_those_of_every_language() {
    let file = vectors::read("price.json");
    for vector in list(&file["costs"]) {
        let cost = price(&file, text(&vector["price"])).cost(number(&vector["n"]));
        // More than there is and more than can be written down are the same to whoever pays.
        let cost = cost.filter(|&cost| cost <= TOTAL);
        assert_eq!(cost, optional(&vector["cost"]), "{vector}");
    }
    for vector in list(&file["affordable"]) {
        let units = price(&file, text(&vector["price"])).affordable(number(&vector["budget"]));
        assert_eq!(units, optional(&vector["units"]), "{vector}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_budget_affords_exactly_what_it_covers(
        base in prop_oneof![0..2000_u64, 0..=TOTAL, any::<u64>()],
        each in prop_oneof![0..2000_u64, 0..=TOTAL, any::<u64>()],
        units in prop_oneof![1..2000_u64, 1..=TOTAL, 1..=u64::MAX],
        budget in prop_oneof![0..4000_u64, 0..=TOTAL, any::<u64>()],
    ) {
        let price = Price { base, price: each, units };
        match price.affordable(budget) {
            None => prop_assert!(budget < base),
            Some(n) => {
                prop_assert!(price.cost(n).is_some_and(|cost| cost <= budget));
                let one_more = n.checked_add(1).and_then(|more| price.cost(more));
                prop_assert!(n == u64::MAX || one_more.is_none_or(|cost| cost > budget));
            }
        }
        prop_assert_eq!(price.cost(0), Some(base));
    }
}

#[test]
fn the_check_sets_aside_or_refuses() {
    let memory = Memory::new(1);
    let ledger = memory.ledger(1);
    let account = ledger.open().unwrap();
    ledger.transfer(0, account, 1000).unwrap();
    let verifier = BudgetVerifier::new(memory.sab(), ledger);
    let verify = |budget, minimum| verifier.verify(account, budget, minimum, RESERVATION);
    let state = || (ledger.available(account), ledger.reserved(account));
    let (budget, minimum) = (5000, 5001);
    // The budget is looked at first.
    assert_eq!(
        verify(budget, minimum),
        Err(Refusal::BudgetTooSmall { budget, minimum })
    );
    let (available, amount) = (1000, 1001);
    let insufficient = Error::InsufficientCredits {
        account,
        available,
        amount,
    };
    assert_eq!(verify(1001, 0), Err(Refusal::Ledger(insufficient)));
    let unknown = Error::UnknownAccount { account: 99 };
    assert_eq!(
        verifier.verify(99, 0, 0, RESERVATION),
        Err(Refusal::Ledger(unknown))
    );
    assert_eq!(state(), (Ok(1000), Ok(0)));
    assert_eq!(load_u64(memory.sab(), RESERVATION), 0);
    assert_eq!(verify(600, 600), Ok(()));
    assert_eq!(state(), (Ok(400), Ok(600)));
    assert_eq!(load_u64(memory.sab(), RESERVATION), 600);
}

#[test]
fn prices_are_read_from_the_capsules_entry() {
    let memory = Memory::new(1);
    let sab = memory.sab();
    let verifier = BudgetVerifier::new(sab, memory.ledger(1));
    assert_eq!(verifier.price(3, 0), None);
    let entry = capsule_offset(3);
    let field = |method: u32, field: u32| {
        let word = capsule_words::PRICES + method * capsule_words::PRICE_STRIDE_WORDS + field;
        entry + word * 4
    };
    store(sab, entry + capsule_words::METHODS * 4, 2);
    store_u64(sab, field(1, capsule_words::PRICE_BASE), TOTAL);
    store_u64(sab, field(1, capsule_words::PRICE_PRICE), 1 << 32);
    store_u64(sab, field(1, capsule_words::PRICE_UNITS), (1 << 33) + 5);
    let price = Price {
        base: TOTAL,
        price: 1 << 32,
        units: (1 << 33) + 5,
    };
    assert_eq!(verifier.price(3, 1), Some(price));
    // A price that nobody wrote is free, and doesn't divide by nothing.
    assert_eq!(
        verifier.price(3, 0),
        Some(Price {
            base: 0,
            price: 0,
            units: 1
        })
    );
    assert_eq!(verifier.price(3, 2), None);
    store(sab, entry + capsule_words::METHODS * 4, u32::MAX);
    assert_eq!(verifier.price(3, constants::MAXIMUM_METHODS), None);
    for capsule in [constants::MAXIMUM_CAPSULES, u32::MAX] {
        assert_eq!(verifier.price(capsule, 0), None);
    }
}
