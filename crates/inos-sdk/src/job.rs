//! A job's record: the words through which host and capsule agree on its state.

use std::sync::atomic::AtomicU64;

use crate::arena::Arena;
use crate::control::{Control, Joined};
use crate::error::Error;
use crate::layout::{job_state, job_words as words};
use crate::ring::RingEntry;
use crate::sab::{SafeSab, load_u64};
use crate::sync::{AtomicU32, Ordering, write_plainly};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[non_exhaustive]
pub enum JobState {
    /// Waiting for a thread.
    Queued = job_state::QUEUED,
    /// At work.
    Running = job_state::RUNNING,
    /// Ended with a result.
    Done = job_state::DONE,
    /// Ended with an error.
    Failed = job_state::FAILED,
    /// Ended because its owner said so.
    Cancelled = job_state::CANCELLED,
    /// Ended because its deadline passed.
    Expired = job_state::EXPIRED,
    /// Ended because it may not spend more.
    OutOfBudget = job_state::OUT_OF_BUDGET,
}

/// The record of one job.
#[derive(Clone, Copy, Debug)]
pub struct JobRecord<'m> {
    offset: u32,
    generation: u32,
    words: &'m [AtomicU32],
}

impl<'m> JobRecord<'m> {
    /// The record that a ring entry names, if it is a live allocation that can hold one.
    ///
    /// # Errors
    /// [`Error::Misaligned`], [`Error::OutOfBounds`] or [`Error::NotAllocated`].
    pub fn open(sab: SafeSab<'m>, arena: &Arena<'m>, entry: RingEntry) -> Result<Self, Error> {
        let RingEntry { offset, generation } = entry;
        if offset % 64 != 0 {
            return Err(Error::Misaligned {
                offset,
                alignment: 64,
            });
        }
        if !arena.contains(offset, words::BODY_OFFSET) {
            return Err(Error::NotAllocated { offset });
        }
        let words = sab.words(offset, words::BODY_OFFSET / 4)?;
        Ok(Self {
            offset,
            generation,
            words,
        })
    }

    /// Where the record lies.
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// The ring entry that names this life of the record.
    pub fn entry(&self) -> RingEntry {
        RingEntry {
            offset: self.offset,
            generation: self.generation,
        }
    }

    pub(crate) fn word(&self, word: u32) -> &'m AtomicU32 {
        &self.words[word as usize]
    }

    pub(crate) fn load(&self, word: u32) -> u32 {
        self.word(word).load(Ordering::SeqCst)
    }

    pub(crate) fn load_u64(&self, word: u32) -> u64 {
        load_u64(&self.words[word as usize..])
    }

    /// A u64 of the record that several threads change at once.
    pub(crate) fn atomic_u64(&self, word: u32) -> &'m AtomicU64 {
        let pair: &'m [AtomicU32] = &self.words[word as usize..word as usize + 2];
        // SAFETY: two neighbouring words; records are 64-byte aligned and `word` is even in the schema.
        unsafe { &*pair.as_ptr().cast::<AtomicU64>() }
    }

    /// Where the reservation's word pair lies in memory.
    pub(crate) fn reservation(&self) -> u32 {
        self.offset + words::RESERVED * 4
    }

    /// A part of the record, named by two of its words, checked to lie inside its allocation.
    pub(crate) fn part(
        &self,
        arena: &Arena<'m>,
        start: u32,
        bytes: u32,
    ) -> Result<(u32, u32), Error> {
        let (start, length) = (self.load(start), self.load(bytes));
        let out = Error::OutOfBounds {
            offset: self.offset,
            length,
        };
        let from = self.offset.checked_add(start).ok_or(out)?;
        let end = start.checked_add(length).ok_or(out)?;
        (start >= words::BODY_OFFSET && start % 8 == 0 && arena.contains(self.offset, end))
            .then_some((from, length))
            .ok_or(out)
    }

    fn control(&self) -> Control<'m> {
        Control::new(self.word(words::CONTROL), self.generation)
    }

    /// Joins the job, if it may still be joined by one of at most `threads`.
    pub(crate) fn join(&self, threads: u32) -> Joined {
        self.control().join(threads)
    }

    /// Leaves the job. True for the last thread, which must then [`close`](Self::close) it.
    pub(crate) fn leave(&self) -> bool {
        self.control().leave()
    }

    /// Ends the job in the state that its outcome says, or done. For the last thread only.
    pub(crate) fn close(&self) {
        self.control().close(match self.load(words::OUTCOME) {
            0 => job_state::DONE,
            outcome @ job_state::DONE..=job_state::OUT_OF_BUDGET => outcome,
            // Whatever else the word says, a job ends in a final state.
            _ => job_state::FAILED,
        });
    }

    /// Decides how the job ends, unless that is decided. Says whether it was this call.
    pub(crate) fn decide(&self, outcome: u32) -> bool {
        let word = self.word(words::OUTCOME);
        word.compare_exchange(0, outcome, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    /// Decides that the job failed, and says why.
    pub(crate) fn fail(&self, state: u32, code: u32, message: &str) {
        if !self.decide(state) {
            return;
        }
        let text = clip(message, words::ERROR_CAPACITY as usize);
        self.word(words::ERROR_CODE).store(code, Ordering::SeqCst);
        write_text(&self.words[words::ERROR_TEXT as usize..], text);
        self.word(words::ERROR_BYTES)
            .store(text.len() as u32, Ordering::SeqCst);
    }

    /// Notes when a step happened: the host reads it after the answer, which orders it.
    pub(crate) fn stamp(&self, word: u32, milliseconds: f64) {
        let bits = milliseconds.to_bits();
        write_plainly(self.word(word), bits as u32);
        write_plainly(self.word(word + 1), (bits >> 32) as u32);
    }
}

/// The longest start of `text` that fits `capacity` bytes and ends between characters.
pub(crate) fn clip(text: &str, capacity: usize) -> &str {
    &text[..text.floor_char_boundary(capacity)]
}

/// Writes `text` into words, little-endian, four bytes each.
pub(crate) fn write_text(words: &[AtomicU32], text: &str) {
    for (word, bytes) in words.iter().zip(text.as_bytes().chunks(4)) {
        let mut packed = [0; 4];
        packed[..bytes.len()].copy_from_slice(bytes);
        word.store(u32::from_le_bytes(packed), Ordering::SeqCst);
    }
}
