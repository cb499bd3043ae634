//! Links the capsule into its own static region of the shared memory; see `inos-build`.

fn main() {
    inos_build::link_capsule("physics");
}
