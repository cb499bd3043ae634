//! `cargo xtask …`: what the repository needs besides cargo and npm scripts, in plain stable Rust.
//!
//! Finding and installing a Rust that can build WebAssembly with shared memory is not here but in
//! `scripts/toolchain.mjs`: without a cargo nothing here could run.

mod deps;
#[cfg(feature = "bindgen")]
mod gpu;
#[cfg(feature = "inspect")]
mod inspect;
mod process;
mod rustc;
#[cfg(feature = "schema")]
mod schema;
mod wasm;

use std::env;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  schema [--check]   generate the Rust and TypeScript of schemas/*.capnp; --check: fail on a difference
  toolchain          find or install a Rust that can build the capsules, and say which
  wasm CAPSULE [FOLDER]
                     build the crate inos-CAPSULE to FOLDER/CAPSULE.wasm, by default packages/CAPSULE/wasm;
                     of physics also to physics-soft.wasm, which has the soft bodies that the other hasn't
  gpu CAPSULE        build the crate inos-CAPSULE-gpu to packages/CAPSULE/wasm/CAPSULE-gpu.js and its module
  wasm CAPSULE FOLDER --scalar
                     the same without SIMD and less optimised: only to compare what the two work out
  wasm CAPSULE FOLDER --counting
                     one that counts how often its code is run: scripts/profile-physics.mjs makes a profile of it
  lint               clippy over the capsules as WebAssembly
  inspect CAPSULE    prove what the loader relies on about those files
  deps               check which crate and file may name what
";

/// Why a command failed, for the user to read.
type Failure = String;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Some(code) = rustc::replace(&words) {
        return code;
    }
    let outcome = match words.as_slice() {
        #[cfg(feature = "schema")]
        ["schema"] => schema::generate(),
        #[cfg(feature = "schema")]
        ["schema", "--check"] => schema::check(),
        ["toolchain"] => process::node_script("scripts/toolchain.mjs", &["--install"]),
        ["wasm", capsule] => wasm::build(capsule, None, wasm::Variant::Shipped),
        ["wasm", capsule, folder] => wasm::build(capsule, Some(folder), wasm::Variant::Shipped),
        ["wasm", capsule, folder, "--scalar"] => {
            wasm::build(capsule, Some(folder), wasm::Variant::Scalar)
        }
        ["wasm", capsule, folder, "--counting"] => {
            wasm::build(capsule, Some(folder), wasm::Variant::Counting)
        }
        #[cfg(feature = "bindgen")]
        ["gpu", capsule] => gpu::build(capsule),
        ["lint"] => wasm::lint(),
        #[cfg(feature = "inspect")]
        ["inspect", capsule] => inspect::inspect(capsule),
        ["deps"] => deps::check(),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{}", message.trim_end());
            ExitCode::FAILURE
        }
    }
}
