//! The methods that ask: shapes that may or may not be, queries, lists, properties, lines.

use inos_physics_cold::debug_lines as write_lines;
use inos_sdk::{Halt, JobContext};

use super::{Commands, Region, Stop, charge, open_commands};
use crate::generated::physics_capnp::{
    create_shape_params, create_soft_body_params, create_soft_body_result, debug_lines_params,
    list_params, query_params, read_params,
};
use crate::world_block::WorldBlock;
use crate::{Error, Handle, Query, World, list_widths, read_input_words};

/// A region's words, to read.
fn words<'m>(job: &JobContext<'m>, region: Region<'_>) -> Result<&'m [u32], Halt> {
    let bytes = job.output_region(region)?;
    // SAFETY: any bits are words.
    let (before, words, after) = unsafe { bytes.align_to::<u32>() };
    if before.is_empty() && after.is_empty() {
        return Ok(words);
    }
    Err(Error::BadQuery {
        reason: "a region isn't made of whole words",
    }
    .into())
}

pub(super) fn create_shape(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<create_shape_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let data = words(job, params.get_data()?)?;
    let handle = Handle {
        slot: params.get_slot(),
        generation: params.get_generation(),
    };
    job.charge(1)?;
    let mut commands = open_commands(job, params.get_commands()?)?;
    block.enter(|world| {
        commands.apply(world)?;
        world.create_shape(handle, data)
    })??;
    Ok(())
}

/// Queries that a thread takes at once, between two looks at the job's stop word.
const QUERIES_AT_ONCE: usize = 64;

pub(super) fn query(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<query_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let asked = asked(params);
    let input = words(job, params.get_input()?)?;
    let shape = words(job, params.get_shape()?)?;
    let output = params.get_output()?;
    let (width, answer) = (asked.input_words()?, asked.output_words());
    let count = input.len() / width;
    let fits = input.len().is_multiple_of(width)
        && count
            .checked_mul(answer)
            .and_then(|words| words.checked_mul(4))
            == Some(output.get_byte_length() as usize)
        && !asked.maximum.is_nan();
    if !fits {
        return Err(Error::BadQuery {
            reason: "input and output must hold as many queries",
        }
        .into());
    }
    job.check()?;
    let mut commands = open_commands(job, params.get_commands()?)?;
    if !commands.is_empty() && job.threads() > 1 {
        return Err(Error::BadQuery {
            reason: "one thread alone may change the world first",
        }
        .into());
    }
    commands.apply_alone(block)?;
    block.inspect(|world| -> Result<(), Halt> {
        loop {
            let first = job.next_pieces(QUERIES_AT_ONCE as u64) as usize;
            if first >= count {
                return Ok(());
            }
            let end = count.min(first + QUERIES_AT_ONCE);
            charge(job, (end - first) as u64)?;
            let (at, length) = (first * answer * 4, (end - first) * answer * 4);
            let output = as_words_mut(job.output_part(output, at as u32, length as u32)?)?;
            let input = &input[first * width..end * width];
            world.query(&asked, shape, first as u32, input, output)?;
        }
    })?
}

/// What is common to the queries of a job.
fn asked(params: query_params::Reader<'_>) -> Query {
    Query {
        kind: u32::from(params.get_kind()),
        flags: params.get_flags(),
        groups: params.get_groups(),
        excluded_body: params.get_excluded_body(),
        excluded_collider: params.get_excluded_collider(),
        only_collider: params.get_only_collider(),
        limit: params.get_limit(),
        maximum: params.get_maximum(),
        target_distance: params.get_target_distance(),
    }
}

/// A region's words, to write.
fn words_mut<'m>(job: &JobContext<'m>, region: Region<'_>) -> Result<&'m mut [u32], Halt> {
    as_words_mut(job.output_region(region)?)
}

/// Bytes as the words that they are made of.
fn as_words_mut(bytes: &mut [u8]) -> Result<&mut [u32], Halt> {
    // SAFETY: any bits are words.
    let (before, words, after) = unsafe { bytes.align_to_mut::<u32>() };
    if before.is_empty() && after.is_empty() {
        return Ok(words);
    }
    Err(Error::BadQuery {
        reason: "a region isn't made of whole words",
    }
    .into())
}

pub(super) fn create_soft_body(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<create_soft_body_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let data = words(job, params.get_data()?)?;
    let handle = Handle {
        slot: params.get_slot(),
        generation: params.get_generation(),
    };
    job.charge(1)?;
    let mut commands = open_commands(job, params.get_commands()?)?;
    let particles = block.enter(|world| {
        commands.apply(world)?;
        world.create_soft_body(handle, data)
    })??;
    job.write_result::<create_soft_body_result::Owned>(|mut result| {
        result.set_particles(particles);
    })?;
    Ok(())
}

pub(super) fn list(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<list_params::Owned>()?.get_query()?;
    let block = WorldBlock::open(params.get_world())?;
    let asked = asked(params);
    let input = words(job, params.get_input()?)?;
    let shape = words(job, params.get_shape()?)?;
    let output = words_mut(job, params.get_output()?)?;
    let (width, _) = list_widths(asked.kind)?;
    if !input.len().is_multiple_of(width) || asked.maximum.is_nan() {
        return Err(Error::BadQuery {
            reason: "input must hold whole questions",
        }
        .into());
    }
    job.check()?;
    let commands = open_commands(job, params.get_commands()?)?;
    inside(job, block, commands, input.len() / width, |world| {
        world.list(&asked, shape, input, output).map(|_| ())
    })
}

pub(super) fn read(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<read_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let subject = u32::from(params.get_subject());
    let input = words(job, params.get_input()?)?;
    let output = words_mut(job, params.get_output()?)?;
    let no_fit = Error::BadQuery {
        reason: "input must hold whole things",
    };
    let (properties, things) = input
        .split_at_checked(usize::from(params.get_properties()))
        .ok_or(no_fit)?;
    let width = read_input_words(subject)?;
    if !things.len().is_multiple_of(width) {
        return Err(no_fit.into());
    }
    job.check()?;
    let commands = open_commands(job, params.get_commands()?)?;
    inside(job, block, commands, things.len() / width, |world| {
        world.read(subject, properties, things, output)
    })
}

pub(super) fn debug_lines(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<debug_lines_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let output = words_mut(job, params.get_output()?)?;
    let (modes, exclude) = (params.get_modes(), params.get_exclude());
    job.check()?;
    let commands = open_commands(job, params.get_commands()?)?;
    inside(job, block, commands, 1, |world| {
        write_lines(&world.physics, modes, exclude, output);
        Ok(())
    })
}

/// Applies commands, then pays for `units` and does the work.
fn inside(
    job: &JobContext<'_>,
    block: WorldBlock,
    mut commands: Commands<'_>,
    units: usize,
    work: impl FnOnce(&World) -> Result<(), Error>,
) -> Result<(), Halt> {
    commands.apply_alone(block)?;
    let outcome = block.inspect(|world| -> Result<(), Stop> {
        charge(job, units as u64)?;
        Ok(work(world)?)
    })?;
    Ok(outcome?)
}
