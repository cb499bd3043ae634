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
//! **A capsule may be optimised as a whole.** Cargo does nothing at link time for a crate that is a library for Rust as
//! well as a module, whatever the profile says; here it is a module alone.
//!
//! Cargo doesn't know of any of this, except that it builds anew when a profile's file changes: after a change here,
//! remove `target/capsules`.

use std::env;
use std::fs;
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

/// Worlds spend their time in parry and rapier. Our own crate, with which all is optimised as a whole, gains nothing by the
/// profile, and says where the counters are.
const LINKED: &str = "inos_physics";
const CRATES: [&str; 3] = [LINKED, "parry3d", APART_IN];
/// The crate whose functions stay by themselves.
const APART_IN: &str = "rapier3d";
const AS_A_WHOLE: &str = "-Clto=fat";

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
    fn arguments(&self, name: &str) -> Vec<String> {
        // Which values are common isn't in it: that would need a runtime that keeps them.
        let mut arguments = vec!["-Cllvm-args=-disable-vp=true".to_owned()];
        match &self.profile {
            Profile::Use(file) => {
                arguments.extend(INLINE_LESS.map(str::to_owned));
                arguments.push(match name {
                    LINKED => AS_A_WHOLE.to_owned(),
                    _ => format!("-Cprofile-use={}", file.display()),
                });
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
        let line = |name| format!("{name}{SEPARATOR}{}", self.arguments(name).join(SEPARATOR));
        CRATES.map(line).join("\n")
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
    let result = run(&mut command, "install Rust").and_then(|()| {
        let is_whole = command.get_args().any(|argument| argument == AS_A_WHOLE);
        if is_whole { stand_in(words) } else { Ok(()) }
    });
    // What it has to say it says itself.
    Some(match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// Writes an empty file in place of the library that a crate isn't: cargo would miss it, and build the crate anew each time.
fn stand_in(words: &[&str]) -> Result<(), Failure> {
    let (Some(folder), Some(name)) = (after(words, "--out-dir"), after(words, "--crate-name"))
    else {
        return Ok(());
    };
    let library = PathBuf::from(folder).join(format!("lib{name}.rlib"));
    fs::write(&library, []).map_err(|error| format!("cannot write {}: {error}", library.display()))
}

/// What a package is compiled with, if cargo would do it with `words`.
fn arguments(words: &[&str], package: &str, extra: &str) -> Vec<String> {
    let extra: Vec<&str> = extra
        .lines()
        .filter_map(|line| line.split_once(SEPARATOR))
        .filter(|(name, _)| after(words, "--crate-name") == Some(name))
        .flat_map(|(_, extra)| extra.split(SEPARATOR))
        .collect();
    // The standard library may have the same dependencies.
    let is_std = words.contains(&"force-unstable-if-unmarked");
    let metadata = format!("metadata={package}{}", if is_std { "-std" } else { "" });
    let own = words.iter().map(|word| match *word {
        hash if hash.starts_with("metadata=") => &metadata,
        "rlib" if extra.contains(&AS_A_WHOLE) => "cdylib",
        other => other,
    });
    own.chain(extra.iter().copied())
        .map(str::to_owned)
        .collect()
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
        let cargos = [
            "--crate-name",
            LINKED,
            "--crate-type",
            "cdylib",
            "--crate-type",
            "rlib",
        ];
        let words = arguments(&cargos, "inos-physics-0.0.0", &encoded);
        assert!(words.contains(&AS_A_WHOLE.to_owned()));
        assert!(!words.contains(&"rlib".to_owned()));
        let other = ["--crate-name", "parry"];
        assert_eq!(arguments(&other, "parry-1.0.0", &encoded), other);
    }
}
