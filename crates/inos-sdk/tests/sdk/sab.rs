//! Checked access: what lies outside, what isn't aligned and what reaches too far is refused.

use inos_sdk::layout::{ARENA_OFFSET, constants};
use inos_sdk::{Error, SafeSab};
use proptest::prelude::*;

use crate::memory::Memory;

#[test]
fn a_buffer_that_cannot_hold_the_tables_is_refused() {
    let short = Vec::from_iter((0..16).map(|_| 0_u64.into()));
    let refused = SafeSab::over(&short).unwrap_err();
    assert_eq!(
        refused,
        Error::OutOfBounds {
            offset: 0,
            length: ARENA_OFFSET
        }
    );
}

#[test]
fn words_are_checked() {
    let memory = Memory::new(1);
    let sab = memory.sab();
    let end = sab.byte_length() as u32;
    assert!(sab.word(end - 4).is_ok());
    assert_eq!(
        sab.word(end).unwrap_err(),
        Error::OutOfBounds {
            offset: end,
            length: 4
        }
    );
    assert_eq!(
        sab.word(0).unwrap_err(),
        Error::OutOfBounds {
            offset: 0,
            length: 4
        }
    );
    assert_eq!(
        sab.word(4098).unwrap_err(),
        Error::Misaligned {
            offset: 4098,
            alignment: 4
        }
    );
    assert!(sab.word(u32::MAX - 3).is_err());
    assert!(sab.words(end - 8, 2).is_ok() && sab.words(end - 8, 3).is_err());
    assert!(
        sab.words(4096, u32::MAX).is_err(),
        "the product of four doesn't wrap"
    );
    assert!(sab.words(4096, 1 << 30).is_err());
    assert_eq!(sab.words(4096, 0).unwrap().len(), 0);
}

#[test]
fn bytes_lie_in_the_arena() {
    let memory = Memory::new(1);
    let sab = memory.sab();
    // SAFETY: nobody else has this memory.
    let bytes = |offset, length| unsafe { sab.bytes(offset, length) };
    assert_eq!(
        bytes(ARENA_OFFSET, constants::PAGE_BYTES).unwrap().len(),
        65536
    );
    assert_eq!(bytes(ARENA_OFFSET + 1, 7).unwrap(), [0; 7]);
    assert!(bytes(ARENA_OFFSET, constants::PAGE_BYTES + 1).is_err());
    assert!(
        bytes(ARENA_OFFSET - 1, 1).is_err(),
        "the tables are nobody's data"
    );
    assert!(bytes(constants::LEDGER_OFFSET, 8).is_err());
    assert!(bytes(0, 0).is_err());
    assert!(bytes(u32::MAX, u32::MAX).is_err());
    assert!(
        bytes(ARENA_OFFSET, 1 << 31).is_err(),
        "a slice is shorter than 2 GiB"
    );
}

proptest! {
    #[test]
    fn whatever_is_asked_for_lies_inside(offset in any::<u32>(), count in any::<u32>()) {
        let memory = Memory::new(1);
        let sab = memory.sab();
        let end = u64::from(offset) + u64::from(count) * 4;
        let fits = offset % 4 == 0 && offset != 0 && end <= sab.byte_length();
        prop_assert_eq!(sab.words(offset, count).is_ok(), fits);
        let end = u64::from(offset) + u64::from(count);
        let fits = offset >= ARENA_OFFSET && count < 1 << 31 && end <= sab.byte_length();
        // SAFETY: nobody else has this memory.
        prop_assert_eq!(unsafe { sab.bytes(offset, count) }.is_ok(), fits);
        // SAFETY: as above; the slice of the line before is gone.
        prop_assert_eq!(unsafe { sab.bytes_mut(offset, count) }.is_ok(), fits);
    }
}
