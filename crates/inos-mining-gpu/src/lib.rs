//! Nonce search on a GPU, driven by wgpu over WebGPU. Loaded by `@inos/mining` when a search asks for it, in a
//! worker that owns the device, with a memory of its own: what goes to the device is a header and a target.
//!
//! [`task`] works out what the nonces of a run have in common, `search.wgsl` tries them, [`device`] brings
//! the two together, and [`binding`] is what JavaScript sees. All but the last two are plain Rust, so that
//! `cargo test` checks them natively. What is found here is confirmed by the capsule's plain path.
#![warn(missing_docs)]

#[cfg(target_arch = "wasm32")]
#[allow(missing_docs)]
pub mod binding;
pub mod compress;
#[cfg(target_arch = "wasm32")]
pub mod device;
pub mod task;

/// The shader.
pub const SHADER: &str = include_str!("search.wgsl");

/// How many nonces a workgroup tries, as [`SHADER`] says.
pub const WORKGROUP: u32 = 64;
