//! Frames that anybody may read without asking. A frame is filled while another is the latest, and then named so.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::generated::physics_capnp::{particles_words as particles, poses_words as words};
use crate::{Frame, ParticleFrame, frame_bytes, particle_frame_bytes};

/// Frames by the offset of their head. Its words are those of `PosesWords`, whatever is in the frames.
#[derive(Clone, Copy)]
pub(crate) struct Frames(pub(crate) u32);

impl Frames {
    fn word(self, index: u32) -> &'static AtomicU32 {
        // SAFETY: the region was checked when the world was made; the host keeps it as long as the world.
        unsafe { &*((self.0 + index * 4) as *const AtomicU32) }
    }

    fn set(self, index: u32, value: u32) {
        self.word(index).store(value, Ordering::SeqCst);
    }

    pub(crate) fn write_head(self, capacity: u32, frame_bytes: u32, magic: u32) {
        self.set(words::CAPACITY, capacity);
        self.set(words::FRAMES, words::FRAME_COUNT);
        self.set(words::FRAME_BYTES, frame_bytes);
        self.set(words::MAGIC, magic);
    }

    /// How many things a frame has room for.
    pub(crate) fn capacity(self) -> u32 {
        self.word(words::CAPACITY).load(Ordering::SeqCst)
    }

    fn step(self, frame: u32) -> u64 {
        let word = words::FRAME_TABLE + frame * words::FRAME_STRIDE_WORDS + words::FRAME_STEP;
        let load = |index| u64::from(self.word(index).load(Ordering::SeqCst));
        load(word) | load(word + 1) << 32
    }

    /// The frame to fill while `latest` is read: of the others not the one of the step before, which readers blend
    /// with the latest.
    fn spare(self, latest: u32) -> u32 {
        let reached = self.step(latest);
        (1..words::FRAME_COUNT)
            .map(|ahead| (latest + ahead) % words::FRAME_COUNT)
            .min_by_key(|&frame| match self.step(frame) {
                before if before < reached => before + 1,
                // The same step once more, or one that was rolled back.
                _ => 0,
            })
            .unwrap_or(latest)
    }

    /// Has a frame that isn't the latest filled, from the offset that `fill` is given on, and makes it the latest.
    /// `fill` says how many slots are in use.
    pub(crate) fn publish(self, steps: u64, fill: impl FnOnce(u32) -> u32) {
        let latest = self.word(words::LATEST);
        // Whatever the word says, it is a frame's.
        let next = self.spare(latest.load(Ordering::SeqCst) % words::FRAME_COUNT);
        let head = words::FRAME_TABLE + next * words::FRAME_STRIDE_WORDS;
        let sequence = self.word(head + words::FRAME_SEQUENCE);
        sequence.fetch_add(1, Ordering::SeqCst);
        let bytes = self.word(words::FRAME_BYTES).load(Ordering::SeqCst);
        let slots = fill(self.0 + words::HEAD_BYTES + next * bytes);
        self.set(head + words::FRAME_SLOTS, slots);
        self.set(head + words::FRAME_STEP, steps as u32);
        self.set(head + words::FRAME_STEP + 1, (steps >> 32) as u32);
        sequence.fetch_add(1, Ordering::SeqCst);
        latest.store(next, Ordering::SeqCst);
    }
}

/// Takes arrays off a frame, one after another.
struct Arrays {
    offset: u32,
    capacity: u32,
}

impl Arrays {
    fn take<T>(&mut self, width: u32) -> &'static mut [T] {
        let count = self.capacity * width;
        let start = self.offset as *mut T;
        self.offset += count * size_of::<T>() as u32;
        // SAFETY: inside the region, aligned, plain numbers, and written by the thread that has the world alone.
        unsafe { core::slice::from_raw_parts_mut(start, count as usize) }
    }
}

/// The frame of poses at an offset.
pub(crate) fn pose_frame(offset: u32, capacity: u32) -> Frame<'static> {
    let mut arrays = Arrays { offset, capacity };
    Frame {
        translations: arrays.take(words::TRANSLATION_WORDS),
        rotations: arrays.take(words::ROTATION_WORDS),
        linear_velocities: arrays.take(words::VELOCITY_WORDS),
        angular_velocities: arrays.take(words::VELOCITY_WORDS),
        states: arrays.take(1),
    }
}

/// The frame of particles at an offset.
pub(crate) fn particle_frame(offset: u32, capacity: u32) -> ParticleFrame<'static> {
    let mut arrays = Arrays { offset, capacity };
    ParticleFrame {
        positions: arrays.take(particles::POSITION_WORDS),
        velocities: arrays.take(particles::VELOCITY_WORDS),
        owners: arrays.take(particles::OWNER_WORDS),
        states: arrays.take(1),
    }
}

/// Where particles go, and for how many there is room.
#[derive(Clone, Copy)]
pub(crate) struct Particles {
    pub(crate) offset: u32,
    pub(crate) capacity: u32,
}

/// Bytes of a region with a head and frames of so many bytes each.
fn region_bytes(frame_bytes: u32) -> u32 {
    words::HEAD_BYTES + words::FRAME_COUNT * frame_bytes
}

/// Bytes of the poses' region of a world for `capacity` bodies.
pub(crate) fn poses_bytes(capacity: u32) -> u32 {
    region_bytes(frame_bytes(capacity))
}

/// How many particles a region has room for; `None` if it isn't as long as one for any number.
pub(crate) fn particles_capacity(bytes: u32) -> Option<u32> {
    let frame = bytes.checked_sub(words::HEAD_BYTES)? / words::FRAME_COUNT;
    let width = particle_frame_bytes(64) / 64;
    let most = frame / width;
    let fits = |capacity: &u32| region_bytes(particle_frame_bytes(*capacity)) == bytes;
    (most > 0 && most <= particles::MAXIMUM)
        .then_some(most)
        .filter(fits)
}
