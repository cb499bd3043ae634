//! The fuzz targets of the mining capsule: what a search is told, and the messages of its jobs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../../inos-sdk/fuzz/src/corpus.rs"]
mod corpus;
/// The capsule's messages, which its crate keeps to itself.
#[path = "../../src/generated/mod.rs"]
mod generated;
#[allow(dead_code, reason = "the SDK's tests use all of it")]
#[path = "../../../inos-sdk/tests/sdk/host.rs"]
mod host;
mod input;
#[allow(dead_code, reason = "the SDK's tests use all of it")]
#[path = "../../../inos-sdk/tests/sdk/memory.rs"]
mod memory;
mod message;
/// Of whose methods the host publishes prices.
mod methods {
    pub use inos_mining::capsule::METHODS;
}
mod mining;
mod orders;
#[path = "../../../inos-sdk/fuzz/src/reader.rs"]
mod reader;

pub use corpus::corpus;
pub use mining::mining;
pub use orders::orders;

/// A target: it returns, whatever the bytes.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: &[(&str, Target)] = &[("mining", mining), ("orders", orders)];
