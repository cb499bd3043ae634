//! One memory for all runs of a thread: making one each time would take longer than a run.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU32 as Plain, AtomicU64, Ordering};

use inos_sdk::layout::{ARENA_OFFSET, constants, header_offset, header_words, ledger_words};
use inos_sdk::{AtomicU32, Ledger, SafeSab, watch};

/// Pages of the arena: what lies behind the last one is nobody's, and AddressSanitizer tells of it.
pub const ARENA_PAGES: u32 = 8;
/// The arena's first page.
pub const FIRST_PAGE: u32 = ARENA_OFFSET / constants::PAGE_BYTES;

/// The bytes of a memory, all zeros but the header's, at the start of each run.
pub struct Memory {
    bytes: Box<[AtomicU64]>,
    has_bulk: Cell<bool>,
    /// Whether a thread over it has panicked.
    pub has_panicked: AtomicBool,
}

thread_local!(static KEPT: RefCell<Option<Memory>> = const { RefCell::new(None) });

impl Memory {
    /// The tables, and an arena of so many pages.
    pub fn new(arena_pages: u32) -> Self {
        let words = (FIRST_PAGE + arena_pages) as usize * (constants::PAGE_BYTES / 8) as usize;
        let plain = Box::into_raw(vec![0_u64; words].into_boxed_slice());
        // SAFETY: the box is given up above; an AtomicU64 has the size and the bits of a u64, and here its alignment.
        let bytes = unsafe { Box::from_raw(plain as *mut [AtomicU64]) };
        Self {
            bytes,
            has_bulk: Cell::default(),
            has_panicked: AtomicBool::default(),
        }
    }

    /// Access to it.
    pub fn sab(&self) -> SafeSab<'_> {
        SafeSab::over(&self.bytes).unwrap()
    }

    /// Its ledger, founded, as held by `holder`. It gives up waiting soon.
    pub fn ledger(&self, holder: u32) -> Ledger<'_> {
        let ledger = Ledger::new(self.sab(), holder).unwrap();
        ledger.found().unwrap();
        ledger
    }

    fn write_header(&self) {
        let pages = self.sab().pages();
        let header = [
            (header_words::MAGIC, constants::MAGIC),
            (header_words::VERSION, constants::VERSION),
            (header_words::MAXIMUM_PAGES, pages),
            (header_words::MEMORY_PAGES, pages),
        ];
        for (word, value) in header {
            store(self.sab(), header_offset(word), value);
        }
    }

    /// The byte offset of an address, if it lies in this memory.
    pub fn offset_of(&self, address: usize) -> Option<u32> {
        let offset = address.checked_sub(self.bytes.as_ptr().addr())?;
        (offset < self.bytes.len() * 8).then_some(offset as u32)
    }

    /// Says that bytes of the arena are written in bulk, unwatched.
    pub fn expect_bulk(&self) {
        self.has_bulk.set(true);
    }

    /// Zeros what was stored.
    fn reset(&self, stored: &[usize]) {
        for offset in stored.iter().filter_map(|&at| self.offset_of(at)) {
            self.bytes[offset as usize / 8].store(0, Ordering::Relaxed);
        }
        if self.has_bulk.take() {
            let arena = &self.bytes[ARENA_OFFSET as usize / 8..];
            let start = arena.as_ptr().cast_mut().cast::<u8>();
            // SAFETY: the words are atomic, so they may change, and no other thread has them.
            unsafe { start.write_bytes(0, size_of_val(arena)) };
        }
    }

    /// Where it lies.
    pub fn address(&self) -> usize {
        self.bytes.as_ptr().addr()
    }

    /// A word as it is, unwatched.
    pub fn peek(&self, offset: u32) -> u32 {
        let pair = self.bytes[offset as usize / 8].load(Ordering::Relaxed);
        (pair >> (offset % 8 * 8)) as u32
    }

    /// Changes a word from within a hook.
    pub fn change(&self, offset: u32, value: u32) {
        let pair = std::ptr::from_ref(&self.bytes[offset as usize / 8]);
        let word = pair.cast::<Plain>().wrapping_add(offset as usize % 8 / 4);
        // SAFETY: one half of a pair of words that is borrowed.
        watch::change(unsafe { &*word }, value);
    }

    /// What all balances add up to, whatever the number of accounts says.
    pub fn sum(&self) -> u128 {
        let end = constants::LEDGER_OFFSET + constants::LEDGER_BYTES;
        let stride = ledger_words::ENTRY_WORDS * 4;
        let entries = (ledger_offset(ledger_words::ENTRIES)..end).step_by(stride as usize);
        let pairs = entries.take(constants::MAXIMUM_ACCOUNTS as usize);
        let balance =
            |offset: u32| u128::from(self.bytes[offset as usize / 8].load(Ordering::Relaxed));
        pairs
            .map(|entry| {
                balance(entry + ledger_words::ENTRY_AVAILABLE * 4)
                    + balance(entry + ledger_words::ENTRY_RESERVED * 4)
            })
            .sum()
    }
}

/// Runs `work` over a memory that is as new, while its accesses are watched.
pub fn with_memory(work: impl FnOnce(&Memory)) {
    let memory = KEPT.take().unwrap_or_else(|| Memory::new(ARENA_PAGES));
    watch::begin();
    memory.write_header();
    STORED.take();
    work(&memory);
    watch::end();
    take_stored();
    memory.reset(&STORED.take());
    memory.reset(&watch::take_changed());
    KEPT.set(Some(memory));
}

thread_local!(static STORED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) });

/// Where was stored since the run's beginning or the last such question.
pub fn take_stored() -> Vec<usize> {
    let stored = watch::take_stored();
    STORED.with_borrow_mut(|all| all.extend_from_slice(&stored));
    stored
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
