//! Fuzz targets: plain functions over bytes.
//!
//! libFuzzer drives them with coverage (`pnpm fuzz`, src/bin/fuzz.rs), `cargo test` runs the inputs that were kept,
//! and mutations of them. Each runs the SDK's own code over an SDK whose accesses to shared memory are watched
//! (`inos_sdk::watch`), so words also change between two looks at them, deterministically.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod corpus;
mod hostile;
mod input;
mod ring;

pub use corpus::corpus;
pub use ring::ring;

/// A target: it returns, whatever the bytes.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: &[(&str, Target)] = &[("ring", ring)];
