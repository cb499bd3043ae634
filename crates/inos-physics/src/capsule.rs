//! The capsule's ABI: reads each method's parameters, calls the plain Rust beside it, writes the result.

mod ask;
#[cfg(inos_counts)]
mod counters;

use inos_sdk::{Failure, Halt, JobContext};

use crate::frames::{Particles, particles_capacity, poses_bytes};
use crate::generated::physics_capnp::{
    command_words, create_world_params, create_world_result, digest_params, physics_limits,
    physics_method, restore_params, restore_snapshot_params, restore_snapshot_result, save_params,
    save_result, step_params, take_snapshot_params, take_snapshot_result,
};
use crate::heap::{WorldAllocator, outside};
use crate::pace::{Pace, Turn};
use crate::saved::Saved;
use crate::world_block::{Regions, Ring, WorldBlock, take};
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
    CapsuleEnding,
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
            Stop::CapsuleEnding => Self::CapsuleEnding,
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
    let regions = Regions {
        poses: poses_region(job, params.get_poses()?, capacity)?,
        particles: particles(job, params.get_particles()?)?,
        ring: ring(job, params.get_events()?)?,
    };
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
    let quota = params.get_quota_bytes();
    let world = WorldBlock::create(quota, &regions, || Ok(World::new(&options)))?;
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

/// Where particles go, if anywhere.
fn particles(job: &JobContext<'_>, region: Region<'_>) -> Result<Option<Particles>, Halt> {
    let (offset, given) = (region.get_offset(), region.get_byte_length());
    job.output_region(region)?;
    if given == 0 {
        return Ok(None);
    }
    match particles_capacity(given) {
        Some(capacity) if offset.is_multiple_of(64) => Ok(Some(Particles { offset, capacity })),
        _ => Err(Error::BadQuery {
            reason: "a region of particles must be as long as its frames",
        }
        .into()),
    }
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
    let mut commands = open_commands(job, params.get_commands()?)?;
    let (snapshot, bytes) = block.enter(|world| {
        let kept = outside(|| {
            let bytes = world.snapshot(host, commands.stream)?;
            keep(&bytes).map(|offset| (offset, bytes.len() as u32))
        });
        // Also if there is no snapshot: what was asked for is done.
        commands.apply(world).and(kept)
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
    let regions = Regions {
        poses: poses_region(job, params.get_poses()?, capacity)?,
        particles: particles(job, params.get_particles()?)?,
        ring: ring(job, params.get_events()?)?,
    };
    job.charge(1)?;
    let world = WorldBlock::create(params.get_quota_bytes(), &regions, || {
        World::restore(bytes).map(|(world, _)| world)
    })?;
    world.enter(|inside| world.publish(inside))?;
    job.write_result::<restore_snapshot_result::Owned>(|mut result| {
        result.set_world(world.offset());
    })?;
    Ok(())
}

/// A stream of commands where it lies.
struct Commands<'m> {
    head: &'m mut [u32],
    stream: &'m [u32],
}

impl Commands<'_> {
    /// Applies them, marked as taken. The host sends what isn't so marked again with the next job: so this happens
    /// inside [`WorldBlock::enter`], where a crash ends the world with them.
    fn apply(&mut self, world: &mut World) -> Result<(), Error> {
        if let Some(taken) = self.head.get_mut(command_words::TAKEN as usize) {
            *taken = 1;
        }
        world.apply(self.stream)
    }

    fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// Applies them, if there are any, and nothing else.
    fn apply_alone(&mut self, block: WorldBlock) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        block.enter(|world| self.apply(world))?
    }
}

fn open_commands<'m>(job: &JobContext<'m>, region: Region<'_>) -> Result<Commands<'m>, Halt> {
    let bytes = job.output_region(region)?;
    if bytes.is_empty() {
        return Ok(Commands {
            head: &mut [],
            stream: &[],
        });
    }
    // SAFETY: any bits are words; what is left over at the ends makes the stream a bad one.
    let (before, words, _) = unsafe { bytes.align_to_mut::<u32>() };
    let bad = Error::BadCommand {
        word: 0,
        operand: 0,
    };
    let size = command_words::HEAD as usize;
    if !before.is_empty() || words.len() < size {
        return Err(bad.into());
    }
    let (head, rest) = words.split_at_mut(size);
    let rest: &'m [u32] = rest;
    let count = head[command_words::WORDS as usize] as usize;
    let stream = rest.get(..count).ok_or(bad)?;
    Ok(Commands { head, stream })
}

fn step(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<step_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    let steps = params.get_steps();
    let pace = job.output_region(params.get_pace()?)?;
    let mut pace = (!pace.is_empty()).then(|| Pace::new(pace)).transpose()?;
    job.check()?;
    let mut commands = open_commands(job, params.get_commands()?)?;
    let outcome = block.enter(|world| {
        let applied = commands.apply(world).map_err(Stop::from);
        let before = world.steps();
        let stepped = applied.and_then(|()| run(job, block, world, steps, &mut pace));
        // Also when it was stopped: the world is whole after each step. Who keeps a pace has shown each of them.
        if pace.is_none() || world.steps() == before {
            block.publish(world);
        }
        stepped
    })?;
    Ok(outcome?)
}

/// Waits until the pace says what to do. False: take no more steps.
fn wait(job: &JobContext<'_>, world: &World, pace: &mut Pace<'_>) -> Result<bool, Stop> {
    loop {
        match pace.turn(world.steps() as u32) {
            Turn::Step => return Ok(true),
            Turn::Leave => return Ok(false),
            Turn::Again => require_going(job)?,
        }
    }
}

/// Stops if somebody wants the job or the capsule to end.
fn require_going(job: &JobContext<'_>) -> Result<(), Stop> {
    if job.is_capsule_ending() {
        return Err(Stop::CapsuleEnding);
    }
    job.check().map_err(|_| Stop::Halted)
}

fn run(
    job: &JobContext<'_>,
    block: WorldBlock,
    world: &mut World,
    steps: u32,
    pace: &mut Option<Pace<'_>>,
) -> Result<(), Stop> {
    for done in 0..steps {
        require_going(job)?;
        if let Some(pace) = pace
            && !wait(job, world, pace)?
        {
            return Ok(());
        }
        charge(job, u64::from(world.body_count().max(1)))?;
        world.step();
        block.publish_events(world);
        if pace.is_some() {
            block.publish(world);
        }
        job.progress(u64::from(done) + 1, u64::from(steps));
    }
    Ok(())
}

fn digest(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<digest_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    job.charge(1)?;
    open_commands(job, params.get_commands()?)?.apply_alone(block)?;
    let digest = block.inspect(World::digest)?;
    job.write_output(&digest)?;
    Ok(())
}

fn save(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<save_params::Owned>()?;
    let block = WorldBlock::open(params.get_world())?;
    job.charge(1)?;
    open_commands(job, params.get_commands()?)?.apply_alone(block)?;
    block.inspect(|_| ())?;
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
