//! A capsule is told to stop by a word and a bump, at any moment: no thread may sleep after that.

use inos_sdk::{Arena, layout, watch};

use crate::host::Host;
use crate::job::reactor_of;
use crate::memory::with_memory;
use crate::watchdog::stop;

/// Looks within which a thread that has no job goes to sleep, and looks again.
const LOOKS: u32 = 20_000;
/// Looks that are all alike, while it waits awake: of those one in so many is taken.
const STRIDE: u32 = 499;
/// Looks at each end of that wait, and then of the next, that are all taken.
const ENDS: u32 = 64;

/// Runs a thread without a job, and stops its capsule right after the `at`-th look. Says whether it went to sleep then.
fn sleeps_after_stop(at: u32) -> bool {
    let mut sleeps = 0;
    with_memory(|memory| {
        memory.expect_bulk();
        let arena = Arena::new(memory.sab()).unwrap();
        let host = Host::new(memory, &arena);
        let reactor = reactor_of(host, 0);
        let memory = std::ptr::from_ref(memory);
        let mut looks = 0;
        watch::hook(move |_| {
            looks += 1;
            if looks == at {
                // SAFETY: `with_memory` keeps the memory until after the watching.
                let memory = unsafe { &*memory };
                stop(memory);
                let epoch = layout::inbox_epoch_offset(0);
                memory.change(epoch, memory.peek(epoch) + 1);
                watch::take_sleeps();
            }
        });
        reactor.run();
        watch::unhook();
        sleeps = watch::take_sleeps();
    });
    sleeps > 0
}

#[test]
fn a_thread_that_is_told_to_stop_never_sleeps() {
    let wait = 1 << 13;
    let is_taken =
        |&look: &u32| look % wait < ENDS || look % wait >= wait - ENDS || look % STRIDE == 0;
    for look in (1..LOOKS).filter(is_taken) {
        assert!(
            !sleeps_after_stop(look),
            "it sleeps when stopped after look {look}"
        );
    }
}
