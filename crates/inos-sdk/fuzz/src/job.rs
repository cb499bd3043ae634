//! Job records and requests that say anything, served by a thread whose tables are in order.

use std::ops::Range;

use inos_sdk::layout::{
    self, ARENA_OFFSET, capsule_words, constants, epochs, failure_code as codes,
    job_state as states, job_words as words, page_words, rings, thread_words,
};
use inos_sdk::{Arena, PageOwner, PageTable, Reactor, watch};

use crate::host::{BASE, Host, RECORD_BYTES, Record};
use crate::hostile::Changes;
use crate::input::Input;
use crate::memory::{Memory, load, load_u64, store, take_stored, with_memory};
use crate::message::mutated_request;
use crate::methods::{ECHO, FILL, METHODS, OWN_CODE};
use crate::watchdog::watch_over;

const MARK: u32 = 0x5a5a_5a5a;
const MARKED_BYTES: u32 = 1024;
/// Enough for all helpers of three jobs, which find nothing to do.
const TURNS: usize = 512;

/// The words that a record is told. What is reserved is the ledger's business, and its control word the
/// protocol's.
const TOLD: [u32; 18] = [
    words::STOP,
    words::TICKETS,
    words::OUTCOME,
    words::ACCOUNT,
    words::THREADS,
    words::UNITS,
    words::UNITS + 1,
    words::BUDGET,
    words::BUDGET + 1,
    words::MINIMUM,
    words::CURSOR,
    words::REQUEST_OFFSET,
    words::REQUEST_BYTES,
    words::OUTPUT_OFFSET,
    words::OUTPUT_BYTES,
    words::RESULT_OFFSET,
    words::RESULT_CAPACITY,
    words::METHOD,
];

/// Memory of somebody else's: neighbours in the arena, and a capsule's pages.
struct Bystander(Vec<Range<u32>>);

impl Bystander {
    fn new(memory: &Memory, arena: &Arena<'_>) -> Self {
        let block = |_| arena.alloc(MARKED_BYTES).unwrap();
        let mut blocks: Vec<u32> = (0..3).map(block).collect();
        let table = PageTable::new(memory.sab()).unwrap();
        let page = table
            .take(PageOwner::capsule(3, 1), page_words::KIND_HEAD, 1)
            .unwrap();
        blocks.push(page * constants::PAGE_BYTES);
        blocks.push((page + 1) * constants::PAGE_BYTES - MARKED_BYTES);
        blocks.push(ARENA_OFFSET - MARKED_BYTES);
        let ranges = blocks.into_iter().map(|block| block..block + MARKED_BYTES);
        let bystander = Self(ranges.collect());
        for offset in bystander.words(true) {
            store(memory.sab(), offset, MARK);
        }
        bystander
    }

    /// Its words; those of the arena may be named by a request, and lent to its job.
    fn words(&self, may_be_lent: bool) -> impl Iterator<Item = u32> {
        let skipped = if may_be_lent { 0 } else { 3 };
        self.0[skipped..]
            .iter()
            .cloned()
            .flat_map(|block| block.step_by(4))
    }

    fn assert_untouched(&self, memory: &Memory, may_be_lent: bool) {
        for offset in self.words(may_be_lent) {
            assert_eq!(memory.peek(offset), MARK, "{offset:#x} was written");
        }
    }
}

/// Where a capsule's threads may store, besides the arena.
pub fn own_tables() -> Vec<Range<u32>> {
    let region = |start, bytes| start..start + bytes;
    vec![
        region(constants::EPOCHS_OFFSET, epochs::STRIDE_BYTES * 2),
        region(layout::capsule_offset(0) + capsule_words::SPINNERS * 4, 4),
        region(constants::LEDGER_OFFSET, constants::LEDGER_BYTES),
        region(layout::thread_offset(0), 2 * thread_words::STRIDE_BYTES),
        region(constants::RINGS_OFFSET, rings::STRIDE_BYTES),
    ]
}

/// Writes a record that says nearly what it should, and queues it.
fn submit(host: Host<'_>, input: &mut Input<'_>, can_fill: bool) -> Record {
    let (job, request) = mutated_request(input);
    let mut record = host.new_record();
    host.fill(&mut record, &job, &request);
    for _ in 0..input.below(5) {
        let word = input.choose(&TOLD);
        store(host.sab, record.at(word), input.word());
    }
    if !can_fill && load(host.sab, record.at(words::METHOD)) == u32::from(FILL) {
        store(host.sab, record.at(words::METHOD), ECHO.into());
    }
    host.open(record);
    assert!(host.push(record, job.priority));
    if input.below(8) == 0 {
        // The same entry once more, without a ticket.
        host.push(record, 0);
    }
    record
}

/// A thread's reactor. Its stack's end lies where no request may name it, as in a capsule.
pub fn reactor_of(host: Host<'_>, thread: u32) -> Reactor<'_> {
    let guard_bytes = thread_words::STACK_GUARD_WORDS * 4;
    let guard = constants::STATIC_OFFSET + thread * guard_bytes;
    for at in (0..guard_bytes).step_by(4) {
        store(host.sab, guard + at, thread_words::STACK_GUARD);
    }
    let stack_low = layout::thread_offset(thread) + thread_words::STACK_LOW * 4;
    store(host.sab, stack_low, guard + guard_bytes);
    Reactor::new(host.sab, 0, thread, METHODS, None).unwrap()
}

/// Serves on two threads in turns, until neither finds anything.
pub fn serve(reactors: &[Reactor<'_>]) {
    let mut idle = 0;
    for reactor in reactors.iter().cycle().take(TURNS) {
        idle = if reactor.serve_next() { 0 } else { idle + 1 };
        if idle >= reactors.len() {
            return;
        }
    }
}

/// Jobs that say anything end once and with a known number; they touch nothing but what is theirs.
pub fn job(data: &[u8]) {
    let mut input = Input::new(data);
    with_memory(|memory| {
        memory.expect_bulk();
        let arena = Arena::new(memory.sab()).unwrap();
        let host = Host::new(memory, &arena);
        let bystander = Bystander::new(memory, &arena);
        let reactors = [reactor_of(host, 0), reactor_of(host, 1)];
        let changes = Changes::read(&mut input);
        let is_still = changes.is_empty();
        let count = 1 + input.below(3);
        // A request may name any allocation that lives, and a method that fills it does.
        let can_fill = input.is_set();
        let records: Vec<Record> = (0..count)
            .map(|_| submit(host, &mut input, can_fill))
            .collect();
        let sum = memory.sum();
        take_stored();
        let places: Vec<Range<u32>> = records
            .iter()
            .map(|record| record.offset..record.offset + RECORD_BYTES)
            .collect();
        let base = memory.address();
        let own = places.clone();
        let may_change = move |address: usize| {
            let offset = (address - base) as u32;
            own.iter().any(|place| place.contains(&offset))
        };
        watch_over(memory, changes, may_change);
        serve(&reactors);
        watch::unhook();
        assert_stored_in(memory, &[own_tables(), places].concat());
        assert_eq!(memory.sum(), sum, "the sum of the credits");
        bystander.assert_untouched(memory, !can_fill);
        if is_still {
            assert_ended(host, &records);
        }
    });
}

/// Everything that was stored lies in one of the ranges.
pub fn assert_stored_in(memory: &Memory, ranges: &[Range<u32>]) {
    for offset in take_stored()
        .into_iter()
        .filter_map(|at| memory.offset_of(at))
    {
        let is_own = ranges.iter().any(|range| range.contains(&offset));
        assert!(is_own, "{offset:#x} was written");
    }
}

/// Each is answered once, in a final state, for a reason that the host knows.
fn assert_ended(host: Host<'_>, records: &[Record]) {
    let answers: Vec<_> = std::iter::from_fn(|| host.capsule.outbox.pop()).collect();
    assert_eq!(answers.len(), records.len(), "{answers:?}");
    for &record in records {
        assert!(
            answers.contains(&record.entry()),
            "{record:?} was not answered"
        );
        let (state, code) = (
            host.state(record),
            load(host.sab, record.at(words::ERROR_CODE)),
        );
        assert!(
            (states::DONE..=states::OUT_OF_BUDGET).contains(&state),
            "state {state}"
        );
        assert!(code <= codes::BAD_LEDGER || code == OWN_CODE, "code {code}");
        if load(host.sab, record.at(words::ACCOUNT)) == host.account {
            // A record that is submitted with units may have as many as there are numbers.
            let cost = BASE.saturating_add(load_u64(host.sab, record.at(words::UNITS)));
            let reservation = record.at(words::RESERVED);
            host.ledger
                .settle(host.account, host.operator, reservation, cost)
                .unwrap();
        }
    }
}
