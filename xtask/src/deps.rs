//! `cargo xtask deps`: who may name whom in the Rust code.
//!
//! The rules keep capsules independent, the capnp encoding behind few files, and the capsule ABI in one
//! place. Cargo alone can't enforce them: a capsule could depend on another, and any file may name a
//! crate that its crate depends on.

use std::path::{Path, PathBuf};

use crate::Failure;
use crate::process::{files_below, read, root};

/// The tools may be used by anybody (inos-build) or use anybody (xtask); what is left are capsules.
const NOT_CAPSULES: [&str; 4] = [
    "inos-build",
    "inos-physics-cold",
    "inos-sdk",
    "inos-sdk-watched",
];

/// Only these files of a crate know how messages are encoded, besides generated code.
const CAPNP_FILES: [&str; 5] = [
    "message.rs",
    "capsule.rs",
    "context.rs",
    "job.rs",
    "error.rs",
];

/// Only files of this name know the capsule ABI: the macro and what it exports.
const ABI_FILE: &str = "capsule.rs";
const ABI_NAMES: [&str; 3] = ["capsule!", "no_mangle", "extern \"C\""];
/// Natively only, where there is no such ABI: the C library's functions.
const C_LIBRARY_FILE: &str = "maths.rs";

/// Checks every crate under `crates/`.
pub fn check() -> Result<(), Failure> {
    let mut problems = Vec::new();
    for manifest in files_below(&root().join("crates")) {
        if manifest.ends_with("Cargo.toml") {
            check_manifest(&manifest, &mut problems)?;
        }
    }
    for file in rust_sources() {
        check_source(&file, &read(&file)?, &mut problems);
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}

fn rust_sources() -> Vec<PathBuf> {
    let mut files = files_below(&root().join("crates"));
    files.retain(|file| {
        let text = file.to_string_lossy();
        text.ends_with(".rs") && text.contains("/src/") && !text.contains("/generated/")
    });
    files
}

/// Capsules depend on the SDK, never on one another, and the SDK on none of them.
fn check_manifest(path: &Path, problems: &mut Vec<String>) -> Result<(), Failure> {
    let text = read(path)?;
    let folder = path.parent().unwrap_or(path);
    let own = folder.file_name().unwrap_or_default().to_string_lossy();
    // A crate's own fuzzer is a part of it.
    let fuzzed = folder
        .parent()
        .filter(|_| own == "fuzz")
        .and_then(Path::file_name);
    let mut in_dependencies = false;
    for line in text.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies");
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        let allowed = NOT_CAPSULES.contains(&name) && own != "inos-build"
            || fuzzed.is_some_and(|crate_name| crate_name == name);
        if in_dependencies && name.starts_with("inos-") && !allowed {
            problems.push(format!(
                "{own} may not depend on {name}: what two need sinks to inos-sdk"
            ));
        }
    }
    Ok(())
}

fn check_source(path: &Path, text: &str, problems: &mut Vec<String>) {
    // What fills a folder counts as the file that the folder stands for.
    let is_part = path
        .parent()
        .is_some_and(|folder| folder.ends_with("capsule"));
    let file = match path.file_name() {
        _ if is_part => ABI_FILE.to_owned(),
        name => name.unwrap_or_default().to_string_lossy().into_owned(),
    };
    let own = path.strip_prefix(root()).unwrap_or(path).display();
    for (index, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let at = format!("{own}:{}", index + 1);
        if names_capnp(code) && !CAPNP_FILES.contains(&file.as_str()) {
            problems.push(format!(
                "{at}: only {} and generated/ name capnp",
                CAPNP_FILES.join(", ")
            ));
        }
        let may_name_abi = file == ABI_FILE || file == C_LIBRARY_FILE;
        if ABI_NAMES.iter().any(|name| code.contains(name)) && !may_name_abi {
            problems.push(format!("{at}: only {ABI_FILE} knows the capsule ABI"));
        }
    }
}

/// Whether a line names the crate itself, not a generated module such as `layout_capnp`.
fn names_capnp(code: &str) -> bool {
    code.match_indices("capnp::").any(|(at, _)| {
        !code[..at].ends_with(|before: char| before == '_' || before.is_alphanumeric())
    })
}
