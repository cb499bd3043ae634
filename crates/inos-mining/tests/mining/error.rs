//! Errors: numbers that never change, messages that say what was given and what was expected.

use inos_mining::Error;

use crate::vectors::{errors, number};

#[test]
fn codes_and_messages() {
    let expected = [
        (
            Error::HeaderLength { given: 1025 },
            256,
            "header must be 1 to 1024 bytes long, got 1025",
        ),
        (
            Error::NonceOffset {
                given: 77,
                nonce_bytes: 4,
                header_bytes: 80,
            },
            257,
            "nonceOffset must leave room for the 4 bytes of the nonce in the header of 80 bytes, \
             got 77",
        ),
        (
            Error::TargetLength { given: 31 },
            258,
            "target must be 32 bytes long, got 31",
        ),
        (
            Error::NonceRange { first: 10, last: 9 },
            259,
            "lastNonce must be at least firstNonce, 10, got 9",
        ),
        (
            Error::UnknownHasher { given: 5 },
            260,
            "hasher must be the number of an open hasher, got 5",
        ),
        (
            Error::TooManyHashers { limit: 1024 },
            261,
            "at most 1024 hashers can be open at once, finish or close one first",
        ),
        (
            Error::EmptyTarget,
            262,
            "lowest must be at most target: otherwise no digest qualifies",
        ),
    ];
    for (error, code, message) in expected {
        assert_eq!((error.code(), error.to_string().as_str()), (code, message));
    }
}

#[test]
fn codes_are_those_of_every_language() {
    let listed: Vec<(String, u64)> = errors()
        .iter()
        .map(|entry| {
            let code = entry["code"].as_str().unwrap();
            (code.into(), number(&entry["number"]))
        })
        .collect();
    let ours = [
        ("mining/header-length", Error::HeaderLength { given: 0 }),
        (
            "mining/nonce-offset",
            Error::NonceOffset {
                given: 0,
                nonce_bytes: 4,
                header_bytes: 0,
            },
        ),
        ("mining/target-length", Error::TargetLength { given: 0 }),
        (
            "mining/nonce-range",
            Error::NonceRange { first: 1, last: 0 },
        ),
        ("mining/unknown-hasher", Error::UnknownHasher { given: 0 }),
        (
            "mining/too-many-hashers",
            Error::TooManyHashers { limit: 0 },
        ),
        ("mining/empty-target", Error::EmptyTarget),
    ];
    let ours = ours.map(|(name, error)| (name.to_string(), u64::from(error.code())));
    assert_eq!(listed, ours);
}
