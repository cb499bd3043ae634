//! The signals under loom, which runs every order in which the threads' steps can come and every value
//! that the memory model lets a load see. A wake that is lost is a deadlock, which loom reports.
#![cfg(loom)]
#![allow(clippy::unwrap_used)]

use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use inos_sdk::{AtomicU32, Epoch, Ring, RingEntry, Slot};
use loom::model::Builder;
use loom::sync::Arc;
use loom::thread;

/// A ring of two slots, the smallest there is, and an epoch.
#[derive(Default)]
struct Shared {
    tail: AtomicU32,
    head: AtomicU32,
    slots: [Slot; 2],
    value: AtomicU32,
    sleepers: AtomicU32,
    /// What a record is in the real thing: written before its entry is pushed, with no order of its own.
    records: [AtomicU32; 3],
}

impl Shared {
    fn ring(&self) -> Ring<'_> {
        Ring::new(&self.tail, &self.head, &self.slots)
    }

    fn epoch(&self) -> Epoch<'_> {
        Epoch::new(&self.value, &self.sleepers)
    }

    fn push(&self, number: u32) -> bool {
        self.records[number as usize].store(number + 100, Relaxed);
        self.ring().push(entry(number)).is_ok()
    }

    /// Pops an entry, which must be whole and whose record must have been written.
    fn pop(&self) -> Option<u32> {
        let taken = self.ring().pop()?;
        assert_eq!(
            taken,
            entry(taken.offset),
            "an entry's words belong together"
        );
        assert_eq!(
            self.records[taken.offset as usize].load(Relaxed),
            taken.offset + 100
        );
        Some(taken.offset)
    }
}

fn entry(number: u32) -> RingEntry {
    RingEntry {
        offset: number,
        generation: number + 7,
    }
}

/// Runs a model in all orders, or in those with at most so many preemptions where all are too many to wait for.
fn check(preemptions: Option<usize>, model: impl Fn(Arc<Shared>) + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(move || model(Arc::new(Shared::default())));
}

fn spawn<T: 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Shared) -> T + 'static,
) -> thread::JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || work(&shared))
}

fn sorted(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers
}

#[test]
fn two_producers_and_a_consumer() {
    check(None, |shared| {
        let producers = [0, 1].map(|number| spawn(&shared, move |shared| shared.push(number)));
        let mut taken: Vec<u32> = [shared.pop(), shared.pop()].into_iter().flatten().collect();
        for producer in producers {
            assert!(producer.join().unwrap(), "two entries fit two slots");
        }
        taken.extend(std::iter::from_fn(|| shared.pop()));
        assert_eq!(sorted(taken), [0, 1], "each entry once");
    });
}

#[test]
fn a_producer_and_two_consumers() {
    check(None, |shared| {
        let consumers = [0, 1].map(|_| spawn(&shared, |shared| shared.pop()));
        let pushed: Vec<u32> = (0..3).filter(|&number| shared.push(number)).collect();
        let mut taken: Vec<u32> = consumers
            .into_iter()
            .filter_map(|consumer| consumer.join().unwrap())
            .collect();
        let left: Vec<u32> = std::iter::from_fn(|| shared.pop()).collect();
        assert_eq!(sorted(left.clone()), left, "in the producer's order");
        taken.extend(left);
        assert!(
            pushed.starts_with(&[0, 1]),
            "a ring with room takes what comes"
        );
        assert_eq!(sorted(taken), pushed, "each entry once");
    });
}

#[test]
fn a_full_ring_refuses_until_there_is_room() {
    check(None, |shared| {
        assert!(shared.push(0) && shared.push(1));
        let producer = spawn(&shared, |shared| shared.push(2));
        assert_eq!(shared.pop(), Some(0));
        let accepted = producer.join().unwrap();
        assert_eq!(shared.pop(), Some(1));
        assert_eq!(shared.pop(), accepted.then_some(2));
        assert_eq!(shared.pop(), None);
    });
}

/// As the reactor's loop: look at the epoch, look into the ring, sleep if nothing has come since.
fn next(shared: &Shared) -> u32 {
    loop {
        let seen = shared.epoch().load();
        if let Some(number) = shared.pop() {
            return number;
        }
        shared.epoch().wait(seen);
    }
}

#[test]
fn no_entry_is_slept_through() {
    check(None, |shared| {
        let consumer = spawn(&shared, next);
        assert!(shared.push(1));
        shared.epoch().bump(1);
        assert_eq!(consumer.join().unwrap(), 1);
        assert_eq!(shared.sleepers.load(SeqCst), 0);
    });
}

#[test]
fn no_entry_of_two_producers_is_slept_through() {
    check(Some(3), |shared| {
        let producers = [0, 1].map(|number| {
            spawn(&shared, move |shared| {
                assert!(shared.push(number));
                shared.epoch().bump(1);
            })
        });
        assert_eq!(sorted(vec![next(&shared), next(&shared)]), [0, 1]);
        for producer in producers {
            producer.join().unwrap();
        }
    });
}

#[test]
fn a_bump_for_all_wakes_all() {
    check(Some(5), |shared| {
        let sleepers = [0, 1].map(|_| {
            spawn(&shared, |shared| {
                while shared.epoch().load() == 0 {
                    shared.epoch().wait(0);
                }
            })
        });
        shared.epoch().bump(u32::MAX);
        for sleeper in sleepers {
            sleeper.join().unwrap();
        }
        assert_eq!(shared.sleepers.load(SeqCst), 0);
    });
}

#[test]
fn two_threads_wake_each_other() {
    check(Some(5), |shared| {
        // The records serve as the other direction's epoch.
        fn back(shared: &Shared) -> Epoch<'_> {
            Epoch::new(&shared.records[0], &shared.records[1])
        }
        let other = spawn(&shared, |shared| {
            for turn in 0..2 {
                while shared.epoch().load() == turn {
                    shared.epoch().wait(turn);
                }
                back(shared).bump(1);
            }
        });
        for turn in 0..2 {
            shared.epoch().bump(1);
            while back(&shared).load() == turn {
                back(&shared).wait(turn);
            }
        }
        other.join().unwrap();
    });
}
