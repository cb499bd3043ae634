//! The incremental hashers that hosts hold open, by number, so that any thread of the capsule can
//! serve the next piece.

use crate::error::Error;
use crate::function::{Digest, Function};
use crate::hasher::Hasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A number is `generation << SLOT_BITS | slot`; a slot's generation grows whenever it is freed.
const SLOT_BITS: u32 = 10;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;
const GENERATIONS: u32 = u32::MAX >> SLOT_BITS;
/// How far apart the first generations of two lives are: odd, so that they are all different, and by the golden
/// ratio, so that few lie between those of any two.
const GENERATIONS_PER_LIFE: u32 = 0x9e_3779;

/// Open hashers under numbers that stay unknown for four million reuses after they are closed, and in the capsule's
/// next lives, whose tables are empty at first.
///
/// Hashers are independent: a long update of one never holds up another. It can be a `static`.
///
/// ```
/// use inos_mining::{Algorithm, HasherTable, hash};
///
/// static HASHERS: HasherTable = HasherTable::new();
/// let number = HASHERS.open(1, Algorithm::Blake3)?;
/// HASHERS.with(number, |hasher| hasher.update(b"piece"))?;
/// assert_eq!(HASHERS.finish(number)?, hash(Algorithm::Blake3, b"piece"));
/// assert!(HASHERS.finish(number).is_err());
/// # Ok::<(), inos_mining::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct HasherTable {
    slots: Mutex<Vec<Slot>>,
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    hasher: Option<Arc<SharedHasher>>,
}

/// `None` once it is finished, which a thread that already held the `Arc` then sees.
type SharedHasher = Mutex<Option<Hasher>>;

impl HasherTable {
    /// How many hashers can be open at once.
    pub const LIMIT: usize = 1 << SLOT_BITS;

    /// A table with no open hasher.
    pub const fn new() -> Self {
        Self {
            slots: Mutex::new(Vec::new()),
        }
    }

    /// Opens a hasher in the given life of its capsule and returns its number.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyHashers`] while [`HasherTable::LIMIT`] are open.
    pub fn open(&self, life: u32, function: impl Into<Function>) -> Result<u32, Error> {
        let mut slots = lock(&self.slots);
        let index = match slots.iter().position(|slot| slot.hasher.is_none()) {
            Some(index) => index,
            None if slots.len() < Self::LIMIT => {
                slots.push(Slot {
                    generation: life.wrapping_mul(GENERATIONS_PER_LIFE) & GENERATIONS,
                    hasher: None,
                });
                slots.len() - 1
            }
            None => return Err(Error::TooManyHashers { limit: Self::LIMIT }),
        };
        let slot = &mut slots[index];
        slot.hasher = Some(Arc::new(Mutex::new(Some(Hasher::new(function)))));
        Ok((slot.generation << SLOT_BITS) | index as u32)
    }

    /// Calls `use_hasher` with the hasher, alone: another call for the same one waits.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownHasher`] if no such hasher is open.
    pub fn with<R>(
        &self,
        number: u32,
        use_hasher: impl FnOnce(&mut Hasher) -> R,
    ) -> Result<R, Error> {
        let unknown = Error::UnknownHasher { given: number };
        let shared = lock(&self.slots)
            .get((number & SLOT_MASK) as usize)
            .filter(|slot| slot.generation == number >> SLOT_BITS)
            .and_then(|slot| slot.hasher.clone())
            .ok_or(unknown)?;
        let mut hasher = lock(&shared);
        hasher.as_mut().map(use_hasher).ok_or(unknown)
    }

    /// Closes the hasher and returns the digest of all it was given.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownHasher`] if no such hasher is open.
    pub fn finish(&self, number: u32) -> Result<Digest, Error> {
        self.take(number).map(Hasher::finalize)
    }

    /// Closes the hasher without a digest.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownHasher`] if no such hasher is open.
    pub fn close(&self, number: u32) -> Result<(), Error> {
        self.take(number).map(drop)
    }

    /// How many hashers are open.
    pub fn open_count(&self) -> usize {
        lock(&self.slots)
            .iter()
            .filter(|slot| slot.hasher.is_some())
            .count()
    }

    /// Closes the hasher and returns it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownHasher`] if no such hasher is open.
    pub fn take(&self, number: u32) -> Result<Hasher, Error> {
        let unknown = Error::UnknownHasher { given: number };
        let shared = {
            let mut slots = lock(&self.slots);
            let slot = slots
                .get_mut((number & SLOT_MASK) as usize)
                .filter(|slot| slot.generation == number >> SLOT_BITS)
                .ok_or(unknown)?;
            let shared = slot.hasher.take().ok_or(unknown)?;
            slot.generation = (slot.generation + 1) & GENERATIONS;
            shared
        };
        // Waits for an update in progress; only one thread gets here for a given `Arc`.
        let hasher = lock(&shared).take();
        hasher.ok_or(unknown)
    }
}

/// A panic of another thread while it held the lock leaves a table that is still sound: every
/// change under it is one assignment, or one hasher's, which its owner sees fail.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
