//! Commands: whatever the words, a stream is applied or refused.

use inos_physics::generated::physics_capnp::command;
use inos_physics::{Error, Handle, World, WorldOptions};
use proptest::prelude::*;

use crate::vectors::worlds;

fn small() -> World {
    World::new(&WorldOptions {
        capacity: 64,
        ..WorldOptions::default()
    })
}

#[test]
fn streams_that_cannot_be_are_refused_where_they_go_wrong() {
    let cases: [(&[u32], Error); 5] = [
        (
            &[0],
            Error::BadCommand {
                word: 0,
                operand: 0,
            },
        ),
        (
            &[command::REMOVE_BODY],
            Error::BadCommand {
                word: 0,
                operand: 0,
            },
        ),
        (
            &[command::REMOVE_BODY | 3 << 8, 1],
            Error::BadCommand {
                word: 0,
                operand: 0,
            },
        ),
        (
            &[command::REMOVE_BODY | 2 << 8, 1],
            Error::BadCommand {
                word: 0,
                operand: 2,
            },
        ),
        (
            &[command::REMOVE_BODY | 3 << 8, 1, 0],
            Error::DeadHandle { word: 0, slot: 1 },
        ),
    ];
    for (stream, expected) in cases {
        assert_eq!(small().apply(stream), Err(expected));
    }
}

#[test]
fn all_but_a_bad_command_is_done() {
    let commands = worlds().remove(0).jobs.remove(0).commands;
    let bad = [0xff | 1 << 8];
    for stream in [
        [commands.as_slice(), &bad].concat(),
        [&bad, commands.as_slice()].concat(),
    ] {
        let mut world = small();
        let word = stream.iter().position(|&word| word == bad[0]).unwrap() as u32;
        let expected = Error::BadCommand { word, operand: 0 };
        assert_eq!(world.apply(&stream), Err(expected));
        assert_eq!(world.body_count(), 41);
    }
}

/// A word that might be something: small, a float, or anything.
fn word() -> impl Strategy<Value = u32> {
    prop_oneof![
        0u32..40,
        (-20.0f32..20.0).prop_map(f32::to_bits),
        any::<f32>().prop_map(f32::to_bits),
        any::<u32>(),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u32>> {
    let command =
        (0u32..31, prop::collection::vec(word(), 0..40)).prop_map(|(opcode, operands)| {
            let length = operands.len() as u32 + 1;
            let mut words = vec![opcode | length << 8];
            words.extend(operands);
            words
        });
    prop::collection::vec(command, 0..12).prop_map(|commands| commands.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_streams_never_panic(stream in stream()) {
        let mut world = small();
        let _ = world.apply(&stream);
        world.step();
        world.digest();
    }

    /// Recorded streams with some words replaced reach deeper than random ones. They aren't stepped: with sizes
    /// such as 1e19, which are finite, parry itself panics, and that world is lost.
    #[test]
    fn damaged_streams_never_panic(
        which in 0usize..9,
        damage in prop::collection::vec((any::<prop::sample::Index>(), word()), 1..6),
    ) {
        let mut recorded = worlds();
        let recorded = recorded.swap_remove(which);
        let mut world = World::new(&recorded.options);
        for job in recorded.jobs.iter() {
            let mut commands = job.commands.clone();
            if !commands.is_empty() {
                for (index, word) in &damage {
                    let index = index.index(commands.len());
                    commands[index] = *word;
                }
            }
            let _ = world.apply(&commands);
            let damaged = |data: &Vec<u32>| {
                let mut data = data.clone();
                for (index, word) in &damage {
                    let index = index.index(data.len());
                    data[index] = *word;
                }
                data
            };
            let first = |slot: &u32| Handle {
                slot: *slot,
                generation: 0,
            };
            if let Some((slot, data)) = &job.shape {
                let _ = world.create_shape(first(slot), &damaged(data));
            }
            if let Some((slot, data)) = &job.soft_body {
                let _ = world.create_soft_body(first(slot), &damaged(data));
            }
            world.digest();
        }
    }
}
