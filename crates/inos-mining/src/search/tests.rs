//! The kernels' whole digests, lane by lane, against the plain path.

use super::lanes::{Lanes, Quad, U32x4, portable};
use super::{Kernel, NonceFormat, NoncePlace, Search, run_at};
use crate::{Algorithm, DigestOrder, Target, hash};

/// All eight words of each lane's digest, as bytes.
fn lane_digests<L: Lanes>(kernel: &Kernel, window: impl Fn(u32) -> u32) -> Vec<[u8; 32]> {
    let (digest, to_bytes) = match kernel {
        Kernel::Sha256(kernel) => (
            kernel.digests::<L>(window),
            u32::to_be_bytes as fn(u32) -> _,
        ),
        Kernel::Blake3(kernel) => (
            kernel.digests::<L>(window),
            u32::to_le_bytes as fn(u32) -> _,
        ),
    };
    let words = digest.map(L::to_words);
    let lane_bytes = |lane| {
        let mut bytes = [0; 32];
        for (quad, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(&words) {
            *quad = to_bytes(word.as_ref()[lane]);
        }
        bytes
    };
    (0..L::COUNT as usize).map(lane_bytes).collect()
}

fn check(algorithm: Algorithm, header: &[u8], place: impl Into<NoncePlace>, first: u64) {
    let (target, place) = (Target::new([0; 32]), place.into());
    let search = Search::new(algorithm, header, place, target, DigestOrder::BigEndian).unwrap();
    let (_, window) = run_at(place.format, first);
    let (form, low) = window.unwrap();
    let kernel = search.kernel_for(first).unwrap();
    let expected: Vec<[u8; 32]> = (0..4)
        .map(|lane| hash(algorithm, &place.message(header, first + lane)))
        .collect();
    let window = |lane| form.bytes(low + lane);
    let place = format!(
        "{} of {} bytes, nonce {first} at {place:?}",
        algorithm.name(),
        header.len()
    );
    assert_eq!(
        lane_digests::<U32x4>(&kernel, window),
        expected,
        "vector: {place}"
    );
    assert_eq!(
        lane_digests::<u32>(&kernel, window),
        expected[..1],
        "scalar: {place}"
    );
    assert_eq!(
        lane_digests::<portable::U32x4>(&kernel, window),
        expected,
        "plain: {place}"
    );
}

fn header(length: usize) -> Vec<u8> {
    (0..length)
        .map(|index| (index * 37 + length) as u8)
        .collect()
}

#[test]
fn every_offset_in_every_header_of_4_to_200_bytes() {
    for algorithm in Algorithm::ALL {
        for length in 4..=200 {
            for offset in 0..=length - 4 {
                check(
                    algorithm,
                    &header(length),
                    offset,
                    0x89ab_cdef + offset as u64,
                );
            }
        }
    }
}

#[test]
fn every_format_at_every_offset() {
    for algorithm in Algorithm::ALL {
        for format in NonceFormat::ALL {
            for length in [8, 56, 63, 64, 80, 130] {
                for offset in 0..=length - format.header_bytes() {
                    let nonces = match format.header_bytes() {
                        4 => vec![0x1234_5678],
                        8 => vec![0x1234_5678, 0xfedc_ba98_7654_3210, u64::MAX - 3],
                        _ => vec![1_000, 9_996, 12_340, 7_654_321, u64::MAX - 3],
                    };
                    for nonce in nonces {
                        let place = NoncePlace { offset, format };
                        check(algorithm, &header(length), place, nonce);
                    }
                }
            }
        }
    }
}

#[test]
fn offsets_around_every_block_of_long_headers() {
    for algorithm in Algorithm::ALL {
        for length in [
            255, 256, 257, 503, 504, 511, 512, 959, 960, 1015, 1016, 1023, 1024,
        ] {
            let around = (0..=length / 64).flat_map(|block| block * 64..block * 64 + 4);
            let before = (1..=length / 64).flat_map(|block| block * 64 - 4..block * 64);
            for offset in around.chain(before).chain(length - 8..=length - 4) {
                if offset <= length - 4 {
                    check(algorithm, &header(length), offset, (u32::MAX - 3).into());
                }
            }
        }
    }
}

#[test]
fn every_operation_of_every_kind_of_lanes_agrees_with_words() {
    fn all<L: Lanes>(left: [u32; 4], right: [u32; 4]) -> Vec<Vec<u32>> {
        let (a, b) = (
            L::from_fn(|lane| left[lane as usize]),
            L::from_fn(|lane| right[lane as usize]),
        );
        [
            L::splat(left[3]),
            a.add(b),
            a.xor(b),
            a.and(b),
            a.shift_right::<3>(),
            a.shift_right::<10>(),
            a.rotate_right::<7>(),
            a.rotate_right::<16>(),
            a.rotate_right::<25>(),
        ]
        .map(|lanes| lanes.to_words().as_ref().to_vec())
        .to_vec()
    }
    let (left, right) = (
        [1, 0x8000_0000, 0xffff_ffff, 0x1234_5678],
        [0xffff_ffff, 0x8000_0001, 1, 0x9abc_def0],
    );
    let vector = all::<U32x4>(left, right);
    assert_eq!(vector, all::<portable::U32x4>(left, right));
    for lane in 1..4 {
        let (mut lefts, mut rights) = (left, right);
        lefts.rotate_left(lane);
        rights.rotate_left(lane);
        let words = all::<u32>(lefts, rights);
        for (operation, word) in vector.iter().zip(&words).skip(1) {
            assert_eq!(operation[lane], word[0]);
        }
    }
}

#[test]
fn four_lanes_change_places_with_bytes_as_the_plain_ones_do() {
    fn all<Q: Quad>(bytes: [[u8; 16]; 4]) -> Vec<[u8; 16]> {
        let rows = bytes.map(|row| Q::from_bytes(&row));
        let all = [rows, Q::transposed(rows), rows.map(Q::swap_bytes)];
        let mut written = Vec::new();
        for quad in all.into_iter().flatten() {
            let mut bytes = [0; 16];
            quad.write_bytes(&mut bytes);
            written.push(bytes);
        }
        written
    }
    let bytes: [[u8; 16]; 4] =
        core::array::from_fn(|row| core::array::from_fn(|at| (row * 67 + at * 13) as u8));
    let found = all::<U32x4>(bytes);
    assert_eq!(found, all::<portable::U32x4>(bytes));
    assert_eq!(found[..4], bytes);
    // The third column: the third word of each row.
    let third = bytes.map(|row| [row[8], row[9], row[10], row[11]]);
    assert_eq!(found[6], third.as_flattened());
    assert_eq!(
        found[8][..4],
        [bytes[0][3], bytes[0][2], bytes[0][1], bytes[0][0]]
    );
}
