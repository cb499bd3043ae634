//! A job's control word: its generation, how many threads work on it, and its state, all in one.
//!
//! Joining, leaving, closing and cancelling are single compare-and-swaps on it, which is why a job ends
//! exactly once. The host's half is `packages/sdk/src/kernel/record.ts`.

use crate::layout::{job_state, job_words as words};
use crate::sync::{AtomicU32, Ordering};

/// Participants as kept while the last thread writes the result: nobody may join any more.
const CLOSING: u32 = words::CONTROL_PARTICIPANTS_MASK;

/// How a thread takes part in a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// It starts the job: the economic check is its task.
    First,
    /// The job is at work already and wants more threads.
    Helper,
    /// The job has ended or has enough threads.
    Refused,
    /// The record lives another life, or there is none: what lies there is not the entry's to touch.
    Stranger,
}

/// The control word of one life of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Control<'m> {
    word: &'m AtomicU32,
    generation: u32,
}

impl<'m> Control<'m> {
    pub(crate) fn new(word: &'m AtomicU32, generation: u32) -> Self {
        Self { word, generation }
    }

    /// Changes the word as `change` says, or returns what `change` returns instead.
    fn update<T>(&self, mut change: impl FnMut(u32) -> Result<(u32, T), T>) -> T {
        let mut seen = self.word.load(Ordering::SeqCst);
        loop {
            let (next, given) = match change(seen) {
                Ok(changed) => changed,
                Err(given) => return given,
            };
            let changed =
                self.word
                    .compare_exchange(seen, next, Ordering::SeqCst, Ordering::SeqCst);
            match changed {
                Ok(_) => return given,
                Err(now) => seen = now,
            }
        }
    }

    /// Joins the job, if it may still be joined by one of at most `threads`.
    pub(crate) fn join(&self, threads: u32) -> Joined {
        let most = threads.clamp(1, 128) * words::CONTROL_PARTICIPANT;
        self.update(|seen| {
            let participants = seen & words::CONTROL_PARTICIPANTS_MASK;
            let (joined, next) = match seen & words::CONTROL_STATE_MASK {
                _ if seen >> words::CONTROL_GENERATION_SHIFT != self.generation => {
                    return Err(Joined::Stranger);
                }
                job_state::QUEUED if participants == 0 => {
                    (Joined::First, seen - job_state::QUEUED + job_state::RUNNING)
                }
                job_state::RUNNING if participants < most => (Joined::Helper, seen),
                _ => return Err(Joined::Refused),
            };
            Ok((next + words::CONTROL_PARTICIPANT, joined))
        })
    }

    /// Leaves the job. True for the last thread, which must then [`close`](Self::close) it.
    pub(crate) fn leave(&self) -> bool {
        self.update(|seen| {
            let participants = seen & words::CONTROL_PARTICIPANTS_MASK;
            // Somebody has written here who shouldn't: the record is no longer this thread's.
            if participants == 0 || seen >> words::CONTROL_GENERATION_SHIFT != self.generation {
                return Err(false);
            }
            let last = participants == words::CONTROL_PARTICIPANT;
            let next = if last {
                seen | CLOSING
            } else {
                seen - words::CONTROL_PARTICIPANT
            };
            Ok((next, last))
        })
    }

    /// Ends the job in a state. For the last thread only.
    pub(crate) fn close(&self, state: u32) {
        let ended = self.generation << words::CONTROL_GENERATION_SHIFT | state;
        self.word.store(ended, Ordering::SeqCst);
    }
}

#[cfg(all(test, loom))]
mod models {
    //! The protocol in every order that loom finds for its threads and the host.
    use std::sync::atomic::Ordering::{Relaxed, SeqCst};

    use loom::sync::Arc;
    use loom::thread;

    use super::{AtomicU32, Control, Joined, job_state, words};

    const GENERATION: u32 = 0xfff0;

    fn word(generation: u32, state: u32) -> u32 {
        generation << words::CONTROL_GENERATION_SHIFT | state
    }

    struct Shared {
        control: AtomicU32,
        /// Threads that have joined, those at work now, and ends. Without an order of their own.
        joined: AtomicU32,
        working: AtomicU32,
        ends: AtomicU32,
        /// What each thread adds to the result, and the result.
        parts: [AtomicU32; 3],
        result: AtomicU32,
    }

    impl Shared {
        fn new(control: u32) -> Arc<Self> {
            Arc::new(Self {
                control: AtomicU32::new(control),
                joined: AtomicU32::default(),
                working: AtomicU32::default(),
                ends: AtomicU32::default(),
                parts: Default::default(),
                result: AtomicU32::default(),
            })
        }

        fn control(&self, generation: u32) -> Control<'_> {
            Control::new(&self.control, generation)
        }

        /// What a thread does with a ticket, as `Reactor::serve`.
        fn serve(&self, part: usize, threads: u32) -> Joined {
            let control = self.control(GENERATION);
            let joined = control.join(threads);
            if !matches!(joined, Joined::First | Joined::Helper) {
                return joined;
            }
            assert!(
                self.working.fetch_add(1, Relaxed) < threads,
                "no more than the job wants"
            );
            self.joined.fetch_add(1, Relaxed);
            self.parts[part].store(1, Relaxed);
            self.working.fetch_sub(1, Relaxed);
            if control.leave() {
                let parts: u32 = self.parts.iter().map(|part| part.load(Relaxed)).sum();
                assert_eq!(
                    parts,
                    self.joined.load(Relaxed),
                    "the last one sees what all others did"
                );
                self.result.store(parts, Relaxed);
                self.ends.fetch_add(1, Relaxed);
                control.close(job_state::DONE);
            }
            joined
        }

        /// The host ends a job that no thread has taken, as `JobRecord.endQueued`.
        fn cancel(&self) -> bool {
            let queued = word(GENERATION, job_state::QUEUED);
            let cancelled = word(GENERATION, job_state::CANCELLED);
            self.control
                .compare_exchange(queued, cancelled, SeqCst, SeqCst)
                .is_ok()
        }
    }

    fn spawn<T: 'static>(
        shared: &Arc<Shared>,
        work: impl FnOnce(&Shared) -> T + 'static,
    ) -> thread::JoinHandle<T> {
        let shared = Arc::clone(shared);
        thread::spawn(move || work(&shared))
    }

    /// Runs a model in all orders with at most three preemptions: all there are would take hours.
    fn check(model: impl Fn() + Sync + Send + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }

    #[test]
    fn a_job_has_one_first_thread_and_ends_once() {
        check(|| {
            let shared = Shared::new(word(GENERATION, job_state::QUEUED));
            let others = [1, 2].map(|part| spawn(&shared, move |shared| shared.serve(part, 2)));
            let mut joined = vec![shared.serve(0, 2)];
            joined.extend(others.map(|other| other.join().expect("the thread doesn't panic")));
            let first = joined.iter().filter(|&&one| one == Joined::First).count();
            assert_eq!((first, shared.ends.load(Relaxed)), (1, 1));
            assert_eq!(
                shared.control.load(SeqCst),
                word(GENERATION, job_state::DONE)
            );
            assert_eq!(shared.control(GENERATION).join(128), Joined::Refused);
        });
    }

    #[test]
    fn the_host_sees_the_result_of_a_job_that_it_sees_ended() {
        check(|| {
            let shared = Shared::new(word(GENERATION, job_state::QUEUED));
            let threads = [0, 1].map(|part| spawn(&shared, move |shared| shared.serve(part, 2)));
            if shared.control.load(SeqCst) == word(GENERATION, job_state::DONE) {
                assert_ne!(shared.result.load(Relaxed), 0);
            }
            for thread in threads {
                thread.join().expect("the thread doesn't panic");
            }
        });
    }

    #[test]
    fn a_job_is_either_cancelled_or_worked() {
        check(|| {
            let shared = Shared::new(word(GENERATION, job_state::QUEUED));
            let threads = [0, 1].map(|part| spawn(&shared, move |shared| shared.serve(part, 2)));
            let cancelled = shared.cancel();
            let joined = threads.map(|thread| thread.join().expect("the thread doesn't panic"));
            let worked = joined.contains(&Joined::First);
            assert!(cancelled != worked, "the one or the other");
            let ends = shared.ends.load(Relaxed);
            assert_eq!(ends, u32::from(worked));
        });
    }

    #[test]
    fn a_ticket_of_another_life_joins_nothing() {
        check(|| {
            let shared = Shared::new(word(GENERATION, job_state::DONE));
            let stale = spawn(&shared, |shared| shared.control(GENERATION).join(2));
            let fresh = spawn(&shared, |shared| shared.control(GENERATION + 1).join(2));
            // The host uses the record again.
            shared
                .control
                .store(word(GENERATION + 1, job_state::QUEUED), SeqCst);
            let stale = stale.join().expect("the thread doesn't panic");
            assert!(matches!(stale, Joined::Refused | Joined::Stranger));
            let fresh = fresh.join().expect("the thread doesn't panic");
            let state = match fresh {
                Joined::First => words::CONTROL_PARTICIPANT | job_state::RUNNING,
                _ => job_state::QUEUED,
            };
            assert_eq!(shared.control.load(SeqCst), word(GENERATION + 1, state));
        });
    }
}
