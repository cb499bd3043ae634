//! What a method holds while it works on a job.

use core::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::arena::Arena;
use crate::budget::multiply_divide;
use crate::capsule::Capsule;
use crate::error::{Error, Failure};
use crate::generated::job_capnp;
use crate::job::JobRecord;
use crate::layout::{job_state, job_words as words, stop_reason};
use crate::message::{self, Request};
use crate::sab::SafeSab;
use crate::sync;

/// The longest that a thread sleeps without looking at the stop word.
const PAUSE_NANOSECONDS: i64 = 500_000;

/// Why a method stops before it is done. Return it with `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Cancelled, past its deadline, or ended by another of its threads: just leave.
    Stopped,
    /// The reservation is spent.
    OutOfBudget,
    /// The capsule ends: leave the job unanswered. Only for methods that saw [`JobContext::is_capsule_ending`].
    CapsuleEnding,
    /// It can't be done.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// One thread's hold on one job.
pub struct JobContext<'m> {
    sab: SafeSab<'m>,
    arena: &'m Arena<'m>,
    capsule: Capsule<'m>,
    record: JobRecord<'m>,
    request: Request,
    priced_method: u32,
    allowed_units: u64,
    output: RefCell<()>,
}

impl<'m> JobContext<'m> {
    pub(crate) fn new(
        sab: SafeSab<'m>,
        arena: &'m Arena<'m>,
        capsule: Capsule<'m>,
        record: JobRecord<'m>,
        priced_method: u32,
        allowed_units: u64,
    ) -> Result<Self, Failure> {
        let (offset, length) = record.part(arena, words::REQUEST_OFFSET, words::REQUEST_BYTES)?;
        let request = message::open(sab.words(offset, length / 4)?)?;
        Ok(Self {
            sab,
            arena,
            capsule,
            record,
            request,
            priced_method,
            allowed_units,
            output: RefCell::new(()),
        })
    }

    fn envelope(&self) -> Result<job_capnp::job::Reader<'_>, Failure> {
        Ok(self.request.get_root()?)
    }

    /// The method whose price `allowed_units` come from.
    pub(crate) fn priced_method(&self) -> u32 {
        self.priced_method
    }

    /// The method that the request names.
    pub(crate) fn method(&self) -> Result<u32, Failure> {
        Ok(u32::from(self.envelope()?.get_method()))
    }

    /// The method's parameters.
    ///
    /// # Errors
    /// `malformedRequest`.
    pub fn params<T: capnp::traits::Owned>(&self) -> Result<T::Reader<'_>, Failure> {
        Ok(self.envelope()?.get_params().get_as()?)
    }

    /// The job's seed: the only randomness it may use.
    ///
    /// # Errors
    /// `malformedRequest`.
    pub fn seed(&self) -> Result<u64, Failure> {
        Ok(self.envelope()?.get_seed())
    }

    /// The bytes of a region in pieces of at most `piece` bytes, to read in place.
    ///
    /// # Errors
    /// `regionOutOfBounds` unless the region lies inside one live allocation.
    pub fn input(
        &self,
        region: job_capnp::region::Reader<'_>,
        piece: u32,
    ) -> Result<RegionChunks<'m>, Failure> {
        let (offset, length) = (region.get_offset(), region.get_byte_length());
        if length != 0 && !self.arena.contains(offset, length) {
            return Err(Error::OutOfBounds { offset, length }.into());
        }
        Ok(RegionChunks {
            sab: self.sab,
            offset,
            left: length,
            piece: piece.max(1),
        })
    }

    /// The bytes of a region of the caller's, to write results straight into.
    ///
    /// # Errors
    /// `regionOutOfBounds` unless the region lies inside one live allocation and is shorter than 2 GiB.
    pub fn output_region(
        &self,
        region: job_capnp::region::Reader<'_>,
    ) -> Result<&'m mut [u8], Failure> {
        let (offset, length) = (region.get_offset(), region.get_byte_length());
        if length == 0 {
            return Ok(&mut []);
        }
        if !self.arena.contains(offset, length) {
            return Err(Error::OutOfBounds { offset, length }.into());
        }
        // SAFETY: in bounds, and the caller lends it to the job alone until the job's end.
        Ok(unsafe { self.sab.bytes_mut(offset, length) }?)
    }

    /// A part of a region of the caller's, for jobs whose threads write beside one another.
    ///
    /// # Errors
    /// `regionOutOfBounds` unless the region lies inside one live allocation and the part inside the region.
    pub fn output_part(
        &self,
        region: job_capnp::region::Reader<'_>,
        start: u32,
        length: u32,
    ) -> Result<&'m mut [u8], Failure> {
        let (offset, whole) = (region.get_offset(), region.get_byte_length());
        if length == 0 {
            return Ok(&mut []);
        }
        let fits = start.checked_add(length).is_some_and(|end| end <= whole);
        if !fits || !self.arena.contains(offset, whole) {
            return Err(Error::OutOfBounds { offset, length }.into());
        }
        // SAFETY: in bounds, and each part is one thread's alone until the job's end.
        Ok(unsafe { self.sab.bytes_mut(offset + start, length) }?)
    }

    /// A region of the caller's as 64-bit words that several sides change while the job runs.
    ///
    /// # Errors
    /// `regionOutOfBounds` unless the region lies inside one live allocation, at a multiple of 8 bytes.
    pub fn shared_words(
        &self,
        region: job_capnp::region::Reader<'_>,
    ) -> Result<&'m [AtomicU64], Failure> {
        let (offset, length) = (region.get_offset(), region.get_byte_length());
        if !self.arena.contains(offset, length) {
            return Err(Error::OutOfBounds { offset, length }.into());
        }
        let words = self.sab.words(offset, length / 4)?;
        if !words.as_ptr().cast::<AtomicU64>().is_aligned() {
            let alignment = 8;
            return Err(Error::Misaligned { offset, alignment }.into());
        }
        // SAFETY: the words were just checked to be in bounds and aligned; all sides reach them as atomics.
        Ok(unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), words.len() / 2) })
    }

    /// Sleeps until `word` differs from `seen`, and half a millisecond at most, then does what
    /// [`JobContext::check`] does. May return early.
    ///
    /// # Errors
    /// [`Halt::Stopped`].
    pub fn pause(&self, word: &AtomicU64, seen: u64) -> Result<(), Halt> {
        self.check()?;
        sync::wait_briefly(word, seen, PAUSE_NANOSECONDS);
        self.check()
    }

    /// Moves a word on by one and wakes all that sleep on it.
    pub fn signal(&self, word: &AtomicU64) {
        word.fetch_add(1, Ordering::SeqCst);
        sync::wake_all(word);
    }

    /// Writes `bytes` at the start of the job's output.
    ///
    /// # Errors
    /// `resultTooLarge` if the output is shorter.
    pub fn write_output(&self, bytes: &[u8]) -> Result<(), Failure> {
        let _alone = self.output.borrow_mut();
        let (offset, length) =
            self.record
                .part(self.arena, words::OUTPUT_OFFSET, words::OUTPUT_BYTES)?;
        // SAFETY: the output is the job's until its end, and this borrow is the only one.
        let output = unsafe { self.sab.bytes_mut(offset, length) }?;
        let target = output
            .get_mut(..bytes.len())
            .ok_or_else(|| Failure::result_too_large(length))?;
        target.copy_from_slice(bytes);
        Ok(())
    }

    /// Builds the job's result message.
    ///
    /// # Errors
    /// `resultTooLarge` if the record has no room for one.
    pub fn write_result<T: capnp::traits::Owned>(
        &self,
        fill: impl FnOnce(T::Builder<'_>),
    ) -> Result<(), Failure> {
        let _alone = self.output.borrow_mut();
        let (offset, capacity) =
            self.record
                .part(self.arena, words::RESULT_OFFSET, words::RESULT_CAPACITY)?;
        let area = self.sab.words(offset, capacity / 4)?;
        let bytes = message::build::<T>(area, fill)?;
        self.record
            .word(words::RESULT_BYTES)
            .store(bytes, Ordering::SeqCst);
        Ok(())
    }

    /// Stops the method if somebody wants the job to end, and shows the host's watchdog that it isn't stuck. Call
    /// it at least every half millisecond.
    ///
    /// # Errors
    /// [`Halt::Stopped`].
    pub fn check(&self) -> Result<(), Halt> {
        self.beat();
        if self.record.load(words::STOP) != 0 || self.record.load(words::OUTCOME) != 0 {
            return Err(Halt::Stopped);
        }
        Ok(())
    }

    /// Which of its capsule's lives this is: after a crash the next begins, with statics and heap as at first. Numbers
    /// that a method hands out for what it keeps can tell by it that they are of an earlier one.
    pub fn life(&self) -> u32 {
        self.capsule.generation()
    }

    /// Whether the capsule is being ended, as after a crash of another thread: soon this one will be terminated,
    /// wherever it is. A method that works on what outlives the capsule puts it in order when it sees this, and
    /// then returns [`Halt::CapsuleEnding`].
    pub fn is_capsule_ending(&self) -> bool {
        self.capsule.is_stopping()
    }

    /// Charges `units` before they are worked, and does what [`JobContext::check`] does.
    ///
    /// # Errors
    /// [`Halt::OutOfBudget`] if the reservation doesn't cover them (nothing is charged then), [`Halt::Stopped`].
    pub fn charge(&self, units: u64) -> Result<(), Halt> {
        self.check()?;
        let charged = self
            .units()
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |so_far| {
                so_far
                    .checked_add(units)
                    .filter(|&total| total <= self.allowed_units)
            });
        charged.map(drop).map_err(|_| Halt::OutOfBudget)
    }

    /// Charges as many of `units` as the reservation covers and returns how many those are.
    ///
    /// # Errors
    /// [`Halt::OutOfBudget`] if it covers none, [`Halt::Stopped`].
    pub fn charge_up_to(&self, units: u64) -> Result<u64, Halt> {
        self.check()?;
        let mut granted = 0;
        let charged = self
            .units()
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |so_far| {
                granted = units.min(self.allowed_units.saturating_sub(so_far));
                (granted > 0 || units == 0).then(|| so_far + granted)
            });
        charged.map(|_| granted).map_err(|_| Halt::OutOfBudget)
    }

    /// Gives back units that were charged and not worked.
    pub fn refund(&self, units: u64) {
        self.units().fetch_sub(units, Ordering::SeqCst);
    }

    fn units(&self) -> &AtomicU64 {
        self.record.atomic_u64(words::UNITS)
    }

    /// Two threads at once may count as one: all that matters is that the word changes.
    fn beat(&self) {
        let heartbeat = self.record.word(words::HEARTBEAT);
        let next = heartbeat.load(Ordering::Relaxed).wrapping_add(1);
        heartbeat.store(next, Ordering::Relaxed);
    }

    /// Says how much of the job is done, as a part of `total`.
    pub fn progress(&self, done: u64, total: u64) {
        self.beat();
        let millionths = multiply_divide(done.min(total), 1_000_000, total.max(1));
        self.record
            .word(words::PROGRESS)
            .store(millionths as u32, Ordering::SeqCst);
    }

    /// How many threads may work on the job together.
    pub fn threads(&self) -> u32 {
        self.record.load(words::THREADS)
    }

    /// How many pieces have been taken.
    pub fn pieces_taken(&self) -> u64 {
        self.record.atomic_u64(words::CURSOR).load(Ordering::SeqCst)
    }

    /// Takes the next `count` pieces of the job's work and returns the first one's number. All
    /// threads of a parallel job draw from the same counter, which starts at 0.
    pub fn next_pieces(&self, count: u64) -> u64 {
        self.record
            .atomic_u64(words::CURSOR)
            .fetch_add(count, Ordering::SeqCst)
    }

    /// A word that the threads of a parallel job share; it starts at 0.
    pub fn shared(&self) -> &AtomicU64 {
        self.record.atomic_u64(words::SHARED)
    }

    pub(crate) fn end(&self, halt: Halt) {
        match halt {
            Halt::Stopped => {
                // Whatever else the word says, a job ends in a final state.
                let is_expired = self.record.load(words::STOP) == stop_reason::EXPIRED;
                self.record.decide(if is_expired {
                    job_state::EXPIRED
                } else {
                    job_state::CANCELLED
                });
            }
            Halt::OutOfBudget => {
                self.record.decide(job_state::OUT_OF_BUDGET);
            }
            // The host answers for all jobs that are at work when their capsule ends.
            Halt::CapsuleEnding => {}
            Halt::Failed(failure) => {
                self.record
                    .fail(job_state::FAILED, failure.code, &failure.message);
            }
        }
    }
}

/// The pieces of a region, in order.
#[derive(Clone, Debug)]
pub struct RegionChunks<'m> {
    sab: SafeSab<'m>,
    offset: u32,
    left: u32,
    piece: u32,
}

impl RegionChunks<'_> {
    /// How many bytes are left.
    pub fn remaining(&self) -> u32 {
        self.left
    }
}

impl<'m> RegionChunks<'m> {
    /// The next `piece` bytes, or what is left of them; `None` at the end.
    pub fn take_piece(&mut self, piece: u32) -> Option<&'m [u8]> {
        if self.left == 0 {
            return None;
        }
        let length = self.left.min(piece.max(1));
        // SAFETY: the region is lent to the job: its owner may not write to it before the job ends.
        let bytes = unsafe { self.sab.bytes(self.offset, length) }.ok()?;
        self.left -= length;
        self.offset = self.offset.wrapping_add(length);
        Some(bytes)
    }
}

impl<'m> Iterator for RegionChunks<'m> {
    type Item = &'m [u8];

    fn next(&mut self) -> Option<&'m [u8]> {
        self.take_piece(self.piece)
    }
}
