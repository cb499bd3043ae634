//! A bounded queue in shared memory for any number of producers and consumers.
//!
//! D. Vyukov's bounded MPMC queue: each slot carries a sequence number, so a reader never sees a
//! half-written entry. A slot's number is stored less its index, so zeroed memory is an empty ring.

use crate::sync::{AtomicU32, Ordering};

/// What travels through a ring: where a record lies and which life of it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingEntry {
    /// Byte offset of the record in shared memory.
    pub offset: u32,
    /// The record's generation when it was queued.
    pub generation: u32,
}

/// One place of a ring, 16 bytes as laid out in shared memory.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Slot {
    sequence: AtomicU32,
    offset: AtomicU32,
    generation: AtomicU32,
    spare: AtomicU32,
}

/// A ring over its words in shared memory.
#[derive(Clone, Copy, Debug)]
pub struct Ring<'m> {
    tail: &'m AtomicU32,
    head: &'m AtomicU32,
    slots: &'m [Slot],
}

impl<'m> Ring<'m> {
    /// A ring over its parts.
    ///
    /// # Panics
    /// If the number of slots isn't a power of two and at least 2: a mistake of the layout, not of its input.
    pub fn new(tail: &'m AtomicU32, head: &'m AtomicU32, slots: &'m [Slot]) -> Self {
        let capacity = slots.len();
        // With one slot, a full ring and an empty one have the same sequence number.
        assert!(
            capacity.is_power_of_two() && capacity >= 2,
            "a ring's capacity must be a power of two and at least 2"
        );
        Self { tail, head, slots }
    }

    fn slot(&self, position: u32) -> (&'m Slot, u32) {
        let index = position & (self.slots.len() as u32 - 1);
        (&self.slots[index as usize], index)
    }

    /// Appends `entry`, or gives it back if the ring is full.
    ///
    /// # Errors
    /// The entry itself, when there is no room.
    pub fn push(&self, entry: RingEntry) -> Result<(), RingEntry> {
        let mut position = self.tail.load(Ordering::Relaxed);
        loop {
            let (slot, index) = self.slot(position);
            let sequence = slot.sequence.load(Ordering::Acquire).wrapping_add(index);
            match sequence.wrapping_sub(position).cast_signed() {
                0 => {
                    let next = position.wrapping_add(1);
                    match self.tail.compare_exchange_weak(
                        position,
                        next,
                        Ordering::Relaxed,
                        Ordering::Relaxed,
                    ) {
                        Ok(_) => {
                            slot.offset.store(entry.offset, Ordering::Relaxed);
                            slot.generation.store(entry.generation, Ordering::Relaxed);
                            slot.sequence
                                .store(next.wrapping_sub(index), Ordering::Release);
                            return Ok(());
                        }
                        Err(now) => position = now,
                    }
                }
                behind if behind < 0 => return Err(entry),
                _ => {
                    // Somebody was here and moved the tail first. If nobody has, the words can't be.
                    let now = self.tail.load(Ordering::Relaxed);
                    if now == position {
                        return Err(entry);
                    }
                    position = now;
                }
            }
        }
    }

    /// Takes the oldest entry, if there is one.
    pub fn pop(&self) -> Option<RingEntry> {
        let mut position = self.head.load(Ordering::Relaxed);
        loop {
            let (slot, index) = self.slot(position);
            let sequence = slot.sequence.load(Ordering::Acquire).wrapping_add(index);
            let next = position.wrapping_add(1);
            match sequence.wrapping_sub(next).cast_signed() {
                0 => match self.head.compare_exchange_weak(
                    position,
                    next,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => {
                        let entry = RingEntry {
                            offset: slot.offset.load(Ordering::Relaxed),
                            generation: slot.generation.load(Ordering::Relaxed),
                        };
                        let free = position.wrapping_add(self.slots.len() as u32);
                        slot.sequence
                            .store(free.wrapping_sub(index), Ordering::Release);
                        return Some(entry);
                    }
                    Err(now) => position = now,
                },
                behind if behind < 0 => return None,
                _ => {
                    // As in `push`.
                    let now = self.head.load(Ordering::Relaxed);
                    if now == position {
                        return None;
                    }
                    position = now;
                }
            }
        }
    }
}
