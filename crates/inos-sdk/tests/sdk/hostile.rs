//! What no host would write: entries, records and requests made of anything. A thread ignores them or ends
//! the job with the right number; it never panics, and never touches memory that isn't the job's.

use std::cell::Cell;

use inos_sdk::RingEntry;
use inos_sdk::layout::{
    ARENA_OFFSET, constants, failure_code as codes, job_state as states, job_words as words,
    ledger_words,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

use crate::host::{CREDITS, End, Host, Job, Record, with_threads};
use crate::memory::{load, store};
use crate::methods::{ECHO, LOUD, METHODS, OWN_CODE, PARALLEL, RESULT, SUM};

const MARK: u32 = 0x5a5a_5a5a;
const MARKED_BYTES: u32 = 4096;

/// Memory of somebody else's, between which records lie.
struct Bystander<'m> {
    host: Host<'m>,
    blocks: Vec<u32>,
}

impl<'m> Bystander<'m> {
    fn new(host: Host<'m>) -> Self {
        let blocks: Vec<u32> = (0..3)
            .map(|_| host.arena.alloc(MARKED_BYTES).unwrap())
            .collect();
        for &block in &blocks {
            for at in (0..MARKED_BYTES).step_by(4) {
                store(host.sab, block + at, MARK);
            }
        }
        Self { host, blocks }
    }

    fn is_untouched(&self) -> bool {
        self.blocks.iter().all(|&block| {
            let mut offsets = (block..block + MARKED_BYTES).step_by(4);
            offsets.all(|offset| load(self.host.sab, offset) == MARK)
        })
    }
}

/// Runs a property three thousand times against threads that must outlive it.
fn check<S: Strategy>(strategy: S, property: impl Fn(Host<'_>, S::Value) -> Result<(), String>)
where
    S::Value: std::fmt::Debug,
{
    with_threads(2, |host| {
        let bystander = Bystander::new(host);
        let mut runner = TestRunner::new(cases());
        let result = runner.run(&strategy, |value| {
            property(host, value).map_err(TestCaseError::fail)?;
            prop_assert!(bystander.is_untouched(), "it touched what isn't the job's");
            prop_assert_eq!(host.ledger.total(), Ok(ledger_words::TOTAL_MICRO_CREDITS));
            Ok(())
        });
        if let Err(TestError::Fail(reason, value)) = result {
            panic!("{reason}: {value:?}");
        }
        result.unwrap();
        let (_, end) = host.run(&Job::of(ECHO));
        assert_eq!(end.state, states::DONE, "threads work as before");
    });
}

fn cases() -> Config {
    Config {
        failure_persistence: None,
        ..Config::with_cases(3000)
    }
}

/// Queues a record that was filled with anything, and takes its end, settled.
fn run(host: Host<'_>, record: Record) -> Result<End, String> {
    host.open(record);
    assert!(host.push(record, 1));
    let answer = host.answer();
    if answer != record.entry() {
        return Err(format!("{answer:?} was answered instead"));
    }
    let end = host.end(record);
    let account = load(host.sab, record.at(words::ACCOUNT));
    if end.reserved > 0 {
        let reservation = record.at(words::RESERVED);
        host.ledger
            .settle(account, account, reservation, end.units)
            .map_err(|error| error.to_string())?;
    }
    // Helpers may still hold tickets, which name the record.
    while load(host.sab, record.at(words::TICKETS)) > 0 {
        std::thread::yield_now();
    }
    host.arena.free(record.offset).unwrap();
    let is_known = end.code <= codes::BAD_LEDGER || end.code == OWN_CODE;
    match end.state {
        states::DONE if end.code == 0 => Ok(end),
        states::CANCELLED | states::EXPIRED if end.code == 0 => Ok(end),
        states::FAILED | states::OUT_OF_BUDGET if is_known => Ok(end),
        _ => Err(format!("it ended as {end:?}")),
    }
}

/// Runs a job whose request says anything, and says where.
fn run_request(host: Host<'_>, job: &Job, request: &[u8]) -> Result<(Record, End), String> {
    let mut record = host.new_record();
    host.fill(&mut record, job, request);
    Ok((record, run(host, record)?))
}

/// Numbers that are likely to be handled wrongly.
fn any_word() -> impl Strategy<Value = u32> {
    let edges = vec![
        0,
        1,
        7,
        8,
        383,
        384,
        392,
        4096,
        ARENA_OFFSET,
        constants::LEDGER_OFFSET,
        i32::MAX as u32,
        1 << 31,
        u32::MAX - 7,
        u32::MAX,
    ];
    prop_oneof![prop::sample::select(edges), 0..5000_u32, any::<u32>()]
}

/// The words that a record is told. Those that the protocol itself moves are the model checker's business,
/// what is reserved is the ledger's.
const TOLD: [u32; 20] = [
    words::STOP,
    words::CAPSULE,
    words::ACCOUNT,
    words::THREADS,
    words::PROGRESS,
    words::UNITS,
    words::UNITS + 1,
    words::BUDGET,
    words::BUDGET + 1,
    words::MINIMUM,
    words::CURSOR,
    words::SHARED + 1,
    words::ERROR_CODE,
    words::REQUEST_OFFSET,
    words::REQUEST_BYTES,
    words::OUTPUT_OFFSET,
    words::OUTPUT_BYTES,
    words::RESULT_OFFSET,
    words::RESULT_CAPACITY,
    words::METHOD,
];

fn any_job() -> impl Strategy<Value = Job> {
    let method = prop::sample::select(vec![ECHO, SUM, LOUD, PARALLEL]);
    (method, 0..100_u64, 1..4_u32).prop_map(|(method, seed, threads)| Job {
        seed,
        threads,
        region: Some((ARENA_OFFSET, 128)),
        budget: 5000,
        ..Job::of(method)
    })
}

#[test]
fn records_that_say_anything() {
    let changes = prop::collection::vec((prop::sample::select(&TOLD), any_word()), 1..5);
    check((any_job(), changes), |host, (job, changes)| {
        let mut record = host.new_record();
        host.fill(&mut record, &job, &job.request());
        for (word, value) in changes {
            store(host.sab, record.at(word), value);
        }
        store(host.sab, record.at(words::ERROR_CODE), 0);
        run(host, record).map(drop)
    });
}

#[test]
fn parts_of_a_record_lie_behind_its_words_and_inside_it() {
    with_threads(1, |host| {
        for (method, word) in [
            (ECHO, words::REQUEST_OFFSET),
            (ECHO, words::OUTPUT_OFFSET),
            (LOUD, words::OUTPUT_OFFSET),
            (RESULT, words::RESULT_OFFSET),
        ] {
            let start = words::BODY_OFFSET;
            for offset in [0, 8, start - 8, start + 4, 4096, 1 << 31, u32::MAX - 7] {
                let job = Job::of(method);
                let mut record = host.new_record();
                host.fill(&mut record, &job, &job.request());
                store(host.sab, record.at(word), offset);
                let end = run(host, record).unwrap();
                let failed = (states::FAILED, codes::REGION_OUT_OF_BOUNDS);
                assert_eq!((end.state, end.code), failed, "word {word} says {offset}");
            }
        }
    });
}

#[test]
fn requests_of_any_bytes() {
    let anything = prop::collection::vec(any::<u8>(), 0..200);
    check((anything, any::<bool>()), |host, (bytes, is_summed)| {
        let job = Job::of(if is_summed { SUM } else { ECHO });
        run_request(host, &job, &bytes).map(drop)
    });
}

#[test]
fn requests_that_are_bent_or_cut_short() {
    let flips = prop::collection::vec((any::<prop::sample::Index>(), 0..8_u32), 0..4);
    let cut = any::<prop::sample::Index>();
    check((any_job(), flips, cut), |host, (job, flips, cut)| {
        let mut request = job.request();
        for (at, bit) in flips {
            request[at.index(job.request().len())] ^= 1_u8 << bit;
        }
        request.truncate(cut.index(request.len() * 2));
        run_request(host, &job, &request).map(drop)
    });
}

#[test]
fn a_request_that_is_cut_short_is_malformed() {
    with_threads(1, |host| {
        let job = Job {
            region: Some((ARENA_OFFSET, 0)),
            ..Job::of(SUM)
        };
        let request = job.request();
        for length in 0..request.len() {
            let (_, end) = run_request(host, &job, &request[..length]).unwrap();
            let failed = (states::FAILED, codes::MALFORMED_REQUEST);
            assert_eq!((end.state, end.code), failed, "{length} bytes");
        }
    });
}

#[test]
fn a_request_of_other_than_one_whole_segment_is_malformed() {
    with_threads(1, |host| {
        let job = Job::of(ECHO);
        let words = (job.request().len() / 8 - 1) as u32;
        for framing in [
            [1, words],
            [u32::MAX, words],
            [0, words + 1],
            [0, 1 << 29],
            [0, u32::MAX],
            [0, 0],
        ] {
            let mut request = job.request();
            request[..4].copy_from_slice(&framing[0].to_le_bytes());
            request[4..8].copy_from_slice(&framing[1].to_le_bytes());
            let (_, end) = run_request(host, &job, &request).unwrap();
            let failed = (states::FAILED, codes::MALFORMED_REQUEST);
            assert_eq!((end.state, end.code), failed, "{framing:?}");
        }
    });
}

#[test]
fn a_request_is_read_at_every_length() {
    with_threads(1, |host| {
        for padding in 0..64 {
            let job = Job {
                seed: padding << 32 | 1,
                ..Job::of(ECHO)
            };
            // Words at the segment's end that nothing points to are part of it all the same.
            let mut request = job.request();
            request.extend(vec![0xff; 8 * padding as usize]);
            let words = (request.len() / 8 - 1) as u32;
            request[4..8].copy_from_slice(&words.to_le_bytes());
            let (record, end) = run_request(host, &job, &request).unwrap();
            assert_eq!(end.state, states::DONE, "{padding} words more: {end:?}");
            assert_eq!(host.output(record), job.seed);
        }
    });
}

#[test]
fn a_request_for_another_method_than_the_record_says_is_refused() {
    with_threads(1, |host| {
        let last = METHODS.len() as u32 - 1;
        for (said, priced) in [
            (ECHO, SUM.into()),
            (SUM, ECHO.into()),
            (ECHO, last),
            (77, 0),
        ] {
            let job = Job::of(said);
            let mut record = host.new_record();
            host.fill(&mut record, &job, &job.request());
            store(host.sab, record.at(words::METHOD), priced);
            let end = run(host, record).unwrap();
            assert_eq!(
                (end.state, end.code),
                (states::FAILED, codes::UNKNOWN_METHOD)
            );
        }
    });
}

#[test]
fn entries_that_name_no_record_are_passed_over() {
    let offset = prop_oneof![
        any_word(),
        (0..200_u32).prop_map(|page| ARENA_OFFSET + page * constants::PAGE_BYTES),
        (0..100_000_u32).prop_map(|slot| ARENA_OFFSET + slot * 64),
    ];
    with_threads(2, |host| {
        let bystander = Bystander::new(host);
        // One for all: a new one might lie where an entry points that is still queued.
        let kept = Cell::new(host.new_record());
        let mut runner = TestRunner::new(cases());
        let result = runner.run(&(offset, any::<u32>()), |(offset, generation)| {
            // Live allocations are names, though false ones; those are the next test's.
            prop_assume!(!host.arena.contains(offset, words::BODY_OFFSET));
            let entry = RingEntry { offset, generation };
            host.capsule.inboxes[0].push(entry).unwrap();
            let mut record = kept.get();
            host.write(&mut record, &Job::of(ECHO));
            kept.set(record);
            assert!(host.push(record, 2), "it comes after the entry above");
            prop_assert_eq!(host.answer(), record.entry());
            prop_assert_eq!(host.end(record).state, states::DONE);
            prop_assert!(bystander.is_untouched());
            host.settle(record);
            Ok(())
        });
        result.unwrap();
    });
}

#[test]
fn entries_of_another_life_are_passed_over() {
    with_threads(1, |host| {
        let mut record = host.new_record();
        record.generation = 0xfffd;
        for _ in 0..5 {
            host.write(&mut record, &Job::of(ECHO));
            let RingEntry { offset, generation } = record.entry();
            let stale = [
                generation.wrapping_sub(1),
                (generation + 1) & 0xffff,
                generation | 0x1_0000,
                u32::MAX,
            ];
            for generation in stale {
                let entry = RingEntry { offset, generation };
                host.capsule.inboxes[0].push(entry).unwrap();
            }
            // They are served before this one, which has a later place.
            assert!(host.push(record, 2));
            assert_eq!(host.answer(), record.entry());
            assert_eq!(host.end(record).state, states::DONE);
            assert_eq!(load(host.sab, record.at(words::TICKETS)), 0);
            host.settle(record);
        }
        assert_eq!(host.capsule.outbox.pop(), None);
    });
}

#[test]
fn entries_that_name_other_data_change_nothing_there() {
    with_threads(2, |host| {
        let bystander = Bystander::new(host);
        let last = MARKED_BYTES - words::BODY_OFFSET;
        for &block in &bystander.blocks {
            for offset in (block..=block + last).step_by(64) {
                for generation in [0, MARK, u32::MAX] {
                    let entry = RingEntry { offset, generation };
                    host.capsule.inboxes[0].push(entry).unwrap();
                }
            }
            let (_, end) = host.run(&Job::of(ECHO));
            assert_eq!(end.state, states::DONE);
        }
        assert!(bystander.is_untouched());
    });
}

#[test]
fn an_entry_that_comes_twice_does_the_job_once() {
    with_threads(2, |host| {
        for _ in 0..200 {
            let mut record = host.new_record();
            host.write(&mut record, &Job::of(ECHO));
            store(host.sab, record.at(words::TICKETS), 3);
            for priority in [0, 1, 2] {
                assert!(host.push(record, priority));
            }
            assert_eq!(host.answer(), record.entry());
            while load(host.sab, record.at(words::TICKETS)) > 0 {
                std::thread::yield_now();
            }
            assert_eq!(host.end(record).units, 1);
            host.settle(record);
            host.arena.free(record.offset).unwrap();
        }
        assert_eq!(host.capsule.outbox.pop(), None);
        let paid = host.ledger.available(host.operator).unwrap();
        assert_eq!(host.ledger.available(host.account), Ok(CREDITS - paid));
    });
}
