//! The capsule's ABI: reads each method's parameters, calls the plain Rust beside it, writes the result.

use inos_sdk::{Failure, Halt, JobContext};

use crate::generated::mining_capnp::{
    self as schema, hash_params, hasher_close_params, hasher_finish_params, hasher_open_params,
    hasher_open_result, hasher_update_params, mining_method,
};
use crate::search_job::{finish_search, search};
use crate::{Algorithm, DigestOrder, Error, Hasher, HasherTable, NonceFormat};

/// How many bytes are hashed between two looks at the job's stop word: a third of a millisecond.
const PIECE_BYTES: u32 = 128 * 1024;
/// How many at first, doubling from there. Engines run new code ten times slower until they have
/// optimised it, and then take the better one at the next call: so the first calls are short.
const FIRST_PIECE_BYTES: u32 = 8 * 1024;

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
