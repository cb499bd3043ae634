//! A capsule's heap: dlmalloc over pages of the shared page table.
//!
//! The heap's own state lies in the capsule's static region, so restarting a capsule with fresh
//! statics and reclaiming the pages it owned gives back all of it.

use core::alloc::{GlobalAlloc, Layout as Request};
use core::cell::UnsafeCell;

use dlmalloc::Dlmalloc;

use crate::layout::{self, Layout, capsule_words, page_words};
use crate::pages::{PageOwner, PageTable};
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering, wait, wake};

/// 1 + the number of the capsule that this module is, 0 until its first thread starts.
static CAPSULE: AtomicU32 = AtomicU32::new(0);

/// Says which capsule this module is. Must come before the first allocation.
pub(crate) fn adopt(_sab: SafeSab<'static>, capsule: u32) {
    CAPSULE.store(capsule + 1, Ordering::SeqCst);
}

/// The heap that [`capsule!`](crate::capsule!) installs.
pub struct CapsuleAllocator {
    lock: AtomicU32,
    heap: UnsafeCell<Dlmalloc<SharedPages>>,
}

// SAFETY: the heap is only reached with the lock held.
unsafe impl Sync for CapsuleAllocator {}

impl CapsuleAllocator {
    /// An empty heap.
    pub const fn new() -> Self {
        Self {
            lock: AtomicU32::new(0),
            heap: UnsafeCell::new(Dlmalloc::new_with_allocator(SharedPages)),
        }
    }

    /// Runs `work` with the heap locked. 0: free, 1: taken, 2: taken and somebody sleeps.
    fn locked<T>(&self, work: impl FnOnce(&mut Dlmalloc<SharedPages>) -> T) -> T {
        if self
            .lock
            .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            while self.lock.swap(2, Ordering::Acquire) != 0 {
                wait(&self.lock, 2);
            }
        }
        // SAFETY: the lock is held.
        let value = work(unsafe { &mut *self.heap.get() });
        if self.lock.swap(0, Ordering::Release) == 2 {
            wake(&self.lock, 1);
        }
        value
    }
}

impl Default for CapsuleAllocator {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: dlmalloc keeps GlobalAlloc's promises; the lock makes it one thread at a time.
unsafe impl GlobalAlloc for CapsuleAllocator {
    unsafe fn alloc(&self, request: Request) -> *mut u8 {
        // SAFETY: the caller's promises are passed on, here and below.
        self.locked(|heap| unsafe { heap.malloc(request.size(), request.align()) })
    }

    unsafe fn alloc_zeroed(&self, request: Request) -> *mut u8 {
        // SAFETY: as above.
        self.locked(|heap| unsafe { heap.calloc(request.size(), request.align()) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, request: Request) {
        // SAFETY: as above.
        self.locked(|heap| unsafe { heap.free(pointer, request.size(), request.align()) });
    }

    unsafe fn realloc(&self, pointer: *mut u8, request: Request, size: usize) -> *mut u8 {
        // SAFETY: as above.
        self.locked(|heap| unsafe { heap.realloc(pointer, request.size(), request.align(), size) })
    }
}

/// Pages of the shared memory in this capsule's name, within its quota.
struct SharedPages;

impl SharedPages {
    fn take(bytes: usize) -> Option<(*mut u8, usize)> {
        let capsule = CAPSULE.load(Ordering::SeqCst).checked_sub(1)?;
        let sab = SafeSab::linear_memory();
        let entry = sab.words(layout::capsule_offset(capsule), 16).ok()?;
        let word = |index: u32| &entry[index as usize];
        let pages = u32::try_from(bytes.div_ceil(Layout::PAGE_BYTES as usize)).ok()?;
        let quota = word(capsule_words::QUOTA_PAGES).load(Ordering::SeqCst);
        let owned = word(capsule_words::OWNED_PAGES);
        owned
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |owned| {
                owned.checked_add(pages).filter(|&total| total <= quota)
            })
            .ok()?;
        let generation = word(capsule_words::GENERATION).load(Ordering::SeqCst);
        let owner = PageOwner::capsule(capsule, generation);
        match PageTable::new(sab).and_then(|table| table.take(owner, page_words::KIND_HEAD, pages))
        {
            Ok(page) => {
                let start = page as usize * Layout::PAGE_BYTES as usize;
                Some((
                    start as *mut u8,
                    pages as usize * Layout::PAGE_BYTES as usize,
                ))
            }
            Err(_) => {
                owned.fetch_sub(pages, Ordering::SeqCst);
                None
            }
        }
    }
}

// SAFETY: the ranges handed out are pages that the table gave to nobody else. They are never moved,
// split or given back before the capsule ends.
unsafe impl dlmalloc::Allocator for SharedPages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        Self::take(size).map_or((core::ptr::null_mut(), 0, 0), |(start, bytes)| {
            (start, bytes, 0)
        })
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        core::ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, start: *mut u8, size: usize) -> bool {
        let Some(capsule) = CAPSULE.load(Ordering::SeqCst).checked_sub(1) else {
            return false;
        };
        let sab = SafeSab::linear_memory();
        let Ok(table) = PageTable::new(sab) else {
            return false;
        };
        let Ok(entry) = sab.words(layout::capsule_offset(capsule), 16) else {
            return false;
        };
        let first = (start as usize / Layout::PAGE_BYTES as usize) as u32;
        let end = first + (size / Layout::PAGE_BYTES as usize) as u32;
        // dlmalloc joins neighbouring ranges, so what it gives back may be several runs.
        let mut page = first;
        while page < end {
            let Ok(pages) = table.give_back(page, (capsule + 1) as u8) else {
                return false;
            };
            entry[capsule_words::OWNED_PAGES as usize].fetch_sub(pages, Ordering::SeqCst);
            page += pages;
        }
        true
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        Layout::PAGE_BYTES as usize
    }
}
