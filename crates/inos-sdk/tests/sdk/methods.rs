//! The methods of the capsule that the tests run.

use std::sync::atomic::Ordering;

use inos_sdk::generated::job_capnp::{job, region};
use inos_sdk::{Failure, Halt, JobContext, Method, MethodTable};

/// Writes its seed.
pub const ECHO: u16 = 0;
/// Adds up the bytes of a region, a unit each.
pub const SUM: u16 = 1;
/// Fails with [`OWN_CODE`].
pub const FAIL: u16 = 2;
/// Adds up the numbers below its seed, a unit each, on as many threads as want to.
pub const PARALLEL: u16 = 3;
/// Works until somebody stops it.
pub const WAIT: u16 = 4;
/// Works until its budget is spent.
pub const HUNGRY: u16 = 5;
/// Writes a kilobyte of output.
pub const LOUD: u16 = 6;
/// Leaves a result message.
pub const RESULT: u16 = 7;
/// Follows its parameters as jobs within jobs, and reads the shape of the region at their end.
pub const WALK: u16 = 8;
/// Fills a region with its seed.
pub const FILL: u16 = 9;

/// What a failure of the capsule's own is called.
pub const OWN_CODE: u32 = 300;

/// All of them.
pub static METHODS: MethodTable = &[
    method(ECHO, echo),
    method(SUM, sum),
    method(FAIL, fail),
    Method {
        id: PARALLEL,
        run: parallel,
        finish: Some(finish_parallel),
    },
    method(WAIT, wait),
    method(HUNGRY, hungry),
    method(LOUD, loud),
    method(RESULT, result),
    method(WALK, walk),
    method(FILL, fill),
];

const fn method(id: u16, run: fn(&JobContext<'_>) -> Result<(), Halt>) -> Method {
    Method {
        id,
        run,
        finish: None,
    }
}

fn echo(job: &JobContext<'_>) -> Result<(), Halt> {
    job.charge(1)?;
    job.write_output(&job.seed()?.to_le_bytes())?;
    Ok(())
}

fn sum(job: &JobContext<'_>) -> Result<(), Halt> {
    let region = job.params::<region::Owned>()?;
    let total = region.get_byte_length();
    let mut sum = 0_u64;
    let mut done = 0;
    for piece in job.input(region, 1000)? {
        job.charge(piece.len() as u64)?;
        sum += piece.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        done += piece.len() as u64;
        job.progress(done, total.into());
    }
    job.write_output(&sum.to_le_bytes())?;
    Ok(())
}

fn fail(_: &JobContext<'_>) -> Result<(), Halt> {
    Err(Failure::new(OWN_CODE, "told to fail").into())
}

fn parallel(job: &JobContext<'_>) -> Result<(), Halt> {
    let pieces = job.seed()?;
    loop {
        let piece = job.next_pieces(1);
        if piece >= pieces {
            return Ok(());
        }
        job.charge(1)?;
        job.shared().fetch_add(piece, Ordering::SeqCst);
    }
}

fn finish_parallel(job: &JobContext<'_>) -> Result<(), Halt> {
    job.write_output(&job.shared().load(Ordering::SeqCst).to_le_bytes())?;
    Ok(())
}

fn wait(job: &JobContext<'_>) -> Result<(), Halt> {
    loop {
        job.check()?;
        std::thread::yield_now();
    }
}

fn hungry(job: &JobContext<'_>) -> Result<(), Halt> {
    loop {
        job.charge_up_to(7)?;
    }
}

fn loud(job: &JobContext<'_>) -> Result<(), Halt> {
    job.write_output(&[7; 1024])?;
    Ok(())
}

fn result(job: &JobContext<'_>) -> Result<(), Halt> {
    let seed = job.seed()?;
    job.write_result::<region::Owned>(|mut region| region.set_byte_length(seed as u32))?;
    Ok(())
}

fn walk(context: &JobContext<'_>) -> Result<(), Halt> {
    let mut inner = context.params::<job::Owned>()?;
    while inner.get_seed() != 0 {
        context.charge(1)?;
        inner = inner.get_params().get_as()?;
    }
    let mut product = 1_u64;
    let region: region::Reader<'_> = inner.get_params().get_as()?;
    for size in region.get_shape()? {
        context.charge(1)?;
        product = product.wrapping_mul(size.into());
    }
    context.write_output(&product.to_le_bytes())?;
    Ok(())
}

fn fill(context: &JobContext<'_>) -> Result<(), Halt> {
    let region = context.params::<region::Owned>()?;
    context.charge(region.get_byte_length().into())?;
    context.output_region(region)?.fill(context.seed()? as u8);
    Ok(())
}
