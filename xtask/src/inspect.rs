//! `cargo xtask inspect`: proves, from the built module, what the loader relies on.
//!
//! A wrong flag wouldn't fail to link: it would make a module that overwrites another's memory, or runs
//! slowly without anybody noticing. So the artefact itself is read, opcode by opcode.

use std::fs;

use inos_build::{LINKER_EXPORTS, MAXIMUM_MEMORY_BYTES, StaticRegion, static_region};
use wasmparser::{
    BinaryReaderError, ConstExpr, DataKind, FunctionBody, Import, MemoryType, Operator, Parser,
    Payload, TypeRef,
};

use crate::Failure;
use crate::process::root;
use crate::wasm::modules;

const PAGE_BYTES: u64 = 65536;
/// The global that stack checks compare with; `scripts/stack-checks.mjs` adds it and them.
const STACK_LIMIT: &str = "inos_stack_limit";

/// What the module says about itself, gathered section by section.
#[derive(Default)]
struct Findings {
    imports: Vec<String>,
    memory: Option<MemoryType>,
    exports: Vec<(String, u32)>,
    globals: Vec<Option<u64>>,
    simd_operators: usize,
    relaxed_operators: Vec<String>,
    stack_checks: usize,
    unchecked_stacks: usize,
    data_bytes: u64,
    active_data: bool,
}

/// Reads the modules in `packages/<capsule>/wasm` and fails with everything that is wrong about one.
pub fn inspect(capsule: &str) -> Result<(), Failure> {
    modules(capsule)
        .iter()
        .try_for_each(|module| inspect_module(capsule, module))
}

fn inspect_module(capsule: &str, module: &str) -> Result<(), Failure> {
    let path = root().join(format!("packages/{capsule}/wasm/{module}.wasm"));
    let bytes = fs::read(&path).map_err(|_| {
        format!(
            "{} isn't there: run `cargo xtask wasm {capsule}`",
            path.display()
        )
    })?;
    let region = static_region(capsule)
        .ok_or_else(|| format!("schemas/layout.capnp has no region for {capsule}"))?;
    let findings = read(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    let problems = findings.problems(region);
    if !problems.is_empty() {
        return Err(format!("{module}.wasm:\n  {}", problems.join("\n  ")));
    }
    println!(
        "{module}.wasm: {} bytes, imports only env.memory (shared), static data up to {:#x} of {:#x}, \
         {} SIMD opcodes, none relaxed, {} stack checks",
        bytes.len(),
        findings.heap_base().unwrap_or(0),
        region.offset + region.bytes,
        findings.simd_operators,
        findings.stack_checks,
    );
    Ok(())
}

fn read(bytes: &[u8]) -> Result<Findings, BinaryReaderError> {
    let mut findings = Findings::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    findings.add_import(&import?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    findings.globals.push(constant(&global?.init_expr)?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    findings
                        .exports
                        .push((export.name.to_owned(), export.index));
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    findings.data_bytes += data.data.len() as u64;
                    findings.active_data |= matches!(data.kind, DataKind::Active { .. });
                }
            }
            Payload::CodeSectionEntry(body) => findings.add_code(&body)?,
            _ => {}
        }
    }
    Ok(findings)
}

/// The value of a constant expression, if it is a plain number.
fn constant(expression: &ConstExpr<'_>) -> Result<Option<u64>, BinaryReaderError> {
    Ok(match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Some(u64::from(value.cast_unsigned())),
        Operator::I64Const { value } => Some(value.cast_unsigned()),
        _ => None,
    })
}

impl Findings {
    fn add_import(&mut self, import: &Import<'_>) {
        self.imports
            .push(format!("{}.{}", import.module, import.name));
        if let TypeRef::Memory(memory) = import.ty {
            self.memory = Some(memory);
        }
    }

    fn add_code(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let operators: Vec<Operator<'_>> = body
            .get_operators_reader()?
            .into_iter()
            .collect::<Result<_, _>>()?;
        self.add_stack_checks(&operators);
        for operator in operators {
            // The variants are named after the opcodes: V128Load, I32x4Add, F32x4RelaxedMadd.
            let name = format!("{operator:?}");
            let name = name.split([' ', '{', '(']).next().unwrap_or_default();
            if name.contains("Relaxed") {
                self.relaxed_operators.push(name.to_owned());
            } else if ["V128", "x16", "x8", "x4", "x2"]
                .iter()
                .any(|part| name.contains(part))
            {
                self.simd_operators += 1;
            }
        }
        Ok(())
    }

    /// Counts the places where a stack may grow, and whether each is followed by its check.
    fn add_stack_checks(&mut self, operators: &[Operator<'_>]) {
        let pointer = self.export("__stack_pointer");
        let limit = self.export(STACK_LIMIT);
        for (at, operator) in operators.iter().enumerate() {
            let Operator::GlobalSet { global_index } = operator else {
                continue;
            };
            let gives_back = matches!(
                operators[..at],
                [.., Operator::I32Const { .. }, Operator::I32Add]
            );
            if Some(*global_index) != pointer || gives_back {
                continue;
            }
            let is_checked = matches!(operators[at + 1..], [
                Operator::GlobalGet { global_index: checked },
                Operator::GlobalGet { global_index: against },
                Operator::I32Sub,
                Operator::I32Const { .. },
                Operator::I32GtU,
                Operator::If { .. },
                Operator::Unreachable,
                Operator::End,
                ..
            ] if Some(checked) == pointer && Some(against) == limit);
            if is_checked {
                self.stack_checks += 1;
            } else {
                self.unchecked_stacks += 1;
            }
        }
    }

    fn export(&self, name: &str) -> Option<u32> {
        let found = self.exports.iter().find(|(export, _)| export == name);
        found.map(|(_, index)| *index)
    }

    /// The linker's `__heap_base`: where static data, thread-local template and its stack end.
    fn heap_base(&self) -> Option<u64> {
        self.exported_constant("__heap_base")
    }

    fn exported_constant(&self, name: &str) -> Option<u64> {
        *self.globals.get(self.export(name)? as usize)?
    }

    fn problems(&self, region: StaticRegion) -> Vec<String> {
        let mut problems = Vec::new();
        if self.imports != ["env.memory"] {
            problems.push(format!(
                "imports {:?} instead of only env.memory",
                self.imports
            ));
        }
        problems.extend(self.memory_problem());
        for name in LINKER_EXPORTS.into_iter().chain([STACK_LIMIT]) {
            if self.export(name).is_none() {
                problems.push(format!("doesn't export {name}, which the loader needs"));
            }
        }
        if self.simd_operators == 0 {
            problems.push("has no SIMD opcode: was it built without simd128?".into());
        }
        if self.stack_checks == 0 || self.unchecked_stacks > 0 {
            problems.push(format!(
                "sets its stack pointer in {} places without a check, and with one in {}",
                self.unchecked_stacks, self.stack_checks
            ));
        }
        if !self.relaxed_operators.is_empty() {
            problems.push(format!(
                "has relaxed SIMD, which isn't reproducible: {:?}",
                self.relaxed_operators
            ));
        }
        problems.extend(self.region_problem(region));
        problems
    }

    fn memory_problem(&self) -> Option<String> {
        let Some(memory) = self.memory else {
            return Some("imports no memory".into());
        };
        let pages = MAXIMUM_MEMORY_BYTES / PAGE_BYTES;
        let right = memory.shared && !memory.memory64 && memory.maximum == Some(pages);
        (!right)
            .then(|| format!("its memory must be shared with at most {pages} pages: {memory:?}"))
    }

    /// The data must start at the region's offset and may not outgrow the region.
    fn region_problem(&self, region: StaticRegion) -> Option<String> {
        let end = region.offset + region.bytes;
        if self.active_data {
            return Some("has active data segments: each thread would write them again".into());
        }
        if self.exported_constant("__global_base") != Some(region.offset) {
            return Some(format!("isn't linked at {:#x}", region.offset));
        }
        match self.heap_base() {
            None => Some("its __heap_base is no constant".into()),
            Some(base) if base < region.offset + self.data_bytes || base > end => Some(format!(
                "its {} bytes of static data end at {base:#x}, outside {:#x}..{end:#x}",
                self.data_bytes, region.offset
            )),
            Some(_) => None,
        }
    }
}
