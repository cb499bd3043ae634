//! The board with a lane that is played here.

use super::*;
use std::sync::atomic::AtomicBool;
use std::thread;

/// The lane's side.
struct Lane<'m>(LaneBoard<'m>);

impl Lane<'_> {
    fn want(&self, slot: usize, count: u64) -> bool {
        let word = self.0.slot_word(slot, slot_word::COUNT);
        word.store(count, Ordering::SeqCst);
        self.0.step(slot, SlotState::Free, SlotState::Wanted)
    }

    fn submit(&self, slot: usize) -> Option<Slice> {
        let submitted = self.0.step(slot, SlotState::Granted, SlotState::Submitted);
        submitted.then(|| self.0.slice(slot))
    }

    fn answer(&self, slot: usize, found: u64) -> bool {
        let word = self.0.slot_word(slot, slot_word::FOUND);
        word.store(found, Ordering::SeqCst);
        self.0.step(slot, SlotState::Submitted, SlotState::Tried)
    }

    fn fail(&self, slot: usize) -> bool {
        self.0.step(slot, SlotState::Submitted, SlotState::Failed)
    }

    fn is_over(&self, slot: usize) -> bool {
        self.0
            .slot_word(slot, slot_word::STATE)
            .load(Ordering::SeqCst)
            == SlotState::Over as u64
    }
}

fn words() -> Vec<AtomicU64> {
    (0..words::WORDS).map(|_| AtomicU64::new(0)).collect()
}

fn hashes(board: LaneBoard<'_>) -> u64 {
    board.word(words::HASHES).load(Ordering::SeqCst)
}

const SLICE: Slice = Slice {
    first: 1 << 40,
    count: 100,
};

#[test]
fn a_slice_goes_round() {
    let words = words();
    let board = LaneBoard::new(&words).expect("there are enough words");
    let lane = Lane(board);
    assert!(board.take_wanted().is_none());
    assert!(lane.want(1, 300));
    assert!(!lane.want(1, 300), "it is wanted already");
    let (held, wanted) = board.take_wanted().expect("one is wanted");
    assert_eq!(wanted, 300);
    assert!(board.take_wanted().is_none(), "another thread finds none");
    assert!(board.is_awaited(0), "what is held may be about anything");
    board.grant(held, Some(SLICE));
    assert_eq!(hashes(board), 100);
    assert!(board.is_awaited(SLICE.first + 1));
    assert!(!board.is_awaited(SLICE.first), "its nonces lie above");
    assert_eq!(lane.submit(1), Some(SLICE));
    assert_eq!(board.take_back(), 0, "it is being tried");
    assert!(lane.answer(1, 42));
    let (held, slice, answer) = board.take_answered().expect("one is answered");
    assert_eq!((slice, answer), (SLICE, Answer::Tried(42)));
    assert!(board.is_awaited(u64::MAX));
    board.free(held);
    assert!(!board.is_awaited(u64::MAX));
    assert!(lane.want(1, 1), "it is free again");
}

#[test]
fn what_was_not_begun_is_taken_back_once() {
    let words = words();
    let board = LaneBoard::new(&words).expect("there are enough words");
    let lane = Lane(board);
    for slot in [0, 1] {
        assert!(lane.want(slot, 100));
        let (held, _) = board.take_wanted().expect("one is wanted");
        board.grant(held, Some(SLICE));
    }
    assert!(lane.submit(0).is_some());
    assert_eq!(board.take_back(), 100);
    assert_eq!(board.take_back(), 0);
    assert_eq!(hashes(board), 100);
    assert!(lane.submit(1).is_none());
    assert!(lane.is_over(1));
    assert!(lane.fail(0));
    let (_, slice, answer) = board.take_answered().expect("one is answered");
    assert_eq!((slice, answer), (SLICE, Answer::Failed));
}

#[test]
fn a_lane_that_gives_up_says_why() {
    let words = words();
    let board = LaneBoard::new(&words).expect("there are enough words");
    assert!(!board.is_absent());
    let reason = "no such thing as a GPU";
    for (at, bytes) in reason.as_bytes().chunks(8).enumerate() {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        words[words::REASON as usize + at].store(u64::from_le_bytes(word), Ordering::SeqCst);
    }
    words[words::REASON_LENGTH as usize].store(reason.len() as u64, Ordering::SeqCst);
    words[words::STATE as usize].store(LaneState::Absent as u64, Ordering::SeqCst);
    assert!(board.is_absent());
    assert_eq!(board.reason(), reason);
    let lane = Lane(board);
    assert!(lane.want(0, 1), "it was free before");
    let (held, _) = board.take_wanted().expect("one is wanted");
    board.free(held);
    assert!(lane.is_over(0), "who gave up gets no more");
    // A length that can't be is no reason to read beyond the board.
    words[words::REASON_LENGTH as usize].store(u64::MAX, Ordering::SeqCst);
    assert_eq!(board.reason().len(), words::REASON_BYTES as usize);
}

#[test]
fn too_few_words_are_no_board() {
    assert!(LaneBoard::new(&words()[1..]).is_none());
}

/// Several threads grant, one lane tries: every nonce is granted to it once, and every slice answered once.
#[test]
fn threads_share_a_board() {
    const NONCES: u64 = 20_000;
    let words = words();
    let board = LaneBoard::new(&words).expect("there are enough words");
    let drawn = AtomicU64::new(0);
    let answered = AtomicU64::new(0);
    let is_done = AtomicBool::new(false);
    let capsule = || {
        while !is_done.load(Ordering::SeqCst) {
            if let Some((held, slice, _)) = board.take_answered() {
                answered.fetch_add(slice.count, Ordering::SeqCst);
                board.free(held);
            }
            if let Some((held, count)) = board.take_wanted() {
                let first = drawn.fetch_add(count, Ordering::SeqCst);
                board.grant(held, (first < NONCES).then_some(Slice { first, count }));
            }
            thread::yield_now();
        }
    };
    let tried = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(capsule);
        }
        let lane = Lane(board);
        let mut tried = Vec::new();
        while !(lane.is_over(0) && lane.is_over(1)) {
            for slot in [0, 1] {
                lane.want(slot, 10);
                if let Some(slice) = lane.submit(slot) {
                    tried.push(slice.first);
                    assert!(lane.answer(slot, slice.count));
                }
            }
            thread::yield_now();
        }
        is_done.store(true, Ordering::SeqCst);
        tried
    });
    let mut sorted = tried.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..NONCES).step_by(10).collect::<Vec<_>>());
    assert_eq!(answered.into_inner(), NONCES);
    assert_eq!(hashes(board), NONCES);
}

#[test]
fn threads_take_no_more_than_is_allowed_and_ask_once_for_more() {
    let words = words();
    let board = LaneBoard::new(&words).expect("there are enough words");
    assert_eq!(board.take_allowed(board.allowed(), 10), 0);
    assert!(board.ask_beyond(0));
    assert!(!board.ask_beyond(0), "it was asked already");
    board.word(words::ALLOWED).store(1000, Ordering::SeqCst);
    let taken: u64 = thread::scope(|scope| {
        let threads = [7, 64, 300].map(|wanted| {
            scope.spawn(move || {
                let take = || match board.take_allowed(board.allowed(), wanted) {
                    0 => None,
                    taken => Some(taken),
                };
                core::iter::from_fn(take).sum::<u64>()
            })
        });
        let taken = threads.map(|thread| thread.join().expect("it doesn't panic"));
        taken.iter().sum()
    });
    assert_eq!(taken, 1000);
    assert!(board.ask_beyond(1000));
    // One that is late asks for what was allowed meanwhile.
    assert!(!board.ask_beyond(0));
}

#[test]
fn threads_that_need_not_ask_take_what_they_want() {
    let words = words();
    let board = LaneBoard::new(&words).expect("there are enough words");
    board.word(words::ALLOWED).store(u64::MAX, Ordering::SeqCst);
    for _ in 0..3 {
        assert_eq!(board.take_allowed(board.allowed(), 2048), 2048);
    }
    assert_eq!(board.word(words::TAKEN).load(Ordering::SeqCst), 3 * 2048);
}
