//! What threads note of their jobs while their runtime traces.

use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::layout::{
    constants, job_words, trace_entry_words as words, trace_kind as kinds, trace_offset, traces,
};
use inos_sdk::{Arena, Error, Reactor};

use crate::host::{Host, Job};
use crate::memory::{Memory, load, load_u64, store};
use crate::methods::{ECHO, METHODS, PARALLEL};

const RING: u32 = traces::FIRST_CAPSULE_INDEX;
const STRIDE: u32 = words::STRIDE_BYTES;

/// A clock that moves on by a millisecond at each look.
extern "C" fn clock() -> f64 {
    static LOOKS: AtomicU32 = AtomicU32::new(0);
    f64::from(LOOKS.fetch_add(1, Ordering::SeqCst) + 1)
}

/// What an entry says.
#[derive(Debug, PartialEq)]
struct Entry {
    kind: u32,
    thread: u32,
    method: u32,
    job: u32,
    time: f64,
    /// Of its second event.
    second: Option<f64>,
}

fn set_capacity(host: Host<'_>, capacity: u32) {
    let head = trace_offset(RING);
    store(host.sab, head + traces::CAPACITY * 4, capacity);
}

/// The entry at a position of capsule 0's ring, if it is the newest there.
fn entry(host: Host<'_>, capacity: u32, position: u32) -> Option<Entry> {
    let first = constants::TRACE_ENTRIES_OFFSET + RING * capacity * STRIDE;
    let offset = first + position % capacity * STRIDE;
    let at = |word: u32| load(host.sab, offset + word * 4);
    if at(words::SEQUENCE) != position + 1 {
        return None;
    }
    let what = at(words::WHAT);
    assert_eq!(what >> words::CAPSULE_SHIFT & 0xff, 0);
    let time = f64::from_bits(load_u64(host.sab, offset + words::TIME * 4));
    let elapsed = at(words::ELAPSED);
    Some(Entry {
        kind: what & words::KIND_MASK,
        thread: what >> words::THREAD_SHIFT & 0xff,
        method: what >> words::METHOD_SHIFT,
        job: at(words::JOB),
        time,
        second: (elapsed > 0).then(|| time + f64::from(elapsed) / 1e6),
    })
}

fn stamp(host: Host<'_>, record: crate::host::Record, word: u32) -> f64 {
    f64::from_bits(load_u64(host.sab, record.at(word)))
}

/// Queues a job with a number.
fn submit(host: Host<'_>, job: &Job, number: u32) -> crate::host::Record {
    let mut record = host.new_record();
    host.write(&mut record, job);
    store(host.sab, record.at(job_words::NUMBER), number);
    assert!(host.push(record, job.priority));
    record
}

fn traced<'m>(host: Host<'m>, arena: &'m Arena<'m>, thread: u32) -> Reactor<'m> {
    drop(host.reactor(thread));
    Reactor::new(host.sab, arena, 0, thread, METHODS, Some(clock)).unwrap()
}

#[test]
fn a_job_is_told_from_its_start_to_its_answer() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 4);
    let reactor = traced(host, &arena, 3);
    for number in 1..=5 {
        let record = submit(host, &Job::of(ECHO), number);
        assert!(reactor.serve_next());
        let started = entry(host, 4, number * 2 - 2).unwrap();
        let executed = entry(host, 4, number * 2 - 1).unwrap();
        assert_eq!((started.kind, executed.kind), (kinds::STARTED, kinds::EXECUTED));
        for entry in [&started, &executed] {
            assert_eq!((entry.thread, entry.method, entry.job), (3, u32::from(ECHO), number));
        }
        assert_eq!(stamp(host, record, job_words::STAMP_WOKE), started.time);
        assert_eq!(Some(stamp(host, record, job_words::STAMP_RESERVED)), started.second);
        assert_eq!(stamp(host, record, job_words::STAMP_FINISHED), executed.time);
        // One look at the clock each, in this order.
        assert!(started.time < started.second.unwrap());
        assert!(started.second.unwrap() < executed.time);
        assert!(executed.time < executed.second.unwrap());
    }
    assert_eq!(load(host.sab, trace_offset(RING) + traces::TAIL * 4), 10);
    assert_eq!(entry(host, 4, 5), None, "overwritten");
}

#[test]
fn threads_of_one_job_tell_their_parts() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 64);
    let parallel = Job {
        threads: 2,
        ..Job::of(PARALLEL)
    };
    let record = submit(host, &parallel, 7);
    let reactors = [0, 1].map(|thread| traced(host, &arena, thread));
    std::thread::scope(|scope| {
        for reactor in reactors {
            scope.spawn(move || reactor.run());
        }
        assert_eq!(host.answer(), record.entry());
        host.stop();
    });
    let tail = load(host.sab, trace_offset(RING) + traces::TAIL * 4);
    let entries: Vec<Entry> = (0..tail).map(|at| entry(host, 64, at).unwrap()).collect();
    let of = |kind| entries.iter().filter(move |entry| entry.kind == kind);
    assert!(entries.iter().all(|entry| entry.job == 7));
    assert_eq!(of(kinds::STARTED).count(), of(kinds::EXECUTED).count());
    // One thread made the economic check, one answered: each of the others did its part only.
    assert_eq!(of(kinds::STARTED).filter(|entry| entry.second.is_some()).count(), 1);
    assert_eq!(of(kinds::EXECUTED).filter(|entry| entry.second.is_some()).count(), 1);
}

#[test]
fn without_a_ring_only_the_record_is_told() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let reactor = traced(host, &arena, 0);
    let record = submit(host, &Job::of(ECHO), 1);
    assert!(reactor.serve_next());
    assert!(stamp(host, record, job_words::STAMP_FINISHED) > 0.0);
    assert_eq!(load(host.sab, trace_offset(RING) + traces::TAIL * 4), 0);
}

#[test]
fn a_ring_that_cannot_be_is_refused() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    drop(host.reactor(0));
    let most = constants::TRACE_ENTRIES_BYTES / STRIDE / 2;
    let new = || Reactor::new(host.sab, &arena, 0, 0, METHODS, Some(clock)).map(drop);
    for capacity in [3, most + 1, 2 * most, 1 << 31, u32::MAX] {
        set_capacity(host, capacity);
        assert!(matches!(new(), Err(Error::OutOfBounds { .. })), "{capacity}");
    }
    set_capacity(host, most);
    assert_eq!(new(), Ok(()));
}
