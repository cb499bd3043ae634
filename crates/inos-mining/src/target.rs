//! Targets: how low a digest must be, and how its bytes are read as a number.

use crate::error::Error;
use crate::hash::DIGEST_BYTES;

/// Which end of a digest is its most significant byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestOrder {
    /// The first byte, as hexadecimal digests are read.
    BigEndian,
    /// The last byte, as Bitcoin reads its block hashes.
    LittleEndian,
}

impl DigestOrder {
    /// Both orders, as the schema's `DigestOrder` numbers them.
    pub const ALL: [Self; 2] = [Self::BigEndian, Self::LittleEndian];

    /// The name that the TypeScript package and the vectors use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BigEndian => "big-endian",
            Self::LittleEndian => "little-endian",
        }
    }
}

/// The largest number that qualifies: 256 bits, most significant byte first.
///
/// ```
/// use inos_mining::{DigestOrder, Target};
///
/// let target = Target::from_slice(&[0x7f; 32])?;
/// let mut digest = [0xff; 32];
/// assert!(!target.admits(&digest, DigestOrder::BigEndian));
/// digest[31] = 0x7e;
/// assert!(target.admits(&digest, DigestOrder::LittleEndian));
/// # Ok::<(), inos_mining::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target([u8; DIGEST_BYTES]);

impl Target {
    /// A target from its bytes, most significant first.
    pub const fn new(big_endian: [u8; DIGEST_BYTES]) -> Self {
        Self(big_endian)
    }

    /// A target from a slice, most significant byte first.
    ///
    /// # Errors
    ///
    /// [`Error::TargetLength`] unless there are 32 bytes.
    pub fn from_slice(big_endian: &[u8]) -> Result<Self, Error> {
        match big_endian.try_into() {
            Ok(bytes) => Ok(Self(bytes)),
            Err(_) => Err(Error::TargetLength {
                given: big_endian.len(),
            }),
        }
    }

    /// The target's bytes, most significant first.
    pub const fn as_bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }

    /// Whether `digest`, read in `order`, is at or below the target.
    pub fn admits(&self, digest: &[u8; DIGEST_BYTES], order: DigestOrder) -> bool {
        match order {
            DigestOrder::BigEndian => digest.as_slice() <= self.0.as_slice(),
            DigestOrder::LittleEndian => digest.iter().rev().le(self.0.iter()),
        }
    }

    /// The four most significant bytes: a digest whose own are above them can't qualify.
    pub(crate) fn leading_word(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }
}
