//! Incremental hashing: however the data is cut, the digest is that of the whole.

use inos_mining::{Algorithm, Hasher, hash};
use proptest::prelude::*;

/// Piece lengths that never line up with blocks of 64 or chunks of 1,024 bytes for long.
const ODD_PIECES: [usize; 9] = [1, 63, 0, 65, 127, 3, 1023, 31, 1025];

#[test]
fn every_length_up_to_4096_in_odd_pieces() {
    let data: Vec<u8> = (0..4096u32).map(|index| (index * 7 % 253) as u8).collect();
    for length in 0..=data.len() {
        for algorithm in Algorithm::ALL {
            let (mut hasher, mut rest) = (Hasher::new(algorithm), &data[..length]);
            for &piece in ODD_PIECES.iter().cycle().skip(length % ODD_PIECES.len()) {
                if rest.is_empty() {
                    break;
                }
                let (head, tail) = rest.split_at(piece.min(rest.len()));
                hasher.update(head);
                rest = tail;
            }
            let whole = hash(algorithm, &data[..length]);
            assert_eq!(hasher.finalize(), whole, "{} of {length}", algorithm.name());
        }
    }
}

#[test]
fn a_clone_goes_its_own_way() {
    for algorithm in Algorithm::ALL {
        let mut one = Hasher::new(algorithm);
        assert_eq!(one.function(), algorithm.into());
        one.update(b"common ");
        let mut other = one.clone();
        one.update(b"one");
        other.update(b"other");
        assert_eq!(one.finalize(), hash(algorithm, b"common one"));
        assert_eq!(other.finalize(), hash(algorithm, b"common other"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..12)) {
        for algorithm in Algorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            for piece in &pieces {
                hasher.update(piece);
            }
            prop_assert_eq!(hasher.finalize(), hash(algorithm, &pieces.concat()));
        }
    }
}
