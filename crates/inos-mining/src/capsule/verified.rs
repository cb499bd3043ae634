//! The methods of verified streaming.

use std::io::Read;

use inos_sdk::generated::job_capnp::region;
use inos_sdk::{Halt, JobContext};

use super::{PIECE_BYTES, whole};
use crate::generated::mining_capnp::{
    encode_outboard_params, encode_subtree_params, extract_slice_params, join_subtrees_params,
    slice_result, verify_slice_params,
};
use crate::{
    DIGEST_BYTES, Error, OutboardEncoder, SUBTREE_BYTES, read_full, slice_of_part, verified,
};

pub(super) fn encode_outboard(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<encode_outboard_params::Owned>()?;
    let mut encoder = OutboardEncoder::default();
    for piece in job.input(params.get_input()?, PIECE_BYTES)? {
        job.charge(piece.len() as u64)?;
        encoder.update(piece)?;
    }
    let (outboard, digest) = encoder.finish()?;
    let target = params.get_outboard()?;
    let (given, needed) = (u64::from(target.get_byte_length()), outboard.len() as u64);
    if given < needed {
        return Err(Error::OutputLength { given, needed }.into());
    }
    job.output_part(target, 0, outboard.len() as u32)?
        .copy_from_slice(&outboard);
    job.write_output(&digest)?;
    Ok(())
}

/// The room for an outboard or a part of one: a region of the caller's.
fn room<'m>(job: &JobContext<'m>, region: region::Reader<'_>) -> Result<&'m mut [u8], Halt> {
    Ok(job.output_part(region, 0, region.get_byte_length())?)
}

pub(super) fn encode_subtree(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<encode_subtree_params::Owned>()?;
    let mut input = job.input(params.get_input()?, SUBTREE_BYTES as u32)?;
    let data = input.next().unwrap_or_default();
    job.charge(data.len() as u64)?;
    let room = room(job, params.get_outboard()?)?;
    job.write_output(&crate::encode_subtree(data, params.get_number(), room)?)?;
    Ok(())
}

pub(super) fn join_subtrees(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<join_subtrees_params::Owned>()?;
    let values = whole(job, params.get_values()?)?;
    job.charge(values.len() as u64)?;
    let (values, _) = values.as_chunks::<DIGEST_BYTES>();
    let room = room(job, params.get_outboard()?)?;
    job.write_output(&crate::join_subtrees(values, params.get_bytes(), room)?)?;
    Ok(())
}

/// Reads into a region until there is no more, and says in the result how much there was.
fn read_into(
    job: &JobContext<'_>,
    reader: &mut impl Read,
    target: region::Reader<'_>,
) -> Result<(), Halt> {
    let mut filled = 0;
    loop {
        let length = (target.get_byte_length() - filled).min(PIECE_BYTES);
        job.charge(length.into())?;
        let part = job.output_part(target, filled, length)?;
        let bytes = read_full(reader, part)? as u32;
        filled += bytes;
        if bytes < length || length == 0 {
            job.refund(u64::from(length - bytes));
            break;
        }
    }
    // What is still unread had no room, or isn't what the digest says.
    if read_full(reader, &mut [0])? > 0 {
        let given = u64::from(target.get_byte_length());
        let needed = given + 1;
        return Err(Error::OutputLength { given, needed }.into());
    }
    job.write_result::<slice_result::Owned>(|mut result| result.set_bytes(filled))?;
    Ok(())
}

pub(super) fn extract_slice(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<extract_slice_params::Owned>()?;
    let input = whole(job, params.get_input()?)?;
    let outboard = whole(job, params.get_outboard()?)?;
    let (start, length) = (params.get_start(), params.get_length());
    let mut slice = slice_of_part(input, params.get_input_start(), outboard, start, length);
    read_into(job, &mut slice, params.get_slice()?)
}

pub(super) fn verify_slice(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<verify_slice_params::Owned>()?;
    let slice = whole(job, params.get_slice()?)?;
    let digest = params.get_digest()?;
    let digest = digest.try_into().map_err(|_| Error::CorruptSlice)?;
    let mut bytes = verified(slice, digest, params.get_start(), params.get_length());
    read_into(job, &mut bytes, params.get_output()?)
}
