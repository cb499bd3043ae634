//! The search method.

use std::sync::atomic::Ordering;

use inos_sdk::{Halt, JobContext};

use crate::generated::mining_capnp::{self as schema, search_params, search_result};
use crate::{Algorithm, DigestOrder, Error, NonceFormat, NoncePlace, Search, Target, nonce_count};

/// How many 64-byte blocks are hashed between two looks: some 200 µs.
const PIECE_BLOCKS: u64 = 2048;

impl TryFrom<schema::HashAlgorithm> for Algorithm {
    type Error = Error;

    fn try_from(algorithm: schema::HashAlgorithm) -> Result<Self, Error> {
        match algorithm {
            schema::HashAlgorithm::Sha256 => Ok(Self::Sha256),
            schema::HashAlgorithm::Sha256d => Ok(Self::Sha256d),
            schema::HashAlgorithm::Blake3 => Ok(Self::Blake3),
            schema::HashAlgorithm::Sha512 => Err(Error::SearchAlgorithm),
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
        params.get_algorithm()?.try_into()?,
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
pub(super) fn search(job: &JobContext<'_>) -> Result<(), Halt> {
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

pub(super) fn finish_search(job: &JobContext<'_>) -> Result<(), Halt> {
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
