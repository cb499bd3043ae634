//! Nonce search against brute force: the lowest qualifying nonce, exactly.

use crate::{reference, vectors};
use inos_mining::{
    Algorithm, DigestOrder, Error, Found, NonceFormat, NoncePlace, Search, Target, hash,
    nonce_count,
};
use proptest::prelude::*;

/// Offsets in a block at which a nonce is aligned or not, or reaches into the next block.
const PLACES: [usize; 13] = [0, 1, 2, 3, 4, 21, 34, 51, 59, 60, 61, 62, 63];

fn with_nonce(header: &[u8], offset: usize, nonce: u32) -> Vec<u8> {
    let mut solved = header.to_vec();
    solved[offset..offset + 4].copy_from_slice(&nonce.to_le_bytes());
    solved
}

/// The digests of the `count` nonces from `first` on, by the plain path.
fn digests(
    algorithm: Algorithm,
    header: &[u8],
    offset: usize,
    first: u32,
    count: u32,
) -> Vec<[u8; 32]> {
    let nonces = u64::from(first)..(u64::from(first) + u64::from(count)).min(1 << 32);
    nonces
        .map(|nonce| hash(algorithm, &with_nonce(header, offset, nonce as u32)))
        .collect()
}

/// A digest as a number, most significant byte first.
fn number(digest: &[u8; 32], order: DigestOrder) -> [u8; 32] {
    let mut bytes = *digest;
    if order == DigestOrder::LittleEndian {
        bytes.reverse();
    }
    bytes
}

fn lowest(digests: &[[u8; 32]], first: u32, target: [u8; 32], order: DigestOrder) -> Option<Found> {
    let at = digests
        .iter()
        .position(|digest| number(digest, order) <= target)?;
    Some(Found {
        nonce: u64::from(first) + at as u64,
        digest: digests[at],
    })
}

/// Checks targets that the first, the best and no digest meets, and every cut of the range.
fn check(algorithm: Algorithm, header: &[u8], offset: usize, first: u32, count: u32) {
    let digests = digests(algorithm, header, offset, first, count);
    for order in DigestOrder::ALL {
        let mut numbers: Vec<[u8; 32]> = digests.iter().map(|d| number(d, order)).collect();
        numbers.sort_unstable();
        let mut below_all = numbers[0];
        below_all[31] = below_all[31].saturating_sub(1); // The same as the best if that ends in 0.
        for target in [
            numbers[0],
            numbers[numbers.len() / 3],
            [0xff; 32],
            [0; 32],
            below_all,
        ] {
            let search =
                Search::new(algorithm, header, offset, Target::new(target), order).unwrap();
            let expected = lowest(&digests, first, target, order);
            let place = || format!("{search:?} from {first}, {count}");
            assert_eq!(search.scan(first, count.into()), expected, "{}", place());
            assert_eq!(
                search.scan_scalar(first, count.into()),
                expected,
                "{}",
                place()
            );
            if let Some(Found { nonce, .. }) = expected {
                // The winner lies just outside, then just inside the range.
                let before = nonce - u64::from(first);
                assert_eq!(search.scan(first, before), None, "{}", place());
                assert_eq!(search.scan(first, before + 1), expected, "{}", place());
                assert_eq!(search.scan(nonce, 1), expected, "{}", place());
            }
        }
    }
}

fn header(length: usize) -> Vec<u8> {
    (0..length)
        .map(|index| (index * 151 + length * 3) as u8)
        .collect()
}

#[test]
fn every_header_length_and_kind_of_offset() {
    for length in (4..=200).chain([511, 512, 960, 1015, 1016, 1023, 1024]) {
        let last = length - 4;
        let mut offsets: Vec<usize> = (0..=last)
            .filter(|at| PLACES.contains(&(at % 64)))
            .collect();
        offsets.extend(last.saturating_sub(3)..=last);
        if length > 200 {
            offsets.retain(|&at| at < 5 || at > length - 70);
        }
        for offset in offsets {
            for algorithm in Algorithm::ALL {
                let first = (length * 1009 + offset * 31) as u32;
                check(
                    algorithm,
                    &header(length),
                    offset,
                    first,
                    7 + offset as u32 % 4,
                );
            }
        }
    }
}

#[test]
fn every_tail_and_the_end_of_the_nonces() {
    for algorithm in Algorithm::ALL {
        for count in 1..=13 {
            for first in [
                0,
                1,
                0x00ff_fffd,
                0x7fff_fffc,
                u32::MAX - 12,
                u32::MAX - 5,
                u32::MAX - 1,
            ] {
                check(algorithm, &header(80), 76, first, count);
                check(algorithm, &header(70), 62, first, count);
            }
        }
    }
}

#[test]
fn a_scan_ends_after_the_last_nonce() {
    for algorithm in Algorithm::ALL {
        let everything = Target::new([0xff; 32]);
        let search =
            Search::new(algorithm, &[5; 20], 8, everything, DigestOrder::BigEndian).unwrap();
        for count in [1, 2, 1 << 32, u64::MAX] {
            let found = search.scan(u32::MAX, count).unwrap();
            assert_eq!(found.nonce, u64::from(u32::MAX));
            assert_eq!(
                found.digest,
                hash(algorithm, &with_nonce(&[5; 20], 8, u32::MAX))
            );
        }
        assert_eq!(search.scan(0u32, 0), None);
        assert_eq!(search.scan(u32::MAX, 0), None);
        let nothing = Target::new([0; 32]);
        let search = Search::new(algorithm, &[5; 20], 8, nothing, DigestOrder::BigEndian).unwrap();
        assert_eq!(search.scan(u32::MAX - 9, u64::MAX), None);
        assert_eq!(search.scan_scalar(u32::MAX - 9, u64::MAX), None);
    }
}

/// The lowest nonce of a range that meets a target, by the reference alone.
fn brute_force(
    (algorithm, header, place): (Algorithm, &[u8], NoncePlace),
    target: Target,
    nonces: impl Iterator<Item = u64>,
) -> Option<Found> {
    nonces
        .map(|nonce| Found {
            nonce,
            digest: reference::hash(algorithm, &place.message(header, nonce)),
        })
        .find(|found| target.admits(&found.digest, DigestOrder::BigEndian))
}

#[test]
fn digits_of_every_count_and_where_one_more_begins() {
    for algorithm in Algorithm::ALL {
        for length in [0, 40, 55, 62, 64, 1000, 1024] {
            let header = header(length);
            for offset in [0, length / 2, length] {
                let place = NoncePlace {
                    offset,
                    format: NonceFormat::Decimal,
                };
                for first in [
                    0,
                    7,
                    95,
                    990,
                    9_990,
                    19_990,
                    99_990,
                    1_234_567,
                    u64::MAX - 20,
                ] {
                    let target = Target::new([0x1f; 32]);
                    let search =
                        Search::new(algorithm, &header, place, target, DigestOrder::BigEndian);
                    let search = search.unwrap();
                    let expected = brute_force(
                        (algorithm, &header, place),
                        target,
                        (first..=u64::MAX).take(21),
                    );
                    assert_eq!(
                        search.scan(first, 21),
                        expected,
                        "{length} {offset} {first}"
                    );
                    assert_eq!(search.scan_scalar(first, 21), expected);
                }
            }
        }
    }
}

#[test]
fn nonces_of_64_bits_across_their_lower_half() {
    for algorithm in Algorithm::ALL {
        for format in [
            NonceFormat::Uint64LittleEndian,
            NonceFormat::Uint64BigEndian,
        ] {
            for offset in [0, 57, 61, 72] {
                let (header, place) = (header(80), NoncePlace { offset, format });
                let target = Target::new([0x0f; 32]);
                let search = Search::new(algorithm, &header, place, target, DigestOrder::BigEndian);
                let search = search.unwrap();
                for first in [0, (1 << 32) - 20, (5 << 32) - 20, u64::MAX - 39] {
                    let nonces = (first..=u64::MAX).take(40);
                    let expected = brute_force((algorithm, &header, place), target, nonces);
                    assert_eq!(search.scan(first, 40), expected, "{place:?} {first}");
                    assert_eq!(search.scan_scalar(first, 40), expected);
                }
            }
        }
    }
}

#[test]
fn ranges_that_begin_above_zero() {
    for algorithm in Algorithm::ALL {
        for order in DigestOrder::ALL {
            let digests = digests(algorithm, &header(80), 76, 0, 100);
            for wanted in [digests[0], digests[57], digests[99]] {
                let exact = number(&wanted, order);
                let target = Target::between(&exact, &exact).unwrap();
                let search = Search::new(algorithm, &header(80), 76, target, order).unwrap();
                assert_eq!(search.scan(0u32, 100).unwrap().digest, wanted);
                let above = Target::between(&exact, &[0xff; 32]).unwrap();
                let search = Search::new(algorithm, &header(80), 76, above, order).unwrap();
                let first = digests
                    .iter()
                    .position(|digest| number(digest, order) >= exact);
                assert_eq!(search.scan(0u32, 100).unwrap().nonce, first.unwrap() as u64);
            }
        }
    }
}

#[test]
fn what_the_header_holds_in_the_nonce_place_does_not_matter() {
    for algorithm in Algorithm::ALL {
        let target = Target::new([0x1f; 32]);
        let found = [0x00, 0xff, 0xa5].map(|filler| {
            let mut bytes = header(90);
            bytes[61..65].fill(filler);
            let search = Search::new(algorithm, &bytes, 61, target, DigestOrder::LittleEndian);
            search.unwrap().scan(0u32, 1000).unwrap()
        });
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0], found[2]);
    }
}

#[test]
fn digests_that_share_the_target_s_leading_word() {
    // The early test alone can't decide here: equal first words, the rest above or below.
    for algorithm in Algorithm::ALL {
        for order in DigestOrder::ALL {
            let digest = digests(algorithm, &header(80), 76, 1000, 1)[0];
            let exact = number(&digest, order);
            for place in 4..32 {
                for (change, admitted) in [(1u8, true), (0xff, false)] {
                    let mut target = exact;
                    let (byte, overflow) = target[place].overflowing_add(change);
                    if overflow == admitted {
                        continue; // It would carry into, or borrow from, the bytes before.
                    }
                    target[place] = byte;
                    let search =
                        Search::new(algorithm, &header(80), 76, Target::new(target), order);
                    assert_eq!(search.unwrap().scan(1000u32, 1).is_some(), admitted);
                }
            }
        }
    }
}

#[test]
fn shared_vectors() {
    let all = vectors::read("search.json");
    assert!(all.len() >= 20);
    for vector in all {
        let (algorithm, order) = (vectors::algorithm(&vector), vectors::digest_order(&vector));
        let (header, offset) = (
            vectors::bytes(&vector["header"]),
            vectors::number(&vector["nonceOffset"]) as usize,
        );
        let target = Target::from_slice(&vectors::bytes(&vector["target"])).unwrap();
        let search = Search::new(algorithm, &header, offset, target, order).unwrap();
        let [first, last] = ["firstNonce", "lastNonce"].map(|name| vectors::number(&vector[name]));
        let expected = vector["found"].as_bool().unwrap().then(|| Found {
            nonce: vectors::number(&vector["nonce"]),
            digest: vectors::bytes(&vector["digest"]).try_into().unwrap(),
        });
        assert_eq!(
            search.scan(first, nonce_count(first, last).unwrap()),
            expected,
            "{vector}"
        );
        if let Some(Found { nonce, digest }) = expected {
            let solved = with_nonce(&header, offset, nonce as u32);
            assert_eq!(reference::hash(algorithm, &solved), digest, "{vector}");
        }
    }
}

#[test]
fn the_genesis_block_of_bitcoin() {
    let header = vectors::from_hex(concat!(
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b2",
        "7ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d00000000",
    ));
    let mut target = [0; 32];
    target[4..6].fill(0xff); // The bits 0x1d00ffff.
    let target = Target::new(target);
    let search = Search::new(
        Algorithm::Sha256d,
        &header,
        76,
        target,
        DigestOrder::LittleEndian,
    )
    .unwrap();
    let found = search.scan(2_083_236_893u32 - 5_000, 10_000).unwrap();
    assert_eq!(found.nonce, 2_083_236_893);
    let expected = "6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000";
    assert_eq!(vectors::to_hex(&found.digest), expected);
}

#[test]
fn headers_and_offsets_that_do_not_fit_are_refused() {
    let new = |length: usize, offset: usize| {
        let target = Target::new([0xff; 32]);
        Search::new(
            Algorithm::Sha256,
            &vec![0; length],
            offset,
            target,
            DigestOrder::BigEndian,
        )
        .map(|_| ())
    };
    for given in [0, 1025, 100_000] {
        assert_eq!(new(given, 0), Err(Error::HeaderLength { given }));
    }
    for (length, offset) in [
        (1, 0),
        (3, 0),
        (4, 1),
        (80, 77),
        (1024, 1021),
        (80, usize::MAX),
    ] {
        let expected = Error::NonceOffset {
            given: offset,
            nonce_bytes: 4,
            header_bytes: length,
        };
        assert_eq!(new(length, offset), Err(expected));
    }
    for (length, offset) in [(4, 0), (80, 76), (1024, 1020), (1024, 0)] {
        assert_eq!(new(length, offset), Ok(()));
    }
}

#[test]
fn nonces_are_counted_inclusively() {
    assert_eq!(nonce_count(7, 7), Ok(1));
    assert_eq!(nonce_count(0, u32::MAX.into()), Ok(1 << 32));
    assert_eq!(nonce_count(0, u64::MAX), Ok(u64::MAX));
    assert_eq!(
        nonce_count(7, 6),
        Err(Error::NonceRange { first: 7, last: 6 })
    );
}

#[test]
fn blocks_per_nonce_counts_compressions() {
    let blocks = |algorithm, length: usize, offset| {
        let target = Target::new([0; 32]);
        let order = DigestOrder::BigEndian;
        Search::new(algorithm, &vec![0; length], offset, target, order)
            .unwrap()
            .blocks_per_nonce()
    };
    assert_eq!(blocks(Algorithm::Sha256, 80, 76), 1);
    assert_eq!(blocks(Algorithm::Sha256d, 80, 76), 2);
    assert_eq!(blocks(Algorithm::Sha256d, 80, 0), 3);
    assert_eq!(blocks(Algorithm::Sha256, 80, 62), 2);
    assert_eq!(blocks(Algorithm::Sha256, 56, 0), 2);
    assert_eq!(blocks(Algorithm::Sha256, 1024, 0), 17);
    assert_eq!(blocks(Algorithm::Blake3, 64, 0), 1);
    assert_eq!(blocks(Algorithm::Blake3, 1024, 0), 16);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_scan_equals_brute_force(
        algorithm in prop::sample::select(&Algorithm::ALL),
        order in prop::sample::select(&DigestOrder::ALL),
        header in prop::collection::vec(any::<u8>(), 4..=1024),
        place: prop::sample::Index,
        first: u32,
        count in 0u32..80,
        mut target: [u8; 32],
        zero_bits in 0u32..10,
    ) {
        let offset = place.index(header.len() - 3);
        let leading = u32::from_be_bytes([target[0], target[1], target[2], target[3]]);
        target[..4].copy_from_slice(&(leading >> zero_bits).to_be_bytes());
        let search = Search::new(algorithm, &header, offset, Target::new(target), order).unwrap();
        let digests = digests(algorithm, &header, offset, first, count);
        let expected = lowest(&digests, first, target, order);
        prop_assert_eq!(search.scan(first, count.into()), expected);
        prop_assert_eq!(search.scan_scalar(first, count.into()), expected);
    }

    #[test]
    fn every_format_equals_brute_force(
        algorithm in prop::sample::select(&Algorithm::ALL),
        format in prop::sample::select(&NonceFormat::ALL),
        header in prop::collection::vec(any::<u8>(), 8..=300),
        at: prop::sample::Index,
        first in prop_oneof![any::<u64>(), 0u64..100_000],
        count in 0usize..60,
        ends: [[u8; 32]; 2],
    ) {
        let offset = at.index(header.len() - format.header_bytes() + 1);
        let place = NoncePlace { offset, format };
        let first = first & format.last_nonce();
        let target = Target::between(&ends[0].min(ends[1]), &ends[0].max(ends[1])).unwrap();
        let search = Search::new(algorithm, &header, place, target, DigestOrder::BigEndian).unwrap();
        let nonces = (first..=format.last_nonce()).take(count);
        let expected = brute_force((algorithm, &header, place), target, nonces);
        prop_assert_eq!(search.scan(first, count as u64), expected);
        prop_assert_eq!(search.scan_scalar(first, count as u64), expected);
    }

    #[test]
    fn cut_ranges_find_what_the_whole_range_finds(
        algorithm in prop::sample::select(&Algorithm::ALL),
        first in 0u32..u32::MAX - 600,
        cuts in prop::collection::vec(1u32..60, 1..10),
    ) {
        let mut target = [0xff; 32];
        target[0] = 0x01;
        let search =
            Search::new(algorithm, &header(80), 76, Target::new(target), DigestOrder::BigEndian);
        let search = search.unwrap();
        let whole = search.scan(first, cuts.iter().sum::<u32>().into());
        let mut from = first;
        let in_pieces = cuts.iter().find_map(|&count| {
            let found = search.scan(from, count.into());
            from += count;
            found
        });
        prop_assert_eq!(in_pieces, whole);
    }
}
