//! Errors: numbers that never change, messages that say what was given and what was expected.

use inos_physics::Error;

use crate::vectors::errors;

#[test]
fn codes_and_messages_are_those_of_every_language() {
    let ours = [
        (
            "physics/unknown-world",
            Error::UnknownWorld { given: 64 },
            "world must be a world that isn't disposed, got offset 64",
        ),
        (
            "physics/world-lost",
            Error::WorldLost { given: 64 },
            "the world at offset 64 was lost when a job on it crashed",
        ),
        (
            "physics/bad-command",
            Error::BadCommand {
                word: 3,
                operand: 2,
            },
            "the command at word 3 can't be: bad operand 2",
        ),
        (
            "physics/dead-handle",
            Error::DeadHandle { word: 3, slot: 9 },
            "the command at word 3 names slot 9, where nothing of that generation is",
        ),
        (
            "physics/unknown-state",
            Error::UnknownState { given: 64 },
            "state must be a state saved from this world and not disposed, got offset 64",
        ),
        (
            "physics/capacity",
            Error::Capacity { given: 0 },
            "capacity must be from 1 to 1048576, got 0",
        ),
        (
            "physics/out-of-memory",
            Error::OutOfMemory { bytes: 7 },
            "the shared memory has no room for 7 more bytes",
        ),
        (
            "physics/poses-region",
            Error::PosesRegion {
                given: 1,
                expected: 2,
            },
            "the poses' region must have 2 bytes, got 1",
        ),
        (
            "physics/bad-shape",
            Error::BadShape { reason: "why" },
            "the shape can't be made: why",
        ),
        (
            "physics/bad-query",
            Error::BadQuery { reason: "why" },
            "the query's regions don't fit: why",
        ),
        (
            "physics/bad-snapshot",
            Error::BadSnapshot { reason: "why" },
            "the snapshot can't be restored: why",
        ),
        (
            "physics/snapshot-version",
            Error::SnapshotVersion {
                format: 2,
                rapier: 0x2500,
            },
            "the snapshot must be of format 1 and rapier 0.36.1, got format 2 and rapier 0.37.0",
        ),
        (
            "physics/unstepped",
            Error::Unstepped,
            "joints or soft bodies changed since the latest step: take the snapshot after the next",
        ),
        (
            "physics/no-soft-bodies",
            Error::NoSoftBodies,
            "there are no soft bodies: the capsule must be made with softBodies: true, as in physics({ softBodies: true })",
        ),
    ];
    let listed = errors();
    let numbered = listed.iter().filter(|entry| entry["number"].is_u64());
    for ((code, error, message), entry) in ours.iter().zip(numbered.clone()) {
        assert_eq!(entry["code"], *code);
        assert_eq!(entry["number"], error.code());
        assert_eq!(error.to_string(), *message);
    }
    assert_eq!(numbered.count(), ours.len());
}
