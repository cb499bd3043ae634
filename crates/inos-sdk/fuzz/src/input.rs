//! A fuzzer's bytes as the numbers that targets ask for. Bytes that aren't there are zeros.

use arbitrary::Unstructured;
use inos_sdk::layout::{ARENA_OFFSET, constants, ledger_words};

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

/// What is left of the bytes.
pub struct Input<'a>(Unstructured<'a>);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or_default()
    }

    /// A number below `end`, which is at most 256.
    pub fn below(&mut self, end: u32) -> u32 {
        u32::from(self.byte()) % end
    }

    pub fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    pub fn is_set(&mut self) -> bool {
        self.byte() % 2 == 1
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
