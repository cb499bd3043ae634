//! Atomics whose accesses are seen: what fuzzers run instead of the machine's.
//!
//! After every load a hook may change any word, as a hostile thread could between two looks, but the same way each
//! time. So whoever reads a word twice and takes it for the same is found without a race. Only in `inos-sdk-watched`.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32 as Plain, Ordering};

/// Accesses after which a run that ought to be over is taken for endless.
const ENDLESS: u64 = 20_000_000;

type Hook = Box<dyn FnMut(&Plain)>;

thread_local! {
    static ACCESSES: Cell<u64> = const { Cell::new(0) };
    static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
    static STORED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    static CHANGED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    static IS_WATCHING: Cell<bool> = const { Cell::new(false) };
    static SLEEPS: Cell<u32> = const { Cell::new(0) };
}

/// Watches this thread's accesses until [`end`]: notes where it stores, and calls what [`hook`] gave.
pub fn begin() {
    ACCESSES.set(0);
    STORED.take();
    CHANGED.take();
    HOOK.set(None);
    IS_WATCHING.set(true);
}

/// Calls `hook` after each load from now on.
pub fn hook(hook: impl FnMut(&Plain) + 'static) {
    HOOK.set(Some(Box::new(hook)));
}

/// Calls nothing any more.
pub fn unhook() {
    HOOK.set(None);
}

/// Where this thread stored since the beginning or the last such question, in that order.
pub fn take_stored() -> Vec<usize> {
    STORED.take()
}

/// Where hooks have changed words since the beginning or the last such question.
pub fn take_changed() -> Vec<usize> {
    CHANGED.take()
}

/// Changes a word from within a hook.
pub fn change(word: &Plain, value: u32) {
    CHANGED.with_borrow_mut(|changed| changed.push(std::ptr::from_ref(word).addr()));
    word.store(value, Ordering::SeqCst);
}

/// Ends watching.
pub fn end() {
    IS_WATCHING.set(false);
    HOOK.set(None);
}

/// How many accesses there were since [`begin`].
pub fn accesses() -> u64 {
    ACCESSES.get()
}

/// How often this thread would have slept since the last such question.
pub fn take_sleeps() -> u32 {
    SLEEPS.take()
}

/// Notes that a thread would sleep if a word has a value.
pub(crate) fn sleep(AtomicU32(word): &AtomicU32, expected: u32) {
    if word.load(Ordering::SeqCst) == expected {
        SLEEPS.set(SLEEPS.get() + 1);
    }
}

fn count() {
    let so_far = ACCESSES.get() + 1;
    ACCESSES.set(so_far);
    assert!(so_far < ENDLESS, "this never ends");
}

fn loaded(word: &Plain) {
    if !IS_WATCHING.get() {
        return;
    }
    count();
    // Taken out meanwhile: what the hook itself does is not watched.
    if let Some(mut hook) = HOOK.take() {
        hook(word);
        HOOK.set(Some(hook));
    }
}

fn stored(word: &Plain) {
    if IS_WATCHING.get() {
        count();
        STORED.with_borrow_mut(|stored| stored.push(std::ptr::from_ref(word).addr()));
    }
}

/// The machine's `AtomicU32`, watched.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct AtomicU32(Plain);

/// The operations that the crate uses, as in `std`.
#[allow(missing_docs, clippy::missing_errors_doc)]
impl AtomicU32 {
    pub const fn new(value: u32) -> Self {
        Self(Plain::new(value))
    }

    pub fn load(&self, ordering: Ordering) -> u32 {
        let value = self.0.load(ordering);
        loaded(&self.0);
        value
    }

    pub fn store(&self, value: u32, ordering: Ordering) {
        stored(&self.0);
        self.0.store(value, ordering);
    }

    pub fn fetch_add(&self, value: u32, ordering: Ordering) -> u32 {
        stored(&self.0);
        self.0.fetch_add(value, ordering)
    }

    pub fn fetch_sub(&self, value: u32, ordering: Ordering) -> u32 {
        stored(&self.0);
        self.0.fetch_sub(value, ordering)
    }

    pub fn fetch_max(&self, value: u32, ordering: Ordering) -> u32 {
        stored(&self.0);
        self.0.fetch_max(value, ordering)
    }

    pub fn fetch_or(&self, value: u32, ordering: Ordering) -> u32 {
        stored(&self.0);
        self.0.fetch_or(value, ordering)
    }

    pub fn fetch_and(&self, value: u32, ordering: Ordering) -> u32 {
        stored(&self.0);
        self.0.fetch_and(value, ordering)
    }

    pub fn compare_exchange(
        &self,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        let exchanged = self.0.compare_exchange(current, new, success, failure);
        match exchanged {
            Ok(_) => stored(&self.0),
            Err(_) => loaded(&self.0),
        }
        exchanged
    }

    pub fn compare_exchange_weak(
        &self,
        current: u32,
        new: u32,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u32, u32> {
        // Never spuriously: a run must be the same each time.
        self.compare_exchange(current, new, success, failure)
    }

    pub fn fetch_update(
        &self,
        set: Ordering,
        fetch: Ordering,
        mut change: impl FnMut(u32) -> Option<u32>,
    ) -> Result<u32, u32> {
        let mut seen = self.load(fetch);
        while let Some(next) = change(seen) {
            match self.compare_exchange(seen, next, set, fetch) {
                Ok(_) => return Ok(seen),
                Err(now) => seen = now,
            }
        }
        Err(seen)
    }
}
