//! Errors: numbers that never change, messages that say what was given and what was expected.

use inos_sdk::layout::failure_code;
use inos_sdk::{Error, Failure, Halt};

use crate::vectors::{self, list, text, word};

#[test]
fn numbers_are_those_of_every_language() {
    let codes = [
        ("credits/insufficient", failure_code::INSUFFICIENT_CREDITS),
        ("job/budget-too-small", failure_code::BUDGET_TOO_SMALL),
        ("job/malformed-request", failure_code::MALFORMED_REQUEST),
        (
            "job/region-out-of-bounds",
            failure_code::REGION_OUT_OF_BOUNDS,
        ),
        ("job/result-too-large", failure_code::RESULT_TOO_LARGE),
        ("job/unknown-method", failure_code::UNKNOWN_METHOD),
        ("protocol/bad-ledger", failure_code::BAD_LEDGER),
    ];
    let file = vectors::read("errors.json");
    let numbered: Vec<(&str, u32)> = list(&file["sdk"])
        .iter()
        .filter(|entry| !entry["number"].is_null())
        .map(|entry| (text(&entry["code"]), word(&entry["number"])))
        .collect();
    assert_eq!(numbered, codes);
    assert!(
        codes
            .iter()
            .all(|&(_, number)| number < failure_code::FIRST_CAPSULE_CODE)
    );
}

#[test]
fn messages_say_what_was_given() {
    let messages = [
        (
            Error::OutOfBounds {
                offset: 5,
                length: 6,
            },
            "range of 6 bytes at offset 5 lies outside the memory it may name",
        ),
        (
            Error::Misaligned {
                offset: 5,
                alignment: 4,
            },
            "offset 5 is not a multiple of 4",
        ),
        (Error::OutOfMemory { pages: 3 }, "no room for 3 pages"),
        (
            Error::NotAllocated { offset: 64 },
            "offset 64 is not the start of a live allocation",
        ),
        (
            Error::UnknownAccount { account: 9 },
            "account 9 is not open",
        ),
        (
            Error::TooManyAccounts { capacity: 512 },
            "all 512 accounts are open already",
        ),
        (
            Error::InsufficientCredits {
                account: 1,
                available: 2,
                amount: 3,
            },
            "account 1 holds 2 micro-credits, 3 were asked for",
        ),
    ];
    for (error, message) in messages {
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn what_goes_wrong_below_a_method_becomes_its_failure() {
    let error = Error::OutOfBounds {
        offset: 5,
        length: 6,
    };
    let failure = Failure::from(error);
    assert_eq!((failure.code, failure.message), (3, error.to_string()));
    let failure = Failure::from(capnp::Error::failed("no".into()));
    assert_eq!(
        (failure.code, failure.message.as_str()),
        (1, "malformed request: Failed: no")
    );
    let failure = Failure::from(capnp::NotInSchema(7));
    assert_eq!(failure.code, failure_code::MALFORMED_REQUEST);
    let own = Failure::new(300, "own");
    assert_eq!(Halt::from(own.clone()), Halt::Failed(own));
}
