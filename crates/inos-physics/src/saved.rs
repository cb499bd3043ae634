//! Saved worlds: a world's bytes in use, copied aside and back.

use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::{Arena, SafeSab};

use crate::Error;
use crate::generated::physics_capnp::{saved_words as words, world_words};
use crate::heap::Heap;
use crate::used::used_ranges;
use crate::world_block::{Extent, WorldBlock, take};

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
        let (mut ranges, mut used) = (0, 0);
        used_ranges_of(world, |range| {
            ranges += 1;
            used += range.bytes;
        });
        let table = ranges * words::RANGE_BYTES;
        let bytes = words::HEAD_BYTES + table + used;
        let saved = Self(take(bytes).ok_or(Error::OutOfMemory { bytes })?);
        saved.set(words::MAGIC, words::MAGIC_VALUE);
        saved.set(words::WORLD, world.offset());
        saved.set(words::EXTENTS, world.extents());
        saved.set(words::RANGES, ranges);
        saved.set(words::BYTE_LENGTH, bytes);
        for index in 0..world.extents() {
            saved.set(words::USED + index, world.extent(index).used);
        }
        let mut entry = Self::entry(0);
        let mut target = saved.0 + words::HEAD_BYTES + table;
        used_ranges_of(world, |range| {
            saved.set(entry, range.offset);
            saved.set(entry + 1, range.bytes);
            copy(range.offset, target, range.bytes);
            entry += words::RANGE_BYTES / 4;
            target += range.bytes;
        });
        Ok((saved.0, bytes))
    }

    fn entry(index: u32) -> u32 {
        (words::HEAD_BYTES + index * words::RANGE_BYTES) / 4
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
            && arena.contains(offset, words::HEAD_BYTES)
            && saved.get(words::MAGIC) == words::MAGIC_VALUE
            && saved.get(words::WORLD) == world.offset()
            && arena.contains(offset, saved.get(words::BYTE_LENGTH))
            && saved.fits(world);
        is_saved.then_some(saved).ok_or(unknown)
    }

    /// Whether its ranges lie in extents that the world has, and add up.
    fn fits(&self, world: WorldBlock) -> bool {
        let (count, ranges) = (self.get(words::EXTENTS), self.get(words::RANGES));
        let length = u64::from(self.get(words::BYTE_LENGTH));
        let mut total =
            u64::from(words::HEAD_BYTES) + u64::from(ranges) * u64::from(words::RANGE_BYTES);
        if count == 0 || count > world.extents() || total > length {
            return false;
        }
        let is_used = |index| self.get(words::USED + index) <= world.extent(index).bytes;
        if !(0..count).all(is_used) {
            return false;
        }
        for index in 0..ranges {
            let range = self.range(index);
            let is_inside = (0..count).any(|index| world.extent(index).holds(range));
            if !is_inside {
                return false;
            }
            total += u64::from(range.bytes);
        }
        total == length
    }

    /// Copies the bytes back. Extents that the world has taken since stay its own, unused.
    pub(crate) fn restore(&self, world: WorldBlock) {
        // What the copy says of them is older.
        let extents: [Extent; world_words::MAXIMUM_EXTENTS as usize] =
            core::array::from_fn(|index| world.extent(index as u32));
        let live = world.extents();
        let (count, ranges) = (self.get(words::EXTENTS), self.get(words::RANGES));
        let mut source = self.0 + words::HEAD_BYTES + ranges * words::RANGE_BYTES;
        for index in 0..ranges {
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

/// Bytes that hold something.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) offset: u32,
    pub(crate) bytes: u32,
}

/// Calls `see` with each range that a world has to keep: its words, the heap's state and what its heap holds.
fn used_ranges_of(world: WorldBlock, mut see: impl FnMut(Range)) {
    see(Range {
        offset: world.offset(),
        bytes: world_words::HEAP_OFFSET + size_of::<Heap>() as u32,
    });
    for index in 0..world.extents() {
        let Extent { offset, used, .. } = world.extent(index);
        let data = if index == 0 {
            world_words::DATA_OFFSET
        } else {
            0
        };
        // SAFETY: the world's own bytes, handed to its heap in granules from here on.
        unsafe {
            used_ranges(
                (offset + data) as usize,
                (offset + used) as usize,
                |start, length| {
                    see(Range {
                        offset: start as u32,
                        bytes: length as u32,
                    });
                },
            );
        }
    }
}

fn copy(source: u32, target: u32, bytes: u32) {
    // SAFETY: both ranges were checked to lie in live allocations, which don't overlap.
    unsafe {
        core::ptr::copy_nonoverlapping(source as *const u8, target as *mut u8, bytes as usize);
    }
}
