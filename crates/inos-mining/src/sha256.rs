//! SHA-256 of one message, in pieces (FIPS 180-4). The crate `sha2` compresses the blocks, except on
//! WebAssembly: there a function of our own was measured 8 % quicker.

use crate::hash::DIGEST_BYTES;
use crate::search::sha256::INITIAL;
use crate::search::template::BLOCK_BYTES;

/// A message's hash, as far as it was given.
#[derive(Clone, Debug)]
pub(crate) struct Sha256 {
    state: [u32; 8],
    /// What doesn't fill a block yet: as many bytes as the length has more than whole blocks.
    rest: [u8; BLOCK_BYTES],
    length: u64,
}

impl Sha256 {
    pub(crate) const fn new() -> Self {
        Self {
            state: INITIAL,
            rest: [0; BLOCK_BYTES],
            length: 0,
        }
    }

    /// The digest of all of a message.
    pub(crate) fn digest(message: &[u8]) -> [u8; DIGEST_BYTES] {
        let mut hash = Self::new();
        hash.update(message);
        hash.finalize()
    }

    const fn rest_bytes(&self) -> usize {
        self.length as usize % BLOCK_BYTES
    }

    /// Appends `data`.
    pub(crate) fn update(&mut self, mut data: &[u8]) {
        let rest_bytes = self.rest_bytes();
        self.length += data.len() as u64;
        if rest_bytes > 0 {
            let (head, tail) = data.split_at(data.len().min(BLOCK_BYTES - rest_bytes));
            self.rest[rest_bytes..][..head.len()].copy_from_slice(head);
            if rest_bytes + head.len() < BLOCK_BYTES {
                return;
            }
            compress(&mut self.state, &[self.rest]);
            data = tail;
        }
        let (blocks, tail) = data.as_chunks();
        compress(&mut self.state, blocks);
        self.rest[..tail.len()].copy_from_slice(tail);
    }

    /// The digest of everything appended.
    pub(crate) fn finalize(mut self) -> [u8; DIGEST_BYTES] {
        let rest_bytes = self.rest_bytes();
        // The padding of §5.1.1: a one bit, zeros, the length in bits.
        let mut end = [[0; BLOCK_BYTES]; 2];
        let count = (rest_bytes + 1 + 8).div_ceil(BLOCK_BYTES);
        end[0][..rest_bytes].copy_from_slice(&self.rest[..rest_bytes]);
        end[0][rest_bytes] = 0x80;
        let bits = self.length * 8;
        end[count - 1][BLOCK_BYTES - 8..].copy_from_slice(&bits.to_be_bytes());
        compress(&mut self.state, &end[..count]);
        let mut digest = [0; DIGEST_BYTES];
        for (quad, word) in digest.as_chunks_mut().0.iter_mut().zip(self.state) {
            *quad = word.to_be_bytes();
        }
        digest
    }
}

/// Takes blocks into a state.
pub(crate) fn compress(state: &mut [u32; 8], blocks: &[[u8; BLOCK_BYTES]]) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    rows::compress::<crate::search::lanes::U32x4>(state, blocks);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    sha2::block_api::compress256(state, blocks);
}

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
mod rows {
    //! The compression function of §6.2.2. The schedule is made four words at a time, in one vector,
    //! while the rounds use the words before.

    use crate::search::lanes::Row;
    use crate::search::sha256::{ROUND, add_all, eight_rounds, sigma0};
    use crate::search::template::BLOCK_BYTES;
    use core::hint::black_box;

    pub(super) fn compress<R: Row>(state: &mut [u32; 8], blocks: &[[u8; BLOCK_BYTES]]) {
        // Loaded as vectors: the compiler would make vectors of what it knows word by word.
        let [first, later @ ..] = black_box(&ROUND);
        // The words that the rounds take next, their constants added.
        let mut keyed = [[0; 4]; 4];
        let mut current = *state;
        for block in blocks {
            let (quarters, _) = block.as_chunks();
            let mut row: [R; 4] =
                core::array::from_fn(|index| R::from_bytes(&quarters[index]).swap_bytes());
            for (index, words) in row.into_iter().enumerate() {
                words.add(keys(first, index)).write_words(&mut keyed[index]);
            }
            let mut working = current;
            for constants in later {
                half_row(&mut row, constants, &mut keyed, &mut working, 0);
                half_row(&mut row, constants, &mut keyed, &mut working, 2);
            }
            let last = black_box(&keyed).as_flattened();
            eight_rounds(&mut working, |place| last[place]);
            eight_rounds(&mut working, |place| last[8 + place]);
            current = add_all(current, working);
        }
        *state = current;
    }

    /// Eight rounds, and the words for the eight that come sixteen later.
    #[inline(always)]
    fn half_row<R: Row>(
        row: &mut [R; 4],
        constants: &[u32; 16],
        keyed: &mut [[u32; 4]; 4],
        working: &mut [u32; 8],
        start: usize,
    ) {
        let next = [start, start + 1].map(|index| {
            expand(row, index);
            row[index].add(keys(constants, index))
        });
        // Read from memory: the compiler would take words out of the vectors that it has written, which is slower.
        let words = black_box(&*keyed).as_flattened();
        eight_rounds(working, |place| words[4 * start + place]);
        next[0].write_words(&mut keyed[start]);
        next[1].write_words(&mut keyed[start + 1]);
    }

    /// Four round constants.
    #[inline(always)]
    fn keys<R: Row>(constants: &[u32; 16], index: usize) -> R {
        R::from_words(&constants.as_chunks().0[index])
    }

    /// Replaces the `index`th four of the last sixteen words of the schedule by those sixteen later.
    #[inline(always)]
    fn expand<R: Row>(row: &mut [R; 4], index: usize) {
        let [first, second, third, last] = [0, 1, 2, 3].map(|after| row[(index + after) % 4]);
        let known = first
            .add(sigma0(first.followed_by(second)))
            .add(third.followed_by(last));
        // The second two words depend on the first two.
        let half = known.add(sigma1(last.last_twice()).pairs_to_first());
        row[index] = half.add(sigma1(half.first_twice()).pairs_to_last());
    }

    /// σ1 of words that are there twice, in the first of each pair: a rotation takes one shift then.
    #[inline(always)]
    fn sigma1<R: Row>(twice: R) -> R {
        twice
            .shift_pairs_right::<17>()
            .xor(twice.shift_pairs_right::<19>())
            .xor(twice.shift_right::<10>())
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_BYTES, INITIAL, Sha256, rows};
    use crate::search::lanes::portable;
    use proptest::prelude::*;
    use sha2::Digest;

    fn data(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|index| (index * 7 % 253) as u8).collect()
    }

    #[test]
    fn every_length_up_to_4096_gives_what_sha2_does() {
        let data = data(4096);
        for length in 0..=data.len() {
            let message = &data[..length];
            let expected: [u8; 32] = sha2::Sha256::digest(message).into();
            assert_eq!(Sha256::digest(message), expected, "{length} bytes");
        }
    }

    #[test]
    fn our_compression_function_is_that_of_sha2() {
        let data = data(40 * BLOCK_BYTES);
        let (blocks, _) = data.as_chunks();
        for count in 0..=blocks.len() {
            let [mut ours, mut theirs] = [INITIAL; 2];
            rows::compress::<portable::U32x4>(&mut ours, &blocks[..count]);
            sha2::block_api::compress256(&mut theirs, &blocks[..count]);
            assert_eq!(ours, theirs, "{count} blocks");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_state_and_blocks(state: [u32; 8], halves: [[u8; 32]; 4]) {
            let (blocks, _) = halves.as_flattened().as_chunks();
            let [mut ours, mut theirs] = [state; 2];
            rows::compress::<portable::U32x4>(&mut ours, blocks);
            sha2::block_api::compress256(&mut theirs, blocks);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn any_pieces(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20)) {
            let mut hash = Sha256::new();
            for piece in &pieces {
                hash.update(piece);
            }
            let expected: [u8; 32] = sha2::Sha256::digest(pieces.concat()).into();
            prop_assert_eq!(hash.finalize(), expected);
        }
    }
}
