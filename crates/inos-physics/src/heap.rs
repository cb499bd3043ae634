//! A world's own heap.
//!
//! All that a world allocates lies in its extents, with the allocator's state among it: so saving and restoring
//! are copies of memory, and a world outlives the capsule. While a thread works inside a world its allocations
//! come from there; otherwise, and for what it brought along, from the capsule's heap.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr;

use dlmalloc::Dlmalloc;
use inos_sdk::abi::CapsuleAllocator;

use crate::GRANULE_BYTES;
use crate::world_block::WorldBlock;

thread_local! {
    /// The world that this thread works in.
    static CURRENT: Cell<Option<WorldBlock>> = const { Cell::new(None) };
}

/// A world's allocator, as it lies at the start of the world.
pub(crate) type Heap = Dlmalloc<WorldPages>;

/// The heap's source of memory: the world's extents, taken from the arena and used from their start on.
pub(crate) struct WorldPages(pub(crate) WorldBlock);

// SAFETY: what is handed out is part of an extent that belongs to the world and was handed out to nobody else.
// Ranges are never moved or given back before the world ends.
unsafe impl dlmalloc::Allocator for WorldPages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let bytes = (size as u32).next_multiple_of(GRANULE_BYTES);
        match self.0.extend(bytes) {
            Some(start) => (start as *mut u8, bytes as usize, 0),
            None => (ptr::null_mut(), 0, 0),
        }
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
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

/// Runs `work` with all allocations in the world's heap. What `work` returns must own nothing there.
pub(crate) fn within<T>(world: WorldBlock, work: impl FnOnce() -> T) -> T {
    CURRENT.set(Some(world));
    let value = work();
    CURRENT.set(None);
    value
}

/// Runs `work` with allocations in the capsule's heap, from inside [`within`]. It must drop nothing of the world's.
pub(crate) fn outside<T>(work: impl FnOnce() -> T) -> T {
    let world = CURRENT.replace(None);
    let value = work();
    CURRENT.set(world);
    value
}

/// The capsule's allocator: the current world's heap inside [`within`], else the capsule's own.
pub struct WorldAllocator(CapsuleAllocator);

impl WorldAllocator {
    /// An empty heap.
    pub const fn new() -> Self {
        Self(CapsuleAllocator::new())
    }
}

impl Default for WorldAllocator {
    fn default() -> Self {
        Self::new()
    }
}

/// The heap that `pointer` lies in, if that is the current world's.
fn owner(pointer: *mut u8) -> Option<*mut Heap> {
    let world = CURRENT.get()?;
    world.owns(pointer as u32).then(|| world.heap())
}

// SAFETY: both heaps keep GlobalAlloc's promises. One thread at a time works in a world, so its heap needs no lock.
unsafe impl GlobalAlloc for WorldAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match CURRENT.get() {
            // SAFETY: the world is this thread's; the caller's promises are passed on, here and below.
            Some(world) => unsafe { (*world.heap()).malloc(layout.size(), layout.align()) },
            // SAFETY: as above.
            None => unsafe { self.0.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match CURRENT.get() {
            // SAFETY: as above.
            Some(world) => unsafe { (*world.heap()).calloc(layout.size(), layout.align()) },
            // SAFETY: as above.
            None => unsafe { self.0.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        match owner(pointer) {
            // SAFETY: as above.
            Some(heap) => unsafe { (*heap).free(pointer, layout.size(), layout.align()) },
            // SAFETY: as above.
            None => unsafe { self.0.dealloc(pointer, layout) },
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match owner(pointer) {
            // SAFETY: as above.
            Some(heap) => unsafe { (*heap).realloc(pointer, layout.size(), layout.align(), size) },
            // SAFETY: as above.
            None => unsafe { self.0.realloc(pointer, layout, size) },
        }
    }
}
