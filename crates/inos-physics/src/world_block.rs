//! Where a world lies: its words, its extents, its poses.

use core::mem::{align_of, size_of};
use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::layout::constants;
use inos_sdk::{Arena, SafeSab};

use crate::frames::{Frames, Particles, particle_frame, pose_frame};
use crate::generated::physics_capnp::{
    event_words as events, particles_words, poses_words, world_words as words,
};
use crate::heap::{Heap, WorldPages, within};
use crate::{Error, GRANULE_BYTES, World, frame_bytes, particle_frame_bytes};

/// Bytes of a world's first extent.
const FIRST_EXTENT_BYTES: u32 = 1 << 20;

const _: () =
    assert!(words::HEAP_OFFSET as usize + size_of::<Heap>() <= words::DATA_OFFSET as usize);
const _: () = assert!((words::HEAP_OFFSET as usize).is_multiple_of(align_of::<Heap>()));

/// A world's place in the shared memory: the offset of its words.
#[derive(Clone, Copy)]
pub(crate) struct WorldBlock(u32);

/// One extent's entry in the world's table.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) offset: u32,
    pub(crate) bytes: u32,
    pub(crate) used: u32,
}

/// Takes `bytes` bytes of the arena, in pages of their own: a slab of this arena, which ends here, nobody would fill.
pub(crate) fn take(bytes: u32) -> Option<u32> {
    let arena = Arena::new(SafeSab::linear_memory()).ok()?;
    arena.alloc(bytes.max(constants::PAGE_BYTES)).ok()
}

fn holds(offset: u32, bytes: u32) -> bool {
    Arena::new(SafeSab::linear_memory()).is_ok_and(|arena| arena.contains(offset, bytes))
}

impl WorldBlock {
    /// Makes a world. `make` runs in the world's own heap.
    pub(crate) fn create(
        quota_bytes: u32,
        regions: &Regions,
        make: impl FnOnce() -> Result<World, Error>,
    ) -> Result<Self, Error> {
        let bytes = FIRST_EXTENT_BYTES;
        let offset = take(bytes).ok_or(Error::OutOfMemory { bytes })?;
        let block = Self(offset);
        // SAFETY: the extent was just taken and is longer than the world's head.
        unsafe { (offset as *mut u8).write_bytes(0, words::DATA_OFFSET as usize) };
        block.set(words::MAGIC, words::MAGIC_VALUE);
        block.set(words::QUOTA_BYTES, quota_bytes);
        let Regions {
            poses,
            particles,
            ring,
        } = *regions;
        block.set(words::POSES_OFFSET, poses);
        block.set(words::EVENTS_OFFSET, ring.offset);
        block.set(words::EXTENTS, 1);
        let used = words::DATA_OFFSET;
        block.set_extent(
            0,
            Extent {
                offset,
                bytes,
                used,
            },
        );
        // SAFETY: inside the world's head, aligned, and nobody else's yet.
        unsafe {
            block
                .heap()
                .write(Heap::new_with_allocator(WorldPages(block)))
        };
        let made = within(block, || {
            let world = make()?;
            Ok((world.capacity(), Box::into_raw(Box::new(world))))
        });
        let (capacity, root) = match made {
            Ok(made) => made,
            Err(error) => {
                block.discard();
                return Err(error);
            }
        };
        block.set(words::ROOT, root as u32);
        Frames(poses).write_head(capacity, frame_bytes(capacity), poses_words::MAGIC_VALUE);
        if let Some(Particles { offset, capacity }) = particles {
            block.set(words::PARTICLES_OFFSET, offset);
            let bytes = particle_frame_bytes(capacity);
            Frames(offset).write_head(capacity, bytes, particles_words::MAGIC_VALUE);
        }
        if ring.offset != 0 {
            block
                .events_word(events::CAPACITY)
                .store(ring.capacity, Ordering::SeqCst);
        }
        Ok(block)
    }

    /// Gives all memory of a world back that nobody has seen.
    fn discard(self) {
        self.set(words::MAGIC, 0);
        let extents: Vec<u32> = (0..self.extents())
            .map(|index| self.extent(index).offset)
            .collect();
        if let Ok(arena) = Arena::new(SafeSab::linear_memory()) {
            for offset in extents {
                // Whatever the arena says: there is nothing more to be done about it.
                let _ = arena.free(offset);
            }
        }
    }

    /// The world at `offset`.
    pub(crate) fn open(offset: u32) -> Result<Self, Error> {
        let block = Self(offset);
        let is_world = offset.is_multiple_of(GRANULE_BYTES)
            && holds(offset, words::DATA_OFFSET)
            && block.get(words::MAGIC) == words::MAGIC_VALUE;
        is_world
            .then_some(block)
            .ok_or(Error::UnknownWorld { given: offset })
    }

    pub(crate) fn offset(self) -> u32 {
        self.0
    }

    fn word(self, index: u32) -> &'static AtomicU32 {
        // SAFETY: the head is longer than any index in the schema, aligned, and reached as atomics only.
        unsafe { &*((self.0 + index * 4) as *const AtomicU32) }
    }

    pub(crate) fn get(self, index: u32) -> u32 {
        self.word(index).load(Ordering::SeqCst)
    }

    pub(crate) fn set(self, index: u32, value: u32) {
        self.word(index).store(value, Ordering::SeqCst);
    }

    pub(crate) fn heap(self) -> *mut Heap {
        (self.0 + words::HEAP_OFFSET) as *mut Heap
    }

    fn entry(index: u32) -> u32 {
        words::TABLE + index * words::TABLE_STRIDE_WORDS
    }

    pub(crate) fn extents(self) -> u32 {
        self.get(words::EXTENTS).min(words::MAXIMUM_EXTENTS)
    }

    pub(crate) fn extent(self, index: u32) -> Extent {
        let entry = Self::entry(index);
        Extent {
            offset: self.get(entry),
            bytes: self.get(entry + 1),
            used: self.get(entry + 2),
        }
    }

    pub(crate) fn set_extent(self, index: u32, extent: Extent) {
        let entry = Self::entry(index);
        self.set(entry, extent.offset);
        self.set(entry + 1, extent.bytes);
        self.set(entry + 2, extent.used);
    }

    /// Whether an address lies in the world. The largest extents are the last.
    pub(crate) fn owns(self, address: u32) -> bool {
        (0..self.extents()).rev().any(|index| {
            let extent = self.extent(index);
            address.wrapping_sub(extent.offset) < extent.bytes
        })
    }

    /// Hands out `bytes` more bytes: of an extent that has them, else of a new one as large as all before.
    pub(crate) fn extend(self, bytes: u32) -> Option<u32> {
        let count = self.extents();
        let mut total = 0;
        for index in 0..count {
            let extent = self.extent(index);
            if bytes <= extent.bytes - extent.used {
                let used = extent.used + bytes;
                self.set_extent(index, Extent { used, ..extent });
                return Some(extent.offset + extent.used);
            }
            total += extent.bytes;
        }
        let left = self.get(words::QUOTA_BYTES).saturating_sub(total);
        if count == words::MAXIMUM_EXTENTS || bytes > left {
            return None;
        }
        let size = total.max(bytes).min(left).next_multiple_of(GRANULE_BYTES);
        let offset = take(size)?;
        let extent = Extent {
            offset,
            bytes: size,
            used: bytes,
        };
        self.set_extent(count, extent);
        self.set(words::EXTENTS, count + 1);
        Some(offset)
    }

    /// Runs `work` on the world, allocating in its heap. What `work` returns must own nothing there.
    ///
    /// A job that crashes in here leaves the world busy for ever: it is lost, unless a saved state is restored.
    pub(crate) fn enter<T>(self, work: impl FnOnce(&mut World) -> T) -> Result<T, Error> {
        let busy = self.word(words::BUSY);
        if busy.swap(1, Ordering::SeqCst) != 0 {
            return Err(Error::WorldLost { given: self.0 });
        }
        // SAFETY: the world was made by `create`, lies in its own heap, and `busy` makes it this thread's.
        let world = unsafe { &mut *(self.get(words::ROOT) as *mut World) };
        let value = within(self, || work(world));
        busy.store(0, Ordering::SeqCst);
        Ok(value)
    }

    /// Runs `work` on the world without changing anything in it, allocating in the capsule's heap: a job that
    /// crashes in here leaves the world as it was.
    pub(crate) fn inspect<T>(self, work: impl FnOnce(&World) -> T) -> Result<T, Error> {
        if self.get(words::BUSY) != 0 {
            return Err(Error::WorldLost { given: self.0 });
        }
        // SAFETY: as in `enter`: the host sends a world's jobs one after another, so nobody changes it meanwhile.
        let world = unsafe { &*(self.get(words::ROOT) as *const World) };
        Ok(work(world))
    }

    /// Fills the frames after the latest and makes them the latest.
    pub(crate) fn publish(self, world: &World) {
        let steps = world.steps();
        Frames(self.get(words::POSES_OFFSET)).publish(steps, |start| {
            world.write_frame(&mut pose_frame(start, world.capacity()));
            world.slot_end()
        });
        let particles = self.get(words::PARTICLES_OFFSET);
        if particles != 0 {
            let frames = Frames(particles);
            let capacity = frames.capacity();
            frames.publish(steps, |start| {
                world.write_particles(&mut particle_frame(start, capacity))
            });
        }
    }

    fn events_word(self, index: u32) -> &'static AtomicU32 {
        // SAFETY: the region was checked when the world was made; the host keeps it as long as the world.
        unsafe { &*((self.get(words::EVENTS_OFFSET) + index * 4) as *const AtomicU32) }
    }

    /// Writes what happened in the latest step into the ring, if there is one.
    pub(crate) fn publish_events(self, world: &mut World) {
        if self.get(words::EVENTS_OFFSET) == 0 {
            world.drain_events(|_| ());
            return;
        }
        let step = world.steps() as u32;
        let written = self.events_word(events::WRITTEN);
        let capacity = self.events_word(events::CAPACITY).load(Ordering::SeqCst);
        world.drain_events(|event| {
            let number = written.load(Ordering::SeqCst);
            let entry = events::HEAD + number % capacity.max(1) * events::ENTRY_WORDS;
            let set = |word, value| {
                self.events_word(entry + word)
                    .store(value, Ordering::SeqCst)
            };
            set(events::KIND, event.kind);
            set(events::STEP, step);
            set(events::FIRST, event.first);
            set(events::SECOND, event.second);
            set(events::FLAGS, event.flags);
            set(events::FORCE, event.force.to_bits());
            set(events::STRONGEST, event.strongest.to_bits());
            for axis in 0..3 {
                set(events::TOTAL + axis, event.total[axis as usize].to_bits());
                let direction = event.direction[axis as usize];
                set(events::DIRECTION + axis, direction.to_bits());
            }
            written.store(number.wrapping_add(1), Ordering::SeqCst);
        });
    }
}

/// Where a world writes what others read.
pub(crate) struct Regions {
    pub(crate) poses: u32,
    pub(crate) particles: Option<Particles>,
    pub(crate) ring: Ring,
}

/// Where a world's events go.
#[derive(Clone, Copy)]
pub(crate) struct Ring {
    offset: u32,
    capacity: u32,
}

impl Ring {
    /// The ring in a region, or none in an empty one. Its capacity is a power of two, so that numbers may wrap.
    pub(crate) fn new(offset: u32, bytes: u32) -> Result<Self, Error> {
        let entries = bytes.saturating_sub(events::HEAD * 4) / (events::ENTRY_WORDS * 4);
        let is_ring = entries.is_power_of_two() && offset.is_multiple_of(4);
        match bytes {
            0 => Ok(Self {
                offset: 0,
                capacity: 0,
            }),
            _ if is_ring => Ok(Self {
                offset,
                capacity: entries,
            }),
            _ => Err(Error::BadQuery {
                reason: "a ring of events must have a power of two of entries",
            }),
        }
    }
}
