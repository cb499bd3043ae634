//! libFuzzer's program: `INOS_FUZZ_TARGET` names the target, the arguments are libFuzzer's. Started by
//! scripts/fuzz.mjs.
#![no_main]

use std::sync::OnceLock;

use inos_mining_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<Target> = OnceLock::new();

/// The target that the environment names.
fn target() -> Target {
    let name = std::env::var("INOS_FUZZ_TARGET").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = found.unwrap_or_else(|| panic!("INOS_FUZZ_TARGET names no target: {name:?}"));
    *target
}

fuzz_target!(|data: &[u8]| {
    TARGET.get_or_init(target)(data);
});
