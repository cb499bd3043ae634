//! Allocation in the shared memory for data that several sides see: jobs, inputs, outputs.
//!
//! Small allocations are slots of a slab page with a bitmap at its start, large ones are runs of
//! whole pages. Everything is changed by compare-and-swap; anybody may free what anybody allocated.

use std::sync::Mutex;

use crate::error::Error;
use crate::layout::{self, Layout, header_words, page_words as words};
use crate::pages::{PageOwner, PageTable};
use crate::sab::SafeSab;
use crate::sync::Ordering;

/// The arena of a memory. Each instance fills slab pages of its own.
#[derive(Debug)]
pub struct Arena<'m> {
    sab: SafeSab<'m>,
    pages: PageTable<'m>,
    slabs: Mutex<[Vec<u32>; words::SLAB_CLASSES as usize]>,
}

/// Where an allocation starts, and how many bytes it has.
type Extent = (u32, u64);

fn slot_bytes(class: u32) -> u32 {
    words::SLAB_SMALLEST_BYTES << class
}

fn class_of(bytes: u32) -> Option<u32> {
    (0..words::SLAB_CLASSES).find(|&class| slot_bytes(class) >= bytes)
}

/// The class of slots of exactly `bytes` bytes; `None` for whole pages.
fn class_of_slot(bytes: u64) -> Option<u32> {
    let bytes = u32::try_from(bytes).ok()?;
    (bytes < Layout::PAGE_BYTES).then(|| class_of(bytes))?
}

fn first_slot(class: u32) -> u32 {
    words::SLAB_HEADER_BYTES.div_ceil(slot_bytes(class))
}

fn slots(class: u32) -> u32 {
    Layout::PAGE_BYTES / slot_bytes(class)
}

impl<'m> Arena<'m> {
    /// The arena of `sab`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the memory is too small.
    pub fn new(sab: SafeSab<'m>) -> Result<Self, Error> {
        Ok(Self {
            sab,
            pages: PageTable::new(sab)?,
            slabs: Mutex::default(),
        })
    }

    /// Allocates `bytes` bytes and returns their offset, a multiple of 64. Their content is undefined.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn alloc(&self, bytes: u32) -> Result<u32, Error> {
        match class_of(bytes.max(1)) {
            Some(class) => self.alloc_slot(class),
            None => {
                let pages = bytes.div_ceil(Layout::PAGE_BYTES);
                let page = self
                    .pages
                    .take(self.next_owner(), words::KIND_HEAD, pages)?;
                Ok(page * Layout::PAGE_BYTES)
            }
        }
    }

    fn next_owner(&self) -> PageOwner {
        let generation = self
            .sab
            .word(layout::header_offset(header_words::NEXT_RUN_GENERATION))
            .map_or(0, |word| word.fetch_add(1, Ordering::SeqCst));
        PageOwner::arena(generation)
    }

    fn alloc_slot(&self, class: u32) -> Result<u32, Error> {
        let mut slabs = self
            .slabs
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let slabs = &mut slabs[class as usize];
        for &page in slabs.iter().rev() {
            if let Some(offset) = self.take_slot(page, class)? {
                return Ok(offset);
            }
        }
        let page = self
            .pages
            .take(self.next_owner(), words::KIND_SLAB + class, 1)?;
        for word in self
            .sab
            .words(page * Layout::PAGE_BYTES, words::SLAB_HEADER_BYTES / 4)?
        {
            word.store(0, Ordering::SeqCst);
        }
        slabs.push(page);
        self.take_slot(page, class)?
            .ok_or(Error::OutOfMemory { pages: 1 })
    }

    fn take_slot(&self, page: u32, class: u32) -> Result<Option<u32>, Error> {
        let base = page * Layout::PAGE_BYTES;
        let bitmap = self.sab.words(base, words::SLAB_HEADER_BYTES / 4)?;
        for slot in first_slot(class)..slots(class) {
            let (word, bit) = (&bitmap[slot as usize / 32], 1 << (slot % 32));
            if word.load(Ordering::SeqCst) & bit == 0
                && word.fetch_or(bit, Ordering::SeqCst) & bit == 0
            {
                return Ok(Some(base + slot * slot_bytes(class)));
            }
        }
        Ok(None)
    }

    /// Frees the allocation that starts at `offset`.
    ///
    /// # Errors
    /// [`Error::NotAllocated`] if none does, also when it was freed already.
    pub fn free(&self, offset: u32) -> Result<(), Error> {
        let page = offset / Layout::PAGE_BYTES;
        let (start, bytes) = self.extent(offset).ok_or(Error::NotAllocated { offset })?;
        if start != offset {
            return Err(Error::NotAllocated { offset });
        }
        // What `extent` has seen decides: the table is not asked twice what the page is.
        match class_of_slot(bytes) {
            None => {
                self.pages.give_back(page, words::OWNER_ARENA as u8)?;
            }
            Some(class) => {
                let slot = offset % Layout::PAGE_BYTES / slot_bytes(class);
                let bit = 1 << (slot % 32);
                let word = self.sab.word(page * Layout::PAGE_BYTES + slot / 32 * 4)?;
                if word.fetch_and(!bit, Ordering::SeqCst) & bit == 0 {
                    return Err(Error::NotAllocated { offset });
                }
            }
        }
        Ok(())
    }

    fn slab_class(&self, page: u32) -> Option<u32> {
        let entry = self.pages.entry(page)?;
        let class = u32::from(entry.kind).checked_sub(words::KIND_SLAB)?;
        (u32::from(entry.owner.number) == words::OWNER_ARENA && class < words::SLAB_CLASSES)
            .then_some(class)
    }

    /// The live allocation that `offset` lies in, or `None`.
    pub fn extent(&self, offset: u32) -> Option<Extent> {
        // Whatever the table says: the tables themselves and the static regions are nobody's allocation.
        if offset < Layout::ARENA_OFFSET {
            return None;
        }
        let page = offset / Layout::PAGE_BYTES;
        if let Some(class) = self.slab_class(page) {
            let base = page * Layout::PAGE_BYTES;
            let slot = (offset - base) / slot_bytes(class);
            let word = self
                .sab
                .word(base + slot / 32 * 4)
                .ok()?
                .load(Ordering::SeqCst);
            let taken = slot >= first_slot(class) && word & (1 << (slot % 32)) != 0;
            return taken.then(|| {
                (
                    base + slot * slot_bytes(class),
                    u64::from(slot_bytes(class)),
                )
            });
        }
        let entry = self.pages.entry(page)?;
        let head_page = if u32::from(entry.kind) == words::KIND_BODY {
            entry.link
        } else {
            page
        };
        if head_page < Layout::ARENA_OFFSET / Layout::PAGE_BYTES || head_page > page {
            return None;
        }
        let head = self.pages.entry(head_page)?;
        let is_head = u32::from(head.kind) == words::KIND_HEAD
            && u32::from(head.owner.number) == words::OWNER_ARENA;
        (is_head && page - head_page < head.link).then(|| {
            let bytes = u64::from(head.link) * u64::from(Layout::PAGE_BYTES);
            (head_page * Layout::PAGE_BYTES, bytes)
        })
    }

    /// Whether `length` bytes from `offset` on lie inside one live allocation.
    pub fn contains(&self, offset: u32, length: u32) -> bool {
        let end = u64::from(offset) + u64::from(length);
        self.extent(offset)
            .is_some_and(|(start, bytes)| end <= u64::from(start) + bytes && self.sab.reaches(end))
    }
}
