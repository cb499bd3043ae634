//! The physics capsule's work in plain Rust: worlds of rigid bodies that step to the same bits everywhere.
//!
//! [`World`] is rapier's world with handles that its host chooses ([`Slots`]), fed by binary commands
//! ([`World::apply`]). Only `capsule` and the world's heap beside it know shared memory, so that `cargo test`
//! runs the rest natively.
//!
//! ```
//! use inos_physics::{World, WorldOptions};
//!
//! let mut world = World::new(&WorldOptions::default());
//! world.step();
//! assert_eq!(world.steps(), 1);
//! ```
#![warn(missing_docs)]
#![warn(clippy::undocumented_unsafe_blocks)]

mod body;
#[cfg(target_arch = "wasm32")]
pub mod capsule;
mod character;
mod collider;
mod command;
mod contact;
mod control;
mod digest;
mod dispatch;
mod error;
mod event;
#[cfg(target_arch = "wasm32")]
mod frames;
#[allow(missing_docs, clippy::all, clippy::pedantic, unused)]
pub mod generated;
#[cfg(target_arch = "wasm32")]
mod heap;
mod hooks;
mod joint;
mod list;
#[cfg(not(target_arch = "wasm32"))]
mod maths;
mod mesh;
mod operands;
#[cfg(target_arch = "wasm32")]
mod pace;
mod particles;
mod pid;
mod poses;
mod query;
mod read;
#[cfg(target_arch = "wasm32")]
mod saved;
mod shape;
mod slots;
mod snapshot;
mod soft;
#[cfg(any(target_arch = "wasm32", test))]
mod used;
mod vehicle;
mod world;
#[cfg(target_arch = "wasm32")]
mod world_block;

/// What a world's heap asks its memory for in.
#[cfg(any(target_arch = "wasm32", test))]
pub(crate) const GRANULE_BYTES: u32 = 65536;

pub use digest::DIGEST_BYTES;
pub use error::Error;
pub use event::Event;
pub use list::list_widths;
pub use particles::{ParticleFrame, particle_frame_bytes};
pub use poses::{Frame, frame_bytes};
pub use query::Query;
pub use read::read_input_words;
pub use slots::{Handle, Slots};
pub use snapshot::snapshot_capacity;
pub use world::{World, WorldOptions};
