//! The digest of a world: 32 bytes that two machines compare instead of their worlds.

use rapier3d::dynamics::RigidBody;

use crate::World;
use crate::generated::physics_capnp::{body_state, physics_limits};

/// Bytes of a digest.
pub const DIGEST_BYTES: usize = physics_limits::DIGEST_BYTES as usize;

/// All NaNs are one: which bits they have is the engine's affair.
fn canonical(number: f32) -> [u8; 4] {
    let number = if number.is_nan() { f32::NAN } else { number };
    number.to_bits().to_le_bytes()
}

/// Absent, awake, sleeping or disabled, as readers of poses see it.
pub(crate) fn state(body: &RigidBody) -> u32 {
    if !body.is_enabled() {
        body_state::DISABLED
    } else if body.is_sleeping() {
        body_state::SLEEPING
    } else {
        body_state::AWAKE
    }
}

/// Where a body is and how it moves: translation 3, rotation 4, linear and angular velocity 3 each.
pub(crate) fn motion(body: &RigidBody) -> [f32; 13] {
    let (p, q) = (body.translation(), body.rotation());
    let (v, w) = (body.linvel(), body.angvel());
    [
        p.x, p.y, p.z, q.x, q.y, q.z, q.w, v.x, v.y, v.z, w.x, w.y, w.z,
    ]
}

impl World {
    /// BLAKE3 over each body's slot, state and motion, then over each soft body's slot and its particles' positions
    /// and velocities, by ascending slot, then likewise over the pieces that tore off; all little-endian.
    pub fn digest(&self) -> [u8; DIGEST_BYTES] {
        let mut hasher = blake3::Hasher::new();
        for (slot, handle) in self.bodies.iter() {
            let body = &self.physics.bodies[handle];
            let mut bytes = [0; 60];
            bytes[..4].copy_from_slice(&slot.to_le_bytes());
            bytes[4..8].copy_from_slice(&state(body).to_le_bytes());
            for (target, number) in bytes[8..].chunks_exact_mut(4).zip(motion(body)) {
                target.copy_from_slice(&canonical(number));
            }
            hasher.update(&bytes);
        }
        for (slot, body) in self.soft_bodies() {
            hasher.update(&slot.to_le_bytes());
            for vector in body.particle_positions().chain(body.particle_velocities()) {
                for number in vector.to_array() {
                    hasher.update(&canonical(number));
                }
            }
        }
        *hasher.finalize().as_bytes()
    }
}
