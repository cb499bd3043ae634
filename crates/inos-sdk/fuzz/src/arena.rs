//! An arena over a page table and slab bitmaps that say anything.

use inos_sdk::Arena;
use inos_sdk::layout::{ARENA_OFFSET, constants};

use crate::hostile::Changes;
use crate::input::Input;
use crate::memory::{ARENA_PAGES, FIRST_PAGE, store, take_stored, with_memory};
use crate::pages::write_pages;

const MOST_STEPS: u32 = 32;
const END: u64 = (FIRST_PAGE + ARENA_PAGES) as u64 * constants::PAGE_BYTES as u64;
/// What allocating and freeing may write, below the arena itself: the header's counts and the page table.
const TABLES: [std::ops::Range<u32>; 2] = [
    constants::HEADER_OFFSET..constants::HEADER_OFFSET + 64,
    constants::PAGE_TABLE_OFFSET..constants::PAGE_TABLE_OFFSET + constants::PAGE_TABLE_BYTES,
];

/// Allocations lie in the arena, also where the tables lie; the rest of the memory stays as it is.
pub fn arena(data: &[u8]) {
    let mut input = Input::new(data);
    with_memory(|memory| {
        write_pages(memory, &mut input);
        let arena = Arena::new(memory.sab()).unwrap();
        for _ in 0..input.below(8) {
            let page = ARENA_OFFSET + input.below(ARENA_PAGES) * constants::PAGE_BYTES;
            store(memory.sab(), page + input.below(32) * 4, input.word());
        }
        take_stored();
        Changes::read(&mut input).begin(|_| true);
        let mut live = Vec::new();
        for _ in 0..MOST_STEPS {
            if input.is_empty() {
                break;
            }
            step(&arena, &mut input, &mut live);
        }
        for offset in take_stored()
            .into_iter()
            .filter_map(|at| memory.offset_of(at))
        {
            let is_known = TABLES.iter().any(|table| table.contains(&offset));
            assert!(
                offset >= ARENA_OFFSET || is_known,
                "{offset:#x} was written"
            );
        }
    });
}

fn step(arena: &Arena<'_>, input: &mut Input<'_>, live: &mut Vec<u32>) {
    match input.below(4) {
        0 => {
            let bytes = input.word();
            if let Ok(offset) = arena.alloc(bytes) {
                assert!(offset >= ARENA_OFFSET && offset % 64 == 0, "{offset:#x}");
                assert!(
                    u64::from(offset) + u64::from(bytes) <= END,
                    "{offset:#x}, {bytes} bytes"
                );
                live.push(offset);
            }
        }
        1 => {
            let offset = live.pop().unwrap_or_else(|| input.word());
            // What was allocated may have been freed by a changed table, never the other way round.
            let _ = arena.free(offset);
        }
        2 => {
            let offset = input.word();
            if let Some((start, bytes)) = arena.extent(offset) {
                assert!(
                    start >= ARENA_OFFSET && start <= offset,
                    "{offset:#x}: {start:#x}"
                );
                assert!(
                    u64::from(start) + bytes > u64::from(offset),
                    "{offset:#x}: {bytes}"
                );
            }
        }
        _ => {
            let (offset, length) = (input.word(), input.word());
            if arena.contains(offset, length) {
                assert!(offset >= ARENA_OFFSET, "{offset:#x}");
                assert!(
                    u64::from(offset) + u64::from(length) <= END,
                    "{offset:#x}, {length}"
                );
            }
        }
    }
}
