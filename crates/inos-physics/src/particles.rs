//! All particles of soft bodies as arrays that anybody may read.

use rapier3d::dynamics::SoftBody;

use crate::World;
use crate::generated::physics_capnp::{body_state, particles_words as words, physics_limits};

/// One frame: an array per property, each as long as there is room for particles.
pub struct ParticleFrame<'f> {
    /// Three numbers a particle.
    pub positions: &'f mut [f32],
    /// Three numbers a particle.
    pub velocities: &'f mut [f32],
    /// The slot of each particle's soft body.
    pub owners: &'f mut [u32],
    /// One byte a particle: awake, sleeping or disabled.
    pub states: &'f mut [u8],
}

/// Bytes of a frame for `capacity` particles, a multiple of 64.
pub fn particle_frame_bytes(capacity: u32) -> u32 {
    let numbers = words::POSITION_WORDS + words::VELOCITY_WORDS + words::OWNER_WORDS;
    (capacity * (numbers * 4 + 1)).next_multiple_of(64)
}

fn state(body: &SoftBody) -> u32 {
    if !body.is_enabled() {
        body_state::DISABLED
    } else if body.is_sleeping() {
        body_state::SLEEPING
    } else {
        body_state::AWAKE
    }
}

impl World {
    /// Soft bodies by ascending slot, then the pieces that tore off them, which have none, in rapier's order.
    pub(crate) fn soft_bodies(&self) -> impl Iterator<Item = (u32, &SoftBody)> {
        let all = &self.physics.soft_bodies;
        let named: Vec<_> = self.softs.iter().collect();
        let handles: Vec<_> = named.iter().map(|&(_, handle)| handle).collect();
        let pieces = all
            .iter()
            .filter(move |(handle, _)| !handles.contains(handle))
            .map(|(_, piece)| (physics_limits::NONE, piece));
        let with_slots = named
            .into_iter()
            .filter_map(|(slot, handle)| Some((slot, all.get(handle)?)));
        with_slots.chain(pieces)
    }

    /// Fills a frame with as many particles as it has room for. Says how many there are.
    pub fn write_particles(&self, frame: &mut ParticleFrame<'_>) -> u32 {
        let mut at = 0;
        for (slot, body) in self.soft_bodies() {
            let state = state(body) as u8;
            let particles = body.particle_positions().zip(body.particle_velocities());
            for (position, velocity) in particles {
                if at < frame.states.len() {
                    frame.positions[at * 3..][..3].copy_from_slice(&position.to_array());
                    frame.velocities[at * 3..][..3].copy_from_slice(&velocity.to_array());
                    frame.owners[at] = slot;
                    frame.states[at] = state;
                }
                at += 1;
            }
        }
        at as u32
    }
}
