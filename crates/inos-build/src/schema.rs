//! `inos-schema FOLDER OUT`: the Rust of a capsule's own schemas, in the form that `inos-sdk` wants it.
//!
//! `inos capsule build` runs it, from the same release as the capsule's `inos-build`. FOLDER holds the
//! schemas; `job.capnp` is laid beside them, so that they may import it, and stays the SDK's: its code is
//! never generated again.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// The SDK's schema that capsules import, for regions.
const JOB: &str = include_str!("../../../schemas/job.capnp");
const JOB_FILE: &str = "job.capnp";
/// Where a capsule keeps generated code, and where the SDK offers its own.
const MODULE: &str = "generated";
const SDK_MODULE: &str = "inos_sdk::generated";

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let outcome = match arguments.as_slice() {
        [folder, out] => generate(folder, out),
        _ => Err("usage: inos-schema FOLDER OUT".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the Rust of every schema in `folder` to `out`.
fn generate(folder: &Path, out: &Path) -> Result<(), String> {
    let files = schemas(folder)?;
    fs::write(folder.join(JOB_FILE), JOB)
        .map_err(|error| format!("cannot write to {}: {error}", folder.display()))?;
    let mut command = capnpc::CompilerCommand::new();
    command
        .src_prefix(folder)
        .output_path(out)
        .default_parent_module(vec![MODULE.into()])
        .crate_provides(SDK_MODULE, [file_id(JOB)?]);
    for file in files {
        command.file(file);
    }
    command.run().map_err(|error| error.to_string())
}

/// The schemas of the capsule itself, sorted.
fn schemas(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder)
        .map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        file.extension() == Some(OsStr::new("capnp"))
            && file.file_name() != Some(OsStr::new(JOB_FILE))
    });
    files.sort();
    Ok(files)
}

/// The `@0x…;` of a schema, by which capnpc knows it.
fn file_id(schema: &str) -> Result<u64, String> {
    let digits = schema
        .lines()
        .find_map(|line| line.strip_prefix("@0x")?.split(';').next());
    digits
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or_else(|| format!("{JOB_FILE} has no file id"))
}
