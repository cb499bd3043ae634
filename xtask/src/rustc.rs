//! What cargo runs in place of rustc when it builds capsules: rustc, with a few other arguments than cargo's.
//!
//! **Crates are told apart by name and version alone.** Cargo's own hash tells them apart by all that they were compiled
//! with, rustc by its own version, and both are part of each function's name. A profile knows functions by name: so that
//! it still does when a dependency was updated, or when another build of the same Rust is at work.
//!
//! **A profile is for some crates only.** Flags for all would need a standard library of their own.
//!
//! Cargo doesn't know of any of this, except that it builds anew when a profile's file changes: after a change here,
//! remove `target/capsules`.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::Failure;
use crate::process::run;
use crate::wasm::TARGET;

/// What makes the code that a profile has functions inlined into small enough to be downloaded: what it says is often run is
/// inlined whatever these say. See decision 13.
const INLINE_LESS: [&str; 2] = [
    "-Cllvm-args=-inline-threshold=75",
    "-Cllvm-args=-inlinehint-threshold=150",
];

/// Set when xtask is to be rustc: names of crates, and then arguments for them, between [`SEPARATOR`]s.
const ARGUMENTS: &str = "INOS_RUSTC_ARGUMENTS";
const SEPARATOR: &str = "\x1f";

/// What is done with a profile.
pub enum Profile {
    /// The code is made for what the file says.
    Use(PathBuf),
    /// The code counts, so that such a file can be made.
    Count,
}

impl Profile {
    /// Worlds spend their time in rapier and parry. Our own crate only says where the counters are.
    fn crates(&self) -> &'static str {
        match self {
            Self::Use(_) => "parry3d,rapier3d",
            Self::Count => "inos_physics,parry3d,rapier3d",
        }
    }

    fn arguments(&self) -> Vec<String> {
        // Which values are common isn't in it: that would need a runtime that keeps them.
        let mut arguments = vec!["-Cllvm-args=-disable-vp=true".to_owned()];
        match self {
            Self::Use(file) => {
                arguments.push(format!("-Cprofile-use={}", file.display()));
                arguments.extend(INLINE_LESS.map(str::to_owned));
            }
            Self::Count => arguments.extend([
                // Where a runtime would write a file.
                "-Cprofile-generate=none".to_owned(),
                "-Zno-profiler-runtime".to_owned(),
                "--cfg=inos_counts".to_owned(),
            ]),
        }
        arguments
    }

    fn encoded(&self) -> String {
        format!(
            "{}{SEPARATOR}{}",
            self.crates(),
            self.arguments().join(SEPARATOR)
        )
    }
}

/// Lets a cargo command run this program in place of rustc.
pub fn wrap(command: &mut Command, profile: Option<Profile>) -> Result<(), Failure> {
    let xtask = env::current_exe().map_err(|error| format!("cannot find xtask: {error}"))?;
    let arguments = profile.map_or_else(String::new, |profile| profile.encoded());
    command
        .env("RUSTC_WRAPPER", xtask)
        .env(ARGUMENTS, arguments);
    Ok(())
}

/// Is rustc, if that is what this program was started as.
pub fn replace(words: &[&str]) -> Option<ExitCode> {
    let extra = env::var(ARGUMENTS).ok()?;
    let (program, words) = words.split_first()?;
    let mut command = Command::new(program);
    if after(words, "--target") == Some(TARGET) {
        let of = |name: &str| env::var(name).unwrap_or_default();
        let package = format!("{}-{}", of("CARGO_PKG_NAME"), of("CARGO_PKG_VERSION"));
        command
            .args(arguments(words, &package, &extra))
            .env("RUSTC_FORCE_RUSTC_VERSION", "any");
    } else {
        command.args(words);
    }
    // What it has to say it says itself.
    Some(match run(&mut command, "install Rust") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// What a package is compiled with, if cargo would do it with `words`.
fn arguments(words: &[&str], package: &str, extra: &str) -> Vec<String> {
    // The standard library may have the same dependencies.
    let is_std = words.contains(&"force-unstable-if-unmarked");
    let metadata = format!("metadata={package}{}", if is_std { "-std" } else { "" });
    let own = words.iter().map(|word| match *word {
        hash if hash.starts_with("metadata=") => metadata.clone(),
        other => other.to_owned(),
    });
    let mut extra = extra.split(SEPARATOR);
    let crates = extra.next().unwrap_or_default();
    let has_profile = after(words, "--crate-name")
        .is_some_and(|name| crates.split(',').any(|other| other == name));
    let extra = extra.filter(|_| has_profile).map(str::to_owned);
    own.chain(extra).collect()
}

fn after<'w>(words: &[&'w str], option: &str) -> Option<&'w str> {
    let at = words.iter().position(|word| *word == option)?;
    words.get(at + 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASHED: [&str; 4] = ["--crate-name", "parry3d", "-C", "metadata=0123456789abcdef"];

    #[test]
    fn crates_are_told_apart_by_name_and_version() {
        let words = arguments(&HASHED, "parry3d-0.31.1", "");
        assert_eq!(words[2..], ["-C", "metadata=parry3d-0.31.1"]);
        let of_std = [&HASHED[..], &["-Z", "force-unstable-if-unmarked"]].concat();
        let words = arguments(&of_std, "cfg-if-1.0.4", "");
        assert_eq!(words[3], "metadata=cfg-if-1.0.4-std");
    }

    #[test]
    fn a_profile_is_for_some_crates() {
        let profile = Profile::Use(PathBuf::from("/a folder/p"));
        let words = arguments(&HASHED, "parry3d-0.31.1", &profile.encoded());
        assert_eq!(words[4..], profile.arguments());
        let other = ["--crate-name", "parry"];
        assert_eq!(arguments(&other, "parry-1.0.0", &profile.encoded()), other);
    }
}
