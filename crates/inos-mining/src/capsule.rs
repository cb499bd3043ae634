//! The capsule's ABI: reads each method's parameters, calls the plain Rust beside it, writes the result.

use std::sync::atomic::Ordering;

use inos_sdk::{Failure, Halt, JobContext};

use crate::generated::mining_capnp::{
    self as schema, hash_params, hasher_close_params, hasher_finish_params, hasher_open_params,
    hasher_open_result, hasher_update_params, mining_method, search_params, search_result,
};
use crate::{
    Algorithm, DigestOrder, Error, Hasher, HasherTable, NonceFormat, NoncePlace, Search, Target,
    nonce_count,
};

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

impl From<schema::NonceFormat> for NonceFormat {
    fn from(format: schema::NonceFormat) -> Self {
        match format {
            schema::NonceFormat::Uint32LittleEndian => Self::Uint32LittleEndian,
            schema::NonceFormat::Uint32BigEndian => Self::Uint32BigEndian,
            schema::NonceFormat::Uint64LittleEndian => Self::Uint64LittleEndian,
            schema::NonceFormat::Uint64BigEndian => Self::Uint64BigEndian,
            schema::NonceFormat::Decimal => Self::Decimal,
        }
    }
}

/// What a search job asks for.
struct SearchJob {
    search: Search,
    mode: schema::SearchMode,
    first: u64,
    /// How many nonces the range has.
    count: u64,
}

fn parse_search(job: &JobContext<'_>) -> Result<SearchJob, Halt> {
    let params = job.params::<search_params::Owned>()?;
    let first = params.get_first_nonce();
    let place = NoncePlace {
        offset: params.get_nonce_offset() as usize,
        format: params.get_nonce_format()?.into(),
    };
    let search = Search::new(
        params.get_algorithm()?.into(),
        params.get_header()?,
        place,
        Target::between(params.get_lowest()?, params.get_target()?)?,
        params.get_digest_order()?.into(),
    )?;
    Ok(SearchJob {
        search,
        mode: params.get_mode()?,
        first,
        count: nonce_count(first, params.get_last_nonce())?,
    })
}

/// Threads draw pieces of the range in ascending order, and the shared word keeps the lowest nonce found,
/// counted from the range's first, as `u64::MAX` less it so that 0 means none. A thread stops when its
/// next piece lies above that, or as soon as there is any, as the mode says.
fn search(job: &JobContext<'_>) -> Result<(), Halt> {
    let SearchJob {
        search,
        mode,
        first,
        count: total,
    } = parse_search(job)?;
    let piece = (PIECE_BLOCKS / search.blocks_per_nonce() as u64).max(16);
    loop {
        let start = job.next_pieces(piece);
        if start >= total {
            return Ok(());
        }
        let is_answered =
            || lowest(job).is_some_and(|found| mode == schema::SearchMode::Any || found < start);
        if is_answered() {
            return Ok(());
        }
        let wanted = piece.min(total - start);
        let granted = match job.charge_up_to(wanted) {
            // All below was drawn and charged before: what was found there is the answer.
            Err(Halt::OutOfBudget) if is_answered() => return Ok(()),
            granted => granted?,
        };
        if let Some(found) = search.scan(first + start, granted) {
            let place = found.nonce - first;
            job.refund(granted - (place - start) - 1);
            job.shared().fetch_max(u64::MAX - place, Ordering::SeqCst);
            return Ok(());
        }
        if granted < wanted && !is_answered() {
            return Err(Halt::OutOfBudget);
        }
        job.progress(start + wanted, total);
    }
}

/// The lowest nonce found so far, counted from the range's first.
fn lowest(job: &JobContext<'_>) -> Option<u64> {
    match job.shared().load(Ordering::SeqCst) {
        0 => None,
        found => Some(u64::MAX - found),
    }
}

fn finish_search(job: &JobContext<'_>) -> Result<(), Halt> {
    let mut nonce = None;
    if let Some(place) = lowest(job) {
        let SearchJob { search, first, .. } = parse_search(job)?;
        if let Some(found) = search.scan(first + place, 1) {
            job.write_output(&found.digest)?;
            nonce = Some(found.nonce);
        }
    }
    job.write_result::<search_result::Owned>(|mut result| {
        result.set_found(nonce.is_some());
        result.set_nonce(nonce.unwrap_or_default());
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
