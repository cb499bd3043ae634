//! What lies in shared memory may change between two looks at it. So words that are checked and then used are looked
//! at once, and every change after every look leaves a thread that goes on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use inos_sdk::layout::{
    ARENA_OFFSET, constants, failure_code, job_state as states, job_words as words,
};
use inos_sdk::{Arena, watch};

use crate::host::{Host, Job, RECORD_BYTES, Record};
use crate::job::{reactor_of, serve};
use crate::memory::{Memory, load, with_memory};
use crate::methods::{ECHO, PARALLEL, RESULT, SUM};
use crate::watchdog::stop;

/// Looks after a change, after which the host ends what goes on.
const PATIENCE_LOOKS: u32 = 3000;

/// How a job ended: its state and the number of its error.
type End = (u32, u32);

/// Serves one job over a new memory, on one thread, calling `hook` with each word that it looks at.
fn serve_watched(
    job: &Job,
    hook: impl FnOnce(&Memory, Record) -> Box<dyn FnMut(&std::sync::atomic::AtomicU32)>,
) -> End {
    let mut end = (0, 0);
    with_memory(|memory| {
        memory.expect_bulk();
        let arena = Arena::new(memory.sab()).unwrap();
        let host = Host::new(memory, &arena);
        let reactors = [reactor_of(host, 0)];
        let record = host.submit(job);
        watch::hook(hook(memory, record));
        serve(&reactors);
        watch::unhook();
        end = (
            host.state(record),
            load(host.sab, record.at(words::ERROR_CODE)),
        );
    });
    end
}

/// How often each word of its record a job was looked at, by its index.
fn looks(job: &Job) -> BTreeMap<u32, u32> {
    let counts = Rc::new(RefCell::new(BTreeMap::new()));
    let counted = counts.clone();
    let end = serve_watched(job, |memory, record| {
        let start = memory.address() + record.offset as usize;
        Box::new(move |word| {
            let at = std::ptr::from_ref(word).addr().wrapping_sub(start);
            if at < RECORD_BYTES as usize {
                *counted.borrow_mut().entry(at as u32 / 4).or_default() += 1;
            }
        })
    });
    assert_eq!(end.0, states::DONE, "{job:?}");
    counts.take()
}

/// How many words a job looks at until its end.
fn all_looks(job: &Job) -> u32 {
    let count = Rc::new(RefCell::new(0));
    let counted = count.clone();
    serve_watched(job, |_, _| Box::new(move |_| *counted.borrow_mut() += 1));
    count.take()
}

/// Serves a job, and flips bits of the word that is looked at as the `look`-th right after that. Returns how the job
/// ended, and where that word lies.
fn change_after(job: &Job, look: u32, bits: u32) -> (End, Place) {
    let place = Rc::new(Cell::new(Place::Elsewhere));
    let found = place.clone();
    let end = serve_watched(job, |memory, record| {
        let memory = std::ptr::from_ref(memory);
        let mut seen = 0;
        Box::new(move |word| {
            // SAFETY: `with_memory` keeps the memory until after the watching.
            let memory = unsafe { &*memory };
            seen += 1;
            if seen == look {
                let address = std::ptr::from_ref(word).addr();
                found.set(place_of(memory.offset_of(address), record));
                if found.get() != Place::Guard {
                    watch::change(word, bits ^ word.load(Ordering::SeqCst));
                }
            }
            if seen == look + PATIENCE_LOOKS {
                stop(memory);
            }
        })
    });
    (end, place.get())
}

/// What a word is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// What the host has told, or the thread notes: the job still ends.
    Record,
    /// As above: prices, epochs, the thread's block, the ledger.
    Table,
    /// Who owns the job and whether it is one: the thread may find that it is none of its business.
    Elsewhere,
    /// The stack's end: whoever changes it has the thread panic, as it should.
    Guard,
}

fn place_of(offset: Option<u32>, record: Record) -> Place {
    let Some(offset) = offset else {
        return Place::Elsewhere;
    };
    let in_record = record.offset..record.offset + RECORD_BYTES;
    if in_record.contains(&offset) && offset != record.at(words::CONTROL) {
        Place::Record
    } else if (constants::EPOCHS_OFFSET..constants::PAGE_TABLE_OFFSET).contains(&offset) {
        Place::Table
    } else if (constants::STATIC_OFFSET..ARENA_OFFSET).contains(&offset) {
        Place::Guard
    } else {
        Place::Elsewhere
    }
}

/// What the host tells in a record, and a thread checks.
const TOLD: [u32; 12] = [
    words::ACCOUNT,
    words::THREADS,
    words::METHOD,
    words::BUDGET,
    words::BUDGET + 1,
    words::MINIMUM,
    words::MINIMUM + 1,
    words::REQUEST_OFFSET,
    words::REQUEST_BYTES,
    words::OUTPUT_OFFSET,
    words::OUTPUT_BYTES,
    words::RESULT_OFFSET,
];

/// A job of each method that needs no stop, and that works.
fn jobs() -> Vec<Job> {
    let work = |method| Job {
        seed: 3,
        threads: 3,
        ..Job::of(method)
    };
    vec![
        work(ECHO),
        work(PARALLEL),
        work(RESULT),
        Job {
            // The record itself, the only allocation there is.
            region: Some((ARENA_OFFSET + RECORD_BYTES, 64)),
            ..work(SUM)
        },
    ]
}

#[test]
fn what_a_record_tells_is_looked_at_once() {
    for job in jobs() {
        // Each thread looks for itself.
        let job = Job { threads: 1, ..job };
        let looks: BTreeMap<u32, u32> = looks(&job);
        for word in TOLD {
            let count = looks.get(&word).copied().unwrap_or(0);
            assert!(count <= 1, "word {word} of {job:?}: {count} looks");
        }
        let body = looks.range(words::BODY_OFFSET / 4..);
        assert!(body.clone().count() > 0, "the request was read");
        for (word, count) in body {
            assert_eq!(*count, 1, "word {word} of the request of {job:?}");
        }
    }
}

#[test]
fn every_change_after_every_look_leaves_a_thread_that_goes_on_and_a_job_that_ends() {
    let final_states = states::DONE..=states::OUT_OF_BUDGET;
    let mut changes = 0;
    for job in jobs() {
        for look in 1..=all_looks(&job) {
            for bits in [1, 2, 0x80, 0x8000_0000, u32::MAX] {
                let ((state, code), place) = change_after(&job, look, bits);
                changes += 1;
                if matches!(place, Place::Record | Place::Table) {
                    let what = format!("{bits:#x} after look {look} ({place:?}) of {job:?}");
                    assert!(final_states.contains(&state), "state {state}: {what}");
                    assert!(code <= failure_code::BAD_LEDGER, "code {code}: {what}");
                }
            }
        }
    }
    println!("{changes} changes");
    assert!(changes > 1000);
}
