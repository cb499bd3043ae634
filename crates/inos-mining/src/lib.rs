//! The mining capsule's work in plain Rust: hashing, incremental hashing,
//! verified streaming and nonce search.
//!
//! Only [`capsule`] knows the ABI, shared memory and credits, so that `cargo test` runs the rest
//! natively. The same inputs give the same bits on every CPU and with every number of threads.
//!
//! ```
//! use inos_mining::{Algorithm, DigestOrder, Search, Target, hash};
//!
//! let header = *b"hello, nonce: \0\0\0\0";
//! let mut bytes = [0xff; 32];
//! bytes[0] = 0x03; // at or below it: one hash in 64
//! let target = Target::new(bytes);
//! let search = Search::new(Algorithm::Sha256, &header, 14usize, target, DigestOrder::BigEndian)?;
//! let found = search.scan(0u64, 10_000).expect("10,000 nonces are 156 times what one takes");
//!
//! let mut solved = header;
//! solved[14..].copy_from_slice(&(found.nonce as u32).to_le_bytes());
//! assert_eq!(hash(Algorithm::Sha256, &solved), found.digest);
//! assert!(found.digest[0] <= 0x03);
//! # Ok::<(), inos_mining::Error>(())
//! ```
#![warn(missing_docs)]
#![warn(clippy::undocumented_unsafe_blocks)]

pub mod capsule;
mod error;
mod function;
#[allow(missing_docs, clippy::all, clippy::pedantic, unused)]
mod generated;
mod hash;
mod hasher;
mod hasher_table;
mod lane_board;
mod many;
mod search;
mod sha256;
mod target;
mod tree;
mod verified;

pub use error::Error;
pub use function::{Blake3Mode, Digest, Function, KEY_BYTES, LONGEST_DIGEST_BYTES};
pub use hash::{Algorithm, DIGEST_BYTES, hash};
pub use hasher::Hasher;
pub use hasher_table::HasherTable;
pub use lane_board::{Answer, HeldSlot, LaneBoard, Slice};
pub use many::hash_many;
pub use search::{Found, MAXIMUM_HEADER_BYTES, NonceFormat, NoncePlace, Search, nonce_count};
pub use target::{DigestOrder, Target};
pub use tree::{Boundary, SUBTREE_BYTES, subtree};
pub use verified::{
    OutboardEncoder, encode_subtree, join_subtrees, outboard_bytes, read_full, slice_of,
    slice_of_part, verified,
};
