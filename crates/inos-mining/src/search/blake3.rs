//! BLAKE3 over lanes, for messages that differ in one window.
//!
//! A message of at most 1,024 bytes is a single chunk, and so is the root: no tree is needed, and
//! the chunk counter is always zero. The initial chaining value is SHA-256's. Section numbers are
//! those of the BLAKE3 paper.

use super::lanes::Lanes;
use super::sha256::INITIAL;
use super::template::{BLOCK_BYTES, Template, WordOrder};

/// Which word of the block each place of each round takes: the permutation of §2.2, repeated.
const ORDER: [[usize; 16]; 7] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8],
    [3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1],
    [10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6],
    [12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4],
    [9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7],
    [11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13],
];

/// Longest message that needs no tree, in bytes.
pub(crate) const CHUNK_BYTES: usize = 1024;

// Domain flags, §2.1.
const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const ROOT: u32 = 8;

/// A message ready to be hashed with many windows.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    /// The chaining value after the blocks before the window.
    midstate: [u32; 8],
    template: Template,
    message_bytes: usize,
}

impl Kernel {
    /// Prepares `message`, of at most [`CHUNK_BYTES`].
    pub(super) fn new(message: &[u8], window_offset: usize) -> Self {
        let mut padded = message.to_vec();
        padded.resize(message.len().next_multiple_of(BLOCK_BYTES), 0);
        let template = Template::new(padded, window_offset, WordOrder::LittleEndian);
        let mut kernel = Self {
            midstate: INITIAL,
            template,
            message_bytes: message.len(),
        };
        for (index, block) in kernel.template.before.iter().enumerate() {
            let (length, flags) = length_and_flags(message.len(), index);
            compress(&mut kernel.midstate, block, length, flags);
        }
        kernel
    }

    /// The words of the digest for each lane's window.
    #[inline(always)]
    pub(super) fn digests<L: Lanes>(&self, window: impl Fn(u32) -> u32) -> [L; 8] {
        let Template {
            before,
            around,
            after,
            ..
        } = &self.template;
        let mut chaining = self.midstate.map(L::splat);
        for index in 0..around.len() + after.len() {
            let block = match index.checked_sub(around.len()) {
                None => self.template.block_with(index, &window),
                Some(later) => after[later].map(L::splat),
            };
            let (length, flags) = length_and_flags(self.message_bytes, before.len() + index);
            compress(&mut chaining, &block, L::splat(length), L::splat(flags));
        }
        chaining
    }

    /// How many blocks are compressed for each nonce.
    pub(super) fn blocks_per_nonce(&self) -> usize {
        self.template.blocks_per_nonce()
    }
}

/// What the compression of the `index`th block of a message of one chunk is told about it, §2.4.
#[inline(always)]
pub(crate) fn length_and_flags(message_bytes: usize, index: usize) -> (u32, u32) {
    let length = (message_bytes - index * BLOCK_BYTES).min(BLOCK_BYTES);
    let start = if index == 0 { CHUNK_START } else { 0 };
    let last = (index + 1) * BLOCK_BYTES >= message_bytes;
    (
        length as u32,
        start | if last { CHUNK_END | ROOT } else { 0 },
    )
}

/// The compression function, §2.2, cut to the eight words of a chaining value or digest.
#[inline(always)]
pub(crate) fn compress<L: Lanes>(chaining: &mut [L; 8], block: &[L; 16], length: L, flags: L) {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = *chaining;
    let [i0, i1, i2, i3, ..] = INITIAL.map(L::splat);
    let counter = L::splat(0);
    let mut state = [
        c0, c1, c2, c3, c4, c5, c6, c7, i0, i1, i2, i3, counter, counter, length, flags,
    ];
    // One call per round instead of a loop, so that the order of the words is known in each.
    round(&mut state, block, &ORDER[0]);
    round(&mut state, block, &ORDER[1]);
    round(&mut state, block, &ORDER[2]);
    round(&mut state, block, &ORDER[3]);
    round(&mut state, block, &ORDER[4]);
    round(&mut state, block, &ORDER[5]);
    round(&mut state, block, &ORDER[6]);
    *chaining = core::array::from_fn(|index| state[index].xor(state[index + 8]));
}

#[inline(always)]
fn round<L: Lanes>(state: &mut [L; 16], block: &[L; 16], order: &[usize; 16]) {
    let mut mix_pair = |places, pair: usize| {
        mix(
            state,
            places,
            block[order[2 * pair]],
            block[order[2 * pair + 1]],
        );
    };
    mix_pair([0, 4, 8, 12], 0);
    mix_pair([1, 5, 9, 13], 1);
    mix_pair([2, 6, 10, 14], 2);
    mix_pair([3, 7, 11, 15], 3);
    mix_pair([0, 5, 10, 15], 4);
    mix_pair([1, 6, 11, 12], 5);
    mix_pair([2, 7, 8, 13], 6);
    mix_pair([3, 4, 9, 14], 7);
}

/// The quarter round G of §2.2.
#[inline(always)]
fn mix<L: Lanes>(state: &mut [L; 16], [a, b, c, d]: [usize; 4], first: L, second: L) {
    state[a] = state[a].add(state[b]).add(first);
    state[d] = state[d].xor(state[a]).rotate_right::<16>();
    state[c] = state[c].add(state[d]);
    state[b] = state[b].xor(state[c]).rotate_right::<12>();
    state[a] = state[a].add(state[b]).add(second);
    state[d] = state[d].xor(state[a]).rotate_right::<8>();
    state[c] = state[c].add(state[d]);
    state[b] = state[b].xor(state[c]).rotate_right::<7>();
}
