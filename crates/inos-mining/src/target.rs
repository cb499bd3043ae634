//! Targets: in which range a digest must lie, and how its bytes are read as a number.

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

/// The numbers that qualify: from a lowest to a highest one, both included, of 256 bits each.
///
/// Most targets have 0 as their lowest. A prefix is a range too: from the prefix followed by zeros
/// to the prefix followed by ones.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    highest: [u8; DIGEST_BYTES],
    lowest: [u8; DIGEST_BYTES],
}

impl Target {
    /// The numbers at or below one, given by its bytes, most significant first.
    pub const fn new(highest: [u8; DIGEST_BYTES]) -> Self {
        Self {
            highest,
            lowest: [0; DIGEST_BYTES],
        }
    }

    /// As [`Target::new`], from a slice.
    ///
    /// # Errors
    ///
    /// [`Error::TargetLength`] unless there are 32 bytes.
    pub fn from_slice(highest: &[u8]) -> Result<Self, Error> {
        number(highest).map(Self::new)
    }

    /// The numbers from `lowest`, or from 0 if that is empty, to `highest`.
    ///
    /// ```
    /// use inos_mining::{DigestOrder, Target};
    ///
    /// let digest = [7; 32];
    /// let exactly = Target::between(&digest, &digest)?;
    /// assert!(exactly.admits(&digest, DigestOrder::BigEndian));
    /// # Ok::<(), inos_mining::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::TargetLength`] unless both have 32 bytes, [`Error::EmptyTarget`] if the lowest is
    /// above the highest.
    pub fn between(lowest: &[u8], highest: &[u8]) -> Result<Self, Error> {
        let highest = number(highest)?;
        if lowest.is_empty() {
            return Ok(Self::new(highest));
        }
        let lowest = number(lowest)?;
        if lowest > highest {
            return Err(Error::EmptyTarget);
        }
        Ok(Self { highest, lowest })
    }

    /// The highest number that qualifies, most significant byte first.
    pub const fn highest(&self) -> &[u8; DIGEST_BYTES] {
        &self.highest
    }

    /// The lowest number that qualifies, most significant byte first.
    pub const fn lowest(&self) -> &[u8; DIGEST_BYTES] {
        &self.lowest
    }

    /// Whether `digest`, read in `order`, is one of the numbers.
    pub fn admits(&self, digest: &[u8; DIGEST_BYTES], order: DigestOrder) -> bool {
        let mut number = *digest;
        if order == DigestOrder::LittleEndian {
            number.reverse();
        }
        (self.lowest..=self.highest).contains(&number)
    }

    /// The four most significant bytes of the lowest number, and by how much the highest one's are
    /// above them: a digest whose own lie outside can't qualify.
    pub(crate) fn leading_range(&self) -> (u32, u32) {
        let leading = |[a, b, c, d, ..]: [u8; DIGEST_BYTES]| u32::from_be_bytes([a, b, c, d]);
        let lowest = leading(self.lowest);
        (lowest, leading(self.highest) - lowest)
    }
}

fn number(big_endian: &[u8]) -> Result<[u8; DIGEST_BYTES], Error> {
    big_endian.try_into().map_err(|_| Error::TargetLength {
        given: big_endian.len(),
    })
}
