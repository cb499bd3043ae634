//! Nonce search: the lowest 32-bit nonce that brings a header's digest to or below a target.
//!
//! What doesn't depend on the nonce is worked out once. Then four nonces are hashed side by side
//! in the lanes of one vector, and only the word of the digest that decides first is looked at.
//! The few digests that pass are computed again by [`crate::hash`], so that nothing is ever
//! returned that the plain path doesn't confirm.

mod blake3;
mod lanes;
mod sha256;
mod template;

use crate::error::Error;
use crate::hash::{Algorithm, DIGEST_BYTES, hash};
use crate::target::{DigestOrder, Target};
use lanes::{Lanes, U32x4};

/// Longest header that can be searched, in bytes.
pub const MAXIMUM_HEADER_BYTES: usize = 1024;

/// Length of a nonce in its header, in bytes; the least significant one comes first.
pub const NONCE_BYTES: usize = 4;

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Found {
    /// The lowest nonce that qualifies.
    pub nonce: u32,
    /// The digest of the header with that nonce in it.
    pub digest: [u8; DIGEST_BYTES],
}

/// A header, a target and all that can be computed before the first nonce is tried.
#[derive(Clone, Debug)]
pub struct Search {
    algorithm: Algorithm,
    header: Vec<u8>,
    nonce_offset: usize,
    target: Target,
    digest_order: DigestOrder,
    kernel: Kernel,
}

#[derive(Clone, Debug)]
enum Kernel {
    Sha256(sha256::Kernel),
    Blake3(blake3::Kernel),
}

impl Search {
    /// Prepares a search over the 4 bytes of `header` at `nonce_offset`, whatever they hold.
    ///
    /// # Errors
    ///
    /// [`Error::HeaderLength`] unless the header is 1 to 1,024 bytes long, and
    /// [`Error::NonceOffset`] if the nonce would reach beyond it.
    pub fn new(
        algorithm: Algorithm,
        header: &[u8],
        nonce_offset: usize,
        target: Target,
        digest_order: DigestOrder,
    ) -> Result<Self, Error> {
        if !(1..=MAXIMUM_HEADER_BYTES).contains(&header.len()) {
            return Err(Error::HeaderLength {
                given: header.len(),
            });
        }
        if header
            .len()
            .checked_sub(NONCE_BYTES)
            .is_none_or(|last| nonce_offset > last)
        {
            return Err(Error::NonceOffset {
                given: nonce_offset,
                header_bytes: header.len(),
            });
        }
        let kernel = match algorithm {
            Algorithm::Sha256 => Kernel::Sha256(sha256::Kernel::new(header, nonce_offset, false)),
            Algorithm::Sha256d => Kernel::Sha256(sha256::Kernel::new(header, nonce_offset, true)),
            Algorithm::Blake3 => Kernel::Blake3(blake3::Kernel::new(header, nonce_offset)),
        };
        let header = header.to_vec();
        Ok(Self {
            algorithm,
            header,
            nonce_offset,
            target,
            digest_order,
            kernel,
        })
    }

    /// The lowest qualifying nonce among the `count` ones from `first_nonce` on.
    ///
    /// Nonces don't wrap: after 4,294,967,295 the scan ends, whatever `count` says.
    pub fn scan(&self, first_nonce: u32, count: u64) -> Option<Found> {
        self.scan_lanes::<U32x4>(first_nonce, count)
    }

    /// The same as [`Search::scan`] one nonce at a time: what the four lanes are tested against
    /// and measured by.
    pub fn scan_scalar(&self, first_nonce: u32, count: u64) -> Option<Found> {
        self.scan_lanes::<u32>(first_nonce, count)
    }

    /// How many 64-byte blocks are compressed for each nonce: what its time is proportional to.
    pub fn blocks_per_nonce(&self) -> usize {
        match &self.kernel {
            Kernel::Sha256(kernel) => kernel.blocks_per_nonce(),
            Kernel::Blake3(kernel) => kernel.blocks_per_nonce(),
        }
    }

    fn scan_lanes<L: Lanes>(&self, first_nonce: u32, count: u64) -> Option<Found> {
        let limit = self.target.leading_word();
        let end = u64::from(first_nonce).saturating_add(count).min(1 << 32);
        let mut base = u64::from(first_nonce);
        while base < end {
            // The lanes of the last step may lie past the end; their results are then ignored.
            let leading = self.leading_words::<L>(base as u32);
            for (nonce, &word) in (base..end).zip(leading.as_ref()) {
                if word <= limit
                    && let Some(found) = self.confirm(nonce as u32)
                {
                    return Some(found);
                }
            }
            base += L::COUNT;
        }
        None
    }

    /// The most significant word of the digest of each nonce from `first` on, one per lane.
    #[inline(always)]
    fn leading_words<L: Lanes>(&self, first: u32) -> L::Words {
        let (digest, swapped) = match &self.kernel {
            // SHA-256 writes its words most significant byte first, BLAKE3 the other way round.
            Kernel::Sha256(kernel) => (kernel.digests::<L>(first), DigestOrder::LittleEndian),
            Kernel::Blake3(kernel) => (kernel.digests::<L>(first), DigestOrder::BigEndian),
        };
        let mut words = match self.digest_order {
            DigestOrder::BigEndian => digest[0].to_words(),
            DigestOrder::LittleEndian => digest[7].to_words(),
        };
        if self.digest_order == swapped {
            for word in words.as_mut() {
                *word = word.swap_bytes();
            }
        }
        words
    }

    /// Decides about one nonce by the plain path.
    #[cold]
    fn confirm(&self, nonce: u32) -> Option<Found> {
        let mut header = self.header.clone();
        header[self.nonce_offset..][..NONCE_BYTES].copy_from_slice(&nonce.to_le_bytes());
        let digest = hash(self.algorithm, &header);
        self.target
            .admits(&digest, self.digest_order)
            .then_some(Found { nonce, digest })
    }
}

/// How many nonces there are from `first` to `last`, both included.
///
/// # Errors
///
/// [`Error::NonceRange`] if `last` is below `first`.
///
/// ```
/// assert_eq!(inos_mining::nonce_count(0, u32::MAX)?, 1 << 32);
/// # Ok::<(), inos_mining::Error>(())
/// ```
pub fn nonce_count(first: u32, last: u32) -> Result<u64, Error> {
    match last.checked_sub(first) {
        Some(difference) => Ok(u64::from(difference) + 1),
        None => Err(Error::NonceRange { first, last }),
    }
}

#[cfg(test)]
mod tests;
