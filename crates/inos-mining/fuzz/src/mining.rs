//! Jobs of every method, whose messages say anything: each ends once, for a reason that its host knows, and none
//! touches what its request doesn't name.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use inos_mining::capsule::METHODS;
use inos_sdk::layout::{failure_code, job_state, job_words};
use inos_sdk::{Arena, Reactor};

use crate::host::{Host, Job, Record};
use crate::input::Input;
use crate::memory::{Memory, load, store};
use crate::message::{BLOCK_BYTES, BLOCKS, request};

const ARENA_PAGES: u32 = 16;
const MARK: u32 = 0x5a5a_5a5a;
/// No run has more jobs.
const MOST_JOBS: u32 = 4;
/// The highest number of the capsule's own failures, whose lowest is 256.
const LAST_OWN_CODE: u32 = 272;
/// How long a job may work: some wait for a lane that will never answer.
const PATIENCE: Duration = Duration::from_millis(20);

/// What all runs share: making it takes longer than a run.
struct Stage {
    host: Host<'static>,
    reactor: Reactor<'static>,
    blocks: [u32; BLOCKS],
    /// A neighbour in the arena that no request names but by chance.
    bystander: u32,
    at_work: AtWork,
}

thread_local!(static STAGE: Stage = Stage::new());

/// A stage's job at work, and when it has worked long enough.
type AtWork = Arc<Mutex<Option<(Record, Instant)>>>;

impl Stage {
    fn new() -> Self {
        let memory: &'static Memory = Box::leak(Box::new(Memory::new(ARENA_PAGES)));
        let arena: &'static Arena<'static> = Box::leak(Box::new(Arena::new(memory.sab()).unwrap()));
        let host = Host::new(memory, arena);
        let reactor = host.reactor(0);
        let block = |_| arena.alloc(BLOCK_BYTES).unwrap();
        let blocks = core::array::from_fn(block);
        let bystander = block(0);
        for at in (0..BLOCK_BYTES).step_by(4) {
            store(host.sab, bystander + at, MARK);
        }
        let at_work = AtWork::default();
        let watched = Arc::clone(&at_work);
        thread::spawn(move || watch(host, &watched));
        Self {
            host,
            reactor,
            blocks,
            bystander,
            at_work,
        }
    }

    fn set_at_work(&self, work: Option<(Record, Instant)>) {
        *self.at_work.lock().unwrap_or_else(PoisonError::into_inner) = work;
    }

    /// Runs a job to its end. The hasher that it opened, if it did.
    fn run(&self, job: &Job, request: &[u8]) -> Option<u32> {
        let host = self.host;
        let mut record = host.new_record();
        host.fill(&mut record, job, request);
        host.open(record);
        assert!(host.push(record, job.priority));
        self.set_at_work(Some((record, Instant::now() + PATIENCE)));
        while self.reactor.serve_next() {}
        self.set_at_work(None);
        assert_eq!(host.capsule.outbox.pop(), Some(record.entry()));
        assert_eq!(host.capsule.outbox.pop(), None, "it was answered twice");
        let end = host.end(record);
        let states = job_state::DONE..=job_state::OUT_OF_BUDGET;
        assert!(states.contains(&end.state), "{end:?}");
        let is_own = (256..=LAST_OWN_CODE).contains(&end.code);
        assert!(is_own || end.code <= failure_code::BAD_LEDGER, "{end:?}");
        assert!(end.units <= job.budget, "{end:?}");
        host.settle(record);
        let opened = self.opened(job, record, end.state);
        host.arena.free(record.offset).unwrap();
        opened
    }

    fn opened(&self, job: &Job, record: Record, state: u32) -> Option<u32> {
        let is_open = job.method == OPEN && state == job_state::DONE;
        let result = load(self.host.sab, record.at(job_words::RESULT_OFFSET));
        // A message of one segment, and a root of one word of data: the number is the third word's first half.
        is_open.then(|| load(self.host.sab, record.offset + result + 16))
    }
}

const OPEN: u16 = crate::generated::mining_capnp::mining_method::HASHER_OPEN;
const CLOSE: u16 = crate::generated::mining_capnp::mining_method::HASHER_CLOSE;

/// Cancels what works too long, as a host's deadline does.
fn watch(host: Host<'_>, at_work: &AtWork) {
    loop {
        thread::sleep(PATIENCE / 4);
        let work = at_work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((record, until)) = *work
            && Instant::now() > until
        {
            store(host.sab, record.at(job_words::STOP), job_state::CANCELLED);
        }
    }
}

/// Jobs that say anything end once and with a known number.
pub fn mining(data: &[u8]) {
    STAGE.with(|stage| {
        let mut input = Input::new(data);
        for block in stage.blocks {
            for (at, byte) in (0..).step_by(4).zip(input.bytes(BLOCK_BYTES as usize / 4)) {
                store(stage.host.sab, block + at, u32::from(byte) * 0x0101_0101);
            }
        }
        let mut hashers = Vec::new();
        for _ in 0..=input.below(MOST_JOBS) {
            let method = input.below(METHODS.len() as u32) as u16;
            let job = Job {
                budget: u64::from(input.byte()) * 64,
                output_bytes: input.choose(&[64, 64, 32, 8]),
                result_bytes: input.choose(&[64, 64, 8]),
                ..Job::of(method)
            };
            let hasher = hashers.last().copied().unwrap_or_default();
            let message = request(method, hasher, &stage.blocks, &mut input);
            hashers.extend(stage.run(&job, &message));
        }
        for hasher in hashers {
            let message = request(CLOSE, hasher, &stage.blocks, &mut Input::new(&[]));
            stage.run(&Job::of(CLOSE), &message);
        }
        for at in (0..BLOCK_BYTES).step_by(4) {
            let word = load(stage.host.sab, stage.bystander + at);
            assert_eq!(word, MARK, "{at} bytes into a neighbour was written");
        }
    });
}
