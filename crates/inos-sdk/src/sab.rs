//! Checked access to the shared memory.

use core::marker::PhantomData;

use crate::error::Error;
use crate::layout::{self, Layout};
use crate::sync::AtomicU32;

/// The shared memory of a runtime, with every access checked for bounds and alignment.
///
/// On WebAssembly this is the module's own linear memory ([`SafeSab::linear_memory`]), so offsets
/// are addresses. Natively it covers a buffer, so that the same code is tested without a browser.
#[derive(Clone, Copy, Debug)]
pub struct SafeSab<'m> {
    base: *mut u8,
    /// Natively; a linear memory's length is asked for each time, as it grows.
    #[cfg(not(target_arch = "wasm32"))]
    fixed_bytes: u64,
    memory: PhantomData<&'m AtomicU32>,
}

// SAFETY: all control words are reached as atomics; bulk ranges are lent to one job at a time.
unsafe impl Send for SafeSab<'_> {}
// SAFETY: as above.
unsafe impl Sync for SafeSab<'_> {}

impl SafeSab<'static> {
    /// The linear memory that this module was instantiated with.
    #[cfg(target_arch = "wasm32")]
    pub fn linear_memory() -> Self {
        Self {
            base: core::ptr::null_mut(),
            memory: PhantomData,
        }
    }
}

impl<'m> SafeSab<'m> {
    /// A memory over a buffer of the caller's, for native code and tests.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if it can't hold the tables, [`Error::Misaligned`] if it isn't 8-byte aligned.
    #[cfg(not(any(target_arch = "wasm32", loom)))]
    pub fn over(buffer: &'m [std::sync::atomic::AtomicU64]) -> Result<Self, Error> {
        let bytes = buffer.len() as u64 * 8;
        if bytes < u64::from(Layout::ARENA_OFFSET) {
            return Err(Error::OutOfBounds {
                offset: 0,
                length: Layout::ARENA_OFFSET,
            });
        }
        let base = buffer.as_ptr().cast::<u8>().cast_mut();
        Ok(Self {
            base,
            fixed_bytes: bytes,
            memory: PhantomData,
        })
    }

    /// How many bytes exist now. Grows when anybody grows the memory.
    pub fn byte_length(&self) -> u64 {
        #[cfg(target_arch = "wasm32")]
        return core::arch::wasm32::memory_size::<0>() as u64 * u64::from(Layout::PAGE_BYTES);
        #[cfg(not(target_arch = "wasm32"))]
        return self.fixed_bytes;
    }

    /// How many 64 KiB pages exist now.
    pub fn pages(&self) -> u32 {
        (self.byte_length() / u64::from(Layout::PAGE_BYTES)) as u32
    }

    /// Adds pages at the end, if the memory's maximum allows; says whether it did.
    pub(crate) fn grow(&self, pages: u32) -> bool {
        #[cfg(target_arch = "wasm32")]
        return core::arch::wasm32::memory_grow::<0>(pages as usize) != usize::MAX;
        #[cfg(not(target_arch = "wasm32"))]
        return pages == 0;
    }

    fn check(&self, offset: u32, length: u32, alignment: u32) -> Result<(), Error> {
        if !offset.is_multiple_of(alignment) {
            return Err(Error::Misaligned { offset, alignment });
        }
        if offset == 0 || !self.reaches(u64::from(offset) + u64::from(length)) {
            return Err(Error::OutOfBounds { offset, length });
        }
        Ok(())
    }

    /// Whether the memory has as many bytes as `end`.
    pub(crate) fn reaches(&self, end: u64) -> bool {
        end <= self.byte_length()
            || end <= u64::from(self.latest_pages()) * u64::from(Layout::PAGE_BYTES)
    }

    /// How many pages exist, also those that this thread hasn't heard of. Engines keep a note of the length for each
    /// thread (V8's was seen to be late once in 7,000 growths); growing by nothing asks the memory itself.
    #[cold]
    pub(crate) fn latest_pages(&self) -> u32 {
        #[cfg(target_arch = "wasm32")]
        if let Ok(pages @ 0..=Layout::MAXIMUM_PAGES) =
            u32::try_from(core::arch::wasm32::memory_grow::<0>(0))
        {
            return pages;
        }
        self.pages()
    }

    /// The control word at `offset`.
    ///
    /// # Errors
    /// [`Error::Misaligned`] or [`Error::OutOfBounds`].
    pub fn word(&self, offset: u32) -> Result<&'m AtomicU32, Error> {
        Ok(&self.words(offset, 1)?[0])
    }

    /// `count` control words from `offset` on.
    ///
    /// # Errors
    /// [`Error::Misaligned`] or [`Error::OutOfBounds`].
    pub fn words(&self, offset: u32, count: u32) -> Result<&'m [AtomicU32], Error> {
        let length = count.checked_mul(4).ok_or(Error::OutOfBounds {
            offset,
            length: u32::MAX,
        })?;
        self.check(offset, length, 4)?;
        // SAFETY: checked above: in bounds, aligned, not null. Everyone reaches control words as atomics.
        Ok(unsafe {
            core::slice::from_raw_parts(
                self.base.wrapping_add(offset as usize).cast(),
                count as usize,
            )
        })
    }

    /// `length` bytes from `offset` on, to read in place.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`], also for a range below the arena or of 2 GiB and more.
    ///
    /// # Safety
    /// The range must be lent to the caller for as long as the slice lives: nobody may write to it.
    pub unsafe fn bytes(&self, offset: u32, length: u32) -> Result<&'m [u8], Error> {
        self.check_bulk(offset, length)?;
        // SAFETY: in bounds, and the caller vouches for exclusivity.
        Ok(unsafe {
            core::slice::from_raw_parts(self.base.wrapping_add(offset as usize), length as usize)
        })
    }

    /// `length` bytes from `offset` on, to write in place.
    ///
    /// # Errors
    /// As [`SafeSab::bytes`].
    ///
    /// # Safety
    /// The range must be lent to the caller alone for as long as the slice lives.
    pub unsafe fn bytes_mut(&self, offset: u32, length: u32) -> Result<&'m mut [u8], Error> {
        self.check_bulk(offset, length)?;
        // SAFETY: in bounds, and the caller vouches for exclusivity.
        Ok(unsafe {
            core::slice::from_raw_parts_mut(
                self.base.wrapping_add(offset as usize),
                length as usize,
            )
        })
    }

    fn check_bulk(&self, offset: u32, length: u32) -> Result<(), Error> {
        // Rust forbids slices of more than isize::MAX bytes, which on wasm32 is 2 GiB.
        if offset < layout::ARENA_OFFSET || length > i32::MAX as u32 {
            return Err(Error::OutOfBounds { offset, length });
        }
        self.check(offset, length, 1)
    }
}

/// Reads a u64 kept as two words, low first. Exact only while its writer is excluded.
pub(crate) fn load_u64(words: &[AtomicU32]) -> u64 {
    use crate::sync::Ordering::SeqCst;
    u64::from(words[0].load(SeqCst)) | u64::from(words[1].load(SeqCst)) << 32
}

/// Writes a u64 as two words, low first.
pub(crate) fn store_u64(words: &[AtomicU32], value: u64) {
    use crate::sync::Ordering::SeqCst;
    words[0].store(value as u32, SeqCst);
    words[1].store((value >> 32) as u32, SeqCst);
}
