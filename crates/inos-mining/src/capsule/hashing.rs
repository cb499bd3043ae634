//! The methods that hash: at once, piece by piece, many messages, a large input by several threads.

use core::ops::Range;
use core::sync::atomic::Ordering;

use inos_sdk::generated::job_capnp::region;
use inos_sdk::{Halt, JobContext};

use super::{FIRST_PIECE_BYTES, HASHERS, PIECE_BYTES, whole};
use crate::generated::mining_capnp::{
    self as schema, blake3_options, blake3_params, hash_many_params, hash_params,
    hasher_close_params, hasher_extend_params, hasher_finish_params, hasher_open_params,
    hasher_open_result, hasher_update_params, hasher_update_tree_params,
};
use crate::{
    Algorithm, Blake3Mode, Boundary, DIGEST_BYTES, Error, Function, Hasher, SUBTREE_BYTES,
    hash_many as hash_messages, subtree,
};

fn mode(options: blake3_options::Reader<'_>) -> Result<Blake3Mode, Halt> {
    Ok(match options.get_mode()? {
        schema::Blake3Mode::Hash => Blake3Mode::Hash,
        schema::Blake3Mode::Keyed => Blake3Mode::keyed(options.get_key()?)?,
        schema::Blake3Mode::DeriveKey => {
            let context = options.get_context()?.to_str();
            Blake3Mode::derive_key(context.map_err(capnp::Error::from)?)
        }
    })
}

impl From<schema::HashAlgorithm> for Function {
    fn from(algorithm: schema::HashAlgorithm) -> Self {
        match algorithm {
            schema::HashAlgorithm::Sha256 => Self::Sha256,
            schema::HashAlgorithm::Sha256d => Self::Sha256d,
            schema::HashAlgorithm::Sha512 => Self::Sha512,
            schema::HashAlgorithm::Blake3 => Self::Blake3(Blake3Mode::Hash),
        }
    }
}

/// Feeds a region to a hasher, charging for it piece by piece.
fn feed(job: &JobContext<'_>, hasher: &mut Hasher, region: region::Reader<'_>) -> Result<(), Halt> {
    let mut input = job.input(region, PIECE_BYTES)?;
    let total = u64::from(input.remaining());
    let mut piece_bytes = FIRST_PIECE_BYTES;
    while let Some(piece) = input.take_piece(piece_bytes) {
        job.charge(piece.len() as u64)?;
        hasher.update(piece);
        job.progress(total - u64::from(input.remaining()), total);
        piece_bytes = (piece_bytes * 2).min(PIECE_BYTES);
    }
    Ok(())
}

pub(super) fn hash(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hash_params::Owned>()?;
    let algorithm = params.get_algorithm()?;
    let input = params.get_input()?;
    let scratch = params.get_scratch()?;
    if scratch.get_byte_length() > 0 {
        let boundary = Hasher::new(Function::from(algorithm)).next_boundary();
        return hash_subtrees(job, boundary, input, scratch);
    }
    if input.get_byte_length() <= FIRST_PIECE_BYTES
        && let Ok(algorithm) = Algorithm::try_from(algorithm)
    {
        job.charge(input.get_byte_length().into())?;
        let bytes = whole(job, input)?;
        job.write_output(&crate::hash(algorithm, bytes))?;
        return Ok(());
    }
    let mut hasher = Hasher::new(Function::from(algorithm));
    feed(job, &mut hasher, input)?;
    job.write_output(&hasher.finalize())?;
    Ok(())
}

/// For the last thread, where several have hashed subtrees.
pub(super) fn finish_hash(job: &JobContext<'_>) -> Result<(), Halt> {
    if !in_subtrees(job) {
        return Ok(());
    }
    let params = job.params::<hash_params::Owned>()?;
    let mut hasher = Hasher::new(Function::from(params.get_algorithm()?));
    join_subtrees(job, &mut hasher, params.get_input()?, params.get_scratch()?)?;
    job.write_output(&hasher.finalize())?;
    Ok(())
}

pub(super) fn blake3(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<blake3_params::Owned>()?;
    let mut hasher = Hasher::new(Function::Blake3(mode(params.get_options()?)?));
    let scratch = params.get_scratch()?;
    if scratch.get_byte_length() > 0 {
        return hash_subtrees(job, hasher.next_boundary(), params.get_input()?, scratch);
    }
    feed(job, &mut hasher, params.get_input()?)?;
    extend(job, hasher, params.get_position(), params.get_output()?)
}

/// For the last thread, where several have hashed subtrees.
pub(super) fn finish_blake3(job: &JobContext<'_>) -> Result<(), Halt> {
    if !in_subtrees(job) {
        return Ok(());
    }
    let params = job.params::<blake3_params::Owned>()?;
    let mut hasher = Hasher::new(Function::Blake3(mode(params.get_options()?)?));
    join_subtrees(job, &mut hasher, params.get_input()?, params.get_scratch()?)?;
    extend(job, hasher, params.get_position(), params.get_output()?)
}

/// Whether the job's threads hash subtrees, which the first says in the word that they share.
fn in_subtrees(job: &JobContext<'_>) -> bool {
    job.shared().load(Ordering::SeqCst) != 0
}

/// Fills a region with a hasher's output from a position on, charging for it.
fn extend(
    job: &JobContext<'_>,
    hasher: Hasher,
    position: u64,
    region: region::Reader<'_>,
) -> Result<(), Halt> {
    let mut start = 0;
    while start < region.get_byte_length() {
        let length = (region.get_byte_length() - start).min(PIECE_BYTES);
        job.charge(length.into())?;
        let part = job.output_part(region, start, length)?;
        hasher
            .clone()
            .extend(position.wrapping_add(start.into()), part)?;
        start += length;
    }
    Ok(())
}

pub(super) fn open_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_open_params::Owned>()?;
    let function = match params.get_algorithm()?.into() {
        Function::Blake3(_) => Function::Blake3(mode(params.get_options()?)?),
        other => other,
    };
    let hasher = HASHERS.open(job.life(), function)?;
    job.write_result::<hasher_open_result::Owned>(|mut result| result.set_hasher(hasher))?;
    Ok(())
}

pub(super) fn update_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_update_params::Owned>()?;
    let input = job.input(params.get_input()?, PIECE_BYTES)?;
    let total = u64::from(input.remaining());
    // All or nothing: a stream that was fed half a piece could not go on.
    job.charge(total)?;
    HASHERS.with(params.get_hasher(), |hasher| {
        let mut done = 0;
        for piece in input {
            hasher.update(piece);
            done += piece.len() as u64;
            job.progress(done, total);
        }
    })?;
    Ok(())
}

pub(super) fn update_tree(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_update_tree_params::Owned>()?;
    // Nothing changes the hasher before the job's end.
    let boundary = HASHERS.with(params.get_hasher(), |hasher| hasher.next_boundary())?;
    hash_subtrees(job, boundary, params.get_input()?, params.get_scratch()?)
}

/// So the hasher has seen all of the input or, when the job ends early, none.
pub(super) fn finish_tree(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_update_tree_params::Owned>()?;
    let (input, scratch) = (params.get_input()?, params.get_scratch()?);
    HASHERS.with(params.get_hasher(), |hasher| {
        join_subtrees(job, hasher, input, scratch)
    })?
}

/// Threads draw the subtrees that an input has from where a hasher stands, and leave their chaining values in
/// the scratch.
fn hash_subtrees(
    job: &JobContext<'_>,
    boundary: Option<Boundary>,
    input: region::Reader<'_>,
    scratch: region::Reader<'_>,
) -> Result<(), Halt> {
    job.shared().store(1, Ordering::SeqCst);
    let input = whole(job, input)?;
    let boundary = boundary.ok_or(Error::NotExtendable)?;
    let count = boundary.whole_subtrees(input.len());
    loop {
        let drawn = job.next_pieces(1) as usize;
        // Who draws first also pays for what isn't in whole subtrees, which the last thread hashes.
        let Some(number) = drawn.checked_sub(1) else {
            job.charge((input.len() - count * SUBTREE_BYTES) as u64)?;
            continue;
        };
        if number >= count {
            return Ok(());
        }
        job.charge(SUBTREE_BYTES as u64)?;
        let start = number * SUBTREE_BYTES;
        let data = &input[boundary.lead + start..][..SUBTREE_BYTES];
        let value = subtree(&boundary.mode, data, boundary.offset + start as u64);
        let part = job.output_part(scratch, (number * DIGEST_BYTES) as u32, DIGEST_BYTES as u32)?;
        part.copy_from_slice(&value);
        job.progress(number as u64 + 1, count as u64);
    }
}

/// Takes the input to the hasher: what the threads have left of it, and what isn't in whole subtrees.
fn join_subtrees(
    job: &JobContext<'_>,
    hasher: &mut Hasher,
    input: region::Reader<'_>,
    scratch: region::Reader<'_>,
) -> Result<(), Halt> {
    let input = whole(job, input)?;
    let (values, _) = whole(job, scratch)?.as_chunks::<DIGEST_BYTES>();
    let boundary = hasher.next_boundary().ok_or(Error::NotExtendable)?;
    let count = boundary.whole_subtrees(input.len());
    let lead = if count == 0 { 0 } else { boundary.lead };
    let (before, rest) = input.split_at(lead);
    hasher.update(before);
    if count > 0 {
        hasher.push_subtrees(values[..count].iter().copied());
    }
    hasher.update(&rest[count * SUBTREE_BYTES..]);
    Ok(())
}

pub(super) fn finish_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_finish_params::Owned>()?;
    job.write_output(&HASHERS.finish(params.get_hasher())?)?;
    Ok(())
}

pub(super) fn extend_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_extend_params::Owned>()?;
    let hasher = HASHERS.take(params.get_hasher())?;
    extend(job, hasher, params.get_position(), params.get_output()?)
}

pub(super) fn close_hasher(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hasher_close_params::Owned>()?;
    HASHERS.close(params.get_hasher())?;
    Ok(())
}

/// Messages one after another in some bytes.
#[derive(Clone, Copy)]
struct Messages<'m> {
    data: &'m [u8],
    count: usize,
    bytes_each: usize,
    /// Where each ends, unless all have the same length.
    ends: &'m [[u8; 4]],
}

impl<'m> Messages<'m> {
    /// Where a message ends.
    fn end(&self, number: usize) -> Option<usize> {
        match self.ends.get(number) {
            Some(end) => Some(u32::from_le_bytes(*end) as usize),
            None if self.ends.is_empty() => (number + 1).checked_mul(self.bytes_each),
            None => None,
        }
    }

    /// Where a message begins.
    fn start(&self, number: usize) -> Option<usize> {
        match number.checked_sub(1) {
            Some(before) => self.end(before),
            None => Some(0),
        }
    }

    fn get(&self, number: usize) -> Result<&'m [u8], Error> {
        let range = self.start(number).zip(self.end(number));
        range
            .and_then(|(start, end)| self.data.get(start..end))
            .ok_or(Error::MessageEnds {
                input_bytes: self.data.len(),
            })
    }

    /// How many bytes a run of them has, once it is known that each lies in the data.
    fn bytes(&self, run: Range<usize>) -> Result<usize, Error> {
        if self.ends.is_empty() {
            // Those before the last do if the last does.
            return Ok(self.get(run.end - 1)?.len() * run.len());
        }
        run.map(|number| Ok(self.get(number)?.len())).sum()
    }

    /// The messages of a run that [`Messages::bytes`] has looked at.
    fn run(self, run: Range<usize>) -> impl Iterator<Item = &'m [u8]> {
        let mut start = self.start(run.start).unwrap_or_default();
        run.map_while(move |number| {
            let end = self.end(number)?;
            let message = self.data.get(start..end);
            start = end;
            message
        })
    }
}

/// Most messages that a thread draws at once.
const MOST_DRAWN: usize = 512;

/// Threads draw runs of messages that together are about a piece long.
pub(super) fn hash_many(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<hash_many_params::Owned>()?;
    let algorithm = params.get_algorithm()?;
    let data = whole(job, params.get_input()?)?;
    let ends = whole(job, params.get_ends()?)?.as_chunks::<4>().0;
    let messages = Messages {
        data,
        count: params.get_count() as usize,
        bytes_each: params.get_message_bytes() as usize,
        ends,
    };
    let drawn_at_once = (PIECE_BYTES as usize * messages.count)
        .checked_div(data.len().max(messages.count * 64))
        .unwrap_or(1)
        .clamp(1, MOST_DRAWN);
    let digest_bytes = if algorithm == schema::HashAlgorithm::Sha512 {
        2 * DIGEST_BYTES
    } else {
        DIGEST_BYTES
    };
    // Once: a message may be read only so much before it counts as malformed.
    let output = params.get_output()?;
    loop {
        let first = job.next_pieces(drawn_at_once as u64) as usize;
        if first >= messages.count {
            return Ok(());
        }
        let last = messages.count.min(first + drawn_at_once);
        let (start, length) = (first * digest_bytes, (last - first) * digest_bytes);
        let digests = job.output_part(output, start as u32, length as u32)?;
        hash_run(job, algorithm, messages, first..last, digests)?;
        job.progress(last as u64, messages.count as u64);
    }
}

fn hash_run(
    job: &JobContext<'_>,
    algorithm: schema::HashAlgorithm,
    messages: Messages<'_>,
    run: Range<usize>,
    digests: &mut [u8],
) -> Result<(), Halt> {
    let bytes = messages.bytes(run.clone())?;
    match Algorithm::try_from(algorithm) {
        Ok(algorithm) if bytes <= 2 * PIECE_BYTES as usize => {
            job.charge(bytes as u64)?;
            hash_messages(algorithm, messages.run(run), digests);
        }
        // Long messages one by one, with looks at the stop word in between.
        _ => {
            let each = digests.len() / run.len();
            for (number, digest) in run.zip(digests.chunks_exact_mut(each)) {
                let mut hasher = Hasher::new(Function::from(algorithm));
                for piece in messages.get(number)?.chunks(PIECE_BYTES as usize) {
                    job.charge(piece.len() as u64)?;
                    hasher.update(piece);
                }
                digest.copy_from_slice(&hasher.finalize());
            }
        }
    }
    Ok(())
}
