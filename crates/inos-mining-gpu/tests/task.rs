//! What is worked out for the device, against plain implementations.

use inos_mining_gpu::compress::sha256_state;
use inos_mining_gpu::task::{Algorithm, Format, Search};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// The words before a task's blocks.
const HEAD_WORDS: usize = 32;

fn padded(algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    if algorithm == Algorithm::Blake3 {
        bytes.resize(bytes.len().max(1).next_multiple_of(64), 0);
    } else {
        bytes.push(0x80);
        while bytes.len() % 64 != 56 {
            bytes.push(0);
        }
        bytes.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    }
    bytes
}

/// A window's bytes, as `window_bytes` of the shader makes them.
fn window(form: u32, length: usize, number: u32) -> Vec<u8> {
    match form {
        0 => number.to_le_bytes().to_vec(),
        1 => number.to_be_bytes().to_vec(),
        _ => format!("{number:0length$}").into_bytes(),
    }
}

/// The bytes that the device hashes for a number, from the first block with a window on.
fn hashed(algorithm: Algorithm, task: &[u32], number: u32) -> Vec<u8> {
    let [count, start, length, form] = [24, 25, 26, 27].map(|word| task[word]);
    let blocks = &task[HEAD_WORDS..];
    assert_eq!(blocks.len(), 16 * count as usize);
    let mut bytes: Vec<u8> = blocks
        .iter()
        .flat_map(|word| match algorithm {
            Algorithm::Blake3 => word.to_le_bytes(),
            Algorithm::Sha256 | Algorithm::Sha256d => word.to_be_bytes(),
        })
        .collect();
    let place = start as usize..(start + length) as usize;
    assert!(bytes[place.clone()].iter().all(|&byte| byte == 0));
    bytes[place].copy_from_slice(&window(form, length as usize, number));
    bytes
}

/// Nonces around which digits, words and runs change.
fn nonces(format: Format) -> BoxedStrategy<u64> {
    let last = match format {
        Format::Uint32LittleEndian | Format::Uint32BigEndian => u64::from(u32::MAX),
        _ => u64::MAX,
    };
    let edge =
        (0..20u32, 0..64u32, any::<bool>(), 0..200u64).prop_map(|(ten, two, is_ten, below)| {
            let edge = if is_ten { 10u64.pow(ten) } else { 1 << two };
            edge.saturating_sub(below)
        });
    prop_oneof![edge, any::<u64>()]
        .prop_map(move |nonce| nonce.min(last - 400))
        .boxed()
}

fn searches() -> impl Strategy<Value = (Search, u64)> {
    let parts = (0..3usize, 0..5usize, 8..=1004usize, any::<[u8; 32]>());
    parts.prop_flat_map(|(algorithm, format, length, seed)| {
        let (algorithm, format) = (Algorithm::ALL[algorithm], Format::ALL[format]);
        (nonces(format), 0..=length - 8).prop_map(move |(first, nonce_offset)| {
            let header = seed.iter().copied().cycle().take(length).collect();
            let (lowest, highest, is_little_endian) = ([0; 32], [0xff; 32], false);
            let search = Search {
                algorithm,
                header,
                nonce_offset,
                format,
                lowest,
                highest,
                is_little_endian,
            };
            (search, first)
        })
    })
}

proptest! {
    #[test]
    fn the_device_hashes_the_message_of_every_nonce((search, first) in searches()) {
        let count = 300;
        prop_assert!(search.is_possible(first + u64::from(count)));
        let mut nonce = first;
        for slice in search.slices(first, count) {
            let task = search.task(slice.run);
            for ahead in [0, slice.count / 2, slice.count - 1] {
                let bytes = hashed(search.algorithm, &task, slice.low + ahead);
                let message = search.message(nonce + u64::from(ahead));
                let whole = padded(search.algorithm, &message);
                prop_assert_eq!(&whole[whole.len() - bytes.len()..], &bytes[..]);
                prop_assert_eq!(task[30] as usize, message.len() - (whole.len() - 64).min(message.len()));
                prop_assert_eq!(task[31] == 1, bytes.len() == whole.len());
            }
            nonce += u64::from(slice.count);
        }
        prop_assert_eq!(nonce, first + u64::from(count));
    }

    #[test]
    fn the_state_before_the_window_is_sha256s(message in proptest::collection::vec(any::<u8>(), 0..400)) {
        let blocks: Vec<[u32; 16]> = padded(Algorithm::Sha256, &message)
            .as_chunks::<64>()
            .0
            .iter()
            .map(|block| {
                let (words, _) = block.as_chunks::<4>();
                core::array::from_fn(|index| u32::from_be_bytes(words[index]))
            })
            .collect();
        let digest: Vec<u8> = sha256_state(&blocks).iter().flat_map(|word| word.to_be_bytes()).collect();
        prop_assert_eq!(digest, Sha256::digest(&message).to_vec());
    }
}

#[test]
fn a_blake3_message_that_needs_a_tree_is_refused() {
    let search = Search {
        algorithm: Algorithm::Blake3,
        header: vec![7; 1010],
        nonce_offset: 1010,
        format: Format::Decimal,
        lowest: [0; 32],
        highest: [0; 32],
        is_little_endian: false,
    };
    assert!(search.is_possible(99_999_999_999_999));
    assert!(!search.is_possible(100_000_000_000_000));
    assert!(
        !Search {
            format: Format::Uint32LittleEndian,
            ..search.clone()
        }
        .is_possible(0)
    );
    assert!(
        Search {
            algorithm: Algorithm::Sha256,
            ..search
        }
        .is_possible(u64::MAX)
    );
}
