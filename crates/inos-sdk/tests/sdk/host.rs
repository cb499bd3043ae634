//! A host as small as it can be: writes job records, queues them, takes answers and settles.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use inos_sdk::generated::job_capnp;
use inos_sdk::layout::{
    self, capsule_words, epochs, failure_code, job_state, job_words as words, thread_words,
};
use inos_sdk::{AccountIndex, Arena, Capsule, Epoch, Ledger, Reactor, RingEntry, SafeSab};

use crate::memory::{Memory, load, load_u64, store, store_u64, word};
use crate::methods::METHODS;

/// What a method costs to start.
pub const BASE: u64 = 10;
/// What the tests' account starts with.
pub const CREDITS: u64 = 1_000_000_000;
/// Bytes of each record's allocation.
pub const RECORD_BYTES: u32 = 4096;

/// What a record is told.
#[derive(Clone, Debug)]
pub struct Job {
    pub method: u16,
    pub seed: u64,
    /// Offset and length of the region that the parameters name.
    pub region: Option<(u32, u32)>,
    pub account: Option<AccountIndex>,
    pub budget: u64,
    pub minimum: u64,
    pub threads: u32,
    pub output_bytes: u32,
    pub result_bytes: u32,
    /// 0 is the highest.
    pub priority: usize,
}

impl Job {
    /// A job of a method, with a generous budget and room.
    pub fn of(method: u16) -> Self {
        Self {
            method,
            seed: 0,
            region: None,
            account: None,
            budget: 1_000_000,
            minimum: BASE,
            threads: 1,
            output_bytes: 64,
            result_bytes: 64,
            priority: 1,
        }
    }

    /// Its request, as TypeScript would encode it.
    pub fn request(&self) -> Vec<u8> {
        let mut message = capnp::message::Builder::new_default();
        let mut job = message.init_root::<job_capnp::job::Builder<'_>>();
        job.set_method(self.method);
        job.set_seed(self.seed);
        if let Some((offset, length)) = self.region {
            let mut region = job
                .init_params()
                .init_as::<job_capnp::region::Builder<'_>>();
            region.set_offset(offset);
            region.set_byte_length(length);
        }
        capnp::serialize::write_message_to_words(&message)
    }
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub state: u32,
    pub code: u32,
    pub message: String,
    pub units: u64,
    pub reserved: u64,
}

/// A record and which of its lives this is.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub offset: u32,
    pub generation: u32,
}

impl Record {
    /// Where one of its words lies.
    pub fn at(self, word: u32) -> u32 {
        self.offset + word * 4
    }

    pub fn entry(self) -> RingEntry {
        RingEntry {
            offset: self.offset,
            generation: self.generation,
        }
    }

    /// Its control word in a state that nobody takes part in.
    pub fn control(self, state: u32) -> u32 {
        self.generation << words::CONTROL_GENERATION_SHIFT | state
    }
}

/// The host of capsule 0.
#[derive(Clone, Copy)]
pub struct Host<'m> {
    pub sab: SafeSab<'m>,
    pub arena: &'m Arena<'m>,
    pub capsule: Capsule<'m>,
    pub ledger: Ledger<'m>,
    pub account: AccountIndex,
    pub operator: AccountIndex,
    epoch: Epoch<'m>,
    /// Whether a thread of the capsule has panicked: its jobs won't end.
    has_panicked: &'m AtomicBool,
}

impl<'m> Host<'m> {
    /// Founds the ledger, opens the accounts and publishes the prices.
    pub fn new(memory: &'m Memory, arena: &'m Arena<'m>) -> Self {
        let sab = memory.sab();
        let ledger = memory.ledger(u32::MAX);
        let (account, operator) = (ledger.open().unwrap(), ledger.open().unwrap());
        ledger.transfer(0, account, CREDITS).unwrap();
        let entry = layout::capsule_offset(0);
        for method in 0..METHODS.len() as u32 {
            let price = capsule_words::PRICES + method * capsule_words::PRICE_STRIDE_WORDS;
            let field = |field: u32| entry + (price + field) * 4;
            store_u64(sab, field(capsule_words::PRICE_BASE), BASE);
            store_u64(sab, field(capsule_words::PRICE_PRICE), 1);
            store_u64(sab, field(capsule_words::PRICE_UNITS), 1);
        }
        store(
            sab,
            entry + capsule_words::METHODS * 4,
            METHODS.len() as u32,
        );
        let epoch = Epoch::new(
            word(sab, layout::host_epoch_offset()),
            word(sab, layout::host_epoch_offset() + epochs::SLEEPERS * 4),
        );
        let capsule = Capsule::new(sab, 0).unwrap();
        Self {
            sab,
            arena,
            capsule,
            ledger,
            account,
            operator,
            epoch,
            has_panicked: &memory.has_panicked,
        }
    }

    /// A stack's end for a thread, and the reactor that will run on it.
    pub fn reactor(&self, thread: u32) -> Reactor<'m> {
        let guard_bytes = thread_words::STACK_GUARD_WORDS * 4;
        let guard = self.arena.alloc(2 * guard_bytes).unwrap();
        for at in (0..guard_bytes).step_by(4) {
            store(self.sab, guard + at, thread_words::STACK_GUARD);
        }
        let stack_low = layout::thread_offset(thread) + thread_words::STACK_LOW * 4;
        store(self.sab, stack_low, guard + guard_bytes);
        Reactor::new(self.sab, 0, thread, METHODS, None).unwrap()
    }

    /// What a thread runs. Who waits for its answers hears of its panic.
    fn serve(&self, reactor: &Reactor<'_>) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| reactor.run())) {
            self.has_panicked.store(true, Ordering::SeqCst);
            self.epoch.bump(u32::MAX);
            resume_unwind(panic);
        }
    }

    /// Tells the capsule's threads to leave.
    pub fn stop(&self) {
        let stop = layout::capsule_offset(0) + capsule_words::STOP * 4;
        store(self.sab, stop, 1);
        self.capsule.inbox_epoch.bump(u32::MAX);
    }

    /// A record for any job.
    pub fn new_record(&self) -> Record {
        Record {
            offset: self.arena.alloc(RECORD_BYTES).unwrap(),
            generation: 0,
        }
    }

    /// Fills a record in for its next life, as `JobRecord.write` does on the host's side.
    pub fn write(&self, record: &mut Record, job: &Job) {
        self.fill(record, job, &job.request());
        self.open(*record);
    }

    /// As [`write`](Self::write), but nobody may take it yet.
    pub fn fill(&self, record: &mut Record, job: &Job, request: &[u8]) {
        record.generation = (record.generation + 1) & 0xffff;
        for at in (0..words::HEAD_BYTES).step_by(4) {
            store(self.sab, record.offset + at, 0);
        }
        let output = words::BODY_OFFSET + (request.len() as u32).next_multiple_of(8);
        let result = output + job.output_bytes.next_multiple_of(8);
        assert!(result + job.result_bytes <= RECORD_BYTES);
        for (word, value) in [
            (words::METHOD, job.method.into()),
            (words::ACCOUNT, job.account.unwrap_or(self.account)),
            (words::THREADS, job.threads),
            (words::REQUEST_OFFSET, words::BODY_OFFSET),
            (words::REQUEST_BYTES, request.len() as u32),
            (words::OUTPUT_OFFSET, output),
            (words::OUTPUT_BYTES, job.output_bytes),
            (words::RESULT_OFFSET, result),
            (words::RESULT_CAPACITY, job.result_bytes),
            (words::TICKETS, 1),
        ] {
            store(self.sab, record.at(word), value);
        }
        store_u64(self.sab, record.at(words::BUDGET), job.budget);
        store_u64(self.sab, record.at(words::MINIMUM), job.minimum);
        let padded = request.len().next_multiple_of(4) as u32;
        for at in (0..padded).step_by(4) {
            let mut bytes = [0; 4];
            let rest = &request[at as usize..];
            let length = rest.len().min(4);
            bytes[..length].copy_from_slice(&rest[..length]);
            let offset = record.offset + words::BODY_OFFSET + at;
            store(self.sab, offset, u32::from_le_bytes(bytes));
        }
    }

    /// Says that the job may be taken.
    pub fn open(&self, record: Record) {
        let queued = record.control(job_state::QUEUED);
        store(self.sab, record.at(words::CONTROL), queued);
    }

    /// Queues it. False if there is no room.
    pub fn push(&self, record: Record, priority: usize) -> bool {
        let is_queued = self.capsule.inboxes[priority].push(record.entry()).is_ok();
        if is_queued {
            self.capsule.inbox_epoch.bump(1);
        }
        is_queued
    }

    /// Writes a job into a new record and queues it.
    pub fn submit(&self, job: &Job) -> Record {
        let mut record = self.new_record();
        self.write(&mut record, job);
        assert!(self.push(record, job.priority));
        record
    }

    /// The next answer, asleep until there is one.
    pub fn answer(&self) -> RingEntry {
        loop {
            let seen = self.epoch.load();
            assert!(
                !self.has_panicked.load(Ordering::SeqCst),
                "a thread panicked"
            );
            if let Some(entry) = self.capsule.outbox.pop() {
                return entry;
            }
            self.epoch.wait(seen);
        }
    }

    /// Runs a job to its end, which must be the next one.
    pub fn run(&self, job: &Job) -> (Record, End) {
        let record = self.submit(job);
        assert_eq!(self.answer(), record.entry());
        (record, self.end(record))
    }

    /// How a job ended.
    pub fn end(&self, record: Record) -> End {
        let text = self.read(
            record.at(words::ERROR_TEXT),
            load(self.sab, record.at(words::ERROR_BYTES)),
        );
        End {
            state: self.state(record),
            code: load(self.sab, record.at(words::ERROR_CODE)),
            message: String::from_utf8(text).unwrap(),
            units: load_u64(self.sab, record.at(words::UNITS)),
            reserved: load_u64(self.sab, record.at(words::RESERVED)),
        }
    }

    /// Where the job stands.
    pub fn state(&self, record: Record) -> u32 {
        load(self.sab, record.at(words::CONTROL)) & words::CONTROL_STATE_MASK
    }

    /// Ends a job that no thread has taken. False if one has.
    pub fn cancel_queued(&self, record: Record) -> bool {
        word(self.sab, record.at(words::CONTROL))
            .compare_exchange(
                record.control(job_state::QUEUED),
                record.control(job_state::CANCELLED),
                Ordering::SeqCst,
                Ordering::SeqCst,
            )
            .is_ok()
    }

    /// Settles what a job reserved and charges it for its units. Returns what it paid and got back.
    pub fn settle(&self, record: Record) -> (u64, u64) {
        let reservation = record.at(words::RESERVED);
        let end = self.end(record);
        let is_free = end.reserved == 0 || end.code == failure_code::BUDGET_TOO_SMALL;
        let cost = if is_free { 0 } else { BASE + end.units };
        self.ledger
            .settle(self.account, self.operator, reservation, cost)
            .unwrap()
    }

    /// A copy of bytes, at a multiple of four.
    pub fn read(&self, offset: u32, length: u32) -> Vec<u8> {
        let padded = length.next_multiple_of(4);
        let words = (0..padded).step_by(4);
        let mut bytes: Vec<u8> = words
            .flat_map(|at| load(self.sab, offset + at).to_le_bytes())
            .collect();
        bytes.truncate(length as usize);
        bytes
    }

    /// The first eight bytes of a job's output.
    pub fn output(&self, record: Record) -> u64 {
        let output = load(self.sab, record.at(words::OUTPUT_OFFSET));
        load_u64(self.sab, record.offset + output)
    }
}

/// Runs `work` beside so many threads of the capsule, which leave afterwards, and must not have panicked.
pub fn with_threads<T>(threads: u32, work: impl FnOnce(Host<'_>) -> T) -> T {
    let memory = Memory::new(128);
    let arena = Arena::new(memory.sab()).unwrap();
    let host = Host::new(&memory, &arena);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let reactor = host.reactor(thread);
            scope.spawn(move || host.serve(&reactor));
        }
        // Threads that wait would keep a failed test from ending.
        let done = catch_unwind(AssertUnwindSafe(|| work(host)));
        host.stop();
        done.unwrap_or_else(|panic| resume_unwind(panic))
    })
}
