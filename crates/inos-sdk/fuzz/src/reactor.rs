//! A whole thread of a capsule, fed by hostile words: in its rings, its tables, the ledger, records and slabs.

use std::ops::Range;

use inos_sdk::layout::{self, ARENA_OFFSET, constants, job_words, ledger_words, ring_words, rings};
use inos_sdk::{Arena, Reactor, RingEntry, watch};

use crate::host::{Host, RECORD_BYTES, Record};
use crate::hostile::Changes;
use crate::input::Input;
use crate::job::{assert_stored_in, own_tables, reactor_of, serve};
use crate::memory::{ARENA_PAGES, FIRST_PAGE, Memory, store, take_stored, with_memory};
use crate::message::mutated_request;
use crate::pages::write_pages;
use crate::watchdog::{THREADS, watch_over};

const MOST_STEPS: u32 = 24;

/// Tables that a hostile capsule would write to.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Inbox,
    Outbox,
    Capsule,
    Thread,
    Ledger,
    Slab,
    Record,
}

const PLACES: [Place; 7] = [
    Place::Inbox,
    Place::Outbox,
    Place::Capsule,
    Place::Thread,
    Place::Ledger,
    Place::Slab,
    Place::Record,
];
const LEDGER: Range<u32> =
    constants::LEDGER_OFFSET..constants::LEDGER_OFFSET + constants::LEDGER_BYTES;

/// A word there, of those that its readers look at.
fn word_of(place: Place, input: &mut Input<'_>, records: &[Record]) -> u32 {
    let word = match place {
        Place::Inbox | Place::Outbox if input.is_set() => {
            input.choose(&[ring_words::TAIL, ring_words::HEAD])
        }
        Place::Inbox | Place::Outbox => ring_words::SLOTS + input.below(64),
        Place::Capsule => input.below(80),
        Place::Thread => input.below(16),
        Place::Ledger => input.below(ledger_words::ENTRIES + 3 * ledger_words::ENTRY_WORDS),
        Place::Slab => input.below(32),
        Place::Record => input.below(job_words::BODY_OFFSET / 4),
    };
    let start = match place {
        Place::Inbox => layout::inbox_offset(0, input.below(rings::PRIORITIES)),
        Place::Outbox => layout::outbox_offset(0),
        Place::Capsule => layout::capsule_offset(0),
        Place::Thread => layout::thread_offset(input.below(THREADS)),
        Place::Ledger => constants::LEDGER_OFFSET,
        Place::Slab => ARENA_OFFSET + input.below(ARENA_PAGES) * constants::PAGE_BYTES,
        Place::Record => records.last().map_or(ARENA_OFFSET, |record| record.offset),
    };
    start + word * 4
}

/// A job that nearly is one; none if the arena has no room for it any more.
fn submit(host: Host<'_>, input: &mut Input<'_>, records: &mut Vec<Record>) {
    let (job, request) = mutated_request(input);
    let Ok(offset) = host.arena.alloc(RECORD_BYTES) else {
        return;
    };
    let mut record = Record {
        offset,
        generation: 0,
    };
    host.fill(&mut record, &job, &request);
    host.open(record);
    host.push(record, job.priority);
    records.push(record);
}

fn step(host: Host<'_>, input: &mut Input<'_>, records: &mut Vec<Record>, spares_ledger: bool) {
    match input.below(6) {
        0 | 1 => submit(host, input, records),
        2 => {
            let offset = input.word();
            let entry = RingEntry {
                offset,
                generation: input.below(4),
            };
            let inbox = &host.capsule.inboxes[input.below(rings::PRIORITIES) as usize];
            let _ = inbox.push(entry);
        }
        3 => drop(host.capsule.outbox.pop()),
        _ => {
            let place = input.choose(&PLACES);
            let offset = word_of(place, input, records);
            let value = input.word();
            if place != Place::Ledger || !spares_ledger {
                store(host.sab, offset, value);
            }
        }
    }
}

/// Nothing that words can say makes a thread panic, hang, or write where a capsule's threads don't. Only
/// words of the ledger change its sum.
pub fn reactor(data: &[u8]) {
    let mut input = Input::new(data);
    with_memory(|memory| {
        memory.expect_bulk();
        let arena = Arena::new(memory.sab()).unwrap();
        let host = Host::new(memory, &arena);
        let reactors = [reactor_of(host, 0), reactor_of(host, 1)];
        write_pages(memory, &mut input);
        let spares_ledger = input.is_set();
        let sum = memory.sum();
        let mut records = Vec::new();
        for _ in 0..MOST_STEPS {
            if input.is_empty() {
                break;
            }
            step(host, &mut input, &mut records, spares_ledger);
            if input.below(4) == 0 {
                run(memory, &mut input, &reactors, spares_ledger);
            }
        }
        run(memory, &mut input, &reactors, spares_ledger);
        assert!(memory.sum() == sum || !spares_ledger);
    });
}

/// Serves what there is, while words change.
fn run(memory: &Memory, input: &mut Input<'_>, reactors: &[Reactor<'_>], spares_ledger: bool) {
    take_stored();
    let start = memory.address();
    watch_over(memory, Changes::read(input), move |address| {
        let offset = (address - start) as u32;
        let is_guard = (constants::STATIC_OFFSET..ARENA_OFFSET).contains(&offset);
        let is_spared = spares_ledger && LEDGER.contains(&offset);
        !is_guard && !is_spared
    });
    serve(reactors);
    watch::unhook();
    let arena = ARENA_OFFSET..(FIRST_PAGE + ARENA_PAGES) * constants::PAGE_BYTES;
    assert_stored_in(memory, &[own_tables(), vec![arena]].concat());
}
