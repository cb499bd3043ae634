//! The one place that says which atomics and which wait are used: the machine's, loom's models, or those that
//! fuzzers watch.

#[cfg(not(any(loom, feature = "watched")))]
pub(crate) use std::sync::atomic::AtomicU32;

#[cfg(feature = "watched")]
pub use crate::watch::AtomicU32;

#[cfg(not(loom))]
use std::sync::atomic::AtomicU64;
pub(crate) use std::sync::atomic::Ordering;

/// Writes a word that nobody else writes at the time, and that an atomic one written later orders. WebAssembly's
/// atomic stores are all sequentially consistent, and so as dear as an exchange; this is a plain one.
#[cfg(target_arch = "wasm32")]
pub(crate) fn write_plainly(word: &AtomicU32, value: u32) {
    // SAFETY: the reference is a valid, aligned word. Volatile: not to be merged with its neighbours or moved.
    unsafe { word.as_ptr().write_volatile(value) }
}

#[cfg(not(any(target_arch = "wasm32", loom)))]
pub(crate) fn write_plainly(word: &AtomicU32, value: u32) {
    word.store(value, Ordering::Relaxed);
}

/// Sleeps while `word` holds `expected`, until somebody wakes it. May return early.
#[cfg(target_arch = "wasm32")]
pub(crate) fn wait(word: &AtomicU32, expected: u32) {
    // SAFETY: the reference is a valid, aligned, shared word for as long as the call lasts.
    unsafe {
        core::arch::wasm32::memory_atomic_wait32(word.as_ptr().cast(), expected.cast_signed(), -1);
    }
}

/// Sleeps while `word` holds `expected`, until somebody wakes it or so many nanoseconds are over. Says whether they
/// are. May return early.
#[cfg(target_arch = "wasm32")]
pub fn wait_for(word: &AtomicU32, expected: u32, nanoseconds: u64) -> bool {
    const TIMED_OUT: i32 = 2;
    let timeout = i64::try_from(nanoseconds).unwrap_or(i64::MAX);
    // SAFETY: as for `wait`.
    let outcome = unsafe {
        core::arch::wasm32::memory_atomic_wait32(
            word.as_ptr().cast(),
            expected.cast_signed(),
            timeout,
        )
    };
    outcome == TIMED_OUT
}

/// Wakes at most `count` threads that sleep on `word`.
#[cfg(target_arch = "wasm32")]
pub(crate) fn wake(word: &AtomicU32, count: u32) {
    // SAFETY: as for `wait`.
    unsafe {
        core::arch::wasm32::memory_atomic_notify(word.as_ptr().cast(), count);
    }
}

/// Sleeps while `word` holds `expected`, until somebody wakes it or so many nanoseconds have passed. May return
/// early.
#[cfg(target_arch = "wasm32")]
pub(crate) fn wait_briefly(word: &AtomicU64, expected: u64, nanoseconds: i64) {
    let expected = expected.cast_signed();
    // SAFETY: as for `wait`.
    unsafe {
        core::arch::wasm32::memory_atomic_wait64(word.as_ptr().cast(), expected, nanoseconds);
    }
}

/// The same natively, where nothing offers both a sleep on a word and an end to it: it always returns early.
#[cfg(not(any(target_arch = "wasm32", loom)))]
pub(crate) fn wait_briefly(_word: &AtomicU64, _expected: u64, _nanoseconds: i64) {
    std::thread::yield_now();
}

/// Wakes all threads that sleep on `word`.
#[cfg(not(loom))]
pub(crate) fn wake_all(word: &AtomicU64) {
    #[cfg(target_arch = "wasm32")]
    // SAFETY: as for `wait`.
    unsafe {
        core::arch::wasm32::memory_atomic_notify(word.as_ptr().cast(), u32::MAX);
    }
    // Natively nobody sleeps on one: `wait_briefly` doesn't.
    #[cfg(not(target_arch = "wasm32"))]
    let _ = word;
}

#[cfg(not(any(target_arch = "wasm32", loom, feature = "watched")))]
pub(crate) fn wait(word: &AtomicU32, expected: u32) {
    atomic_wait::wait(word, expected);
}

#[cfg(not(any(target_arch = "wasm32", loom, feature = "watched")))]
pub(crate) fn wake(word: &AtomicU32, count: u32) {
    if count == 1 {
        atomic_wait::wake_one(word);
    } else {
        atomic_wait::wake_all(word);
    }
}

/// Nobody sleeps while being watched: a sleep may always end early. But it is counted.
#[cfg(feature = "watched")]
pub(crate) fn wait(word: &AtomicU32, expected: u32) {
    crate::watch::sleep(word, expected);
}

#[cfg(feature = "watched")]
pub(crate) fn wake(_word: &AtomicU32, _count: u32) {}

#[cfg(loom)]
pub use self::model::AtomicU32;
#[cfg(loom)]
pub(crate) use self::model::{wait, wake};

#[cfg(loom)]
mod model {
    //! The machine's atomics and its wait, said in loom's terms.
    use super::Ordering;
    use loom::sync::atomic::fence;
    use loom::sync::{Condvar, Mutex};

    /// Loom's own, which takes sequential consistency for acquire and release alone: here it has the
    /// fences that make up the difference, and only where it was asked for.
    #[derive(Debug, Default)]
    pub struct AtomicU32(loom::sync::atomic::AtomicU32);

    fn fenced<T>(ordering: Ordering, operation: impl FnOnce() -> T) -> T {
        if ordering == Ordering::SeqCst {
            fence(Ordering::SeqCst);
        }
        operation()
    }

    /// The atomic operations that the protocols under test use, as in `std`.
    #[allow(missing_docs, clippy::missing_errors_doc)]
    impl AtomicU32 {
        pub fn new(value: u32) -> Self {
            Self(loom::sync::atomic::AtomicU32::new(value))
        }

        pub fn load(&self, ordering: Ordering) -> u32 {
            fenced(ordering, || self.0.load(ordering))
        }

        pub fn store(&self, value: u32, ordering: Ordering) {
            fenced(ordering, || self.0.store(value, ordering));
        }

        pub fn fetch_add(&self, value: u32, ordering: Ordering) -> u32 {
            fenced(ordering, || self.0.fetch_add(value, ordering))
        }

        pub fn fetch_sub(&self, value: u32, ordering: Ordering) -> u32 {
            fenced(ordering, || self.0.fetch_sub(value, ordering))
        }

        pub fn compare_exchange(
            &self,
            current: u32,
            new: u32,
            success: Ordering,
            failure: Ordering,
        ) -> Result<u32, u32> {
            fenced(success, || {
                self.0.compare_exchange(current, new, success, failure)
            })
        }

        pub fn compare_exchange_weak(
            &self,
            current: u32,
            new: u32,
            success: Ordering,
            failure: Ordering,
        ) -> Result<u32, u32> {
            fenced(success, || {
                self.0.compare_exchange_weak(current, new, success, failure)
            })
        }
    }

    // The comparison and the falling asleep are one step as seen by whoever wakes, which is what a lock
    // around both gives.

    loom::lazy_static! {
        static ref BED: (Mutex<()>, Condvar) = (Mutex::new(()), Condvar::new());
    }

    pub(crate) fn wait(word: &AtomicU32, expected: u32) {
        let asleep = BED.0.lock().expect("loom's lock is never poisoned");
        if word.load(Ordering::SeqCst) == expected {
            drop(BED.1.wait(asleep));
        }
    }

    pub(crate) fn wake(_word: &AtomicU32, _count: u32) {
        let _awake = BED.0.lock().expect("loom's lock is never poisoned");
        BED.1.notify_all();
    }
}
