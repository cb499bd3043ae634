//! The mining capsule's plain-Rust behaviour: one binary, one module per noun of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod error;
mod function;
mod hash;
mod hasher;
mod hasher_table;
mod many;
mod reference;
mod search;
mod sha512_reference;
mod target;
mod vectors;
mod verified;
