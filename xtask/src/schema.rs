//! `cargo xtask schema`: the Rust and TypeScript of `schemas/*.capnp`.
//!
//! The results are committed, so that only who changes a schema needs the `capnp` tool; `--check`
//! generates again into a temporary folder and compares.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;
use crate::process::{cannot_start, files_below, name, node, read, root, run};

const NO_CAPNP: &str = "apt-get install -y --no-install-recommends capnproto";
const NO_PNPM: &str = "node scripts/setup.mjs";

/// The module that holds generated code in every crate, and how the others name the SDK's.
const MODULE: &str = "generated";
const SDK_MODULE: &str = "inos_sdk::generated";

/// One package and crate of the same name, and the schemas whose code they own.
struct Owner {
    name: &'static str,
    schemas: &'static [&'static str],
    /// Schemas of the SDK that those import.
    imports: &'static [&'static str],
}

const OWNERS: [Owner; 4] = [
    Owner {
        name: "sdk",
        schemas: &["layout", "job"],
        imports: &[],
    },
    Owner {
        name: "mining",
        schemas: &["mining"],
        imports: &["job"],
    },
    Owner {
        name: "physics",
        schemas: &["physics", "answers", "controls"],
        imports: &["job"],
    },
    Owner {
        name: "fixture",
        schemas: &["fixture"],
        imports: &["job"],
    },
];

/// Generates everything in place.
pub fn generate() -> Result<(), Failure> {
    write_all(&root())
}

/// Generates everything elsewhere and fails if it isn't what lies in the repository.
pub fn check() -> Result<(), Failure> {
    let temporary = root().join("target/schema-check");
    remove(&temporary)?;
    write_all(&temporary)?;
    let differing = OWNERS
        .iter()
        .flat_map(folders)
        .flat_map(|folder| differences(&temporary, &folder));
    let lines: Vec<String> = differing
        .map(|path| format!("  {}", path.display()))
        .collect();
    remove(&temporary)?;
    if lines.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not what schemas/ generate (run `pnpm schema`):\n{}",
        lines.join("\n")
    ))
}

/// The folders of generated code that belong to an owner, relative to the root: Rust, TypeScript.
fn folders(owner: &Owner) -> [PathBuf; 2] {
    [
        PathBuf::from(format!("crates/inos-{}/src/{MODULE}", owner.name)),
        PathBuf::from(format!("packages/{}/src/{MODULE}", owner.name)),
    ]
}

/// Files of `folder` that are missing, superfluous or not the same in the repository.
fn differences(generated: &Path, folder: &Path) -> Vec<PathBuf> {
    let relative = |base: &Path| -> Vec<PathBuf> {
        let found = files_below(&base.join(folder));
        found
            .iter()
            .filter_map(|path| path.strip_prefix(base).ok().map(Path::to_owned))
            .collect()
    };
    let mut paths = relative(generated);
    paths.extend(relative(&root()));
    paths.sort();
    paths.dedup();
    let same = |path: &PathBuf| matches!((fs::read(generated.join(path)), fs::read(root().join(path))), (Ok(a), Ok(b)) if a == b);
    paths.retain(|path| !same(path));
    paths
}

fn write_all(base: &Path) -> Result<(), Failure> {
    for owner in &OWNERS {
        let [rust, typescript] = folders(owner).map(|folder| base.join(folder));
        for folder in [&rust, &typescript] {
            fs::create_dir_all(folder)
                .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
        }
        write_rust(owner, &rust)?;
        write_typescript(owner, &typescript)?;
    }
    Ok(())
}

fn write_rust(owner: &Owner, folder: &Path) -> Result<(), Failure> {
    let schemas = root().join("schemas");
    let mut command = capnpc::CompilerCommand::new();
    command
        .src_prefix(&schemas)
        .output_path(folder)
        .default_parent_module(vec![MODULE.into()]);
    for schema in owner.schemas {
        command.file(schemas.join(format!("{schema}.capnp")));
    }
    for import in owner.imports {
        command.crate_provides(SDK_MODULE, [file_id(import)?]);
    }
    // Asked for first: when the tool is missing the message should say so.
    output(Command::new("capnp").arg("--version"), NO_CAPNP)?;
    command.run().map_err(|error| format!("capnpc: {error}"))?;

    let mut files: Vec<PathBuf> = Vec::new();
    for schema in owner.schemas {
        files.push(folder.join(format!("{schema}_capnp.rs")));
    }
    files.push(folder.join("mod.rs"));
    write(&folder.join("mod.rs"), module_file(owner).as_bytes())?;
    let rustfmt = env::var("RUSTFMT").unwrap_or_else(|_| "rustfmt".to_owned());
    let mut format = Command::new(rustfmt);
    format
        .args(["--edition", "2024", "--config-path"])
        .arg(root().join("rustfmt.toml"));
    run(
        format.args(&files),
        "rustup component add rustfmt, or apt-get install -y rustfmt-web",
    )
}

/// `mod.rs`: names the generated modules and keeps the linters out of them.
fn module_file(owner: &Owner) -> String {
    let mut text = String::from(
        "//! Generated from `schemas/` by `pnpm schema`; never edited. Not all of it is used, and none of\n\
         //! it is written for people, so the linters stay out.\n",
    );
    for schema in owner.schemas {
        text.push_str(&format!(
            "\n#[allow(clippy::all, clippy::undocumented_unsafe_blocks, clippy::unwrap_used)]\n\
             #[allow(missing_docs, unused, unsafe_op_in_unsafe_fn)]\n\
             pub mod {schema}_capnp;\n"
        ));
    }
    text
}

fn write_typescript(owner: &Owner, folder: &Path) -> Result<(), Failure> {
    let schemas = root().join("schemas");
    let tool = root().join("node_modules/capnp-es/dist/compiler/capnpc-ts.mjs");
    if !tool.exists() {
        return Err(format!("capnp-es is not installed: {NO_PNPM}"));
    }
    // One by one: capnp-es refuses requests that take it too many looks.
    for schema in owner.schemas {
        let mut compile = Command::new("capnp");
        compile
            .args(["compile", "-o-", "--src-prefix"])
            .arg(&schemas)
            .arg(schemas.join(format!("{schema}.capnp")));
        let request = output(&mut compile, NO_CAPNP)?;
        feed(
            Command::new(node()).arg(&tool).current_dir(folder),
            &request,
        )?;
    }

    // capnp-es imports the other schema from the folder beside it; that one is the SDK's.
    for import in owner.imports {
        let text = format!(
            "// Generated by `pnpm schema`: {import}.capnp belongs to the SDK, which exports its types.\n\
             export * from '@inos/sdk/schema';\n"
        );
        write(&folder.join(format!("{import}.ts")), text.as_bytes())?;
    }
    let mut prettier = Command::new(node());
    prettier.arg(root().join("node_modules/prettier/bin/prettier.cjs"));
    prettier.args([
        "--log-level",
        "warn",
        "--ignore-path",
        "/dev/null",
        "--write",
        "--config",
    ]);
    prettier.arg(root().join(".prettierrc.json")).arg(folder);
    run(&mut prettier, NO_PNPM)
}

/// The `@0x…;` of a schema, by which capnpc knows it.
fn file_id(schema: &str) -> Result<u64, Failure> {
    let path = root().join(format!("schemas/{schema}.capnp"));
    let text = read(&path)?;
    let digits = text
        .lines()
        .find_map(|line| line.strip_prefix("@0x")?.split(';').next());
    digits
        .and_then(|digits| u64::from_str_radix(digits, 16).ok())
        .ok_or_else(|| format!("{} has no file id", path.display()))
}

/// Runs a quiet command that reads `input`.
fn feed(command: &mut Command, input: &[u8]) -> Result<(), Failure> {
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot start node: {error}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(input)
            .map_err(|error| format!("cannot write to capnp-es: {error}"))?;
    }
    let status = child
        .wait()
        .map_err(|error| format!("cannot wait for capnp-es: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("capnp-es failed: {status}"))
    }
}

/// What a command prints on its standard output, as bytes.
fn output(command: &mut Command, missing: &str) -> Result<Vec<u8>, Failure> {
    let output = command
        .output()
        .map_err(|error| cannot_start(command, &error, missing))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{} failed: {}\n{complaint}",
        name(command),
        output.status
    ))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}
