//! Saved worlds: a world's bytes in use, copied aside and back.
//!
//! How many those are shows only while they are copied. So there is room for all at first, and a copy that needs much
//! less moves to a place of its own size.

use core::array;
use core::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::{Arena, SafeSab};

use crate::Error;
use crate::generated::physics_capnp::{saved_words as words, world_words};
use crate::heap::Heap;
use crate::used::{joined, used_ranges};
use crate::world_block::{Extent, WorldBlock, take};

const MOST_EXTENTS: usize = world_words::MAXIMUM_EXTENTS as usize;
/// Bytes before those that are copied.
const FRONT_BYTES: u32 = words::HEAD_BYTES + words::MOST_RANGES * words::RANGE_BYTES;
/// Gaps that are left out: the world's head and each extent have a range besides.
const MOST_GAPS: usize = words::MOST_RANGES as usize - MOST_EXTENTS - 1;
/// A copy moves if more than this part of its place is empty: one in so many.
const EMPTY_PART: u32 = 4;

/// Bytes that hold something.
#[derive(Clone, Copy)]
struct Range {
    offset: u32,
    bytes: u32,
}

/// Stretches of memory: the start and the end of each.
type Stretches = [(usize, usize); MOST_EXTENTS];

/// The first `bytes` bytes of each of a world's extents.
fn stretches(world: WorldBlock, bytes: impl Fn(Extent) -> u32) -> (Stretches, usize) {
    let mut all = [(0, 0); MOST_EXTENTS];
    let count = world.extents();
    for (stretch, index) in all.iter_mut().zip(0..count) {
        let extent = world.extent(index);
        let start = extent.offset as usize;
        *stretch = (start, start + bytes(extent) as usize);
    }
    (all, count as usize)
}

/// A saved world's place in the shared memory.
pub(crate) struct Saved(u32);

impl Saved {
    fn word(&self, index: u32) -> &AtomicU32 {
        // SAFETY: the head is longer than any index in the schema, aligned, and reached as atomics only.
        unsafe { &*((self.0 + index * 4) as *const AtomicU32) }
    }

    fn get(&self, index: u32) -> u32 {
        self.word(index).load(Ordering::SeqCst)
    }

    fn set(&self, index: u32, value: u32) {
        self.word(index).store(value, Ordering::SeqCst);
    }

    /// Copies the world's bytes aside. Nobody may work on it meanwhile. Gives the copy's offset and length.
    ///
    /// It needs no memory but the copy's: where that is all used up, it says so.
    pub(crate) fn save(world: WorldBlock) -> Result<(u32, u32), Error> {
        let count = world.extents();
        let used = (0..count).map(|index| u64::from(world.extent(index).used));
        let room = u64::from(FRONT_BYTES) + used.sum::<u64>();
        let no_room = |bytes| Error::OutOfMemory { bytes };
        let room = u32::try_from(room).map_err(|_| no_room(u32::MAX))?;
        let saved = Self(take(room).ok_or(no_room(room))?);
        for index in 0..count {
            saved.set(words::USED + index, world.extent(index).used);
        }
        let bytes = saved.copy_aside(world);
        saved.set(words::WORLD, world.offset());
        saved.set(words::EXTENTS, count);
        saved.set(words::BYTE_LENGTH, bytes);
        saved.set(words::MAGIC, words::MAGIC_VALUE);
        if room - bytes > room / EMPTY_PART {
            return Ok((saved.moved(bytes), bytes));
        }
        Ok((saved.0, bytes))
    }

    /// Copies and lists each range that a world has to keep: its words, the heap's state and what its heap holds.
    /// Gives the copy's length.
    fn copy_aside(&self, world: WorldBlock) -> u32 {
        let (ranges, end) = (Cell::new(0), Cell::new(FRONT_BYTES));
        let copy_block = |from: usize, start: usize, length: usize| {
            let target = self.0 + end.get() + (start - from) as u32;
            copy(start as u32, target, length as u32);
        };
        let list = |start: usize, length: usize| {
            let (offset, bytes) = (start as u32, length as u32);
            self.set_range(ranges.get(), Range { offset, bytes });
            ranges.set(ranges.get() + 1);
            end.set(end.get() + bytes);
        };
        let head = world.offset() as usize;
        let head_bytes = world_words::HEAP_OFFSET as usize + size_of::<Heap>();
        copy_block(head, head, head_bytes);
        list(head, head_bytes);
        let (mut heap, count) = stretches(world, |extent| extent.used);
        heap[0].0 += world_words::DATA_OFFSET as usize;
        let mut gaps = MOST_GAPS;
        for &(start, end) in joined(&mut heap[..count]) {
            // SAFETY: the world's own bytes, handed to its heap in granules from here on.
            gaps = unsafe { used_ranges(start..end, gaps, copy_block, list) };
        }
        self.set(words::RANGES, ranges.get());
        end.get()
    }

    /// Where it lies after it has moved to a place of its own size, if there is one.
    fn moved(&self, bytes: u32) -> u32 {
        let Some(place) = take(bytes) else {
            return self.0;
        };
        copy(self.0, place, bytes);
        if let Ok(arena) = Arena::new(SafeSab::linear_memory()) {
            // It was taken just now: that it can be freed is certain.
            let _ = arena.free(self.0);
        }
        place
    }

    fn entry(index: u32) -> u32 {
        (words::HEAD_BYTES + index * words::RANGE_BYTES) / 4
    }

    fn set_range(&self, index: u32, range: Range) {
        self.set(Self::entry(index), range.offset);
        self.set(Self::entry(index) + 1, range.bytes);
    }

    fn range(&self, index: u32) -> Range {
        let entry = Self::entry(index);
        Range {
            offset: self.get(entry),
            bytes: self.get(entry + 1),
        }
    }

    /// The saved state at `offset`, if it is one of `world`.
    pub(crate) fn open(offset: u32, world: WorldBlock) -> Result<Self, Error> {
        let unknown = Error::UnknownState { given: offset };
        let sab = SafeSab::linear_memory();
        let arena = Arena::new(sab).map_err(|_| unknown)?;
        let saved = Self(offset);
        let is_saved = offset.is_multiple_of(64)
            && arena.contains(offset, FRONT_BYTES)
            && saved.get(words::MAGIC) == words::MAGIC_VALUE
            && saved.get(words::WORLD) == world.offset()
            && arena.contains(offset, saved.get(words::BYTE_LENGTH))
            && saved.fits(world);
        is_saved.then_some(saved).ok_or(unknown)
    }

    /// Whether its ranges lie in extents that the world has, and add up.
    fn fits(&self, world: WorldBlock) -> bool {
        let (count, ranges) = (self.get(words::EXTENTS), self.get(words::RANGES));
        let is_used = |index| self.get(words::USED + index) <= world.extent(index).bytes;
        if count == 0 || count > world.extents() || !(0..count).all(is_used) {
            return false;
        }
        let (mut extents, count) = stretches(world, |extent| extent.bytes);
        let extents = joined(&mut extents[..count]);
        let mut total = u64::from(FRONT_BYTES);
        for index in 0..ranges.min(words::MOST_RANGES) {
            let range = self.range(index);
            let start = range.offset as usize;
            let holds = |&(from, to): &(usize, usize)| {
                start >= from && start <= to && range.bytes as usize <= to - start
            };
            if !extents.iter().any(holds) {
                return false;
            }
            total += u64::from(range.bytes);
        }
        ranges <= words::MOST_RANGES && total == u64::from(self.get(words::BYTE_LENGTH))
    }

    /// Copies the bytes back. Extents that the world has taken since stay its own, unused.
    pub(crate) fn restore(&self, world: WorldBlock) {
        // What the copy says of them is older.
        let extents: [Extent; MOST_EXTENTS] = array::from_fn(|index| world.extent(index as u32));
        let (live, count) = (world.extents(), self.get(words::EXTENTS));
        let mut source = self.0 + FRONT_BYTES;
        for index in 0..self.get(words::RANGES) {
            let range = self.range(index);
            copy(source, range.offset, range.bytes);
            source += range.bytes;
        }
        for (index, extent) in extents.iter().take(live as usize).enumerate() {
            let index = index as u32;
            let used = if index < count {
                self.get(words::USED + index)
            } else {
                0
            };
            world.set_extent(index, Extent { used, ..*extent });
        }
        world.set(world_words::EXTENTS, live);
        // Whatever the world was doing when it was saved or lost, nobody works on it now.
        world.set(world_words::BUSY, 0);
    }
}

fn copy(source: u32, target: u32, bytes: u32) {
    // SAFETY: both ranges were checked to lie in live allocations, which don't overlap.
    unsafe {
        core::ptr::copy_nonoverlapping(source as *const u8, target as *mut u8, bytes as usize);
    }
}
