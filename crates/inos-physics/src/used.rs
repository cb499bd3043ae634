//! Which bytes of a world's heap hold something, so that saving copies those alone.
//!
//! dlmalloc keeps a head in front of each chunk that says how long it is and whether it is in use. A large chunk
//! that is free needs only its own first words, by which it is found again. The version of dlmalloc is pinned, and
//! the test below restores heaps from what is said here to be used.

use core::mem::size_of;

use crate::GRANULE_BYTES;

const WORD: usize = size_of::<usize>();
/// Flags of a chunk's head: the one before it is in use, it is itself.
const PREVIOUS_IN_USE: usize = 1;
const IN_USE: usize = 2;
const FLAGS: usize = 7;
/// What ends a stretch of chunks that another one doesn't continue.
const FENCE: usize = PREVIOUS_IN_USE | IN_USE | WORD;
/// What is kept of a free chunk: more than its links take.
const KEPT_BYTES: usize = 16 * WORD;
/// Free chunks that are not worth a range of their own.
const SMALLEST_GAP: usize = 4096;

/// Calls `see` with the start and the length of each range between `start` and `end` that must be kept, in order.
///
/// # Safety
/// `start` to `end` are readable, and were handed to one dlmalloc from `start` on, in granules.
pub(crate) unsafe fn used_ranges(start: usize, end: usize, mut see: impl FnMut(usize, usize)) {
    let mut from = start;
    let mut at = start;
    while at + 2 * WORD <= end {
        // SAFETY: the chunk's head lies before `end`.
        let head = unsafe { *core::ptr::with_exposed_provenance::<usize>(at + WORD) };
        if head == FENCE {
            at = (at + 1).next_multiple_of(GRANULE_BYTES as usize);
            continue;
        }
        let size = head & !FLAGS;
        if size < 2 * WORD || size > end - at {
            break;
        }
        if head & IN_USE == 0 && size > KEPT_BYTES + SMALLEST_GAP {
            see(from, at + KEPT_BYTES - from);
            from = at + size;
        }
        at += size;
    }
    if from < end {
        see(from, end - from);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use dlmalloc::Dlmalloc;
    use proptest::prelude::*;

    use super::*;

    const EXTENT_BYTES: usize = 8 << 20;

    /// Hands out two extents in turns, as worlds do whose extents fill up: so the heap is made of many segments,
    /// some of which lie next to one another.
    struct Pages {
        extents: [usize; 2],
        used: [AtomicUsize; 2],
        calls: AtomicUsize,
    }

    impl Pages {
        fn used(&self) -> [usize; 2] {
            [0, 1].map(|index: usize| self.used[index].load(Ordering::SeqCst))
        }
    }

    // SAFETY: what is handed out is inside the area and was handed out to nobody else.
    unsafe impl dlmalloc::Allocator for &Pages {
        fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
            let bytes = size.next_multiple_of(GRANULE_BYTES as usize);
            let index = usize::from(self.calls.fetch_add(1, Ordering::SeqCst) % 3 == 2);
            let start = self.used[index].fetch_add(bytes, Ordering::SeqCst);
            if start + bytes > EXTENT_BYTES {
                self.used[index].store(start, Ordering::SeqCst);
                return (core::ptr::null_mut(), 0, 0);
            }
            let pointer = core::ptr::with_exposed_provenance_mut(self.extents[index] + start);
            (pointer, bytes, 0)
        }

        fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
            core::ptr::null_mut()
        }

        fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
            false
        }

        fn free(&self, _: *mut u8, _: usize) -> bool {
            false
        }

        fn can_release_part(&self, _: u32) -> bool {
            false
        }

        fn allocates_zeros(&self) -> bool {
            false
        }

        fn page_size(&self) -> usize {
            GRANULE_BYTES as usize
        }
    }

    type Heap<'p> = Dlmalloc<&'p Pages>;

    /// What lives in the heap: its address, its length and the byte that fills it.
    type Blocks = Vec<(usize, usize, u8)>;

    /// Takes a block, or gives one back if `size` is even and there is one.
    fn act(heap: &mut Heap<'_>, blocks: &mut Blocks, size: usize, byte: u8) {
        if size.is_multiple_of(2) && !blocks.is_empty() {
            let (address, length, _) = blocks.swap_remove(size % blocks.len());
            let pointer = core::ptr::with_exposed_provenance_mut(address);
            // SAFETY: it was allocated with this length and alignment.
            unsafe { heap.free(pointer, length, 8) };
            return;
        }
        // SAFETY: the size isn't zero.
        let pointer = unsafe { heap.malloc(size, 8) };
        if pointer.is_null() {
            return;
        }
        // SAFETY: just allocated with this length.
        unsafe { pointer.write_bytes(byte, size) };
        blocks.push((pointer.expose_provenance(), size, byte));
    }

    fn require_intact(blocks: &Blocks) {
        for &(address, length, byte) in blocks {
            let pointer = core::ptr::with_exposed_provenance::<u8>(address);
            // SAFETY: a live block.
            let bytes = unsafe { core::slice::from_raw_parts(pointer, length) };
            assert!(bytes.iter().all(|&each| each == byte));
        }
    }

    fn size() -> impl Strategy<Value = usize> {
        prop_oneof![4 => 1usize..300, 2 => 300usize..20_000, 1 => 20_000usize..400_000]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// A heap is restored from its used ranges alone; all else is overwritten in between.
        #[test]
        fn used_ranges_are_all_that_a_heap_needs(
            before in prop::collection::vec((size(), any::<u8>()), 1..300),
            after in prop::collection::vec((size(), any::<u8>()), 1..100),
            again in prop::collection::vec((size(), any::<u8>()), 1..100),
        ) {
            let layout = std::alloc::Layout::from_size_align(2 * EXTENT_BYTES, 1 << 16).unwrap();
            // SAFETY: the size isn't zero.
            let area = unsafe { std::alloc::alloc_zeroed(layout) };
            let base = area.expose_provenance();
            let pages = Pages {
                extents: [base, base + EXTENT_BYTES],
                used: [const { AtomicUsize::new(0) }; 2],
                calls: AtomicUsize::new(0),
            };
            let mut heap = Heap::new_with_allocator(&pages);
            let mut blocks = Blocks::new();
            for &(size, byte) in &before {
                act(&mut heap, &mut blocks, size, byte);
            }

            let used = pages.used();
            let mut saved = Vec::new();
            let mut kept = 0;
            for (extent, bytes) in pages.extents.into_iter().zip(used) {
                // SAFETY: the heap was given exactly these bytes.
                unsafe {
                    used_ranges(extent, extent + bytes, |start, length| {
                        let pointer = core::ptr::with_exposed_provenance::<u8>(start);
                        kept += length;
                        saved.push((start, core::slice::from_raw_parts(pointer, length).to_vec()));
                    });
                }
            }
            prop_assert!(kept <= used[0] + used[1]);
            // SAFETY: plain bytes of the allocator's own state, put back as they were.
            let state = unsafe { core::ptr::read(&raw const heap) };
            let saved_blocks = blocks.clone();
            for &(size, byte) in &after {
                act(&mut heap, &mut blocks, size, byte);
            }

            // SAFETY: the whole area is ours.
            unsafe { area.write_bytes(0xa5, 2 * EXTENT_BYTES) };
            for (start, bytes) in &saved {
                let pointer = core::ptr::with_exposed_provenance_mut::<u8>(*start);
                // SAFETY: inside the area.
                unsafe { pointer.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            }
            for (word, bytes) in pages.used.iter().zip(used) {
                word.store(bytes, Ordering::SeqCst);
            }
            // SAFETY: neither has anything to drop.
            unsafe { core::ptr::write(&raw mut heap, state) };
            let mut blocks = saved_blocks;
            require_intact(&blocks);
            for &(size, byte) in &again {
                act(&mut heap, &mut blocks, size, byte);
                require_intact(&blocks);
            }
            for index in (0..blocks.len()).rev() {
                act(&mut heap, &mut blocks, 2 * index, 0);
            }
            // SAFETY: allocated with this layout.
            unsafe { std::alloc::dealloc(area, layout) };
        }
    }
}
