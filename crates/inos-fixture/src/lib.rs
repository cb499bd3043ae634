//! A capsule that does on request what real capsules shouldn't, so that tests see how the runtime takes it.
#![warn(missing_docs)]

pub mod capsule;
mod generated;
