//! The host's watchdog: ends what would go on for ever, as the host does, by writing into the stop words.

use inos_sdk::layout::{self, ARENA_OFFSET, capsule_words, job_words, thread_words};

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

fn stop(memory: &Memory) {
    memory.change(layout::capsule_offset(0) + capsule_words::STOP * 4, 1);
    for thread in 0..THREADS {
        let record = memory.peek(layout::thread_offset(thread) + thread_words::JOB * 4);
        if record >= ARENA_OFFSET {
            memory.change(record + job_words::STOP * 4, 1);
        }
    }
}
