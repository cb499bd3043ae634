//! Hash functions with all that they are set up by.

use crate::error::Error;
use crate::hash::{Algorithm, DIGEST_BYTES};
use blake3::hazmat::{HasherExt, Mode, hash_derive_key_context};
use core::ops::Deref;

/// Length of a digest of SHA-512, the longest, in bytes.
pub const LONGEST_DIGEST_BYTES: usize = 64;

/// Length of a key of BLAKE3, in bytes.
pub const KEY_BYTES: usize = 32;

/// One of BLAKE3's three modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blake3Mode {
    /// The plain hash.
    Hash,
    /// Keyed: a message authentication code, or a pseudorandom function.
    Keyed([u8; KEY_BYTES]),
    /// Key derivation: what is hashed is key material. Holds the hash of the context.
    DeriveKey([u8; KEY_BYTES]),
}

impl Blake3Mode {
    /// The keyed mode.
    ///
    /// # Errors
    ///
    /// [`Error::KeyLength`] unless the key has 32 bytes.
    pub fn keyed(key: &[u8]) -> Result<Self, Error> {
        match key.try_into() {
            Ok(key) => Ok(Self::Keyed(key)),
            Err(_) => Err(Error::KeyLength { given: key.len() }),
        }
    }

    /// Key derivation for a context: a constant of the application that names what the key is for.
    pub fn derive_key(context: &str) -> Self {
        Self::DeriveKey(hash_derive_key_context(context))
    }

    pub(crate) fn hasher(&self) -> blake3::Hasher {
        match self {
            Self::Hash => blake3::Hasher::new(),
            Self::Keyed(key) => blake3::Hasher::new_keyed(key),
            Self::DeriveKey(context) => blake3::Hasher::new_from_context_key(context),
        }
    }

    pub(crate) fn of_nodes(&self) -> Mode<'_> {
        match self {
            Self::Hash => Mode::Hash,
            Self::Keyed(key) => Mode::KeyedHash(key),
            Self::DeriveKey(context) => Mode::DeriveKeyMaterial(context),
        }
    }
}

/// A hash function with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// SHA-256, as FIPS 180-4 defines it.
    Sha256,
    /// SHA-256 of the SHA-256.
    Sha256d,
    /// SHA-512, as FIPS 180-4 defines it.
    Sha512,
    /// BLAKE3 in one of its modes.
    Blake3(Blake3Mode),
}

impl From<Algorithm> for Function {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256,
            Algorithm::Sha256d => Self::Sha256d,
            Algorithm::Blake3 => Self::Blake3(Blake3Mode::Hash),
        }
    }
}

/// A digest of 32 or 64 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Digest {
    bytes: [u8; LONGEST_DIGEST_BYTES],
    length: usize,
}

impl Deref for Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl From<[u8; DIGEST_BYTES]> for Digest {
    fn from(digest: [u8; DIGEST_BYTES]) -> Self {
        let mut bytes = [0; LONGEST_DIGEST_BYTES];
        bytes[..DIGEST_BYTES].copy_from_slice(&digest);
        Self {
            bytes,
            length: DIGEST_BYTES,
        }
    }
}

impl From<[u8; LONGEST_DIGEST_BYTES]> for Digest {
    fn from(bytes: [u8; LONGEST_DIGEST_BYTES]) -> Self {
        Self {
            bytes,
            length: LONGEST_DIGEST_BYTES,
        }
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Digest {}

impl<const LENGTH: usize> PartialEq<[u8; LENGTH]> for Digest {
    fn eq(&self, other: &[u8; LENGTH]) -> bool {
        **self == *other
    }
}
