//! Links the capsule into its own static region of the shared memory; see `inos-build`.

use std::env;

fn main() {
    inos_build::link_capsule("physics");
    // The functions' names, as Rust's paths: by them a build's last steps find those that soft bodies need.
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        for argument in ["--keep-section=name", "--demangle"] {
            println!("cargo:rustc-link-arg-cdylib={argument}");
        }
    }
}
