//! Saved worlds: a world's bytes in use, copied aside and back.

use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::{Arena, SafeSab};

use crate::Error;
use crate::generated::physics_capnp::{saved_words as words, world_words};
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
    pub(crate) fn save(world: WorldBlock) -> Result<(u32, u32), Error> {
        let extents: Vec<Extent> = (0..world.extents())
            .map(|index| world.extent(index))
            .collect();
        let used: u32 = extents.iter().map(|extent| extent.used).sum();
        let bytes = words::HEAD_BYTES + used;
        let saved = Self(take(bytes).ok_or(Error::OutOfMemory { bytes })?);
        saved.set(words::MAGIC, words::MAGIC_VALUE);
        saved.set(words::WORLD, world.offset());
        saved.set(words::EXTENTS, extents.len() as u32);
        saved.set(words::BYTE_LENGTH, bytes);
        let mut target = saved.0 + words::HEAD_BYTES;
        for (index, extent) in extents.iter().enumerate() {
            saved.set(words::USED + index as u32, extent.used);
            copy(extent.offset, target, extent.used);
            target += extent.used;
        }
        Ok((saved.0, bytes))
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

    /// Whether its lengths are those of extents that the world has, and add up.
    fn fits(&self, world: WorldBlock) -> bool {
        let count = self.get(words::EXTENTS);
        if count == 0 || count > world.extents() {
            return false;
        }
        let mut total = u64::from(words::HEAD_BYTES);
        for index in 0..count {
            let used = self.get(words::USED + index);
            if used > world.extent(index).bytes {
                return false;
            }
            total += u64::from(used);
        }
        total == u64::from(self.get(words::BYTE_LENGTH))
    }

    /// Copies the bytes back. Extents that the world has taken since stay its own, unused.
    pub(crate) fn restore(&self, world: WorldBlock) {
        let extents: Vec<Extent> = (0..world.extents())
            .map(|index| world.extent(index))
            .collect();
        let count = self.get(words::EXTENTS);
        let mut source = self.0 + words::HEAD_BYTES;
        for (index, extent) in extents.iter().enumerate().take(count as usize) {
            let used = self.get(words::USED + index as u32);
            copy(source, extent.offset, used);
            source += used;
        }
        for (index, extent) in extents.iter().enumerate() {
            let index = index as u32;
            let used = if index < count {
                self.get(words::USED + index)
            } else {
                0
            };
            world.set_extent(index, Extent { used, ..*extent });
        }
        world.set(world_words::EXTENTS, extents.len() as u32);
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
