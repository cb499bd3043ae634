//! A ring whose words say anything, and change while it is used.

use inos_sdk::layout::ring_words as words;
use inos_sdk::{AtomicU32, Ring, RingEntry, Slot, watch};

use crate::hostile::Changes;
use crate::input::Input;

const MOST_STEPS: u32 = 64;
/// Accesses of one push or pop that nothing disturbs, and the same for each change.
const ACCESSES_PER_TRY: u64 = 8;

/// Whatever the words are, every step ends, and soon: with an entry, or without.
pub fn ring(data: &[u8]) {
    let mut input = Input::new(data);
    let capacity = 2_usize << input.below(4);
    let header = [AtomicU32::new(input.word()), AtomicU32::new(input.word())];
    // Exactly as long as the ring is: one word further is not ours.
    let slots: Box<[AtomicU32]> = (0..capacity * words::SLOT_WORDS as usize)
        .map(|_| AtomicU32::new(0))
        .collect();
    for _ in 0..input.below(32) {
        let word = input.below(slots.len() as u32) as usize;
        slots[word].store(input.word(), std::sync::atomic::Ordering::SeqCst);
    }
    // SAFETY: a Slot is four words (repr(C)), and so many slots are there.
    let places = unsafe { std::slice::from_raw_parts(slots.as_ptr().cast::<Slot>(), capacity) };
    let ring = Ring::new(&header[0], &header[1], places);
    let changes = Changes::read(&mut input);
    let most = ACCESSES_PER_TRY * (1 + changes.len() as u64);
    watch::begin();
    changes.begin(|_| true);
    for _ in 0..MOST_STEPS {
        if input.is_empty() {
            break;
        }
        let before = watch::accesses();
        if input.is_set() {
            let entry = RingEntry {
                offset: input.word(),
                generation: input.word(),
            };
            if let Err(given_back) = ring.push(entry) {
                assert_eq!(given_back, entry);
            }
        } else {
            ring.pop();
        }
        let accesses = watch::accesses() - before;
        assert!(accesses <= most, "{accesses} accesses for one step");
    }
    watch::end();
}
