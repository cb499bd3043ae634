//! Hashing of data that arrives in pieces: streams, files, or chunks between two looks at a budget.

use crate::error::Error;
use crate::function::{Digest, Function};
use crate::sha256::Sha256;
use crate::tree::{Boundary, Tree};
use blake3::hazmat::ChainingValue;
use sha2::{Digest as _, Sha512};

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
    Sha512(Box<Sha512>),
    // Boxed because it holds 55 chaining values, 17 times the size of the others.
    Blake3(Box<Tree>),
}

impl Hasher {
    /// A hasher that has seen no data yet.
    pub fn new(function: impl Into<Function>) -> Self {
        Self(match function.into() {
            Function::Sha256 => State::Sha256(Sha256::new()),
            Function::Sha256d => State::Sha256d(Sha256::new()),
            Function::Sha512 => State::Sha512(Box::default()),
            Function::Blake3(mode) => State::Blake3(Box::new(Tree::new(mode))),
        })
    }

    /// The function that this hasher was made for.
    pub const fn function(&self) -> Function {
        match &self.0 {
            State::Sha256(_) => Function::Sha256,
            State::Sha256d(_) => Function::Sha256d,
            State::Sha512(_) => Function::Sha512,
            State::Blake3(tree) => Function::Blake3(*tree.mode()),
        }
    }

    /// Appends `data`. BLAKE3 is fastest with pieces of 16 KiB and more.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Sha256(inner) | State::Sha256d(inner) => inner.update(data),
            State::Sha512(inner) => inner.update(data),
            State::Blake3(tree) => tree.update(data),
        }
    }

    /// Where an update could go on by subtrees hashed elsewhere. Only BLAKE3 can.
    pub fn next_boundary(&self) -> Option<Boundary> {
        match &self.0 {
            State::Blake3(tree) => Some(tree.next_boundary()),
            _ => None,
        }
    }

    /// Appends subtrees that [`crate::subtree`] has hashed, from the boundary on; as many as
    /// [`Boundary::whole_subtrees`] allows. Other algorithms than BLAKE3 ignore it.
    pub fn push_subtrees(&mut self, values: impl Iterator<Item = ChainingValue>) {
        if let State::Blake3(tree) = &mut self.0 {
            tree.push_subtrees(values);
        }
    }

    /// The digest of everything appended.
    pub fn finalize(self) -> Digest {
        match self.0 {
            State::Sha256(inner) => inner.finalize().into(),
            State::Sha256d(inner) => Sha256::digest(&inner.finalize()).into(),
            State::Sha512(inner) => <[u8; 64]>::from(inner.finalize()).into(),
            State::Blake3(tree) => {
                let mut digest = [0; 32];
                tree.output().fill(&mut digest);
                digest.into()
            }
        }
    }

    /// Fills `output` with BLAKE3's output from `position` on.
    ///
    /// # Errors
    ///
    /// [`Error::NotExtendable`] for the other functions, whose digests have one length.
    pub fn extend(self, position: u64, output: &mut [u8]) -> Result<(), Error> {
        let State::Blake3(tree) = self.0 else {
            return Err(Error::NotExtendable);
        };
        let mut reader = tree.output();
        reader.set_position(position);
        reader.fill(output);
        Ok(())
    }
}
