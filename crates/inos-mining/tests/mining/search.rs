//! Nonce search against brute force: the lowest qualifying nonce, exactly.

use crate::{reference, vectors};
use inos_mining::{Algorithm, DigestOrder, Error, Found, Search, Target, hash, nonce_count};
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
        nonce: first + at as u32,
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
                let before = u64::from(nonce - first);
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
            assert_eq!(found.nonce, u32::MAX);
            assert_eq!(
                found.digest,
                hash(algorithm, &with_nonce(&[5; 20], 8, u32::MAX))
            );
        }
        assert_eq!(search.scan(0, 0), None);
        assert_eq!(search.scan(u32::MAX, 0), None);
        let nothing = Target::new([0; 32]);
        let search = Search::new(algorithm, &[5; 20], 8, nothing, DigestOrder::BigEndian).unwrap();
        assert_eq!(search.scan(u32::MAX - 9, u64::MAX), None);
        assert_eq!(search.scan_scalar(u32::MAX - 9, u64::MAX), None);
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
            search.unwrap().scan(0, 1000).unwrap()
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
                    assert_eq!(search.unwrap().scan(1000, 1).is_some(), admitted);
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
        let [first, last] =
            ["firstNonce", "lastNonce"].map(|name| vectors::number(&vector[name]) as u32);
        let expected = vector["found"].as_bool().unwrap().then(|| Found {
            nonce: vectors::number(&vector["nonce"]) as u32,
            digest: vectors::bytes(&vector["digest"]).try_into().unwrap(),
        });
        assert_eq!(
            search.scan(first, nonce_count(first, last).unwrap()),
            expected,
            "{vector}"
        );
        if let Some(Found { nonce, digest }) = expected {
            let solved = with_nonce(&header, offset, nonce);
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
    let found = search.scan(2_083_236_893 - 5_000, 10_000).unwrap();
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
    assert_eq!(nonce_count(0, u32::MAX), Ok(1 << 32));
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
