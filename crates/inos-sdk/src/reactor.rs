//! The loop of a capsule's thread: sleep, wake, read, check, work, write, signal.

use crate::arena::Arena;
use crate::budget::{BudgetVerifier, Refusal};
use crate::capsule::{Capsule, Clock, Method, MethodTable};
use crate::context::{Halt, JobContext};
use crate::control::Joined;
use crate::credits::Ledger;
use crate::epoch::Epoch;
use crate::error::{Error, Failure};
use crate::job::JobRecord;
use crate::layout::{
    self, capsule_words, epochs, failure_code, job_state, job_words, thread_state, thread_words,
};
use crate::ring::RingEntry;
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering};
use crate::thread::Thread;
use crate::trace::{Trace, Traced};

/// How often a thread looks for the next job before it sleeps, when its host was awake to see the last
/// answer: some fifty microseconds.
const LONG_SPIN: u32 = 1 << 17;
/// The same when the host slept: some microseconds. It has to wake first, perhaps on this thread's core.
const SHORT_SPIN: u32 = 1 << 13;
/// How many looks there are between two at the clock, by a thread that traces: so many take some times as long as
/// one of those.
const LOOKS_PER_GLANCE: u32 = 1024;

/// One thread of a capsule at work.
pub struct Reactor<'m> {
    sab: SafeSab<'m>,
    arena: Arena<'m>,
    capsule: Capsule<'m>,
    thread: Thread<'m>,
    verifier: BudgetVerifier<'m>,
    host_epoch: Epoch<'m>,
    host_awake: &'m AtomicU32,
    methods: MethodTable,
    trace: Option<Trace<'m>>,
}

impl<'m> Reactor<'m> {
    /// The reactor of thread `thread` of capsule `capsule`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the indices or the memory can't be.
    pub fn new(
        sab: SafeSab<'m>,
        capsule: u32,
        thread: u32,
        methods: MethodTable,
        clock: Option<Clock>,
    ) -> Result<Self, Error> {
        let thread = Thread::new(sab, thread)?;
        let ledger = Ledger::new(sab, thread.holder())?;
        Ok(Self {
            sab,
            arena: Arena::new(sab)?,
            capsule: Capsule::new(sab, capsule)?,
            thread,
            verifier: BudgetVerifier::new(sab, ledger),
            host_awake: sab.word(layout::host_epoch_offset() + epochs::AWAKE * 4)?,
            host_epoch: Epoch::new(
                sab.word(layout::host_epoch_offset())?,
                sab.word(layout::host_epoch_offset() + epochs::SLEEPERS * 4)?,
            ),
            methods,
            trace: clock
                .map(|clock| Trace::new(sab, capsule, thread.index(), clock))
                .transpose()?,
        })
    }

    /// Serves jobs until the capsule is told to stop, or none waits and it is told to leave then.
    ///
    /// # Panics
    /// If a job ran over the end of the stack: nothing it did can be trusted.
    pub fn run(&self) {
        self.thread.set(thread_words::STATE, thread_state::RUNNING);
        self.note_idle();
        let mut spin = SHORT_SPIN;
        loop {
            // Before all that is looked for: a bump that comes after any of those looks keeps the thread awake.
            let seen = self.capsule.inbox_epoch.load();
            if self.capsule.is_stopping() {
                break;
            }
            if let Some(entry) = self.next() {
                let is_host_awake = self.serve(entry);
                spin = if is_host_awake { LONG_SPIN } else { SHORT_SPIN };
            } else if self.capsule.leaves_when_idle() {
                self.note_idle();
                break;
            } else if !self.spin(seen, spin) {
                self.capsule.inbox_epoch.wait(seen);
                self.note_idle();
            }
        }
        self.thread.set(thread_words::STATE, thread_state::LEFT);
    }

    /// Serves the next job, if one waits. Says whether one did. What [`run`](Self::run) does in each
    /// turn, for those who turn it themselves: tests and fuzzers.
    pub fn serve_next(&self) -> bool {
        self.next().is_some_and(|entry| {
            self.serve(entry);
            true
        })
    }

    #[inline(never)]
    fn next(&self) -> Option<RingEntry> {
        self.capsule.inboxes.iter().find_map(|inbox| inbox.pop())
    }

    /// Waits awake for the inbox to change. One thread of a capsule does so at a time.
    #[inline(never)]
    fn spin(&self, seen: u32, limit: u32) -> bool {
        let spinners = self.capsule.word(capsule_words::SPINNERS);
        if spinners
            .compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst)
            .is_err()
        {
            return false;
        }
        let changed = if self.trace.is_none() {
            self.watch_inbox(seen, limit)
        } else {
            (0..limit / LOOKS_PER_GLANCE).any(|_| {
                // First of all for the next job: where one follows another there is no time to be told.
                self.watch_inbox(seen, LOOKS_PER_GLANCE) || {
                    self.note_idle();
                    false
                }
            })
        };
        spinners.store(0, Ordering::SeqCst);
        changed
    }

    /// Looks so many times whether the inbox has changed.
    fn watch_inbox(&self, seen: u32, looks: u32) -> bool {
        (0..looks).any(|_| {
            // Nothing on WebAssembly, which has no pause instruction; a fence in its place was measured
            // to slow the other side down by five times.
            core::hint::spin_loop();
            self.capsule.inbox_epoch.load() != seen
        })
    }

    /// Looks at the clock, if this thread traces.
    fn note_idle(&self) {
        if let Some(trace) = &self.trace {
            trace.idle();
        }
    }

    /// Does one job, or this thread's part of it. True if the host was awake to see its end.
    ///
    /// Never inlined, as [`spin`](Self::spin): engines optimise a function for its next call, and
    /// [`run`](Self::run) is called once.
    #[inline(never)]
    fn serve(&self, entry: RingEntry) -> bool {
        // An entry that names no record can't be answered: there is nowhere to write.
        let Ok(record) = JobRecord::open(self.sab, &self.arena, entry) else {
            return false;
        };
        let threads = record.load(job_words::THREADS);
        let joined = record.join(threads);
        if joined == Joined::Refused {
            drop_ticket(&record);
        }
        if matches!(joined, Joined::Refused | Joined::Stranger) {
            return false;
        }
        self.thread.set(thread_words::JOB, record.offset());
        let mut traced = self.trace.as_ref().and_then(|trace| trace.started(&record));
        let context = if joined == Joined::First {
            self.start(&record, threads, traced.as_mut())
        } else {
            self.help(&record)
        };
        let method = context
            .as_ref()
            .and_then(|context| self.method(&record, context));
        if let (Some(context), Some(method)) = (&context, method)
            && let Err(halt) = (method.run)(context)
        {
            if halt == Halt::CapsuleEnding && self.capsule.is_stopping() {
                return false;
            }
            context.end(halt);
        }
        assert!(self.thread.is_guard_intact(), "stack overflow");
        if let (Some(trace), Some(job)) = (&self.trace, &mut traced) {
            trace.executed(&record, job);
        }
        drop_ticket(&record);
        let is_last = record.leave();
        let is_host_awake =
            is_last && self.finish(&record, context.as_ref(), method, traced.as_mut());
        if let (Some(trace), Some(job)) = (&self.trace, traced) {
            trace.close(job, is_last);
        }
        self.thread.set(thread_words::JOB, 0);
        is_host_awake
    }

    /// The economic check, then the invitation to other threads if the job wants more than one.
    fn start(
        &self,
        record: &JobRecord<'m>,
        threads: u32,
        traced: Option<&mut Traced>,
    ) -> Option<JobContext<'_>> {
        let context = self.verified(record);
        if let (Some(trace), Some(job)) = (&self.trace, traced) {
            trace.reserved(record, job);
        }
        if context.is_some() {
            self.recruit(record, threads);
        }
        context
    }

    fn verified(&self, record: &JobRecord<'m>) -> Option<JobContext<'_>> {
        let account = record.load(job_words::ACCOUNT);
        let budget = record.load_u64(job_words::BUDGET);
        let minimum = record.load_u64(job_words::MINIMUM);
        match self
            .verifier
            .verify(account, budget, minimum, record.reservation())
        {
            Ok(()) => self.help(record),
            Err(Refusal::BudgetTooSmall { budget, minimum }) => {
                let message = format!("the budget of {budget} is below the least cost, {minimum}");
                record.fail(
                    job_state::OUT_OF_BUDGET,
                    failure_code::BUDGET_TOO_SMALL,
                    &message,
                );
                None
            }
            Err(Refusal::Ledger(error @ Error::BadLedger { .. })) => {
                record.fail(
                    job_state::FAILED,
                    failure_code::BAD_LEDGER,
                    &error.to_string(),
                );
                None
            }
            Err(Refusal::Ledger(error)) => {
                let code = failure_code::INSUFFICIENT_CREDITS;
                record.fail(job_state::OUT_OF_BUDGET, code, &error.to_string());
                None
            }
        }
    }

    /// The context of a job whose credits are reserved.
    fn help(&self, record: &JobRecord<'m>) -> Option<JobContext<'_>> {
        let method = record.load(job_words::METHOD);
        let price = self.verifier.price(self.capsule.index(), method);
        let reserved = record.load_u64(job_words::RESERVED);
        let context = match price {
            None => Err(Failure::unknown_method(method)),
            Some(price) => {
                let units = price.affordable(reserved).unwrap_or(0);
                JobContext::new(self.sab, &self.arena, self.capsule, *record, method, units)
            }
        };
        context
            .map_err(|failure| record.fail(job_state::FAILED, failure.code, &failure.message))
            .ok()
    }

    fn method(&self, record: &JobRecord<'m>, context: &JobContext<'_>) -> Option<&'static Method> {
        let found = context.method().and_then(|id| {
            let method = self
                .methods
                .iter()
                .find(|method| u32::from(method.id) == id);
            // The price was looked up by the record's word, as it was then: the message must say the same.
            method
                .filter(|_| id == context.priced_method())
                .ok_or_else(|| Failure::unknown_method(id))
        });
        found
            .map_err(|failure| record.fail(job_state::FAILED, failure.code, &failure.message))
            .ok()
    }

    fn recruit(&self, record: &JobRecord<'m>, threads: u32) {
        let helpers = threads.clamp(1, 128) - 1;
        let tickets = record.word(job_words::TICKETS);
        for _ in 0..helpers {
            tickets.fetch_add(1, Ordering::SeqCst);
            if self.capsule.inboxes[0].push(record.entry()).is_err() {
                // No room: the job goes on with the threads it has.
                tickets.fetch_sub(1, Ordering::SeqCst);
                break;
            }
        }
        if helpers > 0 {
            self.capsule.inbox_epoch.bump(helpers);
        }
    }

    /// Ends the job: for the thread that left it last. True if the host was awake to see it.
    fn finish(
        &self,
        record: &JobRecord<'m>,
        context: Option<&JobContext<'_>>,
        method: Option<&'static Method>,
        mut traced: Option<&mut Traced>,
    ) -> bool {
        let undecided = record.load(job_words::OUTCOME) == 0;
        if let (Some(context), Some(finish)) = (context, method.and_then(|method| method.finish))
            && undecided
        {
            if let Err(halt) = finish(context) {
                context.end(halt);
            }
            if let (Some(trace), Some(job)) = (&self.trace, &mut traced) {
                trace.finished(record, job);
            }
        }
        if let Some(job) = traced {
            record.stamp(job_words::STAMP_FINISHED, job.executed);
        }
        let entry = record.entry();
        record.close();
        // Before the host can see the answer and go on.
        let is_host_awake = self.host_awake.load(Ordering::SeqCst) != 0;
        // There is room: the outbox holds all that the inboxes could. Should its words say otherwise,
        // the record says how the job ended, to whoever stops the capsule.
        while self.capsule.outbox.push(entry).is_err() && !self.capsule.is_stopping() {
            core::hint::spin_loop();
        }
        self.host_epoch.bump(u32::MAX);
        is_host_awake
    }
}

fn drop_ticket(record: &JobRecord<'_>) {
    record
        .word(job_words::TICKETS)
        .fetch_sub(1, Ordering::SeqCst);
}
