//! Hashing of data that arrives in pieces: streams, files, or chunks between two looks at a budget.

use crate::hash::{Algorithm, DIGEST_BYTES};
use sha2::{Digest, Sha256};

/// An incremental hash: the digest of all the pieces equals that of the whole.
///
/// ```
/// use inos_mining::{Algorithm, Hasher, hash};
///
/// let mut hasher = Hasher::new(Algorithm::Sha256d);
/// hasher.update(b"in two ");
/// hasher.update(b"pieces");
/// assert_eq!(hasher.finalize(), hash(Algorithm::Sha256d, b"in two pieces"));
/// ```
#[derive(Clone, Debug)]
pub struct Hasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    Sha256d(Sha256),
    // Boxed because it holds 55 chaining values, 17 times the size of the others.
    Blake3(Box<blake3::Hasher>),
}

impl Hasher {
    /// A hasher that has seen no data yet.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(Sha256::new()),
            Algorithm::Sha256d => State::Sha256d(Sha256::new()),
            Algorithm::Blake3 => State::Blake3(Box::default()),
        })
    }

    /// The algorithm that this hasher was made for.
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            State::Sha256(_) => Algorithm::Sha256,
            State::Sha256d(_) => Algorithm::Sha256d,
            State::Blake3(_) => Algorithm::Blake3,
        }
    }

    /// Appends `data`. BLAKE3 is fastest with pieces of 16 KiB and more.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Sha256(inner) | State::Sha256d(inner) => inner.update(data),
            State::Blake3(inner) => {
                inner.update(data);
            }
        }
    }

    /// The digest of everything appended.
    pub fn finalize(self) -> [u8; DIGEST_BYTES] {
        match self.0 {
            State::Sha256(inner) => inner.finalize().into(),
            State::Sha256d(inner) => Sha256::digest(inner.finalize()).into(),
            State::Blake3(inner) => *inner.finalize().as_bytes(),
        }
    }
}
