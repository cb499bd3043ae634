//! A capsule thread's block: where it says what it is doing and, if it must, why it died.

use crate::error::Error;
#[cfg(target_arch = "wasm32")]
use crate::job;
use crate::layout::{self, Layout, thread_words as words};
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering};

/// The block of one thread.
#[derive(Clone, Copy, Debug)]
pub struct Thread<'m> {
    index: u32,
    words: &'m [AtomicU32],
    guard: &'m [AtomicU32],
}

impl<'m> Thread<'m> {
    /// The block of thread `index`. The host has filled in where its stack lies.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for an index or a stack that can't be.
    pub fn new(sab: SafeSab<'m>, index: u32) -> Result<Self, Error> {
        if index >= Layout::MAXIMUM_THREADS {
            return Err(Error::OutOfBounds {
                offset: index,
                length: words::STRIDE_BYTES,
            });
        }
        let block = sab.words(layout::thread_offset(index), words::STRIDE_BYTES / 4)?;
        let stack_low = block[words::STACK_LOW as usize].load(Ordering::SeqCst);
        let guard_low = stack_low.saturating_sub(words::STACK_GUARD_WORDS * 4);
        let guard = sab.words(guard_low, words::STACK_GUARD_WORDS)?;
        Ok(Self {
            index,
            words: block,
            guard,
        })
    }

    /// The thread's number, unique in its runtime.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The name under which this thread takes the ledger's lock.
    pub fn holder(&self) -> u32 {
        self.index + 1
    }

    pub(crate) fn set(&self, word: u32, value: u32) {
        self.words[word as usize].store(value, Ordering::SeqCst);
    }

    /// Whether the guard value at the stack's end is whole.
    pub fn is_guard_intact(&self) -> bool {
        self.guard
            .iter()
            .all(|word| word.load(Ordering::Relaxed) == words::STACK_GUARD)
    }

    /// Leaves a panic's message where the host finds it.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn write_panic(&self, message: &str) {
        let text = job::clip(message, words::PANIC_CAPACITY as usize);
        job::write_text(&self.words[words::PANIC_TEXT as usize..], text);
        self.set(words::PANIC_BYTES, text.len() as u32);
    }
}
