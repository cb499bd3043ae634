//! One-shot hashing against published vectors and a second implementation.

use crate::reference;
use crate::vectors;
use inos_mining::{Algorithm, hash};

#[test]
fn published_vectors() {
    let all = vectors::read("hash.json");
    for algorithm in Algorithm::ALL {
        let of_it = all
            .iter()
            .filter(|vector| vectors::algorithm(vector) == algorithm);
        assert!(of_it.count() >= 10, "{} has vectors", algorithm.name());
    }
    for vector in all {
        let (algorithm, input) = (vectors::algorithm(&vector), vectors::input(&vector));
        let expected = vector["digest"].as_str().unwrap();
        assert_eq!(
            vectors::to_hex(&hash(algorithm, &input)),
            expected,
            "{vector}"
        );
        assert_eq!(
            vectors::to_hex(&reference::hash(algorithm, &input)),
            expected,
            "{vector}"
        );
    }
}

#[test]
fn every_length_up_to_4096_against_the_reference() {
    let data: Vec<u8> = (0..4096u32).map(|index| (index % 251) as u8).collect();
    for length in 0..=data.len() {
        for algorithm in Algorithm::ALL {
            let input = &data[..length];
            let expected = reference::hash(algorithm, input);
            assert_eq!(
                hash(algorithm, input),
                expected,
                "{} of {length}",
                algorithm.name()
            );
        }
    }
}

#[test]
fn a_message_may_start_at_any_address() {
    let data: Vec<u8> = (0..3000u32).map(|index| (index % 251) as u8).collect();
    for algorithm in Algorithm::ALL {
        for start in 0..64 {
            let input = &data[start..start + 2500];
            assert_eq!(hash(algorithm, input), reference::hash(algorithm, input));
        }
    }
}
