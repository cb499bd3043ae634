//! Build-script helper for capsules: how a crate is linked so that many of them share one memory.
//!
//! The arguments go through `cargo:rustc-link-arg-cdylib` rather than RUSTFLAGS, so that the standard
//! library is compiled once for all capsules although each is linked to another place. Native builds
//! (`cargo test`) are left alone.
//!
//! Offsets are written only in `schemas/layout.capnp`; this crate reads them from there.

mod declared;

use std::path::Path;
use std::{env, fs};

/// The layout schema: the only place where a region's offset and size are written.
const LAYOUT: &str = include_str!("../../../schemas/layout.capnp");

/// The most that a 32-bit memory can hold, and what every capsule declares as its memory's maximum.
pub const MAXIMUM_MEMORY_BYTES: u64 = 1 << 32;

/// What the loader needs besides the capsule's own functions: to give each thread a stack and
/// thread-local storage of its own, and to know where the static data begins and ends.
pub const LINKER_EXPORTS: [&str; 8] = [
    "__stack_pointer",
    "__global_base",
    "__wasm_init_tls",
    "__tls_size",
    "__tls_align",
    "__tls_base",
    "__data_end",
    "__heap_base",
];

/// A capsule's static region: where its data segments are linked, and how much may lie there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaticRegion {
    /// Byte offset in the shared memory: the module's global base.
    pub offset: u64,
    /// Size in bytes.
    pub bytes: u64,
}

/// Emits the link arguments for a capsule from anywhere, in the region that the `Cargo.toml` beside its
/// build script declares, which is where `inos capsule build` and so TypeScript read it, too:
///
/// ```toml
/// [package.metadata.inos]
/// static-offset = 0x1400000
/// static-bytes = 0x100000
/// ```
///
/// # Panics
/// When it declares none, or none inside the layout's third-party range: the build must not go on with a
/// guess.
pub fn link() {
    println!("cargo:rerun-if-changed=Cargo.toml");
    let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".to_owned());
    let path = Path::new(&folder).join("Cargo.toml");
    let manifest = fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let range = static_region("thirdParty").unwrap_or_else(|| panic!("the layout has no range"));
    match declared::region(&manifest, range) {
        Ok(region) => link_capsule_at(region),
        Err(problem) => panic!("{}: {problem}", path.display()),
    }
}

/// Emits the link arguments for a capsule of this repository, by its name in the layout schema:
/// `mining` has `miningStaticOffset` and `miningStaticBytes`.
///
/// # Panics
/// When the schema has no such region: the build must not go on with a guess.
pub fn link_capsule(name: &str) {
    link_capsule_at(static_region(name).unwrap_or_else(|| {
        panic!("schemas/layout.capnp has no {name}StaticOffset and {name}StaticBytes")
    }));
}

/// Emits the link arguments for a capsule in the given region, if the target is `wasm32`.
/// Capsules from elsewhere choose a region inside the layout's third-party range.
pub fn link_capsule_at(region: StaticRegion) {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        for argument in link_arguments(region) {
            println!("cargo:rustc-link-arg-cdylib={argument}");
        }
    }
}

/// The region that the layout schema gives to the named capsule.
#[must_use]
pub fn static_region(name: &str) -> Option<StaticRegion> {
    Some(StaticRegion {
        offset: constant(&format!("{name}StaticOffset"))?,
        bytes: constant(&format!("{name}StaticBytes"))?,
    })
}

/// The linker's arguments for a module that imports the shared memory and lives in `region`.
fn link_arguments(region: StaticRegion) -> Vec<String> {
    let mut arguments = vec![
        "--import-memory".into(),
        "--shared-memory".into(),
        format!("--max-memory={MAXIMUM_MEMORY_BYTES}"),
        format!("--global-base={}", region.offset),
        // By default a module's stack lies at address 0, on top of every other module's. The loader
        // sets __stack_pointer to memory of each thread's own, so the linker's stack is never used
        // and takes the least there can be.
        "--no-stack-first".into(),
        "-zstack-size=16".into(),
        // So that the loader can give a capsule a clock to look at jobs with, and it still imports
        // nothing but its memory.
        "--export-table".into(),
        "--growable-table".into(),
    ];
    arguments.extend(LINKER_EXPORTS.map(|name| format!("--export={name}")));
    arguments
}

/// The value of `const <name> :UInt32 = <value>;` in the layout schema.
fn constant(name: &str) -> Option<u64> {
    LAYOUT.lines().find_map(|line| {
        let (found, rest) = line.trim().strip_prefix("const ")?.split_once(" :")?;
        let value = rest.split_once('=')?.1.split_once(';')?.0.trim();
        (found == name).then(|| parse(value)).flatten()
    })
}

/// A decimal or `0x` hexadecimal number, with underscores as in Rust and TOML.
fn parse(value: &str) -> Option<u64> {
    let value = value.replace('_', "");
    match value.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_regions_from_the_schema() {
        let mining = static_region("mining").expect("mining has a static region");
        assert_eq!(mining.offset % 65536, 0);
        assert!(mining.bytes >= 65536);
        assert_eq!(static_region("nobody"), None);
    }

    #[test]
    fn links_at_the_region() {
        let arguments = link_arguments(StaticRegion {
            offset: 0x50_0000,
            bytes: 0x1_0000,
        });
        assert!(arguments.contains(&"--global-base=5242880".to_owned()));
        assert!(arguments.contains(&"--export=__heap_base".to_owned()));
    }
}
