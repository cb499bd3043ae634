//! Poses, velocities and states of all bodies as arrays that anybody may read.

use crate::World;
use crate::digest::{motion, state};
use crate::generated::physics_capnp::{body_state, poses_words as words};

/// One frame: an array per property, each as long as the world's capacity.
pub struct Frame<'f> {
    /// Three numbers a body.
    pub translations: &'f mut [f32],
    /// Four numbers a body: x, y, z, w.
    pub rotations: &'f mut [f32],
    /// Three numbers a body.
    pub linear_velocities: &'f mut [f32],
    /// Three numbers a body.
    pub angular_velocities: &'f mut [f32],
    /// One byte a body: absent, awake, sleeping or disabled.
    pub states: &'f mut [u8],
}

/// Bytes of a frame for `capacity` bodies, a multiple of 64.
pub fn frame_bytes(capacity: u32) -> u32 {
    let numbers = words::TRANSLATION_WORDS + words::ROTATION_WORDS + 2 * words::VELOCITY_WORDS;
    (capacity * (numbers * 4 + 1)).next_multiple_of(64)
}

impl World {
    /// Fills a frame. Slots without a body keep their numbers and are marked as absent.
    pub fn write_frame(&self, frame: &mut Frame<'_>) {
        for slot in 0..self.bodies.end() as usize {
            let Some((_, handle)) = self.bodies.at(slot as u32) else {
                frame.states[slot] = body_state::ABSENT as u8;
                continue;
            };
            let body = &self.physics.bodies[handle];
            let motion = motion(body);
            frame.translations[slot * 3..][..3].copy_from_slice(&motion[..3]);
            frame.rotations[slot * 4..][..4].copy_from_slice(&motion[3..7]);
            frame.linear_velocities[slot * 3..][..3].copy_from_slice(&motion[7..10]);
            frame.angular_velocities[slot * 3..][..3].copy_from_slice(&motion[10..]);
            frame.states[slot] = state(body) as u8;
        }
    }
}
