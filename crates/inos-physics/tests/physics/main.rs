//! The physics capsule's plain-Rust behaviour: one binary, one module per noun of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod command;
mod error;
mod slots;
mod snapshot;
mod vectors;
mod world;
