//! `cargo xtask wasm`: a capsule as WebAssembly over shared memory.
//!
//! Threads need a standard library compiled with atomics, so std is built from source; that takes a
//! minute, once, for all capsules. Builds go to a target folder of their own, so that they and native
//! builds don't undo each other's work.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::process::{node, node_script, root, run};
use crate::rustc::{self, Profile, Profiled};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// What every engine that has threads has too. relaxed-simd never: its results may differ.
const FEATURES: &str = "+atomics,+bulk-memory,+mutable-globals,+simd128,-relaxed-simd";

/// The same for what drives a GPU, without atomics: wgpu's handles stay on the thread that made them, and what it
/// maps can't be shared memory.
pub const GPU_FEATURES: &str = "+bulk-memory,+mutable-globals,+simd128,-relaxed-simd";

/// Panics tell files and lines. Columns would be larger than all that they tell.
const LOCATIONS: &str = "-Zlocation-detail=file,line";

/// What never becomes a capsule.
const NATIVE: [&str; 8] = [
    "inos-build",
    "inos-fuzz",
    "inos-mining-fuzz",
    "inos-mining-gpu",
    "inos-physics-fuzz",
    "inos-physics-native",
    "inos-sdk-watched",
    "xtask",
];

/// A capsule that is shipped as two modules: the whole, and one without functions that a list names.
struct Lean {
    capsule: &'static str,
    /// The name of the whole; the other one's is the capsule's.
    whole: &'static str,
    /// See `scripts/without-functions.mjs`.
    list: &'static str,
}

const LEAN: [Lean; 1] = [Lean {
    capsule: "physics",
    whole: "physics-soft",
    list: "crates/inos-physics/without-soft-bodies.json",
}];

/// A capsule of which a part is compiled by a profile, which says how often each function is run.
struct Profiling {
    capsule: &'static str,
    profile: &'static str,
    /// See [`Profiled::apart`].
    apart: &'static str,
}

const PROFILED: [Profiling; 1] = [Profiling {
    capsule: "physics",
    profile: "crates/inos-physics/physics.profdata",
    apart: "crates/inos-physics/apart.csv",
}];

/// The same without SIMD.
const SCALAR_FEATURES: &str = "+atomics,+bulk-memory,+mutable-globals,-simd128,-relaxed-simd";

/// Which module of a capsule is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The one that users get.
    Shipped,
    /// One without SIMD, for tests that compare the two.
    Scalar,
    /// One that counts how often its code is run: `scripts/profile-physics.mjs` makes the profile of it.
    Counting,
}

impl Variant {
    fn features(self) -> &'static str {
        match self {
            Self::Shipped | Self::Counting => FEATURES,
            Self::Scalar => SCALAR_FEATURES,
        }
    }

    /// Other flags in one folder would rebuild everything each time.
    fn target_folder(self) -> PathBuf {
        root().join(match self {
            Self::Shipped => "target/capsules",
            Self::Scalar => "target/wasm-scalar",
            Self::Counting => "target/wasm-counting",
        })
    }

    /// What the compiler does with a capsule's profile, if it has one.
    fn profiled(self, capsule: &str) -> Option<Profiled> {
        let profiling = PROFILED.iter().find(|one| one.capsule == capsule)?;
        let profile = match self {
            Self::Shipped => Profile::Use(root().join(profiling.profile)),
            Self::Scalar => return None,
            Self::Counting => Profile::Count,
        };
        let apart = root().join(profiling.apart);
        Some(Profiled { profile, apart })
    }
}

/// The names of the modules that users get of a capsule.
#[cfg(feature = "inspect")]
pub fn modules(capsule: &str) -> Vec<String> {
    let whole = LEAN.iter().filter(|lean| lean.capsule == capsule);
    let others = whole.map(|lean| lean.whole.to_owned());
    [capsule.to_owned()].into_iter().chain(others).collect()
}

/// Builds the crate `inos-<capsule>` and puts its modules, with their stack checks, into `folder`, by default where the
/// capsule's package expects them.
pub fn build(capsule: &str, folder: Option<&str>, variant: Variant) -> Result<(), Failure> {
    let package = format!("packages/{capsule}");
    if folder.is_none() && !root().join(&package).exists() {
        return Err(format!(
            "there is no capsule named {capsule}: {package} is missing"
        ));
    }
    let mut command = cargo("build", variant.features(), &variant.target_folder());
    command.args(["--package", &format!("inos-{capsule}")]);
    if variant == Variant::Scalar {
        command.env("CARGO_PROFILE_RELEASE_LTO", "false");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    }
    rustc::wrap(&mut command, variant.profiled(capsule))?;
    run(&mut command, "install Node 20 or newer")?;

    let release = variant.target_folder().join(TARGET).join("release");
    let built = release.join(format!("inos_{capsule}.wasm"));
    let folder = root().join(folder.map_or(format!("{package}/wasm"), str::to_owned));
    fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let finished = |name: &str| folder.join(format!("{name}.wasm"));
    let lean = LEAN.iter().find(|lean| lean.capsule == capsule);
    let Some(lean) = lean.filter(|_| variant == Variant::Shipped) else {
        return add_stack_checks(&built, &finished(capsule));
    };
    let left = release.join(format!("inos_{capsule}-lean.wasm"));
    node_script(
        "scripts/without-functions.mjs",
        &[lean.list, &built.to_string_lossy(), &left.to_string_lossy()],
    )?;
    add_stack_checks(&left, &finished(capsule))?;
    add_stack_checks(&built, &finished(lean.whole))
}

fn add_stack_checks(from: &Path, to: &Path) -> Result<(), Failure> {
    node_script(
        "scripts/stack-checks.mjs",
        &[&from.to_string_lossy(), &to.to_string_lossy()],
    )
}

/// Clippy over what only the WebAssembly build compiles.
pub fn lint() -> Result<(), Failure> {
    let shipped = Variant::Shipped;
    let mut command = cargo("clippy", shipped.features(), &shipped.target_folder());
    command.arg("--workspace");
    for package in NATIVE {
        command.args(["--exclude", package]);
    }
    command.args(["--", "--deny", "warnings"]);
    run(&mut command, "install Node 20 or newer")?;

    let mut command = cargo("clippy", GPU_FEATURES, &gpu_folder());
    command.args(["--package", "inos-mining-gpu"]);
    command.args(["--", "--deny", "warnings"]);
    run(&mut command, "install Node 20 or newer")
}

/// A cargo command for the capsules' target with some of its features. `cargo.mjs` picks the Rust that can build std, whichever
/// cargo runs this.
pub fn cargo(subcommand: &str, features: &str, target_folder: &Path) -> Command {
    let mut command = Command::new(node());
    command
        .current_dir(root())
        .args(["scripts/cargo.mjs", subcommand, "--release"]);
    command.args([
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort",
        "--target-dir",
    ]);
    command.arg(target_folder);
    command.env("RUSTC_BOOTSTRAP", "1");
    let flags = format!("-Ctarget-feature={features} {LOCATIONS}");
    command
        .env("RUSTFLAGS", flags)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    // Panics name files as the packages do, not as this machine does.
    command
        .arg("-Ztrim-paths")
        .env("CARGO_PROFILE_RELEASE_TRIM_PATHS", "all");
    command
}

/// Where what drives a GPU is built: other features need another std.
pub fn gpu_folder() -> PathBuf {
    root().join("target/gpu")
}
