//! SHA-512 and BLAKE3's modes and output of any length, against published vectors and the reference.

use crate::sha512_reference::sha512;
use crate::{reference, vectors};
use inos_mining::{Blake3Mode, Error, Function, Hasher, KEY_BYTES, SUBTREE_BYTES};
use proptest::prelude::*;

fn digest(function: Function, data: &[u8]) -> Vec<u8> {
    let mut hasher = Hasher::new(function);
    hasher.update(data);
    hasher.finalize().to_vec()
}

fn output(mode: Blake3Mode, data: &[u8], position: u64, bytes: usize) -> Vec<u8> {
    let mut hasher = Hasher::new(Function::Blake3(mode));
    hasher.update(data);
    let mut output = vec![0; bytes];
    hasher.extend(position, &mut output).unwrap();
    output
}

fn data(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index % 251) as u8).collect()
}

#[test]
fn published_vectors_of_sha512() {
    let all = vectors::read("sha512.json");
    assert!(all.len() >= 10);
    for vector in all {
        let input = vectors::input(&vector);
        let expected = vector["digest"].as_str().unwrap();
        let found = digest(Function::Sha512, &input);
        assert_eq!(vectors::to_hex(&found), expected, "{vector}");
        assert_eq!(vectors::to_hex(&sha512(&input)), expected, "{vector}");
    }
}

#[test]
fn every_length_up_to_4096_of_sha512() {
    let data = data(4096);
    for length in 0..=data.len() {
        let input = &data[..length];
        let expected = sha512(input);
        assert_eq!(digest(Function::Sha512, input), expected, "{length}");
        let mut hasher = Hasher::new(Function::Sha512);
        for piece in input.chunks(1 + length % 131) {
            hasher.update(piece);
        }
        assert_eq!(*hasher.finalize(), expected, "{length}, in pieces");
    }
}

#[test]
fn published_vectors_of_blake3() {
    let all = vectors::read("blake3.json");
    assert!(all.len() >= 35);
    let key = b"whats the Elvish word for friend";
    let context = "BLAKE3 2019-12-27 16:29:52 test vectors context";
    let modes = [
        ("hash", Blake3Mode::Hash),
        ("keyed", Blake3Mode::keyed(key).unwrap()),
        ("derived", Blake3Mode::derive_key(context)),
    ];
    for vector in all {
        let input = data(vectors::number(&vector["length"]) as usize);
        for (name, mode) in modes {
            let expected = vectors::bytes(&vector[name]);
            assert_eq!(
                output(mode, &input, 0, expected.len()),
                expected,
                "{name} {vector}"
            );
            assert_eq!(digest(Function::Blake3(mode), &input), expected[..32]);
            for (position, bytes) in [(1, 64), (63, 2), (64, 5), (100, 31)] {
                let part = output(mode, &input, position, bytes);
                assert_eq!(
                    part,
                    expected[position as usize..][..bytes],
                    "{name} {vector}"
                );
            }
        }
    }
}

#[test]
fn every_length_up_to_4096_in_every_mode() {
    let data = data(4096);
    let (key, context) = ([0x5a; KEY_BYTES], "inos tests 2026 every length");
    for length in 0..=data.len() {
        let input = &data[..length];
        let keyed = reference::blake3_xof(&reference::Mode::keyed(&key), input, 0, 40);
        assert_eq!(
            output(Blake3Mode::Keyed(key), input, 0, 40),
            keyed,
            "keyed, {length}"
        );
        let derived = reference::blake3_xof(&reference::Mode::derived(context), input, 60, 10);
        let mode = Blake3Mode::derive_key(context);
        assert_eq!(output(mode, input, 60, 10), derived, "derived, {length}");
    }
}

#[test]
fn only_blake3_extends_and_keys_have_32_bytes() {
    for function in [Function::Sha256, Function::Sha256d, Function::Sha512] {
        let refused = Hasher::new(function).extend(0, &mut [0; 8]);
        assert_eq!(refused, Err(Error::NotExtendable));
    }
    for given in [0, 31, 33] {
        let refused = Blake3Mode::keyed(&vec![1; given]);
        assert_eq!(refused, Err(Error::KeyLength { given }));
    }
}

/// The digest when whole subtrees are hashed apart, in a scrambled order, as threads do.
fn in_subtrees(mode: Blake3Mode, updates: &[&[u8]]) -> Vec<u8> {
    let mut hasher = Hasher::new(Function::Blake3(mode));
    for update in updates {
        let boundary = hasher.next_boundary().unwrap();
        let count = boundary.whole_subtrees(update.len());
        if count == 0 {
            hasher.update(update);
            continue;
        }
        let (before, rest) = update.split_at(boundary.lead);
        let mut values = vec![[0; 32]; count];
        for number in (0..count).rev() {
            let start = number * SUBTREE_BYTES;
            let offset = boundary.offset + start as u64;
            values[number] = inos_mining::subtree(&mode, &rest[start..][..SUBTREE_BYTES], offset);
        }
        hasher.update(before);
        hasher.push_subtrees(values.into_iter());
        hasher.update(&rest[count * SUBTREE_BYTES..]);
    }
    hasher.finalize().to_vec()
}

#[test]
fn subtrees_make_up_the_whole() {
    let data = data(9 * SUBTREE_BYTES + 17);
    let whole = |length: usize| blake3::hash(&data[..length]).as_bytes().to_vec();
    for count in 0..=9 {
        for more in [0, 1, 17] {
            let length = count * SUBTREE_BYTES + more;
            let at_once = in_subtrees(Blake3Mode::Hash, &[&data[..length]]);
            assert_eq!(at_once, whole(length), "{length}");
            let pieces: Vec<&[u8]> = data[..length].chunks(SUBTREE_BYTES).collect();
            assert_eq!(
                in_subtrees(Blake3Mode::Hash, &pieces),
                whole(length),
                "{length}"
            );
        }
    }
}

#[test]
fn every_length_up_to_4096_beyond_whole_subtrees() {
    let data = data(2 * SUBTREE_BYTES + 4096);
    for more in 0..=4096 {
        let input = &data[..2 * SUBTREE_BYTES + more];
        let found = in_subtrees(Blake3Mode::Hash, &[input]);
        assert_eq!(found, *blake3::hash(input).as_bytes(), "{more}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_updates_make_up_the_whole(
        cuts in prop::collection::vec(0usize..5 * SUBTREE_BYTES / 2, 0..6),
        key: [u8; KEY_BYTES],
    ) {
        let data = data(cuts.iter().sum());
        let mut rest = data.as_slice();
        let mut updates = Vec::new();
        for cut in cuts {
            let (head, tail) = rest.split_at(cut);
            updates.push(head);
            rest = tail;
        }
        let found = in_subtrees(Blake3Mode::Keyed(key), &updates);
        prop_assert_eq!(found, blake3::keyed_hash(&key, &data).as_bytes().to_vec());
    }
}
