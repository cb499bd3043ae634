//! What of the physics capsule is large but seldom at work: rapier's world as bytes and back, lines for debugging.
//!
//! rapier's serde code and its debug renderer are generic, so they are compiled in the crate that uses them. In this
//! one the workspace's profile asks for size; in the capsule's own it asks for speed.
#![warn(missing_docs)]

mod lines;

use rapier3d::geometry::SharedShape;
use rapier3d::pipeline::PhysicsWorld;

pub use lines::{LINE_WORDS, debug_lines};

/// Adds a world, its prepared shapes and `rest` to `bytes`; `None` if that can't be.
pub fn write_world(
    physics: &PhysicsWorld,
    shapes: &[SharedShape],
    rest: &[u8],
    bytes: Vec<u8>,
) -> Option<Vec<u8>> {
    postcard::to_extend(&(physics, shapes, rest), bytes).ok()
}

/// What [`write_world`] made bytes of; `None` for other bytes.
pub fn read_world(bytes: &[u8]) -> Option<(PhysicsWorld, Vec<SharedShape>, &[u8])> {
    let (world, left) = postcard::take_from_bytes(bytes).ok()?;
    left.is_empty().then_some(world)
}
