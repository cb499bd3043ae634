//! Who owns which 64 KiB page.
//!
//! The table is changed by compare-and-swap alone: there is no lock that a dying thread could keep,
//! and whatever a crashed owner had is found by its owner number and generation.

use crate::error::Error;
use crate::layout::{self, Layout, header_words, page_words as words};
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering};

/// How often free pages may be there and then taken by others, before a table is taken for damaged.
const FRUITLESS_WALKS: u32 = 64;

/// To whom pages belong: a capsule in one of its lives, or the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageOwner {
    /// 1 + capsule index, or `PageWords.ownerArena`.
    pub number: u8,
    /// The capsule's generation, or the number of the allocation; 16 bits of it are kept.
    pub generation: u16,
}

impl PageOwner {
    /// The pages of a capsule in its `generation`-th life.
    pub fn capsule(index: u32, generation: u32) -> Self {
        Self {
            number: (index + 1) as u8,
            generation: generation as u16,
        }
    }

    /// The arena's pages, in their `generation`-th allocation.
    pub fn arena(generation: u32) -> Self {
        Self {
            number: words::OWNER_ARENA as u8,
            generation: generation as u16,
        }
    }
}

/// One entry of the table, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageEntry {
    /// Whose page it is.
    pub owner: PageOwner,
    /// `PageWords.kindBody`, `kindHead`, or `kindSlab` + the slot class.
    pub kind: u8,
    /// A head's length in pages, another page's head.
    pub link: u32,
}

impl PageEntry {
    fn pack(owner: PageOwner, kind: u32) -> u32 {
        u32::from(owner.generation) << 16 | kind << 8 | u32::from(owner.number)
    }

    fn unpack(entry: u32, link: u32) -> Option<Self> {
        (entry != 0).then_some(Self {
            owner: PageOwner {
                number: entry as u8,
                generation: (entry >> 16) as u16,
            },
            kind: (entry >> 8) as u8,
            link,
        })
    }
}

/// The page table of a memory.
#[derive(Clone, Copy, Debug)]
pub struct PageTable<'m> {
    sab: SafeSab<'m>,
    entries: &'m [AtomicU32],
    memory_pages: &'m AtomicU32,
    touched_pages: &'m AtomicU32,
    maximum_pages: &'m AtomicU32,
}

impl<'m> PageTable<'m> {
    /// The page table of `sab`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the memory is too small to hold it.
    pub fn new(sab: SafeSab<'m>) -> Result<Self, Error> {
        let header = |word| sab.word(layout::header_offset(word));
        Ok(Self {
            sab,
            entries: sab.words(Layout::PAGE_TABLE_OFFSET, Layout::PAGE_TABLE_BYTES / 4)?,
            memory_pages: header(header_words::MEMORY_PAGES)?,
            touched_pages: header(header_words::TOUCHED_PAGES)?,
            maximum_pages: header(header_words::MAXIMUM_PAGES)?,
        })
    }

    fn entry_word(&self, page: u32) -> &'m AtomicU32 {
        &self.entries[(page * 2 + words::ENTRY) as usize]
    }

    fn link_word(&self, page: u32) -> &'m AtomicU32 {
        &self.entries[(page * 2 + words::LINK) as usize]
    }

    /// The entry of `page`; `None` for a free page or one that can't exist.
    pub fn entry(&self, page: u32) -> Option<PageEntry> {
        if page >= Layout::MAXIMUM_PAGES {
            return None;
        }
        let entry = self.entry_word(page).load(Ordering::Acquire);
        PageEntry::unpack(entry, self.link_word(page).load(Ordering::Acquire))
    }

    /// Takes `pages` neighbouring pages for `owner` and returns the first one's number, growing the
    /// memory where it must. `kind` is `kindHead` or a slab kind.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn take(&self, owner: PageOwner, kind: u32, pages: u32) -> Result<u32, Error> {
        if pages == 0 || pages > Layout::MAXIMUM_PAGES {
            return Err(Error::OutOfMemory { pages });
        }
        let first = Layout::ARENA_OFFSET / Layout::PAGE_BYTES;
        let mut fruitless = 0;
        loop {
            let limit = self.sab.pages();
            let mut page = first;
            while page <= limit.saturating_sub(pages) {
                match self.claim(owner, kind, page, pages) {
                    Ok(()) => {
                        self.touched_pages.fetch_max(page + pages, Ordering::SeqCst);
                        return Ok(page);
                    }
                    Err(taken) if fruitless == 0 => page = self.after(taken),
                    Err(taken) => page = taken + 1,
                }
            }
            if self.extend(limit, pages)? > 0 {
                continue;
            }
            // There are free pages at the end, and no run led there. Either they were freed just now, or the
            // lengths of runs can't be trusted: the next walk goes page by page.
            fruitless += 1;
            if fruitless > FRUITLESS_WALKS {
                return Err(Error::OutOfMemory { pages });
            }
        }
    }

    /// The first page that may be free after the taken page `page`.
    fn after(&self, page: u32) -> u32 {
        match self.entry(page) {
            Some(head) if u32::from(head.kind) == words::KIND_HEAD && head.link > 0 => {
                page.saturating_add(head.link)
            }
            _ => page + 1,
        }
    }

    /// Claims pages one by one, the head first; undoes it all and names the obstacle on failure.
    fn claim(&self, owner: PageOwner, kind: u32, page: u32, pages: u32) -> Result<(), u32> {
        for index in 0..pages {
            let kind = if index == 0 { kind } else { words::KIND_BODY };
            let claimed = self.entry_word(page + index).compare_exchange(
                0,
                PageEntry::pack(owner, kind),
                Ordering::SeqCst,
                Ordering::SeqCst,
            );
            if claimed.is_err() {
                self.clear(page, index);
                return Err(page + index);
            }
            let link = if index == 0 { pages } else { page };
            self.link_word(page + index).store(link, Ordering::SeqCst);
        }
        Ok(())
    }

    fn clear(&self, page: u32, pages: u32) {
        // Backwards, so that the head, which names the length, goes last.
        for index in (0..pages).rev() {
            self.link_word(page + index).store(0, Ordering::SeqCst);
            self.entry_word(page + index).store(0, Ordering::SeqCst);
        }
    }

    /// Makes room behind the last page that is taken. Returns how many pages were missing.
    fn extend(&self, limit: u32, pages: u32) -> Result<u32, Error> {
        let maximum = self.maximum_pages.load(Ordering::SeqCst);
        // Free pages at the end count: only what is missing is added.
        let arena_pages = limit.saturating_sub(Layout::ARENA_OFFSET / Layout::PAGE_BYTES);
        let mut free = 0;
        while free < pages.min(arena_pages) && self.entry(limit - free - 1).is_none() {
            free += 1;
        }
        let missing = pages - free;
        if limit + missing > maximum || !self.sab.grow(missing) {
            // Somebody else may have grown it meanwhile, which is as good.
            if self.sab.latest_pages() > limit {
                return Ok(missing);
            }
            return Err(Error::OutOfMemory { pages });
        }
        self.memory_pages
            .fetch_max(self.sab.pages(), Ordering::SeqCst);
        Ok(missing)
    }

    /// Gives back the run whose head is `page`, if it belongs to `owner` number.
    ///
    /// # Errors
    /// [`Error::NotAllocated`] if `page` isn't such a head, also when it was given back already.
    pub fn give_back(&self, page: u32, owner_number: u8) -> Result<u32, Error> {
        let not_allocated = Error::NotAllocated {
            offset: page.saturating_mul(Layout::PAGE_BYTES),
        };
        let head = self.entry(page).ok_or(not_allocated)?;
        if u32::from(head.kind) == words::KIND_BODY || head.owner.number != owner_number {
            return Err(not_allocated);
        }
        // Whoever turns the head into a body page is the one who frees the run.
        let live = PageEntry::pack(head.owner, u32::from(head.kind));
        let dying = PageEntry::pack(head.owner, words::KIND_BODY);
        self.entry_word(page)
            .compare_exchange(live, dying, Ordering::SeqCst, Ordering::SeqCst)
            .map_err(|_| not_allocated)?;
        let pages = self.run_length(page, head.link, dying);
        self.clear(page, pages);
        Ok(pages)
    }

    /// How many pages of the run at `page` are its own, whatever length its head claims.
    fn run_length(&self, page: u32, claimed: u32, body: u32) -> u32 {
        let most = claimed.clamp(1, Layout::MAXIMUM_PAGES - page);
        let is_own = |&index: &u32| {
            self.entry_word(page + index).load(Ordering::SeqCst) == body
                && self.link_word(page + index).load(Ordering::SeqCst) == page
        };
        1 + (1..most).take_while(is_own).count() as u32
    }
}
