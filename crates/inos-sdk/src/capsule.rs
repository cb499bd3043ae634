//! A capsule as seen by its threads, and its ABI: the macro that makes one and what its exports do.

use crate::context::{Halt, JobContext};
use crate::epoch::Epoch;
use crate::error::Error;
use crate::layout::{self, Layout, capsule_stop, capsule_words as words, epochs, rings};
use crate::ring::{Ring, Slot};
use crate::sab::SafeSab;
use crate::sync::{AtomicU32, Ordering};
#[cfg(target_arch = "wasm32")]
use crate::{Reactor, Thread};

/// What a thread runs for a job.
pub type Work = fn(&JobContext<'_>) -> Result<(), Halt>;

/// One method of a capsule.
pub struct Method {
    /// Its number, as in the capsule's schema.
    pub id: u16,
    /// What each participating thread runs.
    pub run: Work,
    /// What the last thread runs after all have returned without a halt, for parallel methods.
    pub finish: Option<Work>,
}

/// All methods of a capsule.
pub type MethodTable = &'static [Method];

/// A capsule's entry in the capsule table, with its rings and its inbox epoch.
#[derive(Clone, Copy, Debug)]
pub struct Capsule<'m> {
    index: u32,
    words: &'m [AtomicU32],
    /// Where jobs arrive, highest priority first.
    pub inboxes: [Ring<'m>; rings::PRIORITIES as usize],
    /// Where finished jobs go.
    pub outbox: Ring<'m>,
    /// Bumped for each arriving job.
    pub inbox_epoch: Epoch<'m>,
}

impl<'m> Capsule<'m> {
    /// The capsule with number `index` in `sab`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for an index that can't be.
    pub fn new(sab: SafeSab<'m>, index: u32) -> Result<Self, Error> {
        if index >= Layout::MAXIMUM_CAPSULES {
            return Err(Error::OutOfBounds {
                offset: index,
                length: words::STRIDE_BYTES,
            });
        }
        let entry = sab.words(layout::capsule_offset(index), words::STRIDE_BYTES / 4)?;
        let inbox = |priority| {
            ring(
                sab,
                layout::inbox_offset(index, priority),
                rings::INBOX_CAPACITY,
            )
        };
        Ok(Self {
            index,
            words: entry,
            inboxes: [inbox(0)?, inbox(1)?, inbox(2)?],
            outbox: ring(sab, layout::outbox_offset(index), rings::OUTBOX_CAPACITY)?,
            inbox_epoch: Epoch::new(
                sab.word(layout::inbox_epoch_offset(index))?,
                sab.word(layout::inbox_epoch_offset(index) + epochs::SLEEPERS * 4)?,
            ),
        })
    }

    /// The capsule's number in its runtime.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Which of its lives this is.
    pub fn generation(&self) -> u32 {
        self.word(words::GENERATION).load(Ordering::SeqCst)
    }

    /// Whether its threads should leave.
    pub fn is_stopping(&self) -> bool {
        self.word(words::STOP).load(Ordering::SeqCst) == capsule_stop::NOW
    }

    /// Whether its threads should leave rather than wait for a job.
    pub fn leaves_when_idle(&self) -> bool {
        self.word(words::STOP).load(Ordering::SeqCst) == capsule_stop::WHEN_IDLE
    }

    pub(crate) fn word(&self, word: u32) -> &'m AtomicU32 {
        &self.words[word as usize]
    }
}

/// The ring of `capacity` slots at `offset`.
pub(crate) fn ring(sab: SafeSab<'_>, offset: u32, capacity: u32) -> Result<Ring<'_>, Error> {
    use crate::layout::ring_words as words;
    let header = sab.words(offset, words::SLOTS)?;
    let slots = sab.words(offset + words::SLOTS * 4, capacity * words::SLOT_WORDS)?;
    // SAFETY: a Slot is four words (repr(C)), and the words were just checked.
    let slots =
        unsafe { core::slice::from_raw_parts(slots.as_ptr().cast::<Slot>(), capacity as usize) };
    Ok(Ring::new(
        &header[words::TAIL as usize],
        &header[words::HEAD as usize],
        slots,
    ))
}

/// Tells the time in milliseconds. Only for looking at jobs: what a job does never depends on it.
pub type Clock = extern "C" fn() -> f64;

#[cfg(target_arch = "wasm32")]
thread_local! {
    /// The loop of this thread, for when it is entered again. Never dropped: a thread ends with its instance, and
    /// the standard library would note what is to be dropped in a heap of its own.
    static REACTOR: std::cell::OnceCell<core::mem::ManuallyDrop<Reactor<'static>>> =
        const { std::cell::OnceCell::new() };
}

/// What `inos_main` does: makes this thread a member of its capsule, the first time, and runs the loop.
/// Returns 0, or 1 if the loader's numbers can't be. `clock` is an index into the module's function
/// table, or 0.
#[cfg(target_arch = "wasm32")]
pub fn main(methods: MethodTable, capsule: u32, thread: u32, clock: usize) -> u32 {
    REACTOR.with(|cell| {
        if cell.get().is_none() {
            match create_reactor(methods, capsule, thread, clock) {
                Ok(reactor) => _ = cell.set(core::mem::ManuallyDrop::new(reactor)),
                Err(_) => return 1,
            }
        }
        cell.get().map_or(1, |reactor| {
            reactor.run();
            0
        })
    })
}

#[cfg(target_arch = "wasm32")]
fn create_reactor(
    methods: MethodTable,
    capsule: u32,
    thread: u32,
    clock: usize,
) -> Result<Reactor<'static>, Error> {
    let sab = SafeSab::linear_memory();
    crate::alloc::adopt(sab, capsule);
    report_panics(Thread::new(sab, thread)?);
    // SAFETY: the loader put a function of this type into the table at this index, or gave 0.
    let clock = unsafe { core::mem::transmute::<usize, Option<Clock>>(clock) };
    Reactor::new(sab, capsule, thread, methods, clock)
}

/// Sends this thread's panics to its block. The hook is the module's, the thread is the panicking one's.
#[cfg(target_arch = "wasm32")]
fn report_panics(block: Thread<'static>) {
    use std::cell::Cell;
    thread_local!(static THREAD: Cell<Option<Thread<'static>>> = const { Cell::new(None) });
    THREAD.set(Some(block));
    // Each thread sets the same ones: that costs less than to know whether another has.
    std::panic::set_hook(Box::new(|panic| {
        if let Some(thread) = THREAD.get() {
            let place = panic
                .location()
                .map(|at| format!(" ({}:{})", at.file(), at.line()));
            let text = panic.payload_as_str().unwrap_or("panic without a message");
            thread.write_panic(&format!("{text}{}", place.unwrap_or_default()));
        }
    }));
    // Nothing may be allocated here, so the message is a fixed one.
    std::alloc::set_alloc_error_hook(|_| {
        if let Some(thread) = THREAD.get() {
            thread.write_panic("out of memory: the capsule's quota or the memory is used up");
        }
    });
}

/// Turns functions into a capsule: the exports that the loader calls, and a heap of its own.
///
/// Each method is `number => function`, or `number => function, then function` for a parallel one,
/// whose second function runs once, on the last thread, when all have returned.
///
/// ```
/// use inos_sdk::{Halt, JobContext};
///
/// fn echo(job: &JobContext<'_>) -> Result<(), Halt> {
///     job.charge(1)?;
///     job.write_output(&job.seed()?.to_le_bytes())?;
///     Ok(())
/// }
///
/// inos_sdk::capsule! { 0 => echo }
/// # fn main() {}
/// ```
///
/// A capsule that keeps some of its data elsewhere names its own allocator first:
/// `capsule! { allocator Mine = Mine::new(); 0 => echo }`.
#[macro_export]
macro_rules! capsule {
    (
        allocator $type:ty = $allocator:expr;
        $($id:expr => $run:path $(, then $finish:path)?);+ $(;)?
    ) => {
        /// The capsule's methods.
        pub static METHODS: $crate::MethodTable = &[$($crate::Method {
            id: $id,
            run: $run,
            finish: $crate::capsule!(@finish $($finish)?),
        }),+];

        #[cfg(target_arch = "wasm32")]
        #[global_allocator]
        static ALLOCATOR: $type = $allocator;

        /// The loop of one thread: returns when the capsule is told to stop.
        #[cfg(target_arch = "wasm32")]
        #[unsafe(no_mangle)]
        pub extern "C" fn inos_main(capsule: u32, thread: u32, clock: usize) -> u32 {
            $crate::abi::main(METHODS, capsule, thread, clock)
        }

        /// The version of the layout that this capsule was built for.
        #[cfg(target_arch = "wasm32")]
        #[unsafe(no_mangle)]
        pub extern "C" fn inos_layout_version() -> u32 {
            $crate::layout::constants::VERSION
        }
    };
    (@finish) => { None };
    (@finish $finish:path) => { Some($finish) };
    ($($id:expr => $run:path $(, then $finish:path)?);+ $(;)?) => {
        $crate::capsule! {
            allocator $crate::abi::CapsuleAllocator = $crate::abi::CapsuleAllocator::new();
            $($id => $run $(, then $finish)?);+
        }
    };
}
