//! A page table whose words say anything: runs are taken and given back, and nobody else's pages change.

use inos_sdk::layout::{constants, header_offset, header_words, page_words as words};
use inos_sdk::{Error, PageOwner, PageTable};

use crate::hostile::Changes;
use crate::input::Input;
use crate::memory::{ARENA_PAGES, FIRST_PAGE, Memory, store, with_memory};

const MOST_STEPS: u32 = 32;
const PAGES: std::ops::Range<u32> = FIRST_PAGE..FIRST_PAGE + ARENA_PAGES;

/// Where the entry of a page lies; its link follows.
pub fn entry_offset(page: u32) -> u32 {
    constants::PAGE_TABLE_OFFSET + page * words::STRIDE_BYTES + words::ENTRY * 4
}

/// An entry and a link that nearly make sense, or anything.
fn write_page(memory: &Memory, input: &mut Input<'_>) {
    let page = FIRST_PAGE + input.below(ARENA_PAGES);
    let (entry, link) = if input.is_set() {
        let owner = input.choose(&[1, 2, words::OWNER_ARENA, words::OWNER_SYSTEM]);
        let kind = input.choose(&[words::KIND_BODY, words::KIND_HEAD, words::KIND_SLAB, 11, 12]);
        let generation = input.below(3);
        let link = if input.is_set() {
            FIRST_PAGE + input.below(ARENA_PAGES + 1)
        } else {
            input.below(ARENA_PAGES + 2)
        };
        (generation << 16 | kind << 8 | owner, link)
    } else {
        (input.word(), input.word())
    };
    store(memory.sab(), entry_offset(page), entry);
    store(memory.sab(), entry_offset(page) + words::LINK * 4, link);
}

/// Fills a page table's words in, and some of the header's.
pub fn write_pages(memory: &Memory, input: &mut Input<'_>) {
    for _ in 0..input.below(2 * ARENA_PAGES) {
        write_page(memory, input);
    }
    if input.below(4) == 0 {
        let word = input.choose(&[
            header_words::MAXIMUM_PAGES,
            header_words::MEMORY_PAGES,
            header_words::TOUCHED_PAGES,
            header_words::NEXT_RUN_GENERATION,
        ]);
        store(memory.sab(), header_offset(word), input.word());
    }
}

fn entries(memory: &Memory) -> Vec<(u32, u32)> {
    let pair = |page| {
        (
            memory.peek(entry_offset(page)),
            memory.peek(entry_offset(page) + 4),
        )
    };
    PAGES.map(pair).collect()
}

/// Steps on a table that says anything, which then changes between two looks.
pub fn pages(data: &[u8]) {
    let mut input = Input::new(data);
    with_memory(|memory| {
        write_pages(memory, &mut input);
        let table = PageTable::new(memory.sab()).unwrap();
        let changes = Changes::read(&mut input);
        let is_still = changes.is_empty();
        changes.begin(|_| true);
        for _ in 0..MOST_STEPS {
            if input.is_empty() {
                break;
            }
            let before = entries(memory);
            match input.below(3) {
                0 => take(memory, table, &mut input, is_still.then_some(&before)),
                1 => give_back(memory, table, &mut input, is_still.then_some(&before)),
                _ => drop(table.entry(input.word())),
            }
        }
    });
}

/// What is taken was free and lies in the arena; nothing else has changed.
fn take(
    memory: &Memory,
    table: PageTable<'_>,
    input: &mut Input<'_>,
    before: Option<&Vec<(u32, u32)>>,
) {
    let owner = PageOwner::capsule(input.below(3), input.below(3));
    let count = if input.is_set() {
        input.below(10)
    } else {
        input.word()
    };
    let taken = table.take(owner, words::KIND_HEAD, count);
    let run = match taken {
        Ok(page) => {
            assert!(
                page >= FIRST_PAGE && page + count <= PAGES.end,
                "{page} of {count}"
            );
            page..page + count
        }
        Err(error) => {
            assert_eq!(error, Error::OutOfMemory { pages: count });
            0..0
        }
    };
    let Some(before) = before else { return };
    for (page, (&old, new)) in PAGES.zip(before.iter().zip(entries(memory))) {
        if run.contains(&page) {
            assert_eq!(old.0, 0, "page {page} belonged to somebody");
        } else if old.0 != 0 {
            assert_eq!(new, old, "page {page} has changed");
        }
    }
}

/// What is given back was the owner's and named its head; nothing else has changed.
fn give_back(
    memory: &Memory,
    table: PageTable<'_>,
    input: &mut Input<'_>,
    before: Option<&Vec<(u32, u32)>>,
) {
    let page = if input.is_set() {
        FIRST_PAGE + input.below(ARENA_PAGES + 1)
    } else {
        input.word()
    };
    let owner = input.choose(&[1, 2, words::OWNER_ARENA as u8]);
    let given = table.give_back(page, owner);
    let Some(before) = before else { return };
    let freed = given.unwrap_or(0);
    let mut changed = 0;
    for (at, (&old, new)) in PAGES.zip(before.iter().zip(entries(memory))) {
        if new == old {
            continue;
        }
        changed += 1;
        assert_eq!(new, (0, 0), "page {at} was changed and not freed");
        assert_eq!(old.0 as u8, owner, "page {at} was somebody else's");
        assert!(at == page || old.1 == page, "page {at} is of another run");
    }
    assert!(
        changed <= freed,
        "{changed} pages changed, {freed} were given back"
    );
}
