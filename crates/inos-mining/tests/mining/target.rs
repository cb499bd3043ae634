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
    assert_eq!(target.highest(), &bytes);
    assert_eq!(target.lowest(), &[0; 32]);
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

#[test]
fn a_range_has_both_its_ends_and_some_number() {
    let (low, high) = ([3; 32], [5; 32]);
    let target = Target::between(&low, &high).unwrap();
    assert_eq!((target.lowest(), target.highest()), (&low, &high));
    assert_eq!(Target::between(&[], &high), Ok(Target::new(high)));
    assert!(Target::between(&high, &high).is_ok());
    assert_eq!(Target::between(&high, &low), Err(Error::EmptyTarget));
    for given in [1, 31, 33] {
        let wrong = vec![0; given];
        assert_eq!(
            Target::between(&wrong, &high),
            Err(Error::TargetLength { given })
        );
        assert_eq!(
            Target::between(&low, &wrong),
            Err(Error::TargetLength { given })
        );
    }
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

    #[test]
    fn a_range_admits_what_lies_between_its_ends(
        ends: [[u8; 32]; 2],
        digest: [u8; 32],
        common in prop::array::uniform2(0usize..=32),
    ) {
        let (mut ends, [to_digest, to_end]) = (ends, common);
        ends[0][..to_digest].copy_from_slice(&digest[..to_digest]);
        let start = ends[0];
        ends[1][..to_end].copy_from_slice(&start[..to_end]);
        let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
        let expected = compare(&low, &digest) != Ordering::Greater
            && compare(&digest, &high) != Ordering::Greater;
        let target = Target::between(&low, &high).unwrap();
        prop_assert_eq!(target.admits(&digest, DigestOrder::BigEndian), expected);
        prop_assert_eq!(target.admits(&reversed(digest), DigestOrder::LittleEndian), expected);
    }
}
