//! Saved worlds: a world's bytes in use, copied aside and back.
//!
//! A copy mirrors the world's extents, so that nothing need be counted before it is made. What is free in them is
//! left out: it is neither read nor written, and restored to nothing.

use core::array;
use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::{Arena, SafeSab};

use crate::Error;
use crate::generated::physics_capnp::{saved_words as words, world_words};
use crate::heap::Heap;
use crate::used::{joined, used_ranges};
use crate::world_block::{Extent, WorldBlock, take};

const MOST_EXTENTS: usize = world_words::MAXIMUM_EXTENTS as usize;
/// Bytes before the mirror.
const FRONT_BYTES: u32 = words::HEAD_BYTES + words::MOST_RANGES * words::RANGE_BYTES;
/// Gaps that are left out: the world's head and each extent have a range besides.
const MOST_GAPS: usize = words::MOST_RANGES as usize - MOST_EXTENTS - 1;

/// Bytes that hold something.
#[derive(Clone, Copy)]
struct Range {
    offset: u32,
    bytes: u32,
}

/// Bytes of an extent that were in use, and where they lie in a copy.
#[derive(Clone, Copy, Default)]
struct Place {
    offset: u32,
    used: u32,
    copy: u32,
}

/// Where a world's bytes lie in a copy. Loops go over as many extents as there are: over all that could be, they
/// would be compiled to thirty times the code.
struct Mirror {
    places: [Place; MOST_EXTENTS],
    count: usize,
}

impl Mirror {
    /// The mirror in the copy at `saved`, with as many bytes of each extent as `used` says, and its end there.
    #[inline(never)]
    fn new(saved: u32, world: WorldBlock, count: u32, used: &dyn Fn(u32) -> u32) -> (Self, u64) {
        let mut end = u64::from(saved) + u64::from(FRONT_BYTES);
        let mut places = [Place::default(); MOST_EXTENTS];
        let count = count.min(world.extents());
        for (place, index) in places.iter_mut().zip(0..count) {
            *place = Place {
                offset: world.extent(index).offset,
                used: used(index),
                copy: end as u32,
            };
            end += u64::from(place.used);
        }
        let count = count as usize;
        (Self { places, count }, end)
    }

    fn places(&self) -> &[Place] {
        &self.places[..self.count]
    }

    /// Calls `see` with each part of a range that lies in one extent: its address, its place in the copy and its
    /// length. Gives how many bytes lie in none.
    #[inline(never)]
    fn each_part(&self, range: Range, see: &mut dyn FnMut(u32, u32, u32)) -> u32 {
        let Range {
            mut offset,
            bytes: mut left,
        } = range;
        while left > 0 {
            let holds = |place: &&Place| offset.wrapping_sub(place.offset) < place.used;
            let Some(place) = self.places().iter().find(holds) else {
                return left;
            };
            let from = offset - place.offset;
            let part = left.min(place.used - from);
            see(offset, place.copy + from, part);
            offset = offset.wrapping_add(part);
            left -= part;
        }
        0
    }
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
        let used = |index| world.extent(index).used;
        let (_, bytes) = Mirror::new(0, world, count, &used);
        let no_room = |bytes| Error::OutOfMemory { bytes };
        let bytes = u32::try_from(bytes).map_err(|_| no_room(u32::MAX))?;
        let saved = Self(take(bytes).ok_or(no_room(bytes))?);
        let (mirror, _) = Mirror::new(saved.0, world, count, &used);
        for index in 0..count {
            saved.set(words::USED + index, used(index));
        }
        let ranges = saved.copy_aside(world, &mirror);
        saved.set(words::RANGES, ranges);
        saved.set(words::WORLD, world.offset());
        saved.set(words::EXTENTS, count);
        saved.set(words::BYTE_LENGTH, bytes);
        saved.set(words::MAGIC, words::MAGIC_VALUE);
        Ok((saved.0, bytes))
    }

    /// Copies and lists each range that a world has to keep: its words, the heap's state and what its heap holds.
    fn copy_aside(&self, world: WorldBlock, mirror: &Mirror) -> u32 {
        let mut ranges = 0;
        let mut list = |range| {
            self.set_range(ranges, range);
            ranges += 1;
        };
        let range = |start: usize, length: usize| Range {
            offset: start as u32,
            bytes: length as u32,
        };
        let head = range(
            world.offset() as usize,
            world_words::HEAP_OFFSET as usize + size_of::<Heap>(),
        );
        mirror.each_part(head, &mut copy);
        list(head);
        let mut heap = [(0, 0); MOST_EXTENTS];
        for (stretch, place) in heap.iter_mut().zip(mirror.places()) {
            let start = place.offset as usize;
            *stretch = (start, start + place.used as usize);
        }
        heap[0].0 += world_words::DATA_OFFSET as usize;
        let mut gaps = MOST_GAPS;
        for &(start, end) in joined(&mut heap[..mirror.count]) {
            let copy_block = |start, length| {
                mirror.each_part(range(start, length), &mut copy);
            };
            let see = |start, length| list(range(start, length));
            // SAFETY: the world's own bytes, handed to its heap in granules from here on.
            gaps = unsafe { used_ranges(start..end, gaps, copy_block, see) };
        }
        ranges
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

    /// Where the bytes of `world` lie in it, and its end.
    fn mirror(&self, world: WorldBlock) -> (Mirror, u64) {
        Mirror::new(self.0, world, self.get(words::EXTENTS), &|index| {
            self.get(words::USED + index)
        })
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

    /// Whether its ranges lie in extents that the world has, and their mirror in the copy.
    fn fits(&self, world: WorldBlock) -> bool {
        let (count, ranges) = (self.get(words::EXTENTS), self.get(words::RANGES));
        let is_used = |index| self.get(words::USED + index) <= world.extent(index).bytes;
        if count == 0 || count > world.extents() || !(0..count).all(is_used) {
            return false;
        }
        let (mirror, end) = self.mirror(world);
        let is_inside = |index| mirror.each_part(self.range(index), &mut |_, _, _| ()) == 0;
        end == u64::from(self.0) + u64::from(self.get(words::BYTE_LENGTH))
            && ranges <= words::MOST_RANGES
            && (0..ranges).all(is_inside)
    }

    /// Copies the bytes back. Extents that the world has taken since stay its own, unused.
    pub(crate) fn restore(&self, world: WorldBlock) {
        // What the copy says of them is older.
        let extents: [Extent; MOST_EXTENTS] = array::from_fn(|index| world.extent(index as u32));
        let (live, count) = (world.extents(), self.get(words::EXTENTS));
        let (mirror, _) = self.mirror(world);
        for index in 0..self.get(words::RANGES) {
            mirror.each_part(self.range(index), &mut |own, copied, bytes| {
                copy(copied, own, bytes);
            });
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
