//! What a capsule's thread notes of its jobs while its runtime traces: when it took one, when the credits were
//! reserved, when its part was done, when the job was answered.
//!
//! A clock costs a thread some fifty nanoseconds, a small job a few microseconds. So the clock is read where a
//! job's time is decided, and otherwise where nobody waits: while the thread looks for work, and after its answer.

use core::cell::Cell;

use crate::capsule::Clock;
use crate::error::Error;
use crate::job::JobRecord;
use crate::layout::{
    self, Layout, job_words, trace_entry_words as words, trace_kind as kinds, traces,
};
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering, write_plainly};

const ENTRY_WORDS: u32 = words::STRIDE_BYTES / 4;

/// A job as its thread's entries name it: read before the record is the host's again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traced {
    number: u32,
    method: u32,
}

/// One thread's pen in its capsule's trace ring.
pub(crate) struct Trace<'m> {
    clock: Clock,
    tail: &'m AtomicU32,
    /// A power of two of entries, or none.
    entries: &'m [AtomicU32],
    /// Capsule and thread, where an entry wants them.
    origin: u32,
    /// When the clock was last read, in milliseconds.
    last: Cell<f64>,
}

impl<'m> Trace<'m> {
    /// The pen of a thread whose index and whose capsule's are known to be possible.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for a ring that can't be.
    pub fn new(
        sab: SafeSab<'m>,
        capsule: u32,
        thread: u32,
        clock: Clock,
    ) -> Result<Self, Error> {
        let ring = traces::FIRST_CAPSULE_INDEX + capsule;
        let head = layout::trace_offset(ring);
        let capacity = sab.word(head + traces::CAPACITY * 4)?.load(Ordering::SeqCst);
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
        Ok(Self {
            clock,
            tail: sab.word(head + traces::TAIL * 4)?,
            entries: sab.words(entries, capacity * ENTRY_WORDS)?,
            origin: capsule << words::CAPSULE_SHIFT | thread << words::THREAD_SHIFT,
            last: Cell::new(0.0),
        })
    }

    /// Reads the clock.
    pub fn look(&self) -> f64 {
        let now = (self.clock)();
        self.last.set(now);
        now
    }

    /// Notes that the thread has a job: since it last looked at the clock, when it had ended the job before or
    /// still looked for this one. `is_first` for the thread that has reserved the job's credits.
    pub fn started(&self, record: &JobRecord<'_>, is_first: bool) -> Traced {
        let job = Traced {
            number: record.load(job_words::NUMBER),
            method: record.load(job_words::METHOD),
        };
        let woke = self.last.get();
        let reserved = is_first.then(|| self.look());
        if let Some(reserved) = reserved {
            record.stamp(job_words::STAMP_WOKE, woke);
            record.stamp(job_words::STAMP_RESERVED, reserved);
        }
        self.write(kinds::STARTED, job, woke, reserved);
        job
    }

    /// Notes that the thread's part of a job was done at `executed`, and the job just answered if it was the last.
    pub fn executed(&self, job: Traced, executed: f64, is_answered: bool) {
        let answered = is_answered.then(|| self.look());
        self.write(kinds::EXECUTED, job, executed, answered);
    }

    #[inline(never)]
    fn write(&self, kind: u32, job: Traced, time: f64, second: Option<f64>) {
        let count = self.entries.len() as u32 / ENTRY_WORDS;
        if count == 0 {
            return;
        }
        let position = self.tail.fetch_add(1, Ordering::SeqCst);
        let start = (position & (count - 1)) * ENTRY_WORDS;
        let entry = &self.entries[start as usize..(start + ENTRY_WORDS) as usize];
        let bits = time.to_bits();
        let set = |word: u32, value: u32| write_plainly(&entry[word as usize], value);
        set(
            words::WHAT,
            kind | self.origin | (job.method & 0xff) << words::METHOD_SHIFT,
        );
        set(words::JOB, job.number);
        set(
            words::ELAPSED,
            second.map_or(0, |second| nanoseconds(second - time).max(1)),
        );
        set(words::TIME, bits as u32);
        set(words::TIME + 1, (bits >> 32) as u32);
        // Whoever sees the number sees what was written before it.
        entry[words::SEQUENCE as usize].store(position.wrapping_add(1), Ordering::SeqCst);
    }
}

/// At most what a word holds: four seconds.
fn nanoseconds(milliseconds: f64) -> u32 {
    (milliseconds * 1e6) as u32
}
