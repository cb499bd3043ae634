//! Portable snapshots: what is restored goes on as the original would have, and damage is refused.

use inos_physics::{Error, World, WorldOptions, snapshot_capacity};
use proptest::prelude::*;

use crate::vectors::{Job, hex, worlds};

const HOST: &[u8] = b"the host's own bytes";

fn begin(world: &mut World, job: &Job) {
    world.apply(&job.commands).unwrap();
    job.make_parts(world);
}

/// The world from its snapshot, with the host's bytes as they were.
fn through_bytes(world: &World, commands: &[u32]) -> World {
    let bytes = world.snapshot(HOST, commands).unwrap();
    let (restored, host) = World::restore(&bytes).unwrap();
    assert_eq!(&bytes[host], HOST);
    assert_eq!(snapshot_capacity(&bytes), Ok(world.capacity()));
    assert_eq!(restored.steps(), world.steps());
    if commands.is_empty() {
        assert_eq!(restored.digest(), world.digest());
        // The bytes are those of the world, whoever writes them.
        assert_eq!(restored.snapshot(HOST, &[]).unwrap(), bytes);
    }
    restored
}

/// Replays the recorded worlds beside ones that `renew` replaces, once in each job.
fn replay(renew: impl Fn(&mut World, &Job, u64) -> bool) {
    for recorded in worlds() {
        let mut original = World::new(&recorded.options);
        let mut restored = World::new(&recorded.options);
        for job in &recorded.jobs {
            begin(&mut original, job);
            if !renew(&mut restored, job, 0) {
                begin(&mut restored, job);
            }
            for step in 0..job.steps {
                original.step();
                restored.step();
                renew(&mut restored, job, step + 1);
                let steps = original.steps();
                let name = &recorded.name;
                assert_eq!(
                    original.digest(),
                    restored.digest(),
                    "{name} after {steps} steps"
                );
            }
        }
    }
}

#[test]
fn restored_worlds_go_on_as_the_originals() {
    replay(|world, job, step| {
        let is_due = step > 0 && step == job.steps / 2;
        if is_due {
            *world = through_bytes(world, &[]);
        }
        is_due
    });
}

#[test]
fn commands_that_no_step_has_seen_are_kept() {
    replay(|world, job, step| {
        if step == 0 {
            *world = through_bytes(world, &job.commands);
            job.make_parts(world);
        }
        step == 0
    });
}

/// The checksum is that of all other bytes: what WebAssembly wrote is what is written here, so each reads the other's.
#[test]
fn snapshots_are_the_bytes_that_webassembly_writes() {
    for recorded in worlds() {
        let (name, expected) = (&recorded.name, &recorded.snapshot);
        let bytes = recorded.replay().snapshot(&expected.host, &[]).unwrap();
        assert_eq!(bytes.len() as u64, expected.byte_length, "{name}");
        assert_eq!(bytes[32..64], expected.checksum, "{name}");
        let (mut restored, host) = World::restore(&bytes).unwrap();
        assert_eq!(bytes[host], expected.host, "{name}");
        let (steps, digest) = &expected.later;
        (0..*steps).for_each(|_| restored.step());
        assert_eq!(&hex(&restored.digest()), digest, "{name}");
    }
}

#[test]
fn joints_that_changed_since_the_latest_step_must_be_stepped_first() {
    let recorded = worlds();
    let jointed = recorded
        .iter()
        .find(|world| world.name == "joints")
        .unwrap();
    let mut world = World::new(&jointed.options);
    for job in &jointed.jobs {
        begin(&mut world, job);
        let is_first = world.steps() == 0;
        let taken = world.snapshot(&[], &[]).map(|_| ());
        assert_eq!(
            taken,
            if is_first {
                Ok(())
            } else {
                Err(Error::Unstepped)
            }
        );
        world.step();
        assert!(world.snapshot(&[], &[]).is_ok());
    }
}

fn small() -> Vec<u8> {
    let mut recorded = worlds().swap_remove(0);
    let mut world = World::new(&recorded.options);
    begin(&mut world, &recorded.jobs.swap_remove(0));
    world.step();
    world.snapshot(HOST, &[]).unwrap()
}

fn refusal(bytes: &[u8]) -> Error {
    World::restore(bytes).err().unwrap()
}

#[test]
fn other_versions_are_refused_by_their_numbers() {
    let bytes = World::new(&WorldOptions::default())
        .snapshot(&[], &[])
        .unwrap();
    for (word, format, rapier) in [(2, 2, 0x2401), (3, 1, 0x2500)] {
        let mut other = bytes.clone();
        let value: u32 = if word == 2 { format } else { rapier };
        other[word * 4..word * 4 + 4].copy_from_slice(&value.to_le_bytes());
        let expected = Error::SnapshotVersion { format, rapier };
        assert_eq!(refusal(&other), expected);
        assert_eq!(snapshot_capacity(&other), Err(expected));
    }
}

/// The number in the schema is that of the rapier which was linked.
#[test]
fn the_version_is_that_of_the_lock_file() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let number = inos_physics::generated::physics_capnp::snapshot_words::RAPIER_VERSION;
    let [_, major, minor, patch] = number.to_be_bytes();
    let entry = format!("name = \"rapier3d\"\nversion = \"{major}.{minor}.{patch}\"");
    assert!(lock.contains(&entry));
}

#[test]
fn what_is_no_snapshot_is_refused() {
    let bytes = small();
    let cases: [(&[u8], &str); 5] = [
        (b"", "it is shorter than a head"),
        (&bytes[..63], "its length isn't the one that its head says"),
        (&[7; 200], "it doesn't begin as snapshots do"),
        (
            &bytes[..bytes.len() - 1],
            "its length isn't the one that its head says",
        ),
        (
            &[&bytes[..], &[0]].concat(),
            "its length isn't the one that its head says",
        ),
    ];
    for (given, reason) in cases {
        assert_eq!(refusal(given), Error::BadSnapshot { reason });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// One changed bit anywhere is noticed; in the version's words as another version.
    #[test]
    fn damage_is_refused(at in any::<prop::sample::Index>(), bit in 0u32..8) {
        let mut bytes = small();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let is_refused = matches!(
            World::restore(&bytes),
            Err(Error::BadSnapshot { .. } | Error::SnapshotVersion { .. })
        );
        prop_assert!(is_refused);
    }

    /// A checksum says nothing about who made it: bytes that were never a world may be refused, but no more.
    #[test]
    fn forged_worlds_are_refused_or_read(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = small();
        for (at, value) in damage {
            let at = 64 + at.index(bytes.len() - 64);
            bytes[at] = value;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&bytes[..32]);
        hasher.update(&bytes[64..]);
        bytes[32..64].copy_from_slice(hasher.finalize().as_bytes());
        let _ = World::restore(&bytes);
    }
}
