//! The SDK as capsules use it, over native memory: one binary, one module per noun of the crate.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod arena;
mod budget;
mod credits;
mod error;
mod host;
mod hostile;
mod job;
mod layout;
mod memory;
mod methods;
mod pages;
mod reactor;
mod ring;
mod sab;
mod trace;
mod vectors;
