//! A word that only grows: the signal of the Reactive Mutation Loop.

use crate::sync::{AtomicU32, Ordering, wait, wake};

/// A u32 in shared memory that is bumped at each event and wraps.
///
/// Readers compare for inequality, wait in a loop and look again after each wake. `sleepers` counts
/// who is, or is about to be, asleep, so that a bump costs no wake call while everyone is awake.
#[derive(Clone, Copy, Debug)]
pub struct Epoch<'m> {
    value: &'m AtomicU32,
    sleepers: &'m AtomicU32,
}

impl<'m> Epoch<'m> {
    /// An epoch over two words of shared memory.
    pub fn new(value: &'m AtomicU32, sleepers: &'m AtomicU32) -> Self {
        Self { value, sleepers }
    }

    /// The present value.
    pub fn load(&self) -> u32 {
        self.value.load(Ordering::SeqCst)
    }

    /// Moves the epoch on by one and wakes at most `count` sleepers, if there are any.
    pub fn bump(&self, count: u32) {
        // SeqCst on both sides: either this load sees the sleeper, or the sleeper's last look at
        // the value, which comes after it said that it sleeps, sees the bump.
        self.value.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) != 0 {
            wake(self.value, count);
        }
    }

    /// Sleeps until the value differs from `seen`. May return early; callers look again.
    ///
    /// Blocks the calling thread: never call it where that is forbidden (a page's main thread).
    pub fn wait(&self, seen: u32) {
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        if self.load() == seen {
            wait(self.value, seen);
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}
