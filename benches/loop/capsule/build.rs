//! Links the capsule into the range that the layout keeps for third parties: at its start, or as many times its size
//! further on as the environment says, for several of it beside one another.

use inos_build::{StaticRegion, link_capsule_at, static_region};

/// As much as `touch.mjs` tells the loader.
const STATIC_BYTES: u64 = 0x10_0000;
/// Which of the places there are.
const SLOT: &str = "INOS_TOUCH_SLOT";

fn main() {
    let third_party = static_region("thirdParty").expect("the layout has a third-party range");
    println!("cargo::rerun-if-env-changed={SLOT}");
    let slot = std::env::var(SLOT).map_or(0, |slot| slot.parse().expect("a number"));
    link_capsule_at(StaticRegion {
        offset: third_party.offset + slot * STATIC_BYTES,
        bytes: STATIC_BYTES,
    });
}
