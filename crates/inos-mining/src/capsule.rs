//! The capsule's ABI: reads each method's parameters, calls the plain Rust beside it, writes the result.

use std::sync::atomic::Ordering;

use inos_sdk::{Failure, Halt, JobContext};

use crate::generated::mining_capnp::{
    self as schema, hash_params, hasher_close_params, hasher_finish_params, hasher_open_params,
    hasher_open_result, hasher_update_params, mining_method, search_params, search_result,
};
use crate::{Algorithm, DigestOrder, Error, Hasher, HasherTable, Search, Target, nonce_count};

/// How many bytes are hashed between two looks at the job's stop word: a third of a millisecond.
const PIECE_BYTES: u32 = 128 * 1024;
/// How many at first, doubling from there. Engines run new code ten times slower until they have
/// optimised it, and then take the better one at the next call: so the first calls are short.
const FIRST_PIECE_BYTES: u32 = 8 * 1024;
/// How many 64-byte blocks are hashed between two looks: some 200 µs.
const PIECE_BLOCKS: u64 = 2048;

static HASHERS: HasherTable = HasherTable::new();

inos_sdk::capsule! {
    mining_method::HASH => hash;
    mining_method::SEARCH => search, then finish_search;
    mining_method::HASHER_OPEN => open_hasher;
    mining_method::HASHER_UPDATE => update_hasher;
    mining_method::HASHER_FINISH => finish_hasher;
    mining_method::HASHER_CLOSE => close_hasher;
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<schema::HashAlgorithm> for Algorithm {
    fn from(algorithm: schema::HashAlgorithm) -> Self {
        match algorithm {
            schema::HashAlgorithm::Sha256 => Self::Sha256,
            schema::HashAlgorithm::Sha256d => Self::Sha256d,
            schema::HashAlgorithm::Blake3 => Self::Blake3,
        }
    }
}

impl From<schema::DigestOrder> for DigestOrder {
    fn from(order: schema::DigestOrder) -> Self {
        match order {
            schema::DigestOrder::BigEndian => Self::BigEndian,
            schema::DigestOrder::LittleEndian => Self::LittleEndian,
        }
    }
}

fn hash(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hash_params::Owned>()?;
    let algorithm = Algorithm::from(params.get_algorithm()?);
    let mut input = job.input(params.get_input()?, PIECE_BYTES)?;
    let total = u64::from(input.remaining());
    if total <= u64::from(FIRST_PIECE_BYTES) {
        job.charge(total)?;
        let bytes = input.next().unwrap_or_default();
        job.write_output(&crate::hash(algorithm, bytes))?;
        return Ok(());
    }
    let mut hasher = Hasher::new(algorithm);
    let mut piece_bytes = FIRST_PIECE_BYTES;
    while let Some(piece) = input.take_piece(piece_bytes) {
        job.charge(piece.len() as u64)?;
        hasher.update(piece);
        job.progress(total - u64::from(input.remaining()), total);
        piece_bytes = (piece_bytes * 2).min(PIECE_BYTES);
    }
    job.write_output(&hasher.finalize())?;
    Ok(())
}

/// The search that a job asks for, its first nonce and how many nonces it covers.
fn parse_search(job: &JobContext<'_>) -> Result<(Search, u32, u64), Halt> {
    let params = job.params::<search_params::Owned>()?;
    let first = params.get_first_nonce();
    let count = nonce_count(first, params.get_last_nonce())?;
    let search = Search::new(
        params.get_algorithm()?.into(),
        params.get_header()?,
        params.get_nonce_offset() as usize,
        Target::from_slice(params.get_target()?)?,
        params.get_digest_order()?.into(),
    )?;
    Ok((search, first, count))
}

/// Threads draw pieces of the range in ascending order, and the shared word keeps the lowest nonce found,
/// as `u64::MAX - nonce` so that 0 means none. A thread stops when its next piece lies above that.
fn search(job: &JobContext<'_>) -> Result<(), Halt> {
    let (search, first, total) = parse_search(job)?;
    let piece = (PIECE_BLOCKS / search.blocks_per_nonce() as u64).max(16);
    loop {
        let start = job.next_pieces(piece);
        if start >= total {
            return Ok(());
        }
        let begin = first + start as u32;
        let is_answered = || lowest(job).is_some_and(|nonce| nonce < begin);
        if is_answered() {
            return Ok(());
        }
        let wanted = piece.min(total - start);
        let granted = match job.charge_up_to(wanted) {
            // All below was drawn and charged before: what was found there is the answer.
            Err(Halt::OutOfBudget) if is_answered() => return Ok(()),
            granted => granted?,
        };
        if let Some(found) = search.scan(begin, granted) {
            job.refund(granted - u64::from(found.nonce - begin) - 1);
            job.shared()
                .fetch_max(u64::MAX - u64::from(found.nonce), Ordering::SeqCst);
            return Ok(());
        }
        if granted < wanted && !is_answered() {
            return Err(Halt::OutOfBudget);
        }
        job.progress(start + wanted, total);
    }
}

fn lowest(job: &JobContext<'_>) -> Option<u32> {
    match job.shared().load(Ordering::SeqCst) {
        0 => None,
        found => Some((u64::MAX - found) as u32),
    }
}

fn finish_search(job: &JobContext<'_>) -> Result<(), Halt> {
    let found = lowest(job);
    if let Some(nonce) = found {
        let (search, ..) = parse_search(job)?;
        if let Some(found) = search.scan(nonce, 1) {
            job.write_output(&found.digest)?;
        }
    }
    job.write_result::<search_result::Owned>(|mut result| {
        result.set_found(found.is_some());
        result.set_nonce(found.unwrap_or_default());
    })?;
    Ok(())
}

fn open_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_open_params::Owned>()?;
    let hasher = HASHERS.open(params.get_algorithm()?.into())?;
    job.write_result::<hasher_open_result::Owned>(|mut result| result.set_hasher(hasher))?;
    Ok(())
}

fn update_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_update_params::Owned>()?;
    let input = job.input(params.get_input()?, PIECE_BYTES)?;
    let total = u64::from(input.remaining());
    // All or nothing: a stream that was fed half a piece could not go on.
    job.charge(total)?;
    HASHERS.with(params.get_hasher(), |hasher| {
        for piece in input {
            hasher.update(piece);
        }
    })?;
    Ok(())
}

fn finish_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_finish_params::Owned>()?;
    job.write_output(&HASHERS.finish(params.get_hasher())?)?;
    Ok(())
}

fn close_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_close_params::Owned>()?;
    HASHERS.close(params.get_hasher())?;
    Ok(())
}
