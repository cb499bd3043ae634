//! A hostile thread, as a list of what it writes between which two looks of its victim.

use std::sync::atomic::{AtomicU32, Ordering};

use inos_sdk::watch;

use crate::input::Input;

const MOST_CHANGES: u32 = 8;
/// Words that were looked at lately.
const KEPT: usize = 8;

/// What is written once so many more loads have been seen.
struct Change {
    loads: u32,
    /// How many loads ago the word was looked at; 0 for the one seen last.
    back: usize,
    how: How,
}

enum How {
    Becomes(u32),
    Flips(u32),
    Grows(u32),
}

/// The changes, the next one last.
pub struct Changes(Vec<Change>);

impl Changes {
    pub fn read(input: &mut Input<'_>) -> Self {
        let count = input.below(MOST_CHANGES + 1);
        let changes = (0..count).map(|_| Change {
            loads: input.byte().into(),
            back: input.below(KEPT as u32) as usize,
            how: match input.below(3) {
                0 => How::Becomes(input.word()),
                1 => How::Flips(1 << input.below(32)),
                _ => How::Grows(input.word()),
            },
        });
        Self(changes.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes the changes from now on, to words whose addresses `may_change` admits.
    pub fn begin(self, may_change: impl Fn(usize) -> bool + 'static) {
        self.begin_with(may_change, |_| ());
    }

    /// The same, and tells `on_load` how many loads there were, after each.
    pub fn begin_with(
        self,
        may_change: impl Fn(usize) -> bool + 'static,
        mut on_load: impl FnMut(u32) + 'static,
    ) {
        let mut changes = self.0;
        let mut all = 0;
        let mut kept = [std::ptr::null::<AtomicU32>(); KEPT];
        let mut loads = 0_u32;
        watch::hook(move |word| {
            kept.rotate_right(1);
            kept[0] = word;
            loads += 1;
            all += 1;
            on_load(all);
            while changes.last().is_some_and(|change| change.loads < loads) {
                loads = 0;
                let Some(change) = changes.pop() else { break };
                let target = kept[change.back];
                if target.is_null() || !may_change(target.addr()) {
                    continue;
                }
                // SAFETY: words that were watched lie in a memory that outlives the watching.
                let target = unsafe { &*target };
                let now = target.load(Ordering::SeqCst);
                watch::change(
                    target,
                    match change.how {
                        How::Becomes(value) => value,
                        How::Flips(bit) => now ^ bit,
                        How::Grows(step) => now.wrapping_add(step),
                    },
                );
            }
        });
    }
}
