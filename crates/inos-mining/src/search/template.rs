//! A padded message cut into blocks of 16 words, with the window that changes from nonce to nonce.

use super::lanes::Lanes;

/// Length of a block of SHA-256 and of BLAKE3, in bytes.
pub(crate) const BLOCK_BYTES: usize = 64;

/// Length of the part of a message that changes from nonce to nonce.
pub(super) const WINDOW_BYTES: usize = 4;

/// Sixteen words that a compression function takes at once.
pub(super) type Block = [u32; 16];

/// How an algorithm reads four bytes as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordOrder {
    /// Most significant byte first: SHA-256.
    BigEndian,
    /// Least significant byte first: BLAKE3.
    LittleEndian,
}

/// The blocks of a message, sorted by what the window has to do with them.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// Blocks that end before the window: compressed once.
    pub before: Vec<Block>,
    /// The one or two blocks that the window lies in, with zeros in its place.
    pub around: Vec<Block>,
    /// Blocks that begin after the window: compressed per nonce, their words always the same.
    pub after: Vec<Block>,
    window: WindowPlace,
}

/// Where the window's bytes lie in the words of `Template::around`, counted through both blocks.
#[derive(Clone, Copy, Debug)]
struct WindowPlace {
    word: usize,
    /// Bits by which the window's first byte is away from its word's first byte: 0, 8, 16 or 24.
    shift: u32,
    order: WordOrder,
}

impl Template {
    /// Cuts `message`, a multiple of 64 bytes with its padding. What it holds in the window
    /// doesn't matter.
    pub(super) fn new(mut message: Vec<u8>, window_offset: usize, order: WordOrder) -> Self {
        message[window_offset..][..WINDOW_BYTES].fill(0);
        let (chunks, rest) = message.as_chunks::<BLOCK_BYTES>();
        debug_assert!(rest.is_empty(), "the padding fills the last block");
        let blocks: Vec<Block> = chunks.iter().map(|chunk| words(chunk, order)).collect();
        let first = window_offset / BLOCK_BYTES;
        let end = (window_offset + WINDOW_BYTES - 1) / BLOCK_BYTES + 1;
        let place = window_offset % BLOCK_BYTES;
        Self {
            before: blocks[..first].to_vec(),
            around: blocks[first..end].to_vec(),
            after: blocks[end..].to_vec(),
            window: WindowPlace {
                word: place / 4,
                shift: (place % 4 * 8) as u32,
                order,
            },
        }
    }

    /// The `index`th of the blocks around the window, with each lane's bytes in it, which `window`
    /// gives as a number, most significant byte first.
    #[inline(always)]
    pub(super) fn block_with<L: Lanes>(
        &self,
        index: usize,
        window: impl Fn(u32) -> u32,
    ) -> [L; 16] {
        let mut block = self.around[index].map(L::splat);
        let WindowPlace { word, shift, order } = self.window;
        for part in 0..=usize::from(shift != 0) {
            if let Some(place) = (word + part)
                .checked_sub(16 * index)
                .filter(|&place| place < 16)
            {
                let kept = self.around[index][place];
                block[place] =
                    L::from_fn(|lane| kept | window_parts(window(lane), shift, order)[part]);
            }
        }
        block
    }

    /// The first word of the first of the blocks around the window that has bytes of it.
    pub(super) const fn first_varying(&self) -> usize {
        self.window.word
    }

    /// How many blocks are compressed for each nonce.
    pub(super) fn blocks_per_nonce(&self) -> usize {
        self.around.len() + self.after.len()
    }
}

/// A block's bytes as words.
fn words(bytes: &[u8; BLOCK_BYTES], order: WordOrder) -> Block {
    let read = match order {
        WordOrder::BigEndian => u32::from_be_bytes,
        WordOrder::LittleEndian => u32::from_le_bytes,
    };
    let (quads, _) = bytes.as_chunks::<4>();
    core::array::from_fn(|index| read(quads[index]))
}

/// What the window adds to the word it begins in, and to the next.
#[inline(always)]
fn window_parts(window: u32, shift: u32, order: WordOrder) -> [u32; 2] {
    // In 64 bits the second word takes what the shift pushes out of the first; with no shift, 0.
    match order {
        WordOrder::BigEndian => {
            let wide = (u64::from(window) << 32) >> shift;
            [(wide >> 32) as u32, wide as u32]
        }
        WordOrder::LittleEndian => {
            let wide = u64::from(window.swap_bytes()) << shift;
            [wide as u32, (wide >> 32) as u32]
        }
    }
}
