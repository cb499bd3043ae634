//! The host's watchdog: ends what would go on for ever, as the host does, by writing into the stop words.

use inos_sdk::layout::{self, capsule_words, job_words, thread_words};

use crate::hostile::Changes;
use crate::memory::Memory;

/// Loads after which jobs at work are cancelled and the capsule is told to stop.
const PATIENCE_LOADS: u32 = 4_000;
/// Threads that run.
pub const THREADS: u32 = 2;

/// Makes the changes from now on, and sees that every job ends.
pub fn watch_over(memory: &Memory, changes: Changes, may_change: impl Fn(usize) -> bool + 'static) {
    let memory = std::ptr::from_ref(memory);
    changes.begin_with(may_change, move |loads| {
        if loads.is_multiple_of(PATIENCE_LOADS) {
            // SAFETY: `with_memory` keeps the memory until after the watching.
            stop(unsafe { &*memory });
        }
    });
}

/// Tells the capsule's threads and their jobs to stop.
pub fn stop(memory: &Memory) {
    memory.change(layout::capsule_offset(0) + capsule_words::STOP * 4, 1);
    for thread in 0..THREADS {
        let record = memory.peek(layout::thread_offset(thread) + thread_words::JOB * 4);
        let word = record.saturating_add(job_words::STOP * 4);
        // A thread that isn't at work may be said to be at anything.
        if memory.sab().word(word).is_ok() {
            memory.change(word, 1);
        }
    }
}
