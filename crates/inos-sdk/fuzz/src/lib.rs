//! Fuzz targets: plain functions over bytes.
//!
//! libFuzzer drives them with coverage (`pnpm fuzz`, src/bin/fuzz.rs), `cargo test` runs the inputs that were kept,
//! and mutations of them. Each runs the SDK's own code over an SDK whose accesses to shared memory are watched
//! (`inos_sdk::watch`), so words also change between two looks at them, deterministically.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod arena;
mod corpus;
#[cfg(test)]
mod double_fetch;
#[allow(dead_code, reason = "the SDK's tests use all of it")]
#[path = "../../tests/sdk/host.rs"]
mod host;
mod hostile;
mod input;
mod job;
mod ledger;
mod memory;
mod message;
#[path = "../../tests/sdk/methods.rs"]
mod methods;
mod pages;
mod reactor;
mod reader;
mod ring;
#[cfg(test)]
mod stopping;
mod watchdog;

pub use arena::arena;
pub use corpus::corpus;
pub use job::job;
pub use ledger::ledger;
pub use pages::pages;
pub use reactor::reactor;
pub use ring::ring;

/// A target: it returns, whatever the bytes.
pub type Target = fn(&[u8]);

/// All targets, by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("arena", arena),
    ("job", job),
    ("ledger", ledger),
    ("pages", pages),
    ("reactor", reactor),
    ("ring", ring),
];
