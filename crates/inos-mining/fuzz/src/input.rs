//! A fuzzer's bytes as what targets ask for. Bytes that aren't there are zeros.

pub use crate::reader::Input;

/// Numbers that are likely to be handled wrongly.
const EDGES: [u64; 12] = [
    0,
    1,
    63,
    64,
    1023,
    1024,
    1025,
    u32::MAX as u64,
    1 << 32,
    (1 << 53) - 1,
    u64::MAX - 7,
    u64::MAX,
];

impl Input<'_> {
    /// A number: an edge, a small one, or anything.
    pub fn long(&mut self) -> u64 {
        match self.below(4) {
            0 => self.choose(&EDGES),
            1 => self.byte().into(),
            2 => self.0.arbitrary::<u16>().unwrap_or_default().into(),
            _ => self.0.arbitrary().unwrap_or_default(),
        }
    }

    /// Bytes that repeat a few of the fuzzer's own, so that short inputs make long ones.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let own = (self.below(16) as usize).min(self.0.len());
        let pattern = self.0.bytes(own).unwrap_or_default();
        match pattern {
            [] => vec![0; length],
            _ => pattern.iter().copied().cycle().take(length).collect(),
        }
    }

    /// The length of something short, or one near an edge.
    pub fn length(&mut self, most: usize) -> usize {
        (self.long() as usize) % (most + 1)
    }
}
