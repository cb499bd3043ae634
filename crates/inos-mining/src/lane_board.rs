//! Where a search meets a lane outside of the capsule, such as a GPU: the states of its slots, and who may change
//! them. The twin of `packages/mining/src/lanes/lane-board.ts`.
//!
//! A slot goes from free to wanted (the lane asks for a slice), to granted (the capsule has drawn and charged
//! one), to submitted and on to tried or failed (the lane), and back to free (the capsule has seen the answer).
//! Each step is one compare-and-swap, so that exactly one side, and one thread of the capsule, takes it; what
//! else a slot holds is written before.
//!
//! It is also where the host holds the threads back that may work for a part of the time only: it allows them some
//! nonces, they take those and ask for more, and it lets them wait.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::generated::mining_capnp::{LaneState, SlotState, lane_board as words, slot_word};

/// A piece of the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Its first nonce.
    pub first: u64,
    /// How many nonces it has.
    pub count: u64,
}

/// What a lane says about the slice it was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All its nonces were tried; how many of them lie before the lowest that qualifies, or their count.
    Tried(u64),
    /// It could not be tried.
    Failed,
}

/// A slot that the calling thread has taken and will answer or free.
#[derive(Debug, PartialEq, Eq)]
pub struct HeldSlot(usize);

/// The capsule's side of a board.
#[derive(Clone, Copy, Debug)]
pub struct LaneBoard<'m> {
    words: &'m [AtomicU64],
}

impl<'m> LaneBoard<'m> {
    /// The board over shared words. `None` if there are not enough for one.
    pub fn new(words: &'m [AtomicU64]) -> Option<Self> {
        (words.len() >= words::WORDS as usize).then_some(Self { words })
    }

    fn word(&self, word: u32) -> &'m AtomicU64 {
        &self.words[word as usize]
    }

    fn slot_word(&self, slot: usize, word: u32) -> &'m AtomicU64 {
        &self.words[words::SLOTS as usize + slot * words::SLOT_WORDS as usize + word as usize]
    }

    fn step(&self, slot: usize, from: SlotState, to: SlotState) -> bool {
        let state = self.slot_word(slot, slot_word::STATE);
        let (from, to) = (from as u64, to as u64);
        state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    fn take(&self, state: SlotState) -> Option<HeldSlot> {
        (0..words::SLOT_COUNT as usize)
            .find(|&slot| self.step(slot, state, SlotState::Held))
            .map(HeldSlot)
    }

    fn slice(&self, slot: usize) -> Slice {
        Slice {
            first: self
                .slot_word(slot, slot_word::FIRST)
                .load(Ordering::SeqCst),
            count: self
                .slot_word(slot, slot_word::COUNT)
                .load(Ordering::SeqCst),
        }
    }

    /// Grows when the lane has said something: what to sleep on.
    pub fn signal(&self) -> &'m AtomicU64 {
        self.word(words::SIGNAL)
    }

    /// Grows when the capsule has said something: what the lane sleeps on.
    pub fn answer(&self) -> &'m AtomicU64 {
        self.word(words::ANSWER)
    }

    /// How many nonces the capsule's threads may have taken by now, the host says.
    pub fn allowed(&self) -> u64 {
        self.word(words::ALLOWED).load(Ordering::SeqCst)
    }

    /// Takes at most `wanted` nonces of those `allowed`, and says how many.
    pub fn take_allowed(&self, allowed: u64, wanted: u64) -> u64 {
        let after = |taken: u64| allowed.min(taken.saturating_add(wanted));
        let taken =
            self.word(words::TAKEN)
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |taken| {
                    (taken < allowed).then(|| after(taken))
                });
        taken.map_or(0, |taken| after(taken) - taken)
    }

    /// Asks for more than `allowed`. Whether nobody has yet: then the host is to be woken.
    pub fn ask_beyond(&self, allowed: u64) -> bool {
        let asked = allowed.saturating_add(1);
        self.word(words::ASKED).fetch_max(asked, Ordering::SeqCst) < asked
    }

    /// Whether the lane has given up.
    pub fn is_absent(&self) -> bool {
        self.word(words::STATE).load(Ordering::SeqCst) == LaneState::Absent as u64
    }

    /// Why it has.
    pub fn reason(&self) -> String {
        let length = self.word(words::REASON_LENGTH).load(Ordering::SeqCst);
        let length = length.min(u64::from(words::REASON_BYTES)) as usize;
        let text = &self.words[words::REASON as usize..words::WORDS as usize];
        let bytes: Vec<u8> = text
            .iter()
            .flat_map(|word| word.load(Ordering::SeqCst).to_le_bytes())
            .take(length)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Takes a slot for which the lane wants a slice, and says of how many nonces.
    pub fn take_wanted(&self) -> Option<(HeldSlot, u64)> {
        let held = self.take(SlotState::Wanted)?;
        let count = self.slice(held.0).count;
        Some((held, count))
    }

    /// Gives the lane a slice, or the word that there is none left.
    pub fn grant(&self, HeldSlot(slot): HeldSlot, slice: Option<Slice>) {
        let state = match slice {
            None => SlotState::Over,
            Some(Slice { first, count }) => {
                let store = |word, value| self.slot_word(slot, word).store(value, Ordering::SeqCst);
                store(slot_word::FIRST, first);
                store(slot_word::COUNT, count);
                self.word(words::HASHES).fetch_add(count, Ordering::SeqCst);
                SlotState::Granted
            }
        };
        self.step(slot, SlotState::Held, state);
    }

    /// Takes a slot whose slice the lane has answered for.
    pub fn take_answered(&self) -> Option<(HeldSlot, Slice, Answer)> {
        if let Some(held) = self.take(SlotState::Tried) {
            let found = self.slot_word(held.0, slot_word::FOUND);
            let answer = Answer::Tried(found.load(Ordering::SeqCst));
            let slice = self.slice(held.0);
            return Some((held, slice, answer));
        }
        let held = self.take(SlotState::Failed)?;
        let slice = self.slice(held.0);
        Some((held, slice, Answer::Failed))
    }

    /// Lets the lane use a slot again, unless it has given up.
    pub fn free(&self, HeldSlot(slot): HeldSlot) {
        let state = if self.is_absent() {
            SlotState::Over
        } else {
            SlotState::Free
        };
        self.step(slot, SlotState::Held, state);
    }

    /// Counts a slice as not the lane's: somebody else tries it.
    pub fn disown(&self, slice: Slice) {
        self.word(words::HASHES)
            .fetch_sub(slice.count, Ordering::SeqCst);
    }

    /// Takes back all slices that the lane hasn't begun, and says how many nonces they have.
    pub fn take_back(&self) -> u64 {
        (0..words::SLOT_COUNT as usize)
            .filter(|&slot| self.step(slot, SlotState::Granted, SlotState::Over))
            .map(|slot| {
                let slice = self.slice(slot);
                self.disown(slice);
                slice.count
            })
            .sum()
    }

    /// Whether an answer is still to come, or being looked at, for nonces below `limit`.
    pub fn is_awaited(&self, limit: u64) -> bool {
        const AWAITED: [u64; 4] = [
            SlotState::Granted as u64,
            SlotState::Submitted as u64,
            SlotState::Tried as u64,
            SlotState::Failed as u64,
        ];
        (0..words::SLOT_COUNT as usize).any(|slot| {
            let state = self
                .slot_word(slot, slot_word::STATE)
                .load(Ordering::SeqCst);
            // What a held slot is about isn't known yet.
            state == SlotState::Held as u64
                || AWAITED.contains(&state) && self.slice(slot).first < limit
        })
    }
}

#[cfg(test)]
mod tests;
