//! Slots: only the life that a handle names answers to it.

use inos_physics::{Error, Handle, Slots};

fn handle(slot: u32, generation: u32) -> Handle {
    Handle { slot, generation }
}

#[test]
fn each_life_has_its_handle() {
    let mut slots = Slots::new(2);
    assert!(slots.insert(handle(0, 0), 'a'));
    assert!(slots.insert(handle(1, 5), 'b'));
    assert_eq!((slots.live(), slots.end()), (2, 2));
    assert_eq!(slots.get(handle(1, 5)), Some('b'));
    assert_eq!(slots.get(handle(1, 4)), None);
    assert_eq!(slots.remove(0), Some('a'));
    assert_eq!(slots.remove(0), None);
    assert_eq!(slots.live(), 1);
    assert!(slots.insert(handle(0, 1), 'c'));
    let dead = Error::DeadHandle { word: 9, slot: 0 };
    assert_eq!(slots.require(handle(0, 0), 9), Err(dead));
    assert_eq!(slots.iter().collect::<Vec<_>>(), [(0, 'c'), (1, 'b')]);
}

#[test]
fn taken_slots_and_slots_beyond_the_limit_are_refused() {
    let mut slots = Slots::new(2);
    assert!(!slots.insert(handle(2, 0), 'a'));
    assert!(slots.insert(handle(0, 0), 'a'));
    assert!(!slots.insert(handle(0, 1), 'b'));
    assert!(slots.insert(handle(1, 0), 'b'));
    assert!(!slots.insert(handle(u32::MAX, 0), 'c'));
}

/// What was to have a slot between may have been refused, or still be on its way.
#[test]
fn slots_need_not_be_taken_in_turn_but_none_is_far() {
    let mut slots = Slots::new(u32::MAX);
    assert!(slots.insert(handle(3, 0), 'a'));
    assert_eq!((slots.live(), slots.end()), (1, 4));
    assert!(slots.insert(handle(1, 0), 'b'));
    assert!(!slots.insert(handle(3, 1), 'c'));
    assert!(!slots.insert(handle(1 << 20, 0), 'd'));
    assert_eq!(slots.end(), 4);
}
