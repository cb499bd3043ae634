//! The capsule's ABI: reads each method's parameters, calls the plain Rust beside it, writes the result.

mod hashing;
mod search;
mod verified;

use inos_sdk::generated::job_capnp::region;
use inos_sdk::layout::failure_code;
use inos_sdk::{Failure, JobContext};

use crate::generated::mining_capnp::mining_method;
use crate::{Error, HasherTable};
use hashing::{
    blake3, close_hasher, extend_hasher, finish_blake3, finish_hash, finish_hasher, finish_tree,
    hash, hash_many, open_hasher, update_hasher, update_tree,
};
use search::{finish_search, search};
use verified::{encode_outboard, encode_subtree, extract_slice, join_subtrees, verify_slice};

/// How many bytes are hashed between two looks at the job's stop word: a third of a millisecond.
const PIECE_BYTES: u32 = 128 * 1024;
/// How many at first, doubling from there. Engines run new code ten times slower until they have
/// optimised it, and then take the better one at the next call: so the first calls are short.
const FIRST_PIECE_BYTES: u32 = 8 * 1024;

static HASHERS: HasherTable = HasherTable::new();

inos_sdk::capsule! {
    mining_method::HASH => hash, then finish_hash;
    mining_method::SEARCH => search, then finish_search;
    mining_method::HASHER_OPEN => open_hasher;
    mining_method::HASHER_UPDATE => update_hasher;
    mining_method::HASHER_FINISH => finish_hasher;
    mining_method::HASHER_CLOSE => close_hasher;
    mining_method::HASH_MANY => hash_many;
    mining_method::BLAKE3 => blake3, then finish_blake3;
    mining_method::HASHER_UPDATE_TREE => update_tree, then finish_tree;
    mining_method::HASHER_EXTEND => extend_hasher;
    mining_method::ENCODE_OUTBOARD => encode_outboard;
    mining_method::EXTRACT_SLICE => extract_slice;
    mining_method::VERIFY_SLICE => verify_slice;
    mining_method::ENCODE_SUBTREE => encode_subtree;
    mining_method::JOIN_SUBTREES => join_subtrees;
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// All bytes of a region, in place.
fn whole<'m>(job: &JobContext<'m>, region: region::Reader<'_>) -> Result<&'m [u8], Failure> {
    let mut input = job.input(region, u32::MAX)?;
    let bytes = input.next().unwrap_or_default();
    match input.remaining() {
        0 => Ok(bytes),
        length => {
            let message = format!("{length} bytes are more than can be lent at once");
            Err(Failure::new(failure_code::REGION_OUT_OF_BOUNDS, message))
        }
    }
}
