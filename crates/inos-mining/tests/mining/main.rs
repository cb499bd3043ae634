//! The mining capsule's plain-Rust behaviour: one binary, one module per noun of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod error;
mod hash;
mod hasher;
mod hasher_table;
mod reference;
mod search;
mod target;
mod vectors;
