//! `cargo xtask gpu`: the part of a package that drives a GPU, as WebAssembly with wasm-bindgen's glue.
//!
//! It is a module with a memory of its own, compiled without atomics: so std is built once more, and to a target
//! folder of its own.

use std::fs;

use wasm_bindgen_cli_support::Bindgen;

use crate::Failure;
use crate::process::{root, run};
use crate::wasm;

/// Builds the crate `inos-<capsule>-gpu` to `packages/<capsule>/wasm/<capsule>-gpu.js` and its module.
pub fn build(capsule: &str) -> Result<(), Failure> {
    let target = wasm::gpu_folder();
    let mut command = wasm::cargo("build", wasm::GPU_FEATURES, &target);
    command.args(["--package", &format!("inos-{capsule}-gpu")]);
    // wasm-bindgen reads, and then removes, what stripping would take away.
    command.env("CARGO_PROFILE_RELEASE_STRIP", "none");
    run(&mut command, "install Node 20 or newer")?;

    let module = format!("{}/release/inos_{capsule}_gpu.wasm", wasm::TARGET);
    let folder = root().join(format!("packages/{capsule}/wasm"));
    Bindgen::new()
        .input_path(target.join(module))
        .out_name(&format!("{capsule}-gpu"))
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                // Who loads it says where it lies.
                .omit_default_module_path(true)
                .generate(&folder)
        })
        .map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    let file = |name: String| folder.join(name);
    let (from, to) = (
        file(format!("{capsule}-gpu_bg.wasm")),
        file(format!("{capsule}-gpu.wasm")),
    );
    fs::rename(&from, &to).map_err(|error| format!("cannot rename {}: {error}", from.display()))
}
