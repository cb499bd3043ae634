//! Targets: comparing 256-bit numbers from either end.

use inos_mining::{DigestOrder, Error, Target};
use proptest::prelude::*;
use std::cmp::Ordering;

/// Compares two numbers, most significant byte first, as one would by hand.
fn compare(left: &[u8; 32], right: &[u8; 32]) -> Ordering {
    for (a, b) in left.iter().zip(right) {
        if a != b {
            return a.cmp(b);
        }
    }
    Ordering::Equal
}

fn reversed(mut bytes: [u8; 32]) -> [u8; 32] {
    bytes.reverse();
    bytes
}

#[test]
fn equal_is_admitted_and_one_more_is_not() {
    let mut bytes = [0; 32];
    bytes[3] = 0x12;
    bytes[31] = 0xfe;
    let target = Target::new(bytes);
    assert_eq!(target.as_bytes(), &bytes);
    assert!(target.admits(&bytes, DigestOrder::BigEndian));
    assert!(target.admits(&reversed(bytes), DigestOrder::LittleEndian));
    bytes[31] = 0xff;
    assert!(!target.admits(&bytes, DigestOrder::BigEndian));
    assert!(!target.admits(&reversed(bytes), DigestOrder::LittleEndian));
}

#[test]
fn the_extremes() {
    for order in DigestOrder::ALL {
        assert!(Target::new([0xff; 32]).admits(&[0xff; 32], order));
        assert!(Target::new([0; 32]).admits(&[0; 32], order));
        for place in 0..32 {
            let mut digest = [0; 32];
            digest[place] = 1;
            assert!(!Target::new([0; 32]).admits(&digest, order));
        }
    }
}

#[test]
fn a_target_is_32_bytes() {
    for given in (0..=64).filter(|&length| length != 32) {
        assert_eq!(
            Target::from_slice(&vec![0; given]),
            Err(Error::TargetLength { given })
        );
    }
    assert_eq!(Target::from_slice(&[9; 32]), Ok(Target::new([9; 32])));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn admits_is_at_or_below(target: [u8; 32], digest: [u8; 32], common in 0usize..=32) {
        let mut digest = digest;
        digest[..common].copy_from_slice(&target[..common]);
        let expected = compare(&digest, &target) != Ordering::Greater;
        prop_assert_eq!(Target::new(target).admits(&digest, DigestOrder::BigEndian), expected);
        let little = reversed(digest);
        prop_assert_eq!(Target::new(target).admits(&little, DigestOrder::LittleEndian), expected);
    }
}
