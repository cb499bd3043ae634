//! The hash functions of the capsule, by name, and hashing in one call.

use crate::sha256::Sha256;

/// Length of every algorithm's digest, in bytes.
pub const DIGEST_BYTES: usize = 32;

/// A hash function with digests of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-256, as FIPS 180-4 defines it.
    Sha256,
    /// SHA-256 of the SHA-256, as Bitcoin's block headers use.
    Sha256d,
    /// BLAKE3 in its plain hash mode, with the default length.
    Blake3,
}

impl Algorithm {
    /// Every algorithm, in the order of the schema's `HashAlgorithm`.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha256d, Self::Blake3];

    /// The name that the schema, the TypeScript package and the vectors use.
    ///
    /// ```
    /// assert_eq!(inos_mining::Algorithm::Sha256d.name(), "sha256d");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha256d => "sha256d",
            Self::Blake3 => "blake3",
        }
    }
}

/// The digest of `data`.
///
/// ```
/// use inos_mining::{Algorithm, hash};
///
/// assert_eq!(hash(Algorithm::Blake3, b"")[..4], [0xaf, 0x13, 0x49, 0xb9]);
/// ```
pub fn hash(algorithm: Algorithm, data: &[u8]) -> [u8; DIGEST_BYTES] {
    match algorithm {
        Algorithm::Sha256 => Sha256::digest(data),
        Algorithm::Sha256d => Sha256::digest(&Sha256::digest(data)),
        Algorithm::Blake3 => *blake3::hash(data).as_bytes(),
    }
}
