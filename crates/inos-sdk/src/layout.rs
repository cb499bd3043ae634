//! The layout of the shared memory, as generated from `schemas/layout.capnp`.
//!
//! capnpc writes a struct's constants as a module; these names are the ones the rest of the crate uses.

#![allow(missing_docs)]

pub use crate::generated::layout_capnp::{
    capsule_state, capsule_stop, capsule_words, epochs, failure_code, header_words, job_state,
    job_words, layout as constants, ledger_words, page_words, ring_words, rings, stop_reason,
    thread_state, thread_words, trace_entry_words, trace_kind, traces,
};

#[cfg(not(loom))]
pub(crate) use constants as Layout;
pub use constants::ARENA_OFFSET;

/// Offset of capsule `index`'s entry in the capsule table.
pub fn capsule_offset(index: u32) -> u32 {
    constants::CAPSULES_OFFSET + index * capsule_words::STRIDE_BYTES
}

/// Offset of thread `index`'s block in the thread table.
pub fn thread_offset(index: u32) -> u32 {
    constants::THREADS_OFFSET + index * thread_words::STRIDE_BYTES
}

/// Offset of capsule `index`'s inbox epoch.
pub fn inbox_epoch_offset(index: u32) -> u32 {
    constants::EPOCHS_OFFSET + (epochs::FIRST_CAPSULE_INDEX + index) * epochs::STRIDE_BYTES
}

/// Offset of the epoch that capsules bump for the host.
pub fn host_epoch_offset() -> u32 {
    constants::EPOCHS_OFFSET + epochs::HOST_INDEX * epochs::STRIDE_BYTES
}

/// Offset of the inbox ring of capsule `index` for `priority` (0 is the highest).
pub fn inbox_offset(index: u32, priority: u32) -> u32 {
    constants::RINGS_OFFSET + index * rings::STRIDE_BYTES + priority * rings::INBOX_STRIDE_BYTES
}

/// Offset of the outbox ring of capsule `index`.
pub fn outbox_offset(index: u32) -> u32 {
    constants::RINGS_OFFSET + index * rings::STRIDE_BYTES + rings::OUTBOX_OFFSET
}

/// Offset of the head of trace ring `ring`: the host's is the first, capsules' follow.
pub fn trace_offset(ring: u32) -> u32 {
    constants::TRACES_OFFSET + ring * traces::STRIDE_BYTES
}

/// Offset of word `word` of the header.
pub fn header_offset(word: u32) -> u32 {
    constants::HEADER_OFFSET + word * 4
}
