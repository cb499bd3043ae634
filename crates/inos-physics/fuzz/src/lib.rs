//! The fuzz target of worlds: streams of commands that say anything.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod commands;
#[path = "../../../inos-sdk/fuzz/src/corpus.rs"]
mod corpus;

pub use commands::commands;
pub use corpus::corpus;
