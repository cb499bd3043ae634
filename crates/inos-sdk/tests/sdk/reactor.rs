//! The loop of a capsule's thread: every way in which a job can end, and that each ends once.

use std::collections::HashMap;

use inos_sdk::generated::job_capnp::region;
use inos_sdk::layout::{
    capsule_stop, capsule_words, constants, failure_code as codes, job_state as states,
    job_words as words, ledger_words, stop_reason, thread_words,
};
use inos_sdk::{Arena, Error, Reactor};

use crate::host::{BASE, CREDITS, End, Host, Job, Record, with_threads};
use crate::memory::{Memory, load, store};
use crate::methods::{ECHO, FAIL, HUNGRY, LOUD, METHODS, OWN_CODE, PARALLEL, RESULT, SUM, WAIT};

const TOTAL: u64 = ledger_words::TOTAL_MICRO_CREDITS;

/// A job that ended without an error.
fn ended(state: u32, units: u64, reserved: u64) -> End {
    End {
        state,
        code: 0,
        message: String::new(),
        units,
        reserved,
    }
}

/// Runs a job and checks that it failed before anything was reserved or worked.
fn assert_refused(host: Host<'_>, job: &Job, code: u32, message: &str) {
    let (_, end) = host.run(job);
    let refused = End {
        code,
        message: message.into(),
        ..ended(states::OUT_OF_BUDGET, 0, 0)
    };
    assert_eq!(end, refused);
    assert_eq!(host.ledger.available(host.account), Ok(CREDITS));
}

/// Runs a job and checks that it failed while at work.
fn assert_failed(host: Host<'_>, job: &Job, code: u32, message: &str) {
    let (record, end) = host.run(job);
    assert_eq!((end.state, end.code), (states::FAILED, code), "{end:?}");
    assert!(end.message.starts_with(message), "{end:?}");
    assert_eq!(end.reserved, job.budget);
    host.settle(record);
}

#[test]
fn a_job_is_done() {
    with_threads(1, |host| {
        let seed = 0x1234_5678_9abc_def0;
        let (record, end) = host.run(&Job {
            seed,
            ..Job::of(ECHO)
        });
        assert_eq!(end, ended(states::DONE, 1, 1_000_000));
        assert_eq!(host.output(record), seed);
        assert_eq!(host.ledger.reserved(host.account), Ok(1_000_000));
        assert_eq!(host.settle(record), (BASE + 1, 1_000_000 - BASE - 1));
        assert_eq!(host.settle(record), (0, 0));
        assert_eq!(host.ledger.available(host.operator), Ok(BASE + 1));
        assert_eq!(load(host.sab, record.at(words::TICKETS)), 0);
    });
}

#[test]
fn a_region_is_read_in_place() {
    with_threads(1, |host| {
        let bytes = 100_000;
        let input = host.arena.alloc(bytes).unwrap();
        for at in (0..bytes).step_by(4) {
            store(host.sab, input + at, 0x0102_0304);
        }
        let (record, end) = host.run(&Job {
            region: Some((input, bytes)),
            ..Job::of(SUM)
        });
        assert_eq!(end, ended(states::DONE, bytes.into(), 1_000_000));
        assert_eq!(host.output(record), u64::from(bytes) / 4 * 10);
        assert_eq!(load(host.sab, record.at(words::PROGRESS)), 1_000_000);
    });
}

#[test]
fn an_empty_region_may_lie_anywhere() {
    with_threads(1, |host| {
        for offset in [0, u32::MAX] {
            let region = Some((offset, 0));
            let (_, end) = host.run(&Job {
                region,
                ..Job::of(SUM)
            });
            assert_eq!(end.state, states::DONE);
        }
    });
}

#[test]
fn a_region_outside_the_arena_fails_the_job() {
    with_threads(1, |host| {
        let input = host.arena.alloc(1000).unwrap();
        for region in [
            (input, 1025),
            (input - 1, 1),
            (0, 1),
            (constants::LEDGER_OFFSET, 64),
            (u32::MAX, u32::MAX),
            (input, u32::MAX),
        ] {
            let job = Job {
                region: Some(region),
                ..Job::of(SUM)
            };
            assert_failed(host, &job, codes::REGION_OUT_OF_BOUNDS, "range of");
        }
        host.arena.free(input).unwrap();
        let job = Job {
            region: Some((input, 8)),
            ..Job::of(SUM)
        };
        assert_failed(host, &job, codes::REGION_OUT_OF_BOUNDS, "range of 8 bytes");
    });
}

#[test]
fn the_economic_check_refuses_before_any_work() {
    with_threads(1, |host| {
        let (budget, minimum) = (99, 100);
        let job = Job {
            budget,
            minimum,
            ..Job::of(ECHO)
        };
        let message = "the budget of 99 is below the least cost, 100";
        assert_refused(host, &job, codes::BUDGET_TOO_SMALL, message);
        let budget = CREDITS + 1;
        let job = Job {
            budget,
            ..Job::of(ECHO)
        };
        let message = "account 1 holds 1000000000 micro-credits, 1000000001 were asked for";
        assert_refused(host, &job, codes::INSUFFICIENT_CREDITS, message);
        let account = Some(77);
        let job = Job {
            account,
            ..Job::of(ECHO)
        };
        assert_refused(
            host,
            &job,
            codes::INSUFFICIENT_CREDITS,
            "account 77 is not open",
        );
    });
}

#[test]
fn a_spent_budget_ends_the_job() {
    with_threads(1, |host| {
        let budget = BASE + 1003;
        let (record, end) = host.run(&Job {
            budget,
            ..Job::of(HUNGRY)
        });
        assert_eq!(end, ended(states::OUT_OF_BUDGET, 1003, budget));
        assert_eq!(host.settle(record), (budget, 0));
        // Nothing is charged for a piece that isn't worked.
        let input = host.arena.alloc(3000).unwrap();
        let (_, end) = host.run(&Job {
            region: Some((input, 3000)),
            budget: BASE + 2999,
            ..Job::of(SUM)
        });
        assert_eq!(end, ended(states::OUT_OF_BUDGET, 2000, BASE + 2999));
    });
}

#[test]
fn a_failure_has_its_number_and_its_words() {
    with_threads(1, |host| {
        assert_failed(host, &Job::of(FAIL), OWN_CODE, "told to fail");
        let unknown = METHODS.len() as u16;
        assert_failed(
            host,
            &Job::of(unknown),
            codes::UNKNOWN_METHOD,
            &format!("unknown method {unknown}"),
        );
        assert_failed(
            host,
            &Job::of(u16::MAX),
            codes::UNKNOWN_METHOD,
            "unknown method 65535",
        );
        let too_large = codes::RESULT_TOO_LARGE;
        assert_failed(
            host,
            &Job::of(LOUD),
            too_large,
            "the result needs more than the record's 64",
        );
        let job = Job {
            result_bytes: 8,
            ..Job::of(RESULT)
        };
        assert_failed(
            host,
            &job,
            too_large,
            "the result needs more than the record's 8 bytes",
        );
    });
}

#[test]
fn a_result_message_is_built_in_place() {
    with_threads(1, |host| {
        let (record, end) = host.run(&Job {
            seed: 4711,
            ..Job::of(RESULT)
        });
        assert_eq!(end.state, states::DONE);
        let offset = record.offset + load(host.sab, record.at(words::RESULT_OFFSET));
        let bytes = host.read(offset, load(host.sab, record.at(words::RESULT_BYTES)));
        let message =
            capnp::serialize::read_message(bytes.as_slice(), capnp::message::ReaderOptions::new());
        let message = message.unwrap();
        let region = message.get_root::<region::Reader<'_>>().unwrap();
        assert_eq!(region.get_byte_length(), 4711);
    });
}

#[test]
fn a_running_job_is_stopped_for_the_reason_that_is_given() {
    with_threads(2, |host| {
        for (reason, state) in [
            (stop_reason::CANCELLED, states::CANCELLED),
            (stop_reason::EXPIRED, states::EXPIRED),
        ] {
            let threads = 2;
            let record = host.submit(&Job {
                threads,
                ..Job::of(WAIT)
            });
            while host.state(record) == states::QUEUED {
                std::thread::yield_now();
            }
            assert!(!host.cancel_queued(record));
            store(host.sab, record.at(words::STOP), reason);
            assert_eq!(host.answer(), record.entry());
            assert_eq!(host.end(record), ended(state, 0, 1_000_000));
        }
    });
}

#[test]
fn threads_share_a_job_and_its_result_is_the_same_for_any_number() {
    for threads in [1, 2, 3] {
        with_threads(threads, |host| {
            for wanted in [1, 2, 3, 128, 1000] {
                let (record, end) = host.run(&Job {
                    seed: 5000,
                    threads: wanted,
                    ..Job::of(PARALLEL)
                });
                assert_eq!(end, ended(states::DONE, 5000, 1_000_000));
                assert_eq!(host.output(record), 5000 * 4999 / 2);
                // Helpers that come too late drop their tickets.
                while load(host.sab, record.at(words::TICKETS)) > 0 {
                    std::thread::yield_now();
                }
            }
        });
    }
}

#[test]
fn a_shared_budget_is_spent_once() {
    with_threads(3, |host| {
        let budget = BASE + 777;
        let (_, end) = host.run(&Job {
            seed: 100_000,
            threads: 3,
            budget,
            ..Job::of(PARALLEL)
        });
        assert_eq!(end, ended(states::OUT_OF_BUDGET, 777, budget));
    });
}

#[test]
fn the_most_urgent_come_first_and_then_the_oldest() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let records: Vec<Record> = [2, 1, 0, 1, 2, 0]
        .into_iter()
        .map(|priority| {
            host.submit(&Job {
                priority,
                ..Job::of(ECHO)
            })
        })
        .collect();
    let reactor = host.reactor(0);
    std::thread::scope(|scope| {
        scope.spawn(move || reactor.run());
        let order: Vec<_> = records.iter().map(|_| host.answer()).collect();
        host.stop();
        assert_eq!(
            order,
            [2, 5, 1, 3, 0, 4].map(|index| records[index].entry())
        );
    });
}

#[test]
fn a_thread_that_leaves_when_idle_serves_all_that_waits_and_may_enter_again() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let stop = inos_sdk::layout::capsule_offset(0) + capsule_words::STOP * 4;
    store(host.sab, stop, capsule_stop::WHEN_IDLE);
    let reactor = host.reactor(0);
    for _ in 0..3 {
        let records: Vec<Record> = (0..5).map(|_| host.submit(&Job::of(ECHO))).collect();
        // On this thread: that it returns is what is tested.
        reactor.run();
        for record in records {
            assert_eq!(host.answer(), record.entry());
            assert_eq!(host.end(record), ended(states::DONE, 1, 1_000_000));
        }
        assert_eq!(host.capsule.outbox.pop(), None);
    }
    store(host.sab, stop, capsule_stop::NOW);
    let waiting = host.submit(&Job::of(ECHO));
    reactor.run();
    assert_eq!(host.end(waiting).state, states::QUEUED);
}

#[test]
fn a_job_cancelled_while_queued_is_not_worked() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let cancelled = host.submit(&Job::of(ECHO));
    let other = host.submit(&Job::of(ECHO));
    assert!(host.cancel_queued(cancelled));
    let reactor = host.reactor(0);
    std::thread::scope(|scope| {
        scope.spawn(move || reactor.run());
        assert_eq!(host.answer(), other.entry());
        assert_eq!(host.end(cancelled), ended(states::CANCELLED, 0, 0));
        assert_eq!(load(host.sab, cancelled.at(words::TICKETS)), 0);
        host.stop();
    });
    assert_eq!(host.capsule.outbox.pop(), None);
}

#[test]
fn what_cannot_be_is_no_reactor() {
    let memory = Memory::new(8);
    let arena = Arena::new(memory.sab()).unwrap();
    let new = |capsule, thread| {
        Reactor::new(memory.sab(), capsule, thread, METHODS, None)
            .map(drop)
            .unwrap_err()
    };
    for index in [constants::MAXIMUM_THREADS, u32::MAX] {
        assert!(matches!(new(0, index), Error::OutOfBounds { .. }));
    }
    // A thread whose stack the host hasn't placed, and one whose stack lies outside.
    assert!(matches!(new(0, 0), Error::OutOfBounds { .. }));
    let stack_low = inos_sdk::layout::thread_offset(0) + thread_words::STACK_LOW * 4;
    store(memory.sab(), stack_low, u32::MAX - 3);
    assert!(matches!(new(0, 0), Error::OutOfBounds { .. }));
    let host = Host::new(&memory, &arena);
    host.reactor(0);
    for index in [constants::MAXIMUM_CAPSULES, u32::MAX] {
        assert!(matches!(new(index, 0), Error::OutOfBounds { .. }));
    }
}

#[test]
fn a_job_that_ran_over_the_stack_is_not_believed() {
    let memory = Memory::new(64);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    let reactor = host.reactor(0);
    let stack_low = inos_sdk::layout::thread_offset(0) + thread_words::STACK_LOW * 4;
    store(host.sab, load(host.sab, stack_low) - 4, 0);
    let record = host.submit(&Job::of(ECHO));
    let panic = std::thread::scope(|scope| scope.spawn(move || reactor.run()).join());
    assert_eq!(
        *panic.unwrap_err().downcast::<&str>().unwrap(),
        "stack overflow"
    );
    assert_eq!(host.state(record), states::RUNNING);
    assert_eq!(host.capsule.outbox.pop(), None);
}

/// Jobs in flight and records to use again.
#[derive(Default)]
struct Desk {
    in_flight: HashMap<u32, (Record, Job)>,
    lingering: Vec<Record>,
    free: Vec<Record>,
    ends: HashMap<u32, u32>,
    paid: u64,
}

impl Desk {
    /// A record that no ring entry names any more.
    fn record(&mut self, host: Host<'_>) -> Record {
        let is_free = |record: &Record| load(host.sab, record.at(words::TICKETS)) == 0;
        let (free, lingering) = self.lingering.drain(..).partition(is_free);
        self.lingering = lingering;
        self.free.extend::<Vec<Record>>(free);
        self.free.pop().unwrap_or_else(|| host.new_record())
    }

    /// Settles a job that has ended.
    fn finish(&mut self, host: Host<'_>, offset: u32, generation: u32) {
        let (record, job) = self.in_flight.remove(&offset).expect("each job ends once");
        assert_eq!(record.generation, generation, "and in its own life");
        let end = host.end(record);
        let allowed = match job.method {
            FAIL => states::FAILED,
            HUNGRY => states::OUT_OF_BUDGET,
            WAIT => states::CANCELLED,
            _ => states::DONE,
        };
        let is_cancelled = end.state == states::CANCELLED;
        assert!(end.state == allowed || is_cancelled, "{job:?} {end:?}");
        *self.ends.entry(end.state).or_default() += 1;
        if end.state == states::DONE && job.method == PARALLEL {
            assert_eq!(
                host.output(record),
                job.seed * job.seed.saturating_sub(1) / 2
            );
        }
        let (charged, refunded) = host.settle(record);
        assert_eq!(charged + refunded, end.reserved);
        self.paid += charged;
        self.lingering.push(record);
    }
}

#[test]
fn ten_thousand_jobs_on_three_threads_end_once_each() {
    const JOBS: u32 = 10_000;
    let desk = with_threads(3, |host| {
        let mut desk = Desk::default();
        let mut random = 1_u32;
        let mut next = |limit: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % limit
        };
        for number in 0..JOBS {
            while desk.in_flight.len() >= 300 {
                let entry = host.answer();
                desk.finish(host, entry.offset, entry.generation);
            }
            let method = [ECHO, ECHO, PARALLEL, FAIL, HUNGRY, WAIT][next(6) as usize];
            let job = Job {
                seed: next(200).into(),
                threads: 1 + next(4),
                budget: BASE + 500 + u64::from(next(500)),
                priority: next(3) as usize,
                ..Job::of(method)
            };
            let mut record = desk.record(host);
            host.write(&mut record, &job);
            // The rings also hold entries of jobs that were cancelled, and invitations.
            while !host.push(record, job.priority) {
                std::thread::yield_now();
            }
            desk.in_flight.insert(record.offset, (record, job.clone()));
            // Some are cancelled at once, those that wait for it always.
            if method == WAIT || next(10) == 0 {
                if host.cancel_queued(record) {
                    desk.finish(host, record.offset, record.generation);
                } else {
                    store(host.sab, record.at(words::STOP), stop_reason::CANCELLED);
                }
            }
            if number % 16 == 0 {
                assert_eq!(host.ledger.total(), Ok(TOTAL));
            }
        }
        while !desk.in_flight.is_empty() {
            let entry = host.answer();
            desk.finish(host, entry.offset, entry.generation);
        }
        assert_eq!(host.capsule.outbox.pop(), None);
        assert_eq!(host.ledger.total(), Ok(TOTAL));
        assert_eq!(host.ledger.reserved(host.account), Ok(0));
        assert_eq!(host.ledger.available(host.operator), Ok(desk.paid));
        assert_eq!(host.ledger.available(host.account), Ok(CREDITS - desk.paid));
        desk
    });
    assert_eq!(desk.ends.values().sum::<u32>(), JOBS);
    for state in [
        states::DONE,
        states::FAILED,
        states::CANCELLED,
        states::OUT_OF_BUDGET,
    ] {
        assert!(
            desk.ends.contains_key(&state),
            "some ended so: {:?}",
            desk.ends
        );
    }
}
