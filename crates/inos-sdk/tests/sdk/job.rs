//! Job records: which ring entries name one.

use inos_sdk::layout::{ARENA_OFFSET, constants, job_state, job_words};
use inos_sdk::{Arena, Error, JobRecord, JobState, RingEntry};

use crate::memory::Memory;

#[test]
fn states_have_the_numbers_of_the_schema() {
    let states = [
        (JobState::Queued, job_state::QUEUED),
        (JobState::Running, job_state::RUNNING),
        (JobState::Done, job_state::DONE),
        (JobState::Failed, job_state::FAILED),
        (JobState::Cancelled, job_state::CANCELLED),
        (JobState::Expired, job_state::EXPIRED),
        (JobState::OutOfBudget, job_state::OUT_OF_BUDGET),
    ];
    assert!(states.iter().all(|&(state, number)| state as u32 == number));
}

#[test]
fn an_entry_names_a_record_only_if_one_fits_there() {
    let memory = Memory::new(8);
    let arena = Arena::new(memory.sab()).unwrap();
    let open = |offset| {
        let entry = RingEntry {
            offset,
            generation: 3,
        };
        JobRecord::open(memory.sab(), &arena, entry)
    };
    let record = arena.alloc(1024).unwrap();
    let opened = open(record).unwrap();
    assert_eq!((opened.offset(), opened.entry().generation), (record, 3));
    for inside in [8, 32, 63] {
        let offset = record + inside;
        let misaligned = Error::Misaligned {
            offset,
            alignment: 64,
        };
        assert_eq!(open(offset).unwrap_err(), misaligned);
    }
    let small = arena.alloc(256).unwrap();
    let end = record + 1024 - job_words::BODY_OFFSET + 64;
    let last = u32::MAX - 63;
    for offset in [
        0,
        4096,
        constants::LEDGER_OFFSET,
        ARENA_OFFSET,
        small,
        end,
        last,
    ] {
        assert_eq!(open(offset).unwrap_err(), Error::NotAllocated { offset });
    }
    arena.free(record).unwrap();
    assert_eq!(
        open(record).unwrap_err(),
        Error::NotAllocated { offset: record }
    );
}
