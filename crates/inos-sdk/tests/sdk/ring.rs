//! The ring against a plain queue: what goes in comes out, once, in order, also where positions wrap.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::layout::ring_words;
use inos_sdk::{Ring, RingEntry, Slot};
use proptest::prelude::*;
use serde_json::Value;

use crate::vectors::{self, list, text, word};

const SLOT_WORDS: usize = ring_words::SLOT_WORDS as usize;

/// The words of a ring.
struct Words {
    tail: AtomicU32,
    head: AtomicU32,
    slots: Vec<AtomicU32>,
}

impl Words {
    /// A ring through which `start` entries went already.
    fn new(capacity: u32, start: u32) -> Self {
        let slots: Vec<AtomicU32> = (0..capacity as usize * SLOT_WORDS)
            .map(|_| AtomicU32::new(0))
            .collect();
        for position in (0..capacity).map(|ahead| start.wrapping_add(ahead)) {
            let index = position & (capacity - 1);
            let sequence = index as usize * SLOT_WORDS + ring_words::SLOT_SEQUENCE as usize;
            slots[sequence].store(position.wrapping_sub(index), Ordering::SeqCst);
        }
        Self {
            tail: AtomicU32::new(start),
            head: AtomicU32::new(start),
            slots,
        }
    }

    fn ring(&self) -> Ring<'_> {
        let slots = self.slots.as_ptr().cast::<Slot>();
        // SAFETY: a Slot is four words (repr(C)), and so many slots are there.
        let slots = unsafe { std::slice::from_raw_parts(slots, self.slots.len() / SLOT_WORDS) };
        Ring::new(&self.tail, &self.head, slots)
    }
}

fn entry(pair: &Value) -> RingEntry {
    RingEntry {
        offset: word(&pair[0]),
        generation: word(&pair[1]),
    }
}

#[test]
fn steps_are_those_of_every_language() {
    for vector in list(&vectors::read("ring.json")["rings"]) {
        let words = Words::new(word(&vector["capacity"]), word(&vector["start"]));
        let ring = words.ring();
        for (index, step) in list(&vector["steps"]).iter().enumerate() {
            let place = format!("{}, step {index}", text(&vector["name"]));
            if step["push"].is_null() {
                let expected = &step["pop"];
                let expected = (!expected.is_null()).then(|| entry(expected));
                assert_eq!(ring.pop(), expected, "{place}");
            } else {
                let accepted = ring.push(entry(&step["push"])).is_ok();
                assert_eq!(accepted, step["accepted"].as_bool().unwrap(), "{place}");
            }
        }
    }
}

#[test]
fn a_full_ring_gives_the_entry_back() {
    let words = Words::new(2, 0);
    let pushed = [1, 2, 3].map(|offset| {
        words.ring().push(RingEntry {
            offset,
            generation: 9,
        })
    });
    let refused = RingEntry {
        offset: 3,
        generation: 9,
    };
    assert_eq!(pushed, [Ok(()), Ok(()), Err(refused)]);
}

#[test]
#[should_panic(expected = "power of two")]
fn a_capacity_of_three_is_a_mistake() {
    Words::new(3, 0).ring();
}

#[test]
#[should_panic(expected = "at least 2")]
fn a_capacity_of_one_is_a_mistake() {
    Words::new(1, 0).ring();
}

#[test]
fn each_entry_arrives_once_and_in_its_producers_order() {
    const ENTRIES: u32 = 20_000;
    for (producers, consumers, capacity, start) in [
        (3, 1, 8, 0),
        (1, 3, 2, u32::MAX - 1000),
        (2, 2, 4, u32::MAX - 5),
    ] {
        let words = Words::new(capacity, start);
        let left = AtomicU32::new(ENTRIES / producers * producers);
        let produce = |producer| {
            for generation in 0..ENTRIES / producers {
                let entry = RingEntry {
                    offset: producer,
                    generation,
                };
                while words.ring().push(entry).is_err() {
                    std::thread::yield_now();
                }
            }
        };
        let consume = || {
            let mut taken = Vec::new();
            while left.load(Ordering::SeqCst) > 0 {
                if let Some(entry) = words.ring().pop() {
                    left.fetch_sub(1, Ordering::SeqCst);
                    taken.push(entry);
                } else {
                    std::thread::yield_now();
                }
            }
            taken
        };
        let (produce, consume) = (&produce, &consume);
        let taken: Vec<Vec<RingEntry>> = std::thread::scope(|scope| {
            for producer in 0..producers {
                scope.spawn(move || produce(producer));
            }
            let threads: Vec<_> = (0..consumers).map(|_| scope.spawn(consume)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for consumer in &taken {
            let mut next = vec![0; producers as usize];
            for entry in consumer {
                let next = &mut next[entry.offset as usize];
                assert!(entry.generation >= *next);
                *next = entry.generation + 1;
            }
        }
        let mut all: Vec<(u32, u32)> = taken
            .iter()
            .flatten()
            .map(|entry| (entry.offset, entry.generation))
            .collect();
        all.sort_unstable();
        let sent: Vec<(u32, u32)> = (0..producers)
            .flat_map(|producer| (0..ENTRIES / producers).map(move |entry| (producer, entry)))
            .collect();
        assert_eq!(all, sent);
    }
}

proptest! {
    #[test]
    fn every_step_says_what_a_plain_queue_says(
        capacity in prop::sample::select(vec![2_u32, 4, 8, 32]),
        start in prop_oneof![any::<u32>(), u32::MAX - 40..=u32::MAX],
        steps in prop::collection::vec(prop::option::of(any::<(u32, u32)>()), 0..200),
    ) {
        let words = Words::new(capacity, start);
        let ring = words.ring();
        let mut model = VecDeque::new();
        for step in steps {
            if let Some((offset, generation)) = step {
                let entry = RingEntry { offset, generation };
                let has_room = model.len() < capacity as usize;
                if has_room {
                    model.push_back(entry);
                }
                prop_assert_eq!(ring.push(entry), if has_room { Ok(()) } else { Err(entry) });
            } else {
                prop_assert_eq!(ring.pop(), model.pop_front());
            }
        }
        for entry in model {
            prop_assert_eq!(ring.pop(), Some(entry));
        }
        prop_assert_eq!(ring.pop(), None);
    }
}
