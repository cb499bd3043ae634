//! Many messages in one call: each digest is that of its message alone.

use crate::reference;
use inos_mining::{Algorithm, hash_many};
use proptest::prelude::*;

fn check(algorithm: Algorithm, messages: &[&[u8]]) {
    let mut digests = vec![0; messages.len() * 32];
    hash_many(algorithm, messages.iter().copied(), &mut digests);
    for (number, (message, digest)) in messages.iter().zip(digests.chunks(32)).enumerate() {
        assert_eq!(
            digest,
            reference::hash(algorithm, message),
            "{}: message {number} of {} bytes among {}",
            algorithm.name(),
            message.len(),
            messages.len()
        );
    }
}

fn data(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index * 7 % 253) as u8).collect()
}

#[test]
fn every_length_up_to_4096_beside_equal_ones() {
    let data = data(4096 + 5);
    for algorithm in Algorithm::ALL {
        for length in 0..=4096 {
            let messages: Vec<&[u8]> = (0..5).map(|start| &data[start..start + length]).collect();
            // Four together, four and one more, and fewer than four.
            check(algorithm, &messages[..4 + length % 2]);
            check(algorithm, &messages[..1 + length % 3]);
        }
    }
}

#[test]
fn every_length_up_to_4096_beside_different_ones() {
    let data = data(4096);
    for algorithm in Algorithm::ALL {
        // In an order in which neighbours differ much.
        let messages: Vec<&[u8]> = (0..=4096)
            .map(|number| &data[..number * 1021 % 4097])
            .collect();
        check(algorithm, &messages);
    }
}

#[test]
fn fours_of_changing_lengths_that_end_in_padding_alone() {
    let data = data(700);
    // The schedule of such padding is kept from four to four: it must be that of their length.
    let lengths = [64, 64, 128, 64, 60, 124, 640, 128, 0, 192, 0, 64];
    for algorithm in Algorithm::ALL {
        let messages: Vec<&[u8]> = lengths
            .iter()
            .flat_map(|&length| (0..4).map(move |start| (start, length)))
            .map(|(start, length)| &data[start..start + length])
            .collect();
        check(algorithm, &messages);
    }
}

#[test]
fn none_at_all() {
    for algorithm in Algorithm::ALL {
        check(algorithm, &[]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_messages(
        algorithm in prop::sample::select(&Algorithm::ALL),
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..1300), 0..20),
    ) {
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        check(algorithm, &messages);
    }
}
