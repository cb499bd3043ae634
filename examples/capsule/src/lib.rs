//! Counts the pairs of points that lie close to each other, on as many threads as there are.
mod generated;

use std::sync::atomic::Ordering;

use generated::close_pairs_capnp::{count_params, method};
use inos_sdk::{Failure, Halt, JobContext};

/// Two float64 numbers.
type Point = [u8; 16];
/// Some hundred microseconds of work: between two blocks the job may be stopped.
const BLOCK_POINTS: usize = 1 << 17;
/// An error code of its own, as `index.ts` names it.
const UNEVEN: u32 = 256;

inos_sdk::capsule! { method::COUNT => count, then finish }

fn count(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<count_params::Owned>()?;
    let mut pieces = job.input(params.get_points()?, u32::MAX >> 1)?;
    let (points, rest) = pieces.next().unwrap_or_default().as_chunks();
    if !rest.is_empty() {
        return Err(Failure::new(UNEVEN, "points must be pairs of float64").into());
    }
    let square = params.get_distance() * params.get_distance();
    loop {
        // The next point that no thread has taken, with all points before it.
        let taken = job.next_pieces(1) as usize;
        let Some(point) = points.get(taken) else {
            return Ok(());
        };
        for block in points[..taken].chunks(BLOCK_POINTS) {
            job.charge(block.len() as u64)?;
            let is_close = |other: &&Point| square_between(point, other) <= square;
            let close = block.iter().filter(is_close).count() as u64;
            job.shared().fetch_add(close, Ordering::SeqCst);
        }
        job.progress(pairs(taken as u64 + 1), pairs(points.len() as u64));
    }
}

fn finish(job: &JobContext<'_>) -> Result<(), Halt> {
    job.write_output(&job.shared().load(Ordering::SeqCst).to_le_bytes())?;
    Ok(())
}

fn pairs(points: u64) -> u64 {
    points * points.saturating_sub(1) / 2
}

fn square_between(a: &Point, b: &Point) -> f64 {
    let number = |point: &Point, axis: usize| f64::from_le_bytes(point.as_chunks().0[axis]);
    let along = |axis| number(a, axis) - number(b, axis);
    along(0).powi(2) + along(1).powi(2)
}
