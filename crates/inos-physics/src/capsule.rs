//! The capsule's ABI: reads each method's parameters, calls the plain Rust beside it, writes the result.

mod ask;

use inos_sdk::{Failure, Halt, JobContext};

use crate::generated::physics_capnp::{
    command_words, create_world_params, create_world_result, digest_params, physics_limits,
    physics_method, restore_params, restore_snapshot_params, restore_snapshot_result, save_params,
    save_result, step_params, take_snapshot_params, take_snapshot_result,
};
use crate::heap::{WorldAllocator, outside};
use crate::saved::Saved;
use crate::world_block::{Ring, WorldBlock, poses_bytes, take};
use crate::{Error, World, WorldOptions, snapshot_capacity};

inos_sdk::capsule! {
    allocator WorldAllocator = WorldAllocator::new();
    physics_method::CREATE_WORLD => create_world;
    physics_method::STEP => step;
    physics_method::DIGEST => digest;
    physics_method::SAVE => save;
    physics_method::RESTORE => restore;
    physics_method::CREATE_SHAPE => ask::create_shape;
    physics_method::QUERY => ask::query;
    physics_method::TAKE_SNAPSHOT => take_snapshot;
    physics_method::RESTORE_SNAPSHOT => restore_snapshot;
    physics_method::LIST => ask::list;
    physics_method::READ => ask::read;
    physics_method::DEBUG_LINES => ask::debug_lines;
    physics_method::CREATE_SOFT_BODY => ask::create_soft_body
}

type Region<'r> = inos_sdk::generated::job_capnp::region::Reader<'r>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

/// Why work inside a world stopped. Owns nothing, so that it may leave the world's heap.
enum Stop {
    Refused(Error),
    Halted,
    OutOfBudget,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(error) => error.into(),
            Stop::Halted => Self::Stopped,
            Stop::OutOfBudget => Self::OutOfBudget,
        }
    }
}

fn create_world(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<create_world_params::Owned>()?;
    let capacity = params.get_capacity();
    if capacity == 0 || capacity > physics_limits::MAXIMUM_BODIES {
        return Err(Error::Capacity { given: capacity }.into());
    }
    let poses = poses_region(job, params.get_poses()?, capacity)?;
    job.charge(1)?;
    let options = WorldOptions {
        gravity: [
            params.get_gravity_x(),
            params.get_gravity_y(),
            params.get_gravity_z(),
        ],
        step_seconds: params.get_step_seconds(),
        capacity,
        solver_iterations: params.get_solver_iterations(),
        length_unit: params.get_length_unit(),
    };
    let events = ring(job, params.get_events()?)?;
    let quota = params.get_quota_bytes();
    let world = WorldBlock::create(quota, poses, events, || Ok(World::new(&options)))?;
    job.write_result::<create_world_result::Owned>(|mut result| {
        result.set_world(world.offset());
    })?;
    Ok(())
}

/// Where poses of `capacity` bodies go.
fn poses_region(job: &JobContext<'_>, region: Region<'_>, capacity: u32) -> Result<u32, Halt> {
    let (given, expected) = (region.get_byte_length(), poses_bytes(capacity));
    if given != expected || !region.get_offset().is_multiple_of(64) {
        return Err(Error::PosesRegion { given, expected }.into());
    }
    job.output_region(region)?;
    Ok(region.get_offset())
}

/// Where events go.
fn ring(job: &JobContext<'_>, region: Region<'_>) -> Result<Ring, Halt> {
    job.output_region(region)?;
    Ok(Ring::new(region.get_offset(), region.get_byte_length())?)
}

fn take_snapshot(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<take_snapshot_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let host = job.output_region(params.get_host()?)?;
    job.charge(1)?;
    let commands = take_commands(job, params.get_commands()?)?;
    let (snapshot, bytes) = block.enter(|world| {
        let kept = outside(|| {
            let bytes = world.snapshot(host, commands)?;
            keep(&bytes).map(|offset| (offset, bytes.len() as u32))
        });
        // Also if there is no snapshot: what was asked for is done.
        world.apply(commands).and(kept)
    })??;
    job.write_result::<take_snapshot_result::Owned>(|mut result| {
        result.set_snapshot(snapshot);
        result.set_byte_length(bytes);
    })?;
    Ok(())
}

/// Copies bytes to where the host finds and frees them.
fn keep(bytes: &[u8]) -> Result<u32, Error> {
    let length = bytes.len() as u32;
    let offset = take(length).ok_or(Error::OutOfMemory { bytes: length })?;
    // SAFETY: the allocation was just made, and is as long.
    unsafe { core::slice::from_raw_parts_mut(offset as *mut u8, bytes.len()) }
        .copy_from_slice(bytes);
    Ok(offset)
}

fn restore_snapshot(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<restore_snapshot_params::Owned>()?;
    let bytes = job.output_region(params.get_snapshot()?)?;
    let capacity = snapshot_capacity(bytes)?;
    let poses = poses_region(job, params.get_poses()?, capacity)?;
    let events = ring(job, params.get_events()?)?;
    job.charge(1)?;
    let world = WorldBlock::create(params.get_quota_bytes(), poses, events, || {
        World::restore(bytes).map(|(world, _)| world)
    })?;
    world.enter(|inside| world.publish(inside))?;
    job.write_result::<restore_snapshot_result::Owned>(|mut result| {
        result.set_world(world.offset());
    })?;
    Ok(())
}

/// A stream of commands where it lies, marked as taken.
fn take_commands<'m>(job: &JobContext<'m>, region: Region<'_>) -> Result<&'m [u32], Halt> {
    let bytes = job.output_region(region)?;
    if bytes.is_empty() {
        return Ok(&[]);
    }
    // SAFETY: any bits are words; what is left over at the ends makes the stream a bad one.
    let (before, words, _) = unsafe { bytes.align_to_mut::<u32>() };
    let bad = Error::BadCommand {
        word: 0,
        operand: 0,
    };
    let head = command_words::HEAD as usize;
    if !before.is_empty() || words.len() < head {
        return Err(bad.into());
    }
    let count = words[command_words::WORDS as usize] as usize;
    words[command_words::TAKEN as usize] = 1;
    let stream = words[head..].get(..count).ok_or(bad)?;
    Ok(stream)
}

fn step(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<step_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let steps = params.get_steps();
    job.check()?;
    let commands = take_commands(job, params.get_commands()?)?;
    let outcome = block.enter(|world| {
        let applied = world.apply(commands).map_err(Stop::from);
        let stepped = applied.and_then(|()| run(job, block, world, steps));
        // Also when it was stopped: the world is whole after each step.
        block.publish(world);
        stepped
    })?;
    Ok(outcome?)
}

fn run(job: &JobContext<'_>, block: WorldBlock, world: &mut World, steps: u32) -> Result<(), Stop> {
    for done in 0..steps {
        charge(job, u64::from(world.body_count().max(1)))?;
        world.step();
        block.publish_events(world);
        job.progress(u64::from(done) + 1, u64::from(steps));
    }
    Ok(())
}

fn digest(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<digest_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    job.charge(1)?;
    let commands = take_commands(job, params.get_commands()?)?;
    let digest = block.enter(|world| world.apply(commands).map(|()| world.digest()))??;
    job.write_output(&digest)?;
    Ok(())
}

fn save(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<save_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    job.charge(1)?;
    let commands = take_commands(job, params.get_commands()?)?;
    block.enter(|world| world.apply(commands))??;
    let (saved, bytes) = Saved::save(block)?;
    job.write_result::<save_result::Owned>(|mut result| {
        result.set_saved(saved);
        result.set_byte_length(bytes);
    })?;
    Ok(())
}

fn restore(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<restore_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let saved = Saved::open(params.get_saved(), block)?;
    job.charge(1)?;
    saved.restore(block);
    block.enter(|world| block.publish(world))?;
    Ok(())
}

fn charge(job: &JobContext<'_>, units: u64) -> Result<(), Stop> {
    job.charge(units).map_err(|halt| match halt {
        Halt::OutOfBudget => Stop::OutOfBudget,
        _ => Stop::Halted,
    })
}
