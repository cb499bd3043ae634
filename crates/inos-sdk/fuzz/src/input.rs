//! A fuzzer's bytes as the numbers that targets ask for. Bytes that aren't there are zeros.

use inos_sdk::layout::{ARENA_OFFSET, constants, ledger_words};

pub use crate::reader::Input;

/// Numbers that are likely to be handled wrongly.
const EDGES: [u32; 16] = [
    0,
    1,
    2,
    7,
    63,
    64,
    383,
    384,
    4096,
    constants::PAGE_BYTES,
    constants::LEDGER_OFFSET,
    ARENA_OFFSET,
    1 << 31,
    ledger_words::HOST_HOLDER,
    u32::MAX - 7,
    u32::MAX,
];

impl<'a> Input<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A word: an edge, a small number, an offset into the arena, or anything.
    pub fn word(&mut self) -> u32 {
        match self.below(6) {
            0 => self.choose(&EDGES),
            1 => self.byte().into(),
            2 => self.0.arbitrary::<u16>().unwrap_or_default().into(),
            3 => {
                let slot: u16 = self.0.arbitrary().unwrap_or_default();
                ARENA_OFFSET + u32::from(slot) * 64
            }
            4 => {
                (ARENA_OFFSET + u32::from(self.byte()) * constants::PAGE_BYTES)
                    / constants::PAGE_BYTES
            }
            _ => self.0.arbitrary().unwrap_or_default(),
        }
    }

    pub fn long(&mut self) -> u64 {
        if self.is_set() {
            self.word().into()
        } else {
            u64::from(self.word()) | u64::from(self.word()) << 32
        }
    }

    /// At most so many bytes.
    pub fn bytes(&mut self, most: u32) -> &'a [u8] {
        let length = (self.below(most) as usize).min(self.0.len());
        self.0.bytes(length).unwrap_or_default()
    }
}
