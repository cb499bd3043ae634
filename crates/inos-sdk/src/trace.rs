//! What a capsule's thread notes of its jobs while its runtime traces: when it took one, when the credits were
//! reserved, when its part was done, when the job was answered.
//!
//! A look at the clock costs a thread some hundred nanoseconds, a small job a few microseconds. So a thread looks
//! while it has nothing else to do, and for each job as long as jobs are long. Of quick ones, it looks only when one
//! is done, and of those that follow one another without a pause only for one of several: the time of the others is
//! that of an earlier look, and says so. A job that turns out long among them says that the time was its own.
//!
//! Jobs that the host leaves out of its trace have no number. Of those a thread notes nothing, and looks at no clock for
//! them, nor while it waits after them.

use core::cell::Cell;

use crate::capsule::Clock;
use crate::error::Error;
use crate::job::JobRecord;
use crate::layout::{
    self, Layout, header_words, job_words, thread_words, trace_entry_words as words,
    trace_kind as kinds, trace_rings,
};
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering, write_plainly};

const ENTRY_WORDS: u32 = words::STRIDE_BYTES / 4;
/// A job that has shown so few signs of life took no more than a millisecond: methods owe one every half.
const QUICK_BEATS: u32 = 2;
/// After so many quick jobs in a row the next one is expected to be quick, too.
const QUICK_JOBS: u32 = 8;
/// Of quick jobs without a pause between them, one in so many is looked at.
const JOBS_PER_LOOK: u32 = 16;

/// A job at work, as its thread's entries tell of it: read before the record is the host's again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced {
    number: u32,
    method: u32,
    /// When its credits were reserved, by this thread; or 0.
    reserved: f64,
    /// When this thread's part was done.
    pub executed: f64,
    /// How its thread knows when: a state of the entry.
    state: u32,
}

/// The state of an entry whose time was looked at for it.
const LOOKED: u32 = 0;

/// One thread's pen in its trace ring.
pub(crate) struct Trace<'m> {
    clock: Clock,
    tail: &'m AtomicU32,
    /// A power of two of entries, or none.
    entries: &'m [AtomicU32],
    /// Capsule and thread, where an entry wants them.
    origin: u32,
    /// When the clock was last read, in milliseconds.
    last: Cell<f64>,
    /// Whether jobs that aren't traced have come since.
    is_behind: Cell<bool>,
    /// Jobs done since, all of them quick.
    unlooked: Cell<u32>,
    /// Quick jobs in a row.
    quick: Cell<u32>,
    position: Cell<u32>,
}

impl<'m> Trace<'m> {
    /// The pen of a thread whose index and whose capsule's are known to be possible.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a ring that can't be.
    pub fn new(sab: SafeSab<'m>, capsule: u32, thread: u32, clock: Clock) -> Result<Self, Error> {
        let ring = trace_rings::FIRST_THREAD_RING + thread;
        let head = layout::header_offset(header_words::TRACE_CAPACITY);
        let capacity = sab.word(head)?.load(Ordering::SeqCst);
        let bytes = u64::from(capacity) * u64::from(words::STRIDE_BYTES);
        let offset = u64::from(ring) * bytes;
        let is_possible = capacity == 0 || capacity.is_power_of_two();
        if !is_possible || offset + bytes > u64::from(Layout::TRACE_ENTRIES_BYTES) {
            return Err(Error::OutOfBounds {
                offset: head,
                length: capacity,
            });
        }
        let entries = Layout::TRACE_ENTRIES_OFFSET + offset as u32;
        let tail = sab.word(layout::thread_offset(thread) + thread_words::TRACE_TAIL * 4)?;
        Ok(Self {
            clock,
            tail,
            entries: sab.words(entries, capacity * ENTRY_WORDS)?,
            origin: capsule << words::CAPSULE_SHIFT | thread << words::THREAD_SHIFT,
            last: Cell::new(0.0),
            is_behind: Cell::new(false),
            unlooked: Cell::new(0),
            quick: Cell::new(0),
            position: Cell::new(tail.load(Ordering::SeqCst)),
        })
    }

    fn look(&self) -> f64 {
        let now = (self.clock)();
        self.last.set(now);
        self.is_behind.set(false);
        self.unlooked.set(0);
        now
    }

    /// Looks at the clock because there is no job, unless the next one that is traced will have it looked at.
    pub fn idle(&self) {
        if self.is_behind.get() {
            return;
        }
        let is_owed = self.unlooked.get() > 0;
        let now = self.look();
        if is_owed {
            self.write(kinds::IDLE, 0, 0, now, 0.0, 0);
        }
    }

    /// Notes that the thread has a job, if that is traced: since it last looked at the clock, when it had ended the job
    /// before or still looked for this one.
    pub fn started(&self, record: &JobRecord<'_>) -> Option<Traced> {
        let number = record.load(job_words::NUMBER);
        if number == 0 {
            // The time of this one belongs to none of those before it.
            if self.unlooked.get() > 0 {
                self.idle();
            }
            self.is_behind.set(true);
            return None;
        }
        if self.is_behind.get() {
            self.look();
        }
        let job = Traced {
            number,
            method: record.load(job_words::METHOD),
            reserved: 0.0,
            executed: 0.0,
            state: match self.unlooked.get() {
                0 => LOOKED,
                _ => words::UNLOOKED,
            },
        };
        self.write(
            kinds::STARTED | job.state << words::STATE_SHIFT,
            job.number,
            job.method,
            self.last.get(),
            0.0,
            0,
        );
        Some(job)
    }

    /// Notes that the job's credits are reserved.
    pub fn reserved(&self, record: &JobRecord<'_>, job: &mut Traced) {
        let woke = self.last.get();
        let is_long = self.quick.get() < QUICK_JOBS;
        job.reserved = if is_long { self.look() } else { woke };
        record.stamp(job_words::STAMP_WOKE, woke);
        record.stamp(job_words::STAMP_RESERVED, job.reserved);
    }

    /// Notes that the thread's part of a job is done.
    pub fn executed(&self, record: &JobRecord<'_>, job: &mut Traced) {
        let is_quick = is_quick(record);
        let was_quick = self.quick.get() >= QUICK_JOBS;
        self.quick.set(if is_quick {
            self.quick.get().saturating_add(1)
        } else {
            0
        });
        let row = self.unlooked.get() + 1;
        job.state = if !is_quick {
            words::LONG
        } else if !was_quick || row >= JOBS_PER_LOOK {
            LOOKED
        } else {
            words::UNLOOKED
        };
        job.executed = if job.state == words::UNLOOKED {
            self.unlooked.set(row);
            self.last.get()
        } else {
            self.look()
        };
    }

    /// Notes that the part of the last thread, which finishes the job, has taken longer: not so that it matters if the
    /// job still is a quick one.
    pub fn finished(&self, record: &JobRecord<'_>, job: &mut Traced) {
        if job.state == words::UNLOOKED {
            if is_quick(record) {
                return;
            }
            job.state = words::LONG;
            self.quick.set(0);
        }
        job.executed = self.look();
    }

    /// Writes down what was noted of a job, after its answer if this was its last thread.
    pub fn close(&self, job: Traced, is_answered: bool) {
        let is_long = self.quick.get() < QUICK_JOBS;
        let elapsed = match is_answered {
            false => 0,
            true if is_long => nanoseconds(self.look() - job.executed),
            true => 1,
        };
        self.write(
            kinds::EXECUTED | job.state << words::STATE_SHIFT,
            job.number,
            job.method,
            job.executed,
            job.reserved,
            elapsed,
        );
    }

    #[inline(never)]
    fn write(&self, kind: u32, job: u32, method: u32, time: f64, reserved: f64, elapsed: u32) {
        let count = self.entries.len() as u32 / ENTRY_WORDS;
        if count == 0 {
            return;
        }
        let position = self.position.get();
        let start = ((position & (count - 1)) * ENTRY_WORDS) as usize;
        let entry = &self.entries[start..start + ENTRY_WORDS as usize];
        let set = |word: u32, value: u32| write_plainly(&entry[word as usize], value);
        set(
            words::WHAT,
            kind | self.origin | (method & 0xff) << words::METHOD_SHIFT,
        );
        set(words::JOB, job);
        set(words::TIME, time.to_bits() as u32);
        set(words::TIME + 1, (time.to_bits() >> 32) as u32);
        set(words::RESERVED, reserved.to_bits() as u32);
        set(words::RESERVED + 1, (reserved.to_bits() >> 32) as u32);
        set(words::ELAPSED, elapsed);
        let next = position.wrapping_add(1);
        self.position.set(next);
        // Whoever sees the tail sees what was written before it.
        self.tail.store(next, Ordering::SeqCst);
    }
}

/// Whether a job has taken a millisecond at most so far.
fn is_quick(record: &JobRecord<'_>) -> bool {
    record.load(job_words::HEARTBEAT) <= QUICK_BEATS
}

/// At least one, at most what a word holds: four seconds.
fn nanoseconds(milliseconds: f64) -> u32 {
    ((milliseconds * 1e6) as u32).max(1)
}
