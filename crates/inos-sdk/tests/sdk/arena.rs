//! The arena: the places it gives, as in TypeScript, and what it says of offsets from anywhere.

use std::collections::BTreeMap;

use inos_sdk::layout::{ARENA_OFFSET, constants, page_words};
use inos_sdk::{Arena, Error, PageTable, SafeSab};
use proptest::prelude::*;

use crate::memory::{Memory, load, store};
use crate::vectors::{self, list, text, word};

const PAGE: u32 = constants::PAGE_BYTES;

#[test]
fn places_are_those_of_every_language() {
    for vector in list(&vectors::read("arena.json")["arenas"]) {
        let memory = Memory::new(64);
        let arena = Arena::new(memory.sab()).unwrap();
        for (index, step) in list(&vector["steps"]).iter().enumerate() {
            let place = format!("{}, step {index}", text(&vector["name"]));
            if step["alloc"].is_null() {
                let freed = arena.free(ARENA_OFFSET + word(&step["free"])).is_ok();
                assert_eq!(freed, step["freed"].as_bool().unwrap(), "{place}");
                continue;
            }
            let offset = arena.alloc(word(&step["alloc"])).unwrap();
            assert_eq!(offset - ARENA_OFFSET, word(&step["offset"]), "{place}");
            let bytes = vectors::number(&step["bytes"]);
            assert_eq!(arena.extent(offset), Some((offset, bytes)), "{place}");
        }
    }
}

#[test]
fn nothing_lies_where_nothing_was_allocated() {
    let memory = Memory::new(8);
    let arena = Arena::new(memory.sab()).unwrap();
    for offset in [
        0,
        4096,
        ARENA_OFFSET - 1,
        ARENA_OFFSET,
        ARENA_OFFSET + PAGE,
        u32::MAX,
    ] {
        assert_eq!(arena.extent(offset), None);
        assert!(!arena.contains(offset, 0) && !arena.contains(offset, u32::MAX));
        assert_eq!(arena.free(offset), Err(Error::NotAllocated { offset }));
    }
}

#[test]
fn an_allocation_ends_where_it_ends() {
    let memory = Memory::new(8);
    let arena = Arena::new(memory.sab()).unwrap();
    let offset = arena.alloc(100_000).unwrap();
    assert!(arena.contains(offset, 2 * PAGE));
    assert!(arena.contains(offset + PAGE, PAGE));
    assert!(!arena.contains(offset + 1, 2 * PAGE));
    assert!(!arena.contains(offset + 2 * PAGE, 0));
    assert!(!arena.contains(offset, u32::MAX), "the sum doesn't wrap");
    for inside in [1, 64, PAGE, 2 * PAGE - 1] {
        let offset = offset + inside;
        assert_eq!(arena.free(offset), Err(Error::NotAllocated { offset }));
    }
    arena.free(offset).unwrap();
    assert_eq!(arena.free(offset), Err(Error::NotAllocated { offset }));
}

#[test]
fn a_bent_link_leads_nowhere() {
    let memory = Memory::new(8);
    let arena = Arena::new(memory.sab()).unwrap();
    let offset = arena.alloc(200_000).unwrap();
    let page = offset / PAGE;
    let link = constants::PAGE_TABLE_OFFSET + ((page + 1) * 2 + page_words::LINK) * 4;
    for bent in [page + 2, page + 1, constants::MAXIMUM_PAGES, u32::MAX, 0] {
        store(memory.sab(), link, bent);
        assert_eq!(arena.extent(offset + PAGE), None, "{bent}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_takes_nothing() {
    for taken in [0, 1, 7] {
        let memory = Memory::new(8);
        let arena = Arena::new(memory.sab()).unwrap();
        for _ in 0..taken {
            arena.alloc(PAGE).unwrap();
        }
        let pages = 8 - taken + 1;
        assert_eq!(arena.alloc(pages * PAGE), Err(Error::OutOfMemory { pages }));
        assert_eq!(
            arena.alloc(600 * PAGE),
            Err(Error::OutOfMemory { pages: 600 })
        );
        assert_eq!(
            arena.alloc(u32::MAX),
            Err(Error::OutOfMemory { pages: 65536 })
        );
        arena.alloc((pages - 1) * PAGE).unwrap();
        assert_eq!(arena.alloc(1), Err(Error::OutOfMemory { pages: 1 }));
    }
}

#[test]
fn threads_that_allocate_at_once_never_share_a_byte() {
    let memory = Memory::new(256);
    let sab = memory.sab();
    let arenas = [Arena::new(sab).unwrap(), Arena::new(sab).unwrap()];
    std::thread::scope(|scope| {
        for mark in 1..=4_u32 {
            let arena = &arenas[mark as usize % 2];
            scope.spawn(move || churn(sab, arena, mark));
        }
    });
    assert_eq!(taken_bytes(sab), 0);
}

/// Allocates and frees again and again, and checks that what it wrote stays.
fn churn(sab: SafeSab<'_>, arena: &Arena<'_>, mark: u32) {
    let mut live: Vec<(u32, u32)> = Vec::new();
    let mut random = mark;
    for _ in 0..2000 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let bytes = [4, 64, 100, 5000, 70_000][(random >> 16) as usize % 5];
        if live.len() > 12 {
            let (offset, bytes) = live.swap_remove((random >> 8) as usize % live.len());
            for at in (0..bytes).step_by(4) {
                assert_eq!(load(sab, offset + at), mark);
            }
            arena.free(offset).unwrap();
        }
        let offset = arena.alloc(bytes).unwrap();
        for at in (0..bytes).step_by(4) {
            store(sab, offset + at, mark);
        }
        live.push((offset, bytes));
    }
    for (offset, _) in live {
        arena.free(offset).unwrap();
    }
}

/// Bytes that are taken: whole pages, and slots of slab pages.
fn taken_bytes(sab: SafeSab<'_>) -> u64 {
    let table = PageTable::new(sab).unwrap();
    let mut taken = 0;
    for page in ARENA_OFFSET / PAGE..sab.pages() {
        let Some(entry) = table.entry(page) else {
            continue;
        };
        let kind = u32::from(entry.kind);
        taken += if kind < page_words::KIND_SLAB {
            u64::from(PAGE)
        } else {
            let slot = page_words::SLAB_SMALLEST_BYTES << (kind - page_words::KIND_SLAB);
            let words = (0..page_words::SLAB_HEADER_BYTES).step_by(4);
            let slots: u32 = words
                .map(|at| load(sab, page * PAGE + at).count_ones())
                .sum();
            u64::from(slots) * u64::from(slot)
        };
    }
    taken
}

#[derive(Clone, Debug)]
enum Step {
    Alloc(u32),
    Free(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..300_u32).prop_map(Step::Alloc),
        3 => (0..20_000_u32).prop_map(Step::Alloc),
        2 => (0..300_000_u32).prop_map(Step::Alloc),
        1 => prop::sample::select(vec![0, 64, 16_384, 16_385, 65_536]).prop_map(Step::Alloc),
        7 => any::<usize>().prop_map(Step::Free),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn live_allocations_never_overlap_and_all_comes_back(
        steps in prop::collection::vec(step(), 0..120),
    ) {
        let memory = Memory::new(512);
        let arena = Arena::new(memory.sab()).unwrap();
        let mut live: BTreeMap<u32, u64> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Alloc(bytes) => {
                    let offset = arena.alloc(bytes).unwrap();
                    let (start, given) = arena.extent(offset).unwrap();
                    prop_assert!(start == offset && offset.is_multiple_of(64) && given >= u64::from(bytes));
                    let before = live.range(..=offset).next_back();
                    prop_assert!(before.is_none_or(|(&at, &bytes)| u64::from(at) + bytes <= offset.into()));
                    let after = live.range(offset..).next();
                    prop_assert!(after.is_none_or(|(&at, _)| u64::from(offset) + given <= at.into()));
                    live.insert(offset, given);
                }
                Step::Free(index) if !live.is_empty() => {
                    let offset = *live.keys().nth(index % live.len()).unwrap();
                    live.remove(&offset);
                    arena.free(offset).unwrap();
                    prop_assert_eq!(arena.free(offset), Err(Error::NotAllocated { offset }));
                }
                Step::Free(_) => {}
            }
            prop_assert_eq!(taken_bytes(memory.sab()), live.values().sum::<u64>());
        }
        for &offset in live.keys() {
            arena.free(offset).unwrap();
        }
        prop_assert_eq!(taken_bytes(memory.sab()), 0);
    }
}
