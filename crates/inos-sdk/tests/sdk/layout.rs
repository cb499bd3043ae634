//! The layout of the shared memory: the same numbers in every language.

use std::collections::BTreeMap;

use inos_sdk::layout::*;

use crate::vectors;

macro_rules! constants {
    ($($structure:literal $module:ident { $($name:ident)* })*) => {
        BTreeMap::from([$((
            $structure,
            BTreeMap::from([$((stringify!($name), u64::from($module::$name))),*]),
        )),*])
    };
}

#[test]
fn constants_are_those_that_all_languages_share() {
    let constants = constants! {
        "Layout" constants {
            MAGIC VERSION PAGE_BYTES MAXIMUM_PAGES HEADER_OFFSET HEADER_BYTES EPOCHS_OFFSET
            EPOCHS_BYTES CAPSULES_OFFSET CAPSULES_BYTES LEDGER_OFFSET LEDGER_BYTES
            THREADS_OFFSET THREADS_BYTES PAGE_TABLE_OFFSET PAGE_TABLE_BYTES RINGS_OFFSET
            RINGS_BYTES TRACE_ENTRIES_OFFSET TRACE_ENTRIES_BYTES STATIC_OFFSET MINING_STATIC_OFFSET MINING_STATIC_BYTES
            PHYSICS_STATIC_OFFSET PHYSICS_STATIC_BYTES
            FIXTURE_STATIC_OFFSET FIXTURE_STATIC_BYTES THIRD_PARTY_STATIC_OFFSET
            THIRD_PARTY_STATIC_BYTES ARENA_OFFSET MAXIMUM_CAPSULES MAXIMUM_THREADS
            MAXIMUM_ACCOUNTS MAXIMUM_METHODS
        }
        "HeaderWords" header_words {
            MAGIC VERSION MAXIMUM_PAGES MEMORY_PAGES TOUCHED_PAGES NEXT_RUN_GENERATION TRACE_CAPACITY
            TRACE_TAIL
        }
        "Epochs" epochs {
            STRIDE_BYTES HOST_INDEX FIRST_CAPSULE_INDEX VALUE SLEEPERS AWAKE
        }
        "CapsuleWords" capsule_words {
            STRIDE_BYTES STATE GENERATION STOP SPINNERS STATIC_OFFSET STATIC_BYTES
            QUOTA_PAGES OWNED_PAGES METHODS OPERATOR_ACCOUNT PRICES PRICE_STRIDE_WORDS
            PRICE_BASE PRICE_PRICE PRICE_UNITS
        }
        "CapsuleState" capsule_state {
            ABSENT READY FAILED
        }
        "CapsuleStop" capsule_stop {
            NEVER NOW WHEN_IDLE
        }
        "ThreadWords" thread_words {
            STRIDE_BYTES STATE CAPSULE JOB STACK_LOW PANIC_BYTES TRACE_TAIL PANIC_TEXT PANIC_CAPACITY
            STACK_GUARD STACK_GUARD_WORDS
        }
        "ThreadState" thread_state {
            ABSENT RUNNING LEFT
        }
        "PageWords" page_words {
            STRIDE_BYTES ENTRY LINK OWNER_ARENA OWNER_SYSTEM KIND_BODY KIND_HEAD KIND_SLAB
            SLAB_CLASSES SLAB_SMALLEST_BYTES SLAB_HEADER_BYTES
        }
        "RingWords" ring_words {
            TAIL HEAD SLOTS SLOT_WORDS SLOT_SEQUENCE SLOT_OFFSET SLOT_GENERATION
        }
        "Rings" rings {
            STRIDE_BYTES PRIORITIES INBOX_CAPACITY INBOX_STRIDE_BYTES OUTBOX_OFFSET
            OUTBOX_CAPACITY
        }
        "TraceRings" trace_rings {
            HOST_RING FIRST_THREAD_RING
        }
        "TraceEntryWords" trace_entry_words {
            STRIDE_BYTES WHAT JOB TIME UNITS RESERVED ELAPSED UNLOOKED LONG KIND_MASK STATE_SHIFT
            CAPSULE_SHIFT THREAD_SHIFT METHOD_SHIFT
        }
        "TraceKind" trace_kind {
            QUEUED STARTED EXECUTED IDLE SETTLED CRASHED READY GIVEN_UP OMITTED
        }
        "LedgerWords" ledger_words {
            LOCK SEQUENCE ACCOUNTS JOURNAL_LENGTH JOURNAL JOURNAL_LEG_WORDS JOURNAL_LEGS ENTRIES
            ENTRY_WORDS ENTRY_AVAILABLE ENTRY_RESERVED TREASURY HOST_HOLDER TOTAL_MICRO_CREDITS
        }
        "JobWords" job_words {
            CONTROL STOP TICKETS OUTCOME CAPSULE ACCOUNT THREADS PROGRESS UNITS RESERVED BUDGET
            MINIMUM CURSOR SHARED ERROR_CODE ERROR_BYTES REQUEST_OFFSET REQUEST_BYTES
            OUTPUT_OFFSET OUTPUT_BYTES RESULT_OFFSET RESULT_CAPACITY RESULT_BYTES METHOD
            HEARTBEAT NUMBER STAMP_WOKE STAMP_RESERVED STAMP_FINISHED HEAD_BYTES ERROR_TEXT ERROR_CAPACITY
            BODY_OFFSET CONTROL_STATE_MASK CONTROL_PARTICIPANT CONTROL_PARTICIPANTS_MASK
            CONTROL_GENERATION_SHIFT
        }
        "JobState" job_state {
            FREE QUEUED RUNNING DONE FAILED CANCELLED EXPIRED OUT_OF_BUDGET
        }
        "StopReason" stop_reason {
            NONE CANCELLED EXPIRED
        }
        "FailureCode" failure_code {
            MALFORMED_REQUEST UNKNOWN_METHOD REGION_OUT_OF_BOUNDS INSUFFICIENT_CREDITS
            BUDGET_TOO_SMALL RESULT_TOO_LARGE BAD_LEDGER FIRST_CAPSULE_CODE
        }
    };
    let file = vectors::read("layout.json");
    let structures = file["constants"].as_object().unwrap();
    assert_eq!(
        structures.keys().collect::<Vec<_>>(),
        constants.keys().collect::<Vec<_>>(),
    );
    for (structure, ours) in constants {
        let theirs = structures[structure].as_object().unwrap();
        let theirs: BTreeMap<&str, u64> = theirs
            .iter()
            .map(|(name, value)| (name.as_str(), vectors::number(value)))
            .collect();
        assert_eq!(ours, theirs, "{structure}");
    }
}

#[test]
fn places_are_where_the_tables_say() {
    assert_eq!(
        capsule_offset(2),
        constants::CAPSULES_OFFSET + 2 * capsule_words::STRIDE_BYTES
    );
    assert_eq!(
        thread_offset(3),
        constants::THREADS_OFFSET + 3 * thread_words::STRIDE_BYTES
    );
    assert_eq!(host_epoch_offset(), constants::EPOCHS_OFFSET);
    assert_eq!(
        inbox_epoch_offset(0),
        constants::EPOCHS_OFFSET + epochs::STRIDE_BYTES
    );
    assert_eq!(inbox_offset(0, 0), constants::RINGS_OFFSET);
    assert_eq!(header_offset(3), constants::HEADER_OFFSET + 12);
    let last = constants::MAXIMUM_CAPSULES - 1;
    let slots = rings::OUTBOX_CAPACITY * ring_words::SLOT_WORDS;
    let end = outbox_offset(last) + (ring_words::SLOTS + slots) * 4;
    assert!(end <= constants::RINGS_OFFSET + constants::RINGS_BYTES);
}
