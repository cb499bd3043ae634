//! A fuzzer's bytes as what all targets ask for; `input.rs` of each crate adds its own. Bytes that aren't there are zeros.

use arbitrary::Unstructured;

/// What is left of the bytes.
pub struct Input<'a>(pub(crate) Unstructured<'a>);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
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
}
