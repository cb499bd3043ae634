//! Native memories, headed as the host heads a shared one.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use inos_sdk::layout::{ARENA_OFFSET, constants, header_offset, header_words, ledger_words};
use inos_sdk::{Ledger, SafeSab};

/// The bytes of a memory.
pub struct Memory {
    bytes: Box<[AtomicU64]>,
    /// Whether a thread over it has panicked.
    pub has_panicked: AtomicBool,
}

impl Memory {
    /// The tables, and an arena of so many pages.
    pub fn new(arena_pages: u32) -> Self {
        let pages = ARENA_OFFSET / constants::PAGE_BYTES + arena_pages;
        let memory = Self {
            bytes: zeroed(pages as usize * (constants::PAGE_BYTES / 8) as usize),
            has_panicked: AtomicBool::new(false),
        };
        let header = [
            (header_words::MAGIC, constants::MAGIC),
            (header_words::VERSION, constants::VERSION),
            (header_words::MAXIMUM_PAGES, pages),
            (header_words::MEMORY_PAGES, pages),
        ];
        for (word, value) in header {
            store(memory.sab(), header_offset(word), value);
        }
        memory
    }

    /// Access to it.
    pub fn sab(&self) -> SafeSab<'_> {
        SafeSab::over(&self.bytes).unwrap()
    }

    /// Its ledger, founded, as held by `holder`.
    pub fn ledger(&self, holder: u32) -> Ledger<'_> {
        let ledger = Ledger::new(self.sab(), holder).unwrap();
        ledger.found().unwrap();
        ledger
    }
}

/// Zeroed words that the machine provides only when they are touched.
fn zeroed(words: usize) -> Box<[AtomicU64]> {
    let plain = Box::into_raw(vec![0_u64; words].into_boxed_slice());
    // SAFETY: the box is given up above, and an AtomicU64 has the size and the bits of a u64, and on
    // 64-bit machines its alignment.
    unsafe { Box::from_raw(plain as *mut [AtomicU64]) }
}

/// The word at an offset that is known to be fine.
pub fn word(sab: SafeSab<'_>, offset: u32) -> &AtomicU32 {
    sab.word(offset).unwrap()
}

/// Reads a word.
pub fn load(sab: SafeSab<'_>, offset: u32) -> u32 {
    word(sab, offset).load(Ordering::SeqCst)
}

/// Writes a word.
pub fn store(sab: SafeSab<'_>, offset: u32, value: u32) {
    word(sab, offset).store(value, Ordering::SeqCst);
}

/// Reads a number of two words.
pub fn load_u64(sab: SafeSab<'_>, offset: u32) -> u64 {
    u64::from(load(sab, offset)) | u64::from(load(sab, offset + 4)) << 32
}

/// Writes a number of two words.
pub fn store_u64(sab: SafeSab<'_>, offset: u32, value: u64) {
    store(sab, offset, value as u32);
    store(sab, offset + 4, (value >> 32) as u32);
}

/// Where a word of the ledger lies.
pub fn ledger_offset(word: u32) -> u32 {
    constants::LEDGER_OFFSET + word * 4
}

/// What an account has, as its words say.
pub fn balance_offset(account: u32, field: u32) -> u32 {
    ledger_offset(ledger_words::ENTRIES + account * ledger_words::ENTRY_WORDS + field)
}
