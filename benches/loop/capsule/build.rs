//! Links the capsule at the start of the range that the layout keeps for third parties.

use inos_build::{StaticRegion, link_capsule_at, static_region};

/// As much as `touch.mjs` tells the loader.
const STATIC_BYTES: u64 = 0x10_0000;

fn main() {
    let third_party = static_region("thirdParty").expect("the layout has a third-party range");
    link_capsule_at(StaticRegion {
        bytes: STATIC_BYTES,
        ..third_party
    });
}
