//! The pace of a world that steps by itself.
//!
//! A capsule has no clock, so that nothing it works out can depend on one. It waits for a step's time, step after
//! step, and its host, which has a clock, says now and then where that stands. While the host is busy elsewhere
//! steps go on, late by as much as they themselves take.

use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::wait_for;

use crate::Error;
use crate::generated::physics_capnp::pace_words as words;

/// The longest wait between two looks at the job's stop word.
const LONGEST_WAIT_MICROS: u64 = 10_000;

/// What to do next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Take a step.
    Step,
    /// Ask again: time went by, or the host had something to say.
    Again,
    /// Take no more steps.
    Leave,
}

/// A host's words, and where the capsule is between two of its steps.
pub(crate) struct Pace<'m> {
    words: &'m [AtomicU32],
    heard: u32,
    /// Steps that are due already.
    owed: u32,
    /// From now to the step after those.
    wait_micros: u64,
}

impl<'m> Pace<'m> {
    /// The pace that a region's words set.
    ///
    /// # Errors
    /// [`Error::BadQuery`] if the region has too few.
    pub(crate) fn new(region: &'m mut [u8]) -> Result<Self, Error> {
        // SAFETY: any bits are words, and these are reached as atomics only, by the host, too.
        let (before, words, _) = unsafe { region.align_to::<AtomicU32>() };
        if !before.is_empty() || words.len() < words::COUNT as usize {
            return Err(Error::BadQuery {
                reason: "a pace has eight words",
            });
        }
        let mut pace = Self {
            words,
            heard: 0,
            owed: 0,
            wait_micros: 0,
        };
        pace.heard = pace.get(words::SIGNAL).wrapping_sub(1);
        Ok(pace)
    }

    fn get(&self, word: u32) -> u32 {
        self.words[word as usize].load(Ordering::SeqCst)
    }

    /// Says what to do after `taken` steps, at once or after a short wait.
    pub(crate) fn turn(&mut self, taken: u32) -> Turn {
        if self.get(words::LEAVE) != 0 {
            return Turn::Leave;
        }
        let signal = self.get(words::SIGNAL);
        if signal != self.heard {
            self.heard = signal;
            self.align(taken);
        }
        if self.owed > 0 || self.wait_micros == 0 {
            return self.begin(taken.wrapping_add(1));
        }
        let wait = self.wait_micros.min(LONGEST_WAIT_MICROS);
        let has_ended = wait_for(&self.words[words::SIGNAL as usize], signal, wait * 1000);
        if has_ended {
            self.wait_micros -= wait;
        }
        Turn::Again
    }

    /// Takes over what the host's clock says.
    fn align(&mut self, taken: u32) {
        let lead = taken.wrapping_sub(self.get(words::DUE)).cast_signed();
        let ahead = u64::from(lead.max(0).unsigned_abs());
        self.owed = lead.min(0).unsigned_abs();
        self.wait_micros = u64::from(self.get(words::UNTIL)) + ahead * self.period();
    }

    fn period(&self) -> u64 {
        u64::from(self.get(words::PERIOD)).max(1)
    }

    /// Begins step number `next` unless that is beyond the limit. The host lowers the limit and then looks at what
    /// has begun; here it is the other way round, so one of the two sees the other.
    fn begin(&mut self, next: u32) -> Turn {
        self.words[words::BEGUN as usize].store(next, Ordering::SeqCst);
        if self.get(words::LIMIT).wrapping_sub(next).cast_signed() < 0 {
            return Turn::Leave;
        }
        if self.owed > 0 {
            self.owed -= 1;
        } else {
            self.wait_micros = self.period();
        }
        Turn::Step
    }
}
