//! The loop bench's own capsule: one method that is given a region of any size and reads a little of it,
//! so that what its jobs cost is what handing over the region costs, and one that crashes.
//!
//! It is built as a third party's capsule would be: on `inos-sdk` alone, in the third-party range. Its only
//! parameter is a region, which the SDK's schema has, so it needs no schema of its own.

use inos_sdk::generated::job_capnp::region;
use inos_sdk::{Halt, JobContext};

/// How much of each end of the region is read.
const END_BYTES: usize = 512;

inos_sdk::capsule! { 0 => touch; 1 => crash }

/// The sum of the region's first and last bytes, as a little-endian u32 in the output.
fn touch(job: &JobContext<'_>) -> Result<(), Halt> {
    job.charge(1)?;
    let mut pieces = job.input(job.params::<region::Owned>()?, i32::MAX as u32)?;
    let bytes = pieces.next().unwrap_or_default();
    let length = END_BYTES.min(bytes.len());
    let sum = sum(&bytes[..length]) + sum(&bytes[bytes.len() - length..]);
    job.write_output(&sum.to_le_bytes())?;
    Ok(())
}

/// Dies: for measuring how soon the next job is done.
fn crash(_job: &JobContext<'_>) -> Result<(), Halt> {
    panic!("asked to");
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte)).sum()
}
