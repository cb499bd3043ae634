//! Nonce search: a nonce that brings a message's digest into a range, the lowest such one.
//!
//! Nonces are searched in runs whose messages differ in four bytes, the window. What doesn't depend
//! on them is worked out once per run. Then four nonces are hashed side by side in the lanes of
//! one vector, and only the word of the digest that decides first is looked at. The few digests
//! that pass are computed again by [`crate::hash`], so that nothing is ever returned that the
//! plain path doesn't confirm.

mod blake3;
mod lanes;
mod nonce;
mod sha256;
mod template;

use crate::error::Error;
use crate::hash::{Algorithm, DIGEST_BYTES, hash};
use crate::target::{DigestOrder, Target};
use lanes::{Lanes, U32x4};
use nonce::{WindowForm, run_at};
use std::borrow::Cow;

pub use nonce::{NonceFormat, NoncePlace};

/// Longest header that can be searched, in bytes.
pub const MAXIMUM_HEADER_BYTES: usize = 1024;

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Found {
    /// The lowest nonce that qualifies.
    pub nonce: u64,
    /// The digest of the message with that nonce in it.
    pub digest: [u8; DIGEST_BYTES],
}

/// A header, a target and all that can be computed before the first nonce is tried.
#[derive(Clone, Debug)]
pub struct Search {
    algorithm: Algorithm,
    header: Vec<u8>,
    place: NoncePlace,
    target: Target,
    digest_order: DigestOrder,
    /// Prepared for the nonces from 0 on, unless their first run has no window.
    kernel: Option<Kernel>,
}

#[derive(Clone, Debug)]
enum Kernel {
    Sha256(sha256::Kernel),
    Blake3(blake3::Kernel),
}

impl Search {
    /// Prepares a search for the nonce that belongs at a place of `header`.
    ///
    /// # Errors
    ///
    /// [`Error::HeaderLength`] unless the header is 1 to 1,024 bytes long (0 will do where digits
    /// are inserted), and [`Error::NonceOffset`] if the nonce would reach beyond it.
    pub fn new(
        algorithm: Algorithm,
        header: &[u8],
        place: impl Into<NoncePlace>,
        target: Target,
        digest_order: DigestOrder,
    ) -> Result<Self, Error> {
        let place = place.into();
        let nonce_bytes = place.format.header_bytes();
        if !(nonce_bytes.min(1)..=MAXIMUM_HEADER_BYTES).contains(&header.len()) {
            return Err(Error::HeaderLength {
                given: header.len(),
            });
        }
        if header
            .len()
            .checked_sub(nonce_bytes)
            .is_none_or(|last| place.offset > last)
        {
            return Err(Error::NonceOffset {
                given: place.offset,
                nonce_bytes,
                header_bytes: header.len(),
            });
        }
        let mut search = Self {
            algorithm,
            header: header.to_vec(),
            place,
            target,
            digest_order,
            kernel: None,
        };
        if nonce_bytes > 0 {
            search.kernel = search.prepare(0);
        }
        Ok(search)
    }

    /// The lowest qualifying nonce among the `count` ones from `first_nonce` on.
    ///
    /// Nonces don't wrap: after the last one of their format the scan ends, whatever `count` says.
    pub fn scan(&self, first_nonce: impl Into<u64>, count: u64) -> Option<Found> {
        self.scan_lanes::<U32x4>(first_nonce.into(), count)
    }

    /// The same as [`Search::scan`] one nonce at a time: what the four lanes are tested against
    /// and measured by.
    pub fn scan_scalar(&self, first_nonce: impl Into<u64>, count: u64) -> Option<Found> {
        self.scan_lanes::<u32>(first_nonce.into(), count)
    }

    /// How many 64-byte blocks are compressed for each nonce: what its time is proportional to.
    pub fn blocks_per_nonce(&self) -> usize {
        match &self.kernel {
            Some(Kernel::Sha256(kernel)) => kernel.blocks_per_nonce(),
            Some(Kernel::Blake3(kernel)) => kernel.blocks_per_nonce(),
            // What follows the digits, with as many digits as there can be.
            None => (self.header.len() - self.place.offset + 20) / template::BLOCK_BYTES + 2,
        }
    }

    fn scan_lanes<L: Lanes>(&self, first_nonce: u64, count: u64) -> Option<Found> {
        let to_last = self.place.format.last_nonce().checked_sub(first_nonce)?;
        let mut left = count.min(to_last.saturating_add(1));
        let mut nonce = first_nonce;
        while left > 0 {
            let (run, window) = run_at(self.place.format, nonce);
            let run = run.min(left);
            let kernel = window.and_then(|window| Some((self.kernel_for(nonce)?, window)));
            let found = match kernel {
                Some((kernel, window)) => self.scan_run::<L>(&kernel, window, nonce, run),
                None => (0..run).find_map(|ahead| self.confirm(nonce + ahead)),
            };
            if found.is_some() {
                return found;
            }
            left -= run;
            nonce = nonce.wrapping_add(run);
        }
        None
    }

    /// Scans nonces that differ in their window alone.
    fn scan_run<L: Lanes>(
        &self,
        kernel: &Kernel,
        (form, low): (WindowForm, u32),
        first_nonce: u64,
        count: u64,
    ) -> Option<Found> {
        let (lowest, span) = self.target.leading_range();
        let mut done = 0;
        while done < count {
            // The lanes of the last step may lie past the end; their results are then ignored.
            let base = low.wrapping_add(done as u32);
            let leading =
                self.leading_words::<L>(kernel, |lane| form.bytes(base.wrapping_add(lane)));
            for (ahead, &word) in (done..count).zip(leading.as_ref()) {
                if word.wrapping_sub(lowest) <= span
                    && let Some(found) = self.confirm(first_nonce + ahead)
                {
                    return Some(found);
                }
            }
            done += L::COUNT;
        }
        None
    }

    /// The kernel for the run that `nonce` lies in. `None` if the message is too long for it.
    fn kernel_for(&self, nonce: u64) -> Option<Cow<'_, Kernel>> {
        // The prepared one is for nonces below 2³²; digits have none.
        match &self.kernel {
            Some(kernel) if nonce >> 32 == 0 => Some(Cow::Borrowed(kernel)),
            _ => self.prepare(nonce).map(Cow::Owned),
        }
    }

    fn prepare(&self, nonce: u64) -> Option<Kernel> {
        let message = self.place.message(&self.header, nonce);
        let window = self.place.window_offset(&self.header, &message);
        match self.algorithm {
            Algorithm::Sha256 => Some(Kernel::Sha256(sha256::Kernel::new(&message, window, false))),
            Algorithm::Sha256d => Some(Kernel::Sha256(sha256::Kernel::new(&message, window, true))),
            // Beyond one chunk it is a tree.
            Algorithm::Blake3 => (message.len() <= blake3::CHUNK_BYTES)
                .then(|| Kernel::Blake3(blake3::Kernel::new(&message, window))),
        }
    }

    /// The most significant word of the digest for each lane's window.
    #[inline(always)]
    fn leading_words<L: Lanes>(&self, kernel: &Kernel, window: impl Fn(u32) -> u32) -> L::Words {
        let (digest, swapped) = match kernel {
            // SHA-256 writes its words most significant byte first, BLAKE3 the other way round.
            Kernel::Sha256(kernel) => (kernel.digests::<L>(window), DigestOrder::LittleEndian),
            Kernel::Blake3(kernel) => (kernel.digests::<L>(window), DigestOrder::BigEndian),
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
    fn confirm(&self, nonce: u64) -> Option<Found> {
        let digest = hash(self.algorithm, &self.place.message(&self.header, nonce));
        self.target
            .admits(&digest, self.digest_order)
            .then_some(Found { nonce, digest })
    }
}

/// How many nonces there are from `first` to `last`, both included. All 2⁶⁴ count as one fewer.
///
/// # Errors
///
/// [`Error::NonceRange`] if `last` is below `first`.
///
/// ```
/// assert_eq!(inos_mining::nonce_count(0, 0xffff_ffff)?, 1 << 32);
/// # Ok::<(), inos_mining::Error>(())
/// ```
pub fn nonce_count(first: u64, last: u64) -> Result<u64, Error> {
    match last.checked_sub(first) {
        Some(difference) => Ok(difference.saturating_add(1)),
        None => Err(Error::NonceRange { first, last }),
    }
}

#[cfg(test)]
mod tests;
