//! libFuzzer's program; the arguments are libFuzzer's. Started by scripts/fuzz.mjs.
#![no_main]

use inos_physics_fuzz::commands;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| commands(data));
