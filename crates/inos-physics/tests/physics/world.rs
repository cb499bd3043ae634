//! Worlds: the same commands give the same digests natively as in WebAssembly.

use inos_physics::{Frame, ParticleFrame, World, WorldOptions};

use crate::vectors::{hex, worlds};

#[test]
fn recorded_worlds_come_to_their_digests() {
    let recorded = worlds();
    assert!(recorded.len() >= 5);
    for expected in recorded {
        let world = expected.replay();
        assert_eq!(u64::from(world.body_count()), expected.bodies);
        assert_eq!(world.steps(), expected.steps, "{}", expected.name);
        assert_eq!(hex(&world.digest()), expected.digest, "{}", expected.name);
    }
}

#[test]
fn a_frame_has_every_body_at_its_slot() {
    let recorded = worlds().remove(0);
    let mut world = World::new(&recorded.options);
    world.apply(&recorded.jobs[0].commands).unwrap();
    let capacity = recorded.options.capacity as usize;
    let mut numbers = [3, 4, 3, 3].map(|width| vec![7.0; capacity * width]);
    let mut states = vec![9; capacity];
    let [translations, rotations, linear, angular] = &mut numbers;
    world.write_frame(&mut Frame {
        translations,
        rotations,
        linear_velocities: linear,
        angular_velocities: angular,
        states: &mut states,
    });
    let end = world.slot_end() as usize;
    assert_eq!(end as u64, recorded.bodies);
    assert!(states[..end].iter().all(|&state| state == 1));
    assert!(states[end..].iter().all(|&state| state == 9));
    // The floor, and nothing beyond the last body.
    assert_eq!(translations[..3], [0.0, -1.0, 0.0]);
    assert_eq!(rotations[..4], [0.0, 0.0, 0.0, 1.0]);
    assert!(translations[end * 3..].iter().all(|&number| number == 7.0));
    assert!(linear[..end * 3].iter().all(|&number| number == 0.0));
}

#[test]
fn a_frame_has_the_particles_of_all_soft_bodies_and_of_pieces_that_tore_off() {
    let recorded = worlds()
        .into_iter()
        .find(|world| world.name == "softs")
        .unwrap();
    let world = recorded.replay();
    let write = |room: usize| {
        let (mut positions, mut velocities) = (vec![7.0; room * 3], vec![7.0; room * 3]);
        let (mut owners, mut states) = (vec![9; room], vec![9; room]);
        let total = world.write_particles(&mut ParticleFrame {
            positions: &mut positions,
            velocities: &mut velocities,
            owners: &mut owners,
            states: &mut states,
        });
        (total as usize, positions, owners, states)
    };
    let (total, positions, owners, states) = write(500);
    let count = |slot| {
        owners[..total]
            .iter()
            .filter(|&&owner| owner == slot)
            .count()
    };
    assert!(owners[..total].is_sorted());
    assert_eq!((count(1), count(2)), (49, 27));
    // The rope's ten and the one that the tear made of one, in two pieces.
    assert_eq!(count(0) + count(u32::MAX), 11);
    assert!(count(u32::MAX) > 0 && count(3) > 4);
    assert!(states[..total].iter().all(|&state| state == 1));
    assert!(
        positions[..total * 3]
            .iter()
            .all(|number| number.abs() < 20.0)
    );
    assert!(positions[total * 3..].iter().all(|&number| number == 7.0));
    let (again, some, _, states) = write(5);
    assert_eq!((again, states.len()), (total, 5));
    assert_eq!(some, positions[..15]);
}

/// Whatever C library the system has: rapier asks for these through the standard library.
#[test]
fn mathematical_functions_are_those_of_webassembly() {
    let mut world = World::new(&WorldOptions::default());
    world.step();
    let numbers = (0..20_000).map(|index| index as f32 * 1e-4 - 1.0);
    for x in numbers {
        let x = std::hint::black_box(x);
        let (sin, cos) = x.sin_cos();
        let pairs = [
            (x.acos(), libm::acosf(x)),
            (x.asin(), libm::asinf(x)),
            (sin, libm::sinf(x)),
            (cos, libm::cosf(x)),
            (x.tan(), libm::tanf(x)),
            (x.exp(), libm::expf(x)),
            (x.atan2(0.3), libm::atan2f(x, 0.3)),
            (x.abs().log2(), libm::log2f(x.abs())),
            (x.abs().powf(1.7), libm::powf(x.abs(), 1.7)),
        ];
        for (number, (ours, theirs)) in pairs.into_iter().enumerate() {
            assert_eq!(ours.to_bits(), theirs.to_bits(), "function {number} of {x}");
        }
    }
}

#[test]
fn an_empty_world_steps() {
    let mut world = World::new(&WorldOptions::default());
    let before = world.digest();
    world.step();
    assert_eq!(world.digest(), before);
    assert_eq!(world.capacity(), 1024);
}
