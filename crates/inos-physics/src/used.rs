//! Which bytes of a world's heap hold something, so that saving copies those alone.
//!
//! dlmalloc keeps a head in front of each chunk that says how long it is and whether it is in use. A large chunk
//! that is free needs only its own first words, by which it is found again. The version of dlmalloc is pinned, and
//! the test below restores heaps from what is said here to be used.

use core::mem::size_of;
use core::ops::Range;

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
/// What is copied at once: it is still in the processor's caches when its chunks' heads are looked at.
const BLOCK_BYTES: usize = 1 << 16;

/// Sorts stretches of memory, each its start and its end, and joins those that lie side by side, as dlmalloc does: a
/// chunk may begin in one and end in the next.
pub(crate) fn joined(stretches: &mut [(usize, usize)]) -> &[(usize, usize)] {
    // There are few: a sort of the library's would be more code than this whole file.
    for last in 1..stretches.len() {
        for index in (0..last).rev() {
            if stretches[index] > stretches[index + 1] {
                stretches.swap(index, index + 1);
            }
        }
    }
    let mut count = 0;
    for index in 0..stretches.len() {
        let (start, end) = stretches[index];
        if count > 0 && stretches[count - 1].1 == start {
            stretches[count - 1].1 = end;
        } else {
            stretches[count] = (start, end);
            count += 1;
        }
    }
    &stretches[..count]
}

/// Calls `see` with the start and the length of each range of a stretch that must be kept, in order, and before that
/// `copy` with the range's start and with the start and the length of each block of it, the last of which may go on
/// behind it. So each byte comes from memory once: the heads of a block's chunks are looked at after it was copied.
/// Tells at most `gaps` gaps, and gives how many of those are left.
///
/// # Safety
/// The stretch is readable, was handed to one dlmalloc from its start on, in granules, and nothing that it joins to
/// lies outside: see [`joined`].
pub(crate) unsafe fn used_ranges(
    stretch: Range<usize>,
    mut gaps: usize,
    mut copy: impl FnMut(usize, usize, usize),
    mut see: impl FnMut(usize, usize),
) -> usize {
    let Range { start, end } = stretch;
    let [mut from, mut at, mut copied] = [start; 3];
    let mut copy_up_to = |to: usize, from: usize, copied: &mut usize| {
        while *copied < to {
            let length = BLOCK_BYTES.min(end - *copied);
            copy(from, *copied, length);
            *copied += length;
        }
    };
    while at + 2 * WORD <= end {
        copy_up_to(at + 2 * WORD, from, &mut copied);
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
        if head & IN_USE == 0 && size > KEPT_BYTES + SMALLEST_GAP && gaps > 0 {
            copy_up_to(at + KEPT_BYTES, from, &mut copied);
            see(from, at + KEPT_BYTES - from);
            from = at + size;
            copied = from;
            gaps -= 1;
        }
        at += size;
    }
    copy_up_to(end, from, &mut copied);
    if from < end {
        see(from, end - from);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use dlmalloc::Dlmalloc;
    use proptest::prelude::*;

    use super::*;

    /// As many bytes as each extent has: small ones that fill up, and a large one for what is left.
    const EXTENTS: [usize; 6] = [1 << 19, 1 << 19, 1 << 20, 1 << 19, 1 << 20, 12 << 20];
    const AREA_BYTES: usize = 16 << 20;

    /// Hands out extents in turns, as worlds do whose extents fill up: so the heap is made of many segments, some of
    /// which lie side by side, before or after one another.
    struct Pages {
        extents: [usize; 6],
        used: [AtomicUsize; 6],
        calls: AtomicUsize,
    }

    impl Pages {
        /// Extents side by side, in an order other than that in which they are taken.
        fn new(base: usize) -> Self {
            let mut end = base;
            let mut extents = [0; 6];
            for index in [2, 0, 1, 4, 3, 5] {
                extents[index] = end;
                end += EXTENTS[index];
            }
            Self {
                extents,
                used: [const { AtomicUsize::new(0) }; 6],
                calls: AtomicUsize::new(0),
            }
        }

        fn used(&self) -> [usize; 6] {
            core::array::from_fn(|index| self.used[index].load(Ordering::SeqCst))
        }

        fn take(&self, index: usize, bytes: usize) -> Option<usize> {
            let start = self.used[index].load(Ordering::SeqCst);
            let end = start + bytes;
            self.used[index].store(
                if end <= EXTENTS[index] { end } else { start },
                Ordering::SeqCst,
            );
            (end <= EXTENTS[index]).then_some(self.extents[index] + start)
        }
    }

    // SAFETY: what is handed out is inside the area and was handed out to nobody else.
    unsafe impl dlmalloc::Allocator for &Pages {
        fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
            let bytes = size.next_multiple_of(GRANULE_BYTES as usize);
            let first = usize::from(self.calls.fetch_add(1, Ordering::SeqCst) % 5 == 4);
            match (first..6).find_map(|index| self.take(index, bytes)) {
                Some(start) => (core::ptr::with_exposed_provenance_mut(start), bytes, 0),
                None => (core::ptr::null_mut(), 0, 0),
            }
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

    /// What lives in the heap: its address, its length in bytes and the word that fills it.
    type Blocks = Vec<(usize, usize, usize)>;

    fn words<'b>(address: usize, length: usize) -> &'b mut [usize] {
        let pointer = core::ptr::with_exposed_provenance_mut(address);
        // SAFETY: a live block of as many bytes, aligned, which nobody else looks at meanwhile.
        unsafe { core::slice::from_raw_parts_mut(pointer, length / WORD) }
    }

    /// Takes a block of so many words, or gives one back if `size` is even and there is one. What fills it looks like
    /// the head of a large chunk that is free.
    fn act(heap: &mut Heap<'_>, blocks: &mut Blocks, size: usize, byte: u8) {
        if size.is_multiple_of(2) && !blocks.is_empty() {
            let (address, length, _) = blocks.swap_remove(size % blocks.len());
            let pointer = core::ptr::with_exposed_provenance_mut(address);
            // SAFETY: it was allocated with this length and alignment.
            unsafe { heap.free(pointer, length, 8) };
            return;
        }
        let length = size.next_multiple_of(WORD);
        // SAFETY: the size isn't zero.
        let pointer = unsafe { heap.malloc(length, 8) };
        if pointer.is_null() {
            return;
        }
        let filling = 3 * SMALLEST_GAP + 16 * usize::from(byte) + PREVIOUS_IN_USE;
        let address = pointer.expose_provenance();
        words(address, length).fill(filling);
        blocks.push((address, length, filling));
    }

    fn require_intact(blocks: &Blocks) {
        for &(address, length, filling) in blocks {
            assert!(words(address, length).iter().all(|&each| each == filling));
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
            gaps in prop_oneof![0usize..4, Just(1000)],
        ) {
            let layout = std::alloc::Layout::from_size_align(AREA_BYTES, 1 << 16).unwrap();
            // SAFETY: the size isn't zero.
            let area = unsafe { std::alloc::alloc_zeroed(layout) };
            let base = area.expose_provenance();
            let pages = Pages::new(base);
            let mut heap = Heap::new_with_allocator(&pages);
            let mut blocks = Blocks::new();
            for &(size, byte) in &before {
                act(&mut heap, &mut blocks, size, byte);
            }

            let used = pages.used();
            let mut stretches: [(usize, usize); 6] =
                core::array::from_fn(|index| (pages.extents[index], pages.extents[index] + used[index]));
            let (mut saved, mut copied) = (Vec::new(), vec![0xa5_u8; AREA_BYTES]);
            let (kept, mut left) = (Cell::new(0), gaps);
            for &(start, end) in joined(&mut stretches) {
                let copy = |from: usize, start: usize, length: usize| {
                    let pointer = core::ptr::with_exposed_provenance::<u8>(start);
                    // SAFETY: the heap was given exactly these bytes.
                    let bytes = unsafe { core::slice::from_raw_parts(pointer, length) };
                    copied[kept.get() + start - from..][..length].copy_from_slice(bytes);
                };
                let see = |start, length| {
                    saved.push((start, kept.get()..kept.get() + length));
                    kept.set(kept.get() + length);
                };
                // SAFETY: as above.
                left = unsafe { used_ranges(start..end, left, copy, see) };
            }
            prop_assert!(kept.get() <= used.iter().sum());
            prop_assert!(saved.len() <= stretches.len() + gaps - left);
            // SAFETY: plain bytes of the allocator's own state, put back as they were.
            let state = unsafe { core::ptr::read(&raw const heap) };
            let saved_blocks = blocks.clone();
            for &(size, byte) in &after {
                act(&mut heap, &mut blocks, size, byte);
            }

            // SAFETY: the whole area is ours.
            unsafe { area.write_bytes(0xa5, AREA_BYTES) };
            for (start, range) in saved {
                let pointer = core::ptr::with_exposed_provenance_mut::<u8>(start);
                let bytes = &copied[range];
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
