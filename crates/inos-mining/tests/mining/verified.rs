//! Verified streaming: every slice proves its bytes, and nothing else passes.

use inos_mining::{
    Error, OutboardEncoder, SUBTREE_BYTES, encode_subtree, join_subtrees, outboard_bytes,
    read_full, slice_of, slice_of_part, verified,
};
use proptest::prelude::*;

fn encode(data: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let mut encoder = OutboardEncoder::default();
    for piece in data.chunks(1500) {
        encoder.update(piece).unwrap();
    }
    encoder.finish().unwrap()
}

fn slice(data: &[u8], outboard: &[u8], start: u64, length: u64) -> Vec<u8> {
    let mut slice = vec![0; data.len() * 2 + 10_000];
    let bytes = read_full(&mut slice_of(data, outboard, start, length), &mut slice).unwrap();
    slice.truncate(bytes);
    slice
}

fn check(slice: &[u8], digest: &[u8; 32], start: u64, length: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = vec![0; length as usize + 1];
    let filled = read_full(&mut verified(slice, digest, start, length), &mut bytes)?;
    bytes.truncate(filled);
    Ok(bytes)
}

fn data(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index * 31 % 251) as u8).collect()
}

#[test]
fn the_digest_is_blake3_s_and_the_outboard_as_long_as_said() {
    for bytes in [0, 1, 1023, 1024, 1025, 2048, 2049, 5000, 70_000] {
        let data = data(bytes);
        let (outboard, digest) = encode(&data);
        assert_eq!(digest, *blake3::hash(&data).as_bytes());
        assert_eq!(outboard.len() as u64, outboard_bytes(bytes as u64));
    }
}

/// The same as `encode`, subtree by subtree.
fn encode_in_subtrees(data: &[u8]) -> (Vec<u8>, [u8; 32]) {
    let bytes = data.len() as u64;
    let mut outboard = vec![0; outboard_bytes(bytes) as usize];
    let mut values = Vec::new();
    for (number, part) in data.chunks(SUBTREE_BYTES).enumerate() {
        // All that lies before: the nodes of the subtrees, and those above whose left half is complete.
        let place = first_node(bytes, number as u64);
        let room = &mut outboard[place..];
        values.push(encode_subtree(part, number as u64, room).unwrap());
    }
    let digest = join_subtrees(&values, bytes, &mut outboard).unwrap();
    (outboard, digest)
}

/// Where a subtree's nodes begin: found by going down from the root.
fn first_node(bytes: u64, number: u64) -> usize {
    let (mut bytes, mut skipped) = (bytes, number * SUBTREE_BYTES as u64);
    let mut place = 8;
    while bytes > SUBTREE_BYTES as u64 {
        let left = 1 << (bytes - 1).ilog2();
        place += 64;
        if skipped < left {
            bytes = left;
        } else {
            place += outboard_bytes(left) as usize - 8;
            (bytes, skipped) = (bytes - left, skipped - left);
        }
    }
    place
}

#[test]
fn subtrees_joined_are_the_same_outboard() {
    for (whole, rest) in [
        (1, 1),
        (1, 1024),
        (1, 1025),
        (2, 0),
        (2, 1),
        (3, 5000),
        (4, 0),
        (5, 0),
        (7, 99),
    ] {
        let data = data(whole * SUBTREE_BYTES + rest);
        assert!(
            encode_in_subtrees(&data) == encode(&data),
            "{whole}, {rest}"
        );
    }
}

#[test]
fn subtrees_without_room_or_in_other_numbers_are_refused() {
    let data = data(SUBTREE_BYTES + 1);
    let bytes = data.len() as u64;
    let refusal = |given, needed| Err(Error::OutputLength { given, needed });
    assert_eq!(
        encode_subtree(&data[..2048], 0, &mut [0; 63]),
        refusal(63, 64).map(|()| [0; 32])
    );
    assert_eq!(
        encode_subtree(&[], 0, &mut []).unwrap_err(),
        Error::OutputLength {
            given: 0,
            needed: 1
        }
    );
    let mut outboard = vec![0; outboard_bytes(bytes) as usize];
    let mut join = |values: usize, bytes| {
        join_subtrees(&vec![[0; 32]; values], bytes, &mut outboard).map(|_| ())
    };
    assert_eq!(join(1, bytes), refusal(1, 2));
    assert_eq!(join(2, bytes - 1), refusal(bytes - 1, bytes));
    assert_eq!(join(2, 0), refusal(0, bytes));
    assert!(join(2, u64::MAX).is_err());
    let needed = outboard_bytes(bytes + 1024);
    assert_eq!(join(2, bytes + 1024), refusal(needed - 64, needed));
    assert_eq!(join(2, bytes), Ok(()));
}

#[test]
fn a_slice_takes_the_chunks_that_it_is_about_and_no_more() {
    let data = data(10_000);
    let (outboard, _) = encode(&data);
    for (start, length, first, last) in [
        (0, 0, 0, 1024),
        (1023, 1, 0, 1024),
        (1023, 2, 0, 2048),
        (3000, 5000, 2048, 8192),
        (9000, 5000, 8192, 10_000),
        (10_000, 1, 9216, 10_000),
        (u64::MAX, 1, 9216, 10_000),
    ] {
        let expected = slice(&data, &outboard, start, length);
        let mut buffer = vec![0; expected.len() + 1];
        let mut read = |first: usize, last: usize| {
            let part = &data[first..last];
            read_full(
                &mut slice_of_part(part, first as u64, &outboard, start, length),
                &mut buffer,
            )
            .map(|bytes| buffer[..bytes].to_vec())
        };
        assert_eq!(read(first, last), Ok(expected));
        assert_eq!(read(first + 1, last), Err(Error::CorruptSlice));
        assert_eq!(read(first, last - 1), Err(Error::CorruptSlice));
    }
}

#[test]
fn any_changed_bit_of_a_slice_is_noticed() {
    let data = data(5000);
    let (outboard, digest) = encode(&data);
    let good = slice(&data, &outboard, 2000, 100);
    assert_eq!(check(&good, &digest, 2000, 100).unwrap(), data[2000..2100]);
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1 << (at % 8);
        let found = check(&bad, &digest, 2000, 100);
        // A slice that doesn't reach the end proves its bytes, not the length that it begins with.
        let is_same = at < 8 && found.as_deref() == Ok(&data[2000..2100]);
        assert!(is_same || found == Err(Error::CorruptSlice), "byte {at}");
    }
    for shorter in 0..good.len() {
        let cut = check(&good[..shorter], &digest, 2000, 100);
        assert_eq!(cut, Err(Error::CorruptSlice), "{shorter} bytes");
    }
    let mut other = digest;
    other[31] ^= 1;
    assert_eq!(check(&good, &other, 2000, 100), Err(Error::CorruptSlice));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_slice_proves_its_bytes(bytes in 0usize..20_000, start in 0u64..21_000, length in 0u64..8_000) {
        let data = data(bytes);
        let (outboard, digest) = encode(&data);
        let found = check(&slice(&data, &outboard, start, length), &digest, start, length);
        let from = bytes.min(start as usize);
        let expected = &data[from..bytes.min((start + length) as usize).max(from)];
        prop_assert_eq!(found.as_deref(), Ok(expected));
    }
}
