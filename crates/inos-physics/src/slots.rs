//! Slots: what a host's handles name.
//!
//! The host chooses slots and generations, without asking, so that creating is a matter of writing a command.
//! Here they lead to rapier's own handles.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How far a slot may be beyond those in use. Hosts take slots in turn, and keep those of things that are still to be
/// refused; no handle makes a table large.
const LARGEST_GAP: u32 = 1024;

/// A slot and which of its lives is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The slot's index.
    pub slot: u32,
    /// Which of the slot's lives.
    pub generation: u32,
}

/// What lives in which slot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slots<T> {
    entries: Vec<Option<(u32, T)>>,
    limit: u32,
    live: u32,
}

impl<T: Clone> Slots<T> {
    /// Empty slots with indices below `limit`.
    pub fn new(limit: u32) -> Self {
        Self {
            entries: Vec::new(),
            limit,
            live: 0,
        }
    }

    /// How many slots are taken.
    pub fn live(&self) -> u32 {
        self.live
    }

    /// One more than the highest slot ever taken.
    pub fn end(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Whether `handle` may be given to something new.
    pub fn is_free(&self, handle: Handle) -> bool {
        let entry = self.entries.get(handle.slot as usize);
        let is_near = handle.slot <= self.end().saturating_add(LARGEST_GAP);
        is_near && handle.slot < self.limit && entry.is_none_or(Option::is_none)
    }

    /// Gives a free slot to `value`. False if it is taken, beyond the limit, or far from those in use.
    #[must_use]
    pub fn insert(&mut self, handle: Handle, value: T) -> bool {
        if !self.is_free(handle) {
            return false;
        }
        let slot = handle.slot as usize;
        if slot >= self.entries.len() {
            self.entries.resize(slot + 1, None);
        }
        self.entries[slot] = Some((handle.generation, value));
        self.live += 1;
        true
    }

    /// What lives there.
    pub fn get(&self, handle: Handle) -> Option<T> {
        let (generation, value) = self.at(handle.slot)?;
        (generation == handle.generation).then_some(value)
    }

    /// What lives there, to be changed.
    pub fn get_mut(&mut self, handle: Handle) -> Option<&mut T> {
        let entry = self.entries.get_mut(handle.slot as usize)?.as_mut()?;
        (entry.0 == handle.generation).then_some(&mut entry.1)
    }

    /// All that live, by ascending slot, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.iter_mut().flatten().map(|(_, value)| value)
    }

    /// What lives there, or the error of the command at `word`.
    ///
    /// # Errors
    /// [`Error::DeadHandle`].
    pub fn require(&self, handle: Handle, word: u32) -> Result<T, Error> {
        let slot = handle.slot;
        self.get(handle).ok_or(Error::DeadHandle { word, slot })
    }

    /// The generation and value in a slot.
    pub fn at(&self, slot: u32) -> Option<(u32, T)> {
        self.entries.get(slot as usize)?.clone()
    }

    /// The same slots with other values. Those for which there is none are empty.
    pub fn map<U>(&self, mut change: impl FnMut(&T) -> Option<U>) -> Slots<U> {
        let mut live = 0;
        let mut change_entry = |entry: &Option<(u32, T)>| {
            let (generation, value) = entry.as_ref()?;
            let changed = change(value)?;
            live += 1;
            Some((*generation, changed))
        };
        let entries = self.entries.iter().map(&mut change_entry).collect();
        Slots {
            entries,
            limit: self.limit,
            live,
        }
    }

    /// Empties a slot; says what lived there.
    pub fn remove(&mut self, slot: u32) -> Option<T> {
        let (_, value) = self.entries.get_mut(slot as usize)?.take()?;
        self.live -= 1;
        Some(value)
    }

    /// All that live, by ascending slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, T)> + '_ {
        let all = self.entries.iter().enumerate();
        all.filter_map(|(slot, entry)| {
            let (_, value) = entry.clone()?;
            Some((slot as u32, value))
        })
    }
}
