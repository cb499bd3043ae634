//! What a caller of the mining capsule can get wrong, each with a number that never changes.

use crate::{DIGEST_BYTES, MAXIMUM_HEADER_BYTES};

/// A wrong argument: its message names the argument, what was given and what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A header that is empty or too long.
    #[error("header must be 1 to {MAXIMUM_HEADER_BYTES} bytes long, got {given}")]
    HeaderLength {
        /// Bytes given.
        given: usize,
    },
    /// A nonce that would reach beyond its header.
    #[error(
        "nonceOffset must leave room for the {nonce_bytes} bytes of the nonce in the header of \
         {header_bytes} bytes, got {given}"
    )]
    NonceOffset {
        /// Offset given, in bytes.
        given: usize,
        /// Bytes that the nonce takes in the header.
        nonce_bytes: usize,
        /// The header's length in bytes.
        header_bytes: usize,
    },
    /// A target that isn't as long as a digest.
    #[error("target must be {DIGEST_BYTES} bytes long, got {given}")]
    TargetLength {
        /// Bytes given.
        given: usize,
    },
    /// A range of nonces that ends before it begins.
    #[error("lastNonce must be at least firstNonce, {first}, got {last}")]
    NonceRange {
        /// First nonce given.
        first: u64,
        /// Last nonce given.
        last: u64,
    },
    /// A target whose lowest number is above its highest.
    #[error("lowest must be at most target: otherwise no digest qualifies")]
    EmptyTarget,
    /// An incremental hasher that isn't open: never opened, finished or closed.
    #[error("hasher must be the number of an open hasher, got {given}")]
    UnknownHasher {
        /// Number given.
        given: u32,
    },
    /// No more incremental hashers can be opened until one is finished or closed.
    #[error("at most {limit} hashers can be open at once, finish or close one first")]
    TooManyHashers {
        /// How many are open, which is as many as can be.
        limit: usize,
    },
}

impl Error {
    /// The number that stands for this kind of error in results and in `vectors/errors.json`.
    ///
    /// A capsule's own numbers start at 256, as `FailureCode.firstCapsuleCode` in the schema says.
    ///
    /// ```
    /// assert_eq!(inos_mining::Error::TargetLength { given: 31 }.code(), 258);
    /// ```
    pub const fn code(&self) -> u32 {
        match self {
            Self::HeaderLength { .. } => 256,
            Self::NonceOffset { .. } => 257,
            Self::TargetLength { .. } => 258,
            Self::NonceRange { .. } => 259,
            Self::UnknownHasher { .. } => 260,
            Self::TooManyHashers { .. } => 261,
            Self::EmptyTarget => 262,
        }
    }
}
