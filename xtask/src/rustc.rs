//! What cargo runs in place of rustc when it builds capsules: rustc, with a few other arguments than cargo's.
//!
//! **Crates are told apart by name and version alone.** Cargo's own hash tells them apart by all that they were compiled
//! with, rustc by its own version, and both are part of each function's name. A profile knows functions by name: so that
//! it still does when a dependency was updated, or when another build of the same Rust is at work.
//!
//! **A profile is for some crates only.** Flags for all would need a standard library of their own.
//!
//! **Some functions stay by themselves.** Engines keep fewer values in registers in a function that has many others
//! inlined.
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

/// Set when xtask is to be rustc: for each crate that isn't compiled as cargo says a line, of its name and of the
/// arguments for it, between [`SEPARATOR`]s.
const ARGUMENTS: &str = "INOS_RUSTC_ARGUMENTS";
const SEPARATOR: &str = "\x1f";

/// The crate whose functions stay by themselves.
const APART_IN: &str = "rapier3d";

/// What is done with a profile.
pub enum Profile {
    /// The code is made for what the file says.
    Use(PathBuf),
    /// The code counts, so that such a file can be made.
    Count,
}

/// How a part of a capsule is compiled.
pub struct Profiled {
    pub profile: Profile,
    /// Lists the functions that are inlined nowhere, as LLVM's `-forceattrs-csv-path` reads it. The profile has been made
    /// with the same ones.
    pub apart: PathBuf,
}

impl Profiled {
    /// Worlds spend their time in rapier and parry. Our own crate only says where the counters are.
    fn crates(&self) -> &'static [&'static str] {
        match self.profile {
            Profile::Use(_) => &["parry3d", APART_IN],
            Profile::Count => &["inos_physics", "parry3d", APART_IN],
        }
    }

    fn arguments(&self, name: &str) -> Vec<String> {
        // Which values are common isn't in it: that would need a runtime that keeps them.
        let mut arguments = vec!["-Cllvm-args=-disable-vp=true".to_owned()];
        match &self.profile {
            Profile::Use(file) => {
                arguments.push(format!("-Cprofile-use={}", file.display()));
                arguments.extend(INLINE_LESS.map(str::to_owned));
            }
            Profile::Count => arguments.extend([
                // Where a runtime would write a file.
                "-Cprofile-generate=none".to_owned(),
                "-Zno-profiler-runtime".to_owned(),
                "--cfg=inos_counts".to_owned(),
            ]),
        }
        if name == APART_IN {
            let apart = self.apart.display();
            arguments.push(format!("-Cllvm-args=-forceattrs-csv-path={apart}"));
        }
        arguments
    }

    fn encoded(&self) -> String {
        let line =
            |name: &&str| format!("{name}{SEPARATOR}{}", self.arguments(name).join(SEPARATOR));
        self.crates()
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Lets a cargo command run this program in place of rustc.
pub fn wrap(command: &mut Command, profiled: Option<Profiled>) -> Result<(), Failure> {
    let xtask = env::current_exe().map_err(|error| format!("cannot find xtask: {error}"))?;
    let arguments = profiled.map_or_else(String::new, |profiled| profiled.encoded());
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
    let extra = extra
        .lines()
        .filter_map(|line| line.split_once(SEPARATOR))
        .filter(|(name, _)| after(words, "--crate-name") == Some(name))
        .flat_map(|(_, extra)| extra.split(SEPARATOR).map(str::to_owned));
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
        let profiled = Profiled {
            profile: Profile::Use(PathBuf::from("/a folder/p")),
            apart: PathBuf::from("/a folder/apart.csv"),
        };
        let encoded = profiled.encoded();
        let words = arguments(&HASHED, "parry3d-0.31.1", &encoded);
        assert_eq!(words[4..], profiled.arguments("parry3d"));
        let words = arguments(&["--crate-name", "rapier3d"], "rapier3d-0.36.1", &encoded);
        assert_eq!(
            words.last().unwrap(),
            "-Cllvm-args=-forceattrs-csv-path=/a folder/apart.csv"
        );
        let other = ["--crate-name", "parry"];
        assert_eq!(arguments(&other, "parry-1.0.0", &encoded), other);
    }
}
