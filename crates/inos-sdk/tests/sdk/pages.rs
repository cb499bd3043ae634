//! The page table: runs of pages, their owners, and who may give them back.

use inos_sdk::layout::{ARENA_OFFSET, constants, page_words};
use inos_sdk::{Error, PageEntry, PageOwner, PageTable};

use crate::memory::Memory;

const FIRST: u32 = ARENA_OFFSET / constants::PAGE_BYTES;
const HEAD: u32 = page_words::KIND_HEAD;

#[test]
fn a_run_has_a_head_that_names_its_length_and_a_body_that_names_its_head() {
    let memory = Memory::new(8);
    let table = PageTable::new(memory.sab()).unwrap();
    let owner = PageOwner::capsule(2, 0x1_0007);
    assert_eq!((owner.number, owner.generation), (3, 7));
    assert_eq!(table.take(owner, HEAD, 3), Ok(FIRST));
    let entry = |kind, link| Some(PageEntry { owner, kind, link });
    let entries: Vec<_> = (FIRST..FIRST + 4).map(|page| table.entry(page)).collect();
    let body = entry(page_words::KIND_BODY as u8, FIRST);
    assert_eq!(entries, [entry(HEAD as u8, 3), body, body, None]);
}

#[test]
fn the_first_hole_that_is_wide_enough_is_taken() {
    let memory = Memory::new(16);
    let table = PageTable::new(memory.sab()).unwrap();
    let owner = PageOwner::arena(1);
    for (pages, at) in [(2, 0), (1, 2), (3, 3), (1, 6)] {
        assert_eq!(table.take(owner, HEAD, pages), Ok(FIRST + at));
    }
    for at in [0, 3] {
        table.give_back(FIRST + at, owner.number).unwrap();
    }
    for (pages, at) in [(3, 3), (1, 0), (2, 7)] {
        assert_eq!(table.take(owner, HEAD, pages), Ok(FIRST + at));
    }
}

#[test]
fn what_does_not_fit_leaves_no_trace() {
    let memory = Memory::new(8);
    let table = PageTable::new(memory.sab()).unwrap();
    let owner = PageOwner::capsule(0, 1);
    for pages in [0, 9, 100, 600, constants::MAXIMUM_PAGES, u32::MAX] {
        assert_eq!(
            table.take(owner, HEAD, pages),
            Err(Error::OutOfMemory { pages })
        );
    }
    assert!((FIRST..FIRST + 8).all(|page| table.entry(page).is_none()));
    assert_eq!(table.take(owner, HEAD, 8), Ok(FIRST));
}

#[test]
fn a_run_is_given_back_once_and_by_its_owner() {
    let memory = Memory::new(8);
    let table = PageTable::new(memory.sab()).unwrap();
    let owner = PageOwner::capsule(4, 9);
    let page = table.take(owner, HEAD, 3).unwrap();
    let refused = |page: u32| {
        Err(Error::NotAllocated {
            offset: page * constants::PAGE_BYTES,
        })
    };
    assert_eq!(table.give_back(page, 1), refused(page));
    assert_eq!(table.give_back(page + 1, owner.number), refused(page + 1));
    assert_eq!(table.give_back(page, owner.number), Ok(3));
    assert_eq!(table.give_back(page, owner.number), refused(page));
    for page in [constants::MAXIMUM_PAGES, u32::MAX] {
        assert_eq!(table.entry(page), None);
        assert!(table.give_back(page, owner.number).is_err());
    }
}

#[test]
fn of_threads_that_give_back_the_same_at_once_one_does() {
    let memory = Memory::new(64);
    let table = PageTable::new(memory.sab()).unwrap();
    let owner = PageOwner::arena(0);
    let pages: Vec<u32> = (0..32)
        .map(|_| table.take(owner, HEAD, 2).unwrap())
        .collect();
    let give = || {
        pages
            .iter()
            .filter(|&&page| table.give_back(page, owner.number).is_ok())
            .count()
    };
    let given: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(give)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(given, pages.len());
}
