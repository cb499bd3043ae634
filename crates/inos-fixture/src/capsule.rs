//! The fixture's methods.

use core::hint::black_box;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use inos_sdk::{Failure, Halt, JobContext};

use crate::generated::fixture_capnp::{
    Misdeed, copy_params, fixture_method, misbehave_params, sum_params,
};

const PIECE_BYTES: u32 = 1 << 20;
/// The fixture's own failure, as `misbehave` ends with it.
const OWN_FAILURE: u32 = 256;

inos_sdk::capsule! {
    fixture_method::SUM => sum, then finish_sum;
    fixture_method::MISBEHAVE => misbehave;
    fixture_method::COPY => copy;
}

fn sum(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<sum_params::Owned>()?;
    let (pieces, rounds) = (params.get_pieces(), params.get_rounds_per_piece());
    let mut pauses = Pauses::of(&params);
    loop {
        let piece = job.next_pieces(1);
        pauses.perhaps(piece);
        if piece >= pieces {
            return Ok(());
        }
        job.charge(1)?;
        pauses.perhaps(piece);
        for round in 0..rounds {
            black_box(round);
        }
        job.shared().fetch_add(piece, Ordering::SeqCst);
        job.progress(piece + 1, pieces);
    }
}

/// Where a job's threads sleep, and how long.
struct Pauses {
    state: u64,
    longest_micros: u64,
}

impl Pauses {
    /// One point in so many is a pause.
    const POINTS: u64 = 16;

    fn of(params: &sum_params::Reader<'_>) -> Self {
        Self {
            state: params.get_pause_seed().into(),
            longest_micros: params.get_longest_pause_microseconds().into(),
        }
    }

    /// Sleeps at the next point, if it is one of those.
    fn perhaps(&mut self, piece: u64) {
        if self.longest_micros == 0 {
            return;
        }
        // D. Knuth's MMIX generator; its high bits are the good ones.
        let mixed = (self.state ^ piece).wrapping_mul(6_364_136_223_846_793_005);
        self.state = mixed.wrapping_add(1_442_695_040_888_963_407);
        let draw = self.state >> 33;
        if draw.is_multiple_of(Self::POINTS) {
            thread::sleep(Duration::from_micros(
                draw / Self::POINTS % self.longest_micros,
            ));
        }
    }
}

fn finish_sum(job: &JobContext<'_>) -> Result<(), Halt> {
    Pauses::of(&job.params::<sum_params::Owned>()?).perhaps(0);
    job.write_output(&job.shared().load(Ordering::SeqCst).to_le_bytes())?;
    Ok(())
}

fn misbehave(job: &JobContext<'_>) -> Result<(), Halt> {
    match job.params::<misbehave_params::Owned>()?.get_misdeed()? {
        Misdeed::None => {}
        Misdeed::Panic => panic!("the fixture was asked to panic"),
        Misdeed::Trap => trap(),
        Misdeed::OverflowStack => overflow::<2>(u32::MAX),
        Misdeed::OverflowWide => overflow::<1280>(u32::MAX),
        Misdeed::OverflowAtOnce => overflow::<0x8_0000>(0),
        Misdeed::DeepStack => overflow::<64>(1800),
        Misdeed::ExhaustMemory => exhaust(),
        Misdeed::Fail => {
            return Err(Failure::new(OWN_FAILURE, "the fixture was asked to fail").into());
        }
        Misdeed::NeverPoll => loop {
            black_box(0);
        },
        Misdeed::OverflowResult => job.write_output(&[0; 4096])?,
        Misdeed::Scribble => scribble(job.seed()? as u8),
        Misdeed::Ruin => {
            scribble(job.seed()? as u8);
            trap();
        }
    }
    Ok(())
}

#[cfg(target_arch = "wasm32")]
fn trap() {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_arch = "wasm32"))]
fn trap() {
    std::process::abort()
}

#[cfg(target_arch = "wasm32")]
fn scribble(byte: u8) {
    let bytes = core::arch::wasm32::memory_size(0) << 16;
    // SAFETY: none. It destroys everything in the memory, as nothing but a test may.
    unsafe { core::ptr::write_bytes(core::ptr::without_provenance_mut::<u8>(1), byte, bytes - 1) };
}

#[cfg(not(target_arch = "wasm32"))]
fn scribble(_: u8) {
    std::process::abort()
}

fn overflow<const WORDS: usize>(depth: u32) {
    black_box(recurse::<WORDS>(depth));
}

/// Calls itself `depth` times, in frames of so many words of 64 bits. Not inlined: they would be frames of its callers.
#[inline(never)]
fn recurse<const WORDS: usize>(depth: u32) -> u64 {
    let frame = black_box([u64::from(depth); WORDS]);
    match depth.checked_sub(1) {
        None => frame[0],
        Some(rest) => recurse::<WORDS>(rest).wrapping_add(frame[WORDS - 1]),
    }
}

fn exhaust() {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 1 << 20]);
        black_box(&hoard);
    }
}

fn copy(job: &JobContext<'_>) -> Result<(), Halt> {
    let params = job.params::<copy_params::Owned>()?;
    let source = job.input(params.get_source()?, PIECE_BYTES)?;
    let target = job.output_region(params.get_target()?)?;
    if source.remaining() as usize != target.len() {
        return Err(Failure::new(OWN_FAILURE, "source and target differ in length").into());
    }
    let mut end = target.len();
    for piece in source {
        job.charge(piece.len() as u64)?;
        let start = end - piece.len();
        for (to, from) in target[start..end].iter_mut().rev().zip(piece) {
            *to = *from;
        }
        end = start;
    }
    Ok(())
}
