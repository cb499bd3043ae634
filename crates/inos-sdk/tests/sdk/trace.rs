//! What threads note of their jobs while their runtime traces.

use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::layout::{
    constants, header_offset, header_words, job_words, thread_offset, thread_words,
    trace_entry_words as words, trace_kind as kinds, trace_rings,
};
use inos_sdk::{Arena, Error, Reactor};

use crate::host::{Host, Job};
use crate::memory::{Memory, load, load_u64, store};
use crate::methods::{ECHO, METHODS, PARALLEL};

const STRIDE: u32 = words::STRIDE_BYTES;

/// A clock that moves on by a millisecond at each look.
extern "C" fn clock() -> f64 {
    static LOOKS: AtomicU32 = AtomicU32::new(0);
    f64::from(LOOKS.fetch_add(1, Ordering::SeqCst) + 1)
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    kind: u32,
    is_looked: bool,
    state: u32,
    thread: u32,
    method: u32,
    job: u32,
    time: f64,
    reserved: f64,
    elapsed: u32,
}

fn set_capacity(host: Host<'_>, capacity: u32) {
    store(
        host.sab,
        header_offset(header_words::TRACE_CAPACITY),
        capacity,
    );
}

fn tail(host: Host<'_>, thread: u32) -> u32 {
    let word = thread_offset(thread) + thread_words::TRACE_TAIL * 4;
    load(host.sab, word)
}

/// The entry at a position of a thread's ring.
fn entry(host: Host<'_>, capacity: u32, thread: u32, position: u32) -> Entry {
    let ring = trace_rings::FIRST_THREAD_RING + thread;
    let first = constants::TRACE_ENTRIES_OFFSET + ring * capacity * STRIDE;
    let offset = first + position % capacity * STRIDE;
    let float = |word: u32| f64::from_bits(load_u64(host.sab, offset + word * 4));
    let what = load(host.sab, offset + words::WHAT * 4);
    assert_eq!(what >> words::CAPSULE_SHIFT & 0xff, 0);
    Entry {
        kind: what & words::KIND_MASK,
        is_looked: what >> words::STATE_SHIFT & 0xf != words::UNLOOKED,
        state: what >> words::STATE_SHIFT & 0xf,
        thread: what >> words::THREAD_SHIFT & 0xff,
        method: what >> words::METHOD_SHIFT,
        job: load(host.sab, offset + words::JOB * 4),
        time: float(words::TIME),
        reserved: float(words::RESERVED),
        elapsed: load(host.sab, offset + words::ELAPSED * 4),
    }
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

fn traced(host: Host<'_>, thread: u32) -> Reactor<'_> {
    let _ = host.reactor(thread);
    Reactor::new(host.sab, 0, thread, METHODS, Some(clock)).unwrap()
}

#[test]
fn a_job_is_told_from_its_start_to_its_answer() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 4);
    let reactor = traced(host, 3);
    for number in 1..=5 {
        let record = submit(host, &Job::of(ECHO), number);
        assert!(reactor.serve_next());
        let [started, executed] = [2, 1].map(|back| entry(host, 4, 3, number * 2 - back));
        assert_eq!(
            (started.kind, executed.kind),
            (kinds::STARTED, kinds::EXECUTED)
        );
        for entry in [&started, &executed] {
            assert_eq!(
                (entry.thread, entry.method, entry.job, entry.is_looked),
                (3, u32::from(ECHO), number, true)
            );
        }
        assert_eq!(stamp(host, record, job_words::STAMP_WOKE), started.time);
        assert_eq!(
            stamp(host, record, job_words::STAMP_RESERVED),
            executed.reserved
        );
        assert_eq!(
            stamp(host, record, job_words::STAMP_FINISHED),
            executed.time
        );
        // One look at the clock each, in this order.
        assert!(started.time < executed.reserved);
        assert!(executed.reserved < executed.time);
        assert!(executed.elapsed > 0);
    }
    assert_eq!(tail(host, 3), 10);
}

#[test]
fn quick_jobs_in_a_row_share_looks_at_the_clock() {
    share_looks(ECHO);
}

#[test]
fn quick_jobs_that_their_last_thread_finishes_share_them_too() {
    share_looks(PARALLEL);
}

fn share_looks(method: u16) {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 256);
    let reactor = traced(host, 0);
    let jobs = 40;
    for number in 1..=jobs {
        submit(host, &Job::of(method), number);
        assert!(reactor.serve_next());
    }
    let entries: Vec<Entry> = (0..tail(host, 0))
        .map(|at| entry(host, 256, 0, at))
        .collect();
    assert_eq!(entries.len(), 2 * jobs as usize);
    let executed: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.kind == kinds::EXECUTED)
        .collect();
    // The first ones are looked at, of the others one in sixteen.
    let looks = executed.iter().filter(|entry| entry.is_looked).count();
    assert!((8..=12).contains(&looks), "{looks}");
    for pair in entries.windows(2) {
        assert!(pair[0].time <= pair[1].time);
        assert!(pair[1].is_looked || pair[0].time == pair[1].time);
    }
    // Where the clock is looked at next, the thread says when that was.
    let stop = inos_sdk::layout::capsule_offset(0) + inos_sdk::layout::capsule_words::STOP * 4;
    store(host.sab, stop, inos_sdk::layout::capsule_stop::NOW);
    let is_owed = !executed[executed.len() - 1].is_looked;
    reactor.run();
    let last = entry(host, 256, 0, tail(host, 0) - 1);
    assert_eq!(last.kind == kinds::IDLE, is_owed);
}

#[test]
fn a_long_job_among_quick_ones_says_so() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 256);
    let reactor = traced(host, 0);
    let pieces = 9;
    for number in 1..=20 {
        // Nine pieces are nine charges.
        let job = match number {
            12 => Job {
                seed: pieces,
                ..Job::of(PARALLEL)
            },
            _ => Job::of(ECHO),
        };
        submit(host, &job, number);
        assert!(reactor.serve_next());
    }
    let executed = |number: u32| entry(host, 256, 0, number * 2 - 1);
    assert_eq!(executed(12).state, words::LONG);
    assert!(executed(12).time > executed(11).time);
    assert_eq!(executed(11).state, words::UNLOOKED);
    // What comes after it isn't expected to be quick.
    assert_eq!(executed(13).state, 0);
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
    let reactors = [0, 1].map(|thread| traced(host, thread));
    std::thread::scope(|scope| {
        for reactor in reactors {
            scope.spawn(move || reactor.run());
        }
        assert_eq!(host.answer(), record.entry());
        host.stop();
    });
    let entries: Vec<Entry> = (0..2)
        .flat_map(|thread| (0..tail(host, thread)).map(move |at| (thread, at)))
        .map(|(thread, at)| entry(host, 64, thread, at))
        .collect();
    let of = |kind| entries.iter().filter(move |entry| entry.kind == kind);
    assert!(entries.iter().all(|entry| entry.job == 7));
    assert_eq!(of(kinds::STARTED).count(), of(kinds::EXECUTED).count());
    // One thread made the economic check, one answered: each of the others did its part only.
    let executed = || of(kinds::EXECUTED);
    assert_eq!(executed().filter(|entry| entry.reserved > 0.0).count(), 1);
    assert_eq!(executed().filter(|entry| entry.elapsed > 0).count(), 1);
}

#[test]
fn of_a_job_without_a_number_nothing_is_noted() {
    static LOOKS: AtomicU32 = AtomicU32::new(0);
    extern "C" fn clock() -> f64 {
        f64::from(LOOKS.fetch_add(1, Ordering::SeqCst) + 1)
    }
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 64);
    let _ = host.reactor(0);
    let reactor = Reactor::new(host.sab, 0, 0, METHODS, Some(clock)).unwrap();
    for method in [ECHO, PARALLEL] {
        let record = submit(host, &Job::of(method), 0);
        assert!(reactor.serve_next());
        assert_eq!(host.answer(), record.entry());
        for word in [
            job_words::STAMP_WOKE,
            job_words::STAMP_RESERVED,
            job_words::STAMP_FINISHED,
        ] {
            assert_eq!(stamp(host, record, word), 0.0);
        }
    }
    assert_eq!(tail(host, 0), 0);
    assert_eq!(LOOKS.load(Ordering::SeqCst), 0);
    // The first that is traced again isn't given the time of a look before those.
    submit(host, &Job::of(ECHO), 1);
    assert!(reactor.serve_next());
    let started = entry(host, 64, 0, 0);
    assert_eq!(
        (started.kind, started.is_looked, started.time),
        (kinds::STARTED, true, 1.0)
    );
}

#[test]
fn quick_jobs_before_one_without_a_number_are_told_when_they_were() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    set_capacity(host, 256);
    let reactor = traced(host, 0);
    let serve = |number: u32| {
        submit(host, &Job::of(ECHO), number);
        assert!(reactor.serve_next());
        tail(host, 0)
    };
    let noted = (1..=12).map(serve).last().unwrap();
    let owed = entry(host, 256, 0, noted - 1);
    assert_eq!(owed.state, words::UNLOOKED);
    assert_eq!(serve(0), noted + 1);
    let idle = entry(host, 256, 0, noted);
    assert_eq!((idle.kind, idle.job), (kinds::IDLE, 0));
    assert!(idle.time > owed.time);
    // Nothing is owed any more.
    assert_eq!([0; 4].map(serve), [noted + 1; 4]);
    // Quick ones are still expected to be so: one look at the clock, for the first.
    assert_eq!(serve(13), noted + 3);
    let [started, executed] = [1, 2].map(|after| entry(host, 256, 0, noted + after));
    assert!(started.is_looked);
    assert!(started.time > idle.time);
    assert_eq!(executed.state, words::UNLOOKED);
    assert_eq!(executed.time, started.time);
}

#[test]
fn without_a_ring_only_the_record_is_told() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let reactor = traced(host, 0);
    let record = submit(host, &Job::of(ECHO), 1);
    assert!(reactor.serve_next());
    assert!(stamp(host, record, job_words::STAMP_FINISHED) > 0.0);
    assert_eq!(tail(host, 0), 0);
}

#[test]
fn a_ring_that_cannot_be_is_refused() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let _ = host.reactor(0);
    let most = constants::TRACE_ENTRIES_BYTES / STRIDE / 2;
    let new = || Reactor::new(host.sab, 0, 0, METHODS, Some(clock)).map(drop);
    for capacity in [3, most + 1, 2 * most, 1 << 31, u32::MAX] {
        set_capacity(host, capacity);
        assert!(
            matches!(new(), Err(Error::OutOfBounds { .. })),
            "{capacity}"
        );
    }
    set_capacity(host, most);
    assert_eq!(new(), Ok(()));
}
