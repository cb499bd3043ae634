//! Other programs and files, with errors that say what to do.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;

/// The repository's root: where xtask's own folder lies. Cargo says so when it runs xtask; what it said when it
/// compiled it may be another checkout, whose target folder was copied.
pub fn root() -> PathBuf {
    let own = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().unwrap_or(&own).to_owned()
}

/// The Node that runs the scripts; they hand it on, since the toolchain may change PATH.
pub fn node() -> String {
    env::var("INOS_NODE").unwrap_or_else(|_| "node".to_owned())
}

/// Runs a script of the repository with the terminal of this process.
pub fn node_script(script: &str, arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new(node());
    command.current_dir(root()).arg(script).args(arguments);
    run(&mut command, "install Node 20 or newer")
}

/// Runs a command to its end. `missing` is the advice when the program isn't there.
pub fn run(command: &mut Command, missing: &str) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error, missing))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} failed: {status}", name(command)))
    }
}

/// Reads a text file, naming it when that fails.
pub fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Every file below a folder, sorted; none if there is no such folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Why a command didn't start; `missing` is the advice when the program isn't there.
pub fn cannot_start(command: &Command, error: &std::io::Error, missing: &str) -> Failure {
    match error.kind() {
        ErrorKind::NotFound => format!("{} is not installed: {missing}", name(command)),
        _ => format!("cannot start {}: {error}", name(command)),
    }
}

/// A command's program, for messages.
pub fn name(command: &Command) -> String {
    let program: &OsStr = command.get_program();
    program.to_string_lossy().into_owned()
}
