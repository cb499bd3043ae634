//! Verified streaming: every slice proves its bytes, and nothing else passes.

use inos_mining::{Error, OutboardEncoder, outboard_bytes, read_full, slice_of, verified};
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
