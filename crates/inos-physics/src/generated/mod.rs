//! Generated from `schemas/` by `pnpm schema`; never edited. Not all of it is used, and none of
//! it is written for people, so the linters stay out.

#[allow(clippy::all, clippy::undocumented_unsafe_blocks, clippy::unwrap_used)]
#[allow(missing_docs, unused, unsafe_op_in_unsafe_fn)]
pub mod physics_capnp;

#[allow(clippy::all, clippy::undocumented_unsafe_blocks, clippy::unwrap_used)]
#[allow(missing_docs, unused, unsafe_op_in_unsafe_fn)]
pub mod answers_capnp;

#[allow(clippy::all, clippy::undocumented_unsafe_blocks, clippy::unwrap_used)]
#[allow(missing_docs, unused, unsafe_op_in_unsafe_fn)]
pub mod controls_capnp;
