/**
 * Proves, from the built module, what the loader relies on. A wrong flag wouldn't fail to link: it would make a module
 * that overwrites another's memory.
 */
import type { StaticRegion } from '@inos/sdk';
import { BuildError, CAPSULE_FIX } from './build-error.js';
import { hex } from './manifest.js';
import { STACK_LIMIT } from './stack-checks.js';
import { readModule, type WasmModule } from './wasm-module.js';

/** What the loader calls, and what it gives each thread its stack and thread-local storage by. */
const REQUIRED_EXPORTS = [
  'inos_main',
  'inos_layout_version',
  '__stack_pointer',
  '__global_base',
  '__heap_base',
  '__tls_size',
  '__wasm_init_tls',
  '__indirect_function_table',
  STACK_LIMIT,
];
/** 4 GiB, which every capsule declares as its memory's maximum. */
const MAXIMUM_PAGES = 65536;

/** What the inspection found. */
export interface Inspection {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** How much of its static region the module uses, in bytes. */
  readonly staticBytesUsed: number;
}

/**
 * Inspects a module that shall live in a region.
 *
 * @throws BuildError `bad-module`, naming all that is wrong
 */
export function inspect(bytes: Uint8Array<ArrayBuffer>, region: StaticRegion): Inspection {
  const module = parse(bytes);
  const problems = [
    ...interfaceProblems(module),
    ...memoryProblems(module),
    ...regionProblems(module, region),
  ];
  if (problems.length > 0) {
    const message = `the module is no capsule: ${problems.join('; ')}`;
    throw new BuildError('bad-module', message, CAPSULE_FIX);
  }
  const { imports, exports } = module;
  const end = module.globals.get('__heap_base') ?? region.offset;
  return { imports, exports, staticBytesUsed: end - region.offset };
}

function parse(bytes: Uint8Array<ArrayBuffer>): WasmModule {
  try {
    return readModule(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BuildError('bad-module', `the module can’t be read: ${why}`);
  }
}

function interfaceProblems({ imports, exports }: WasmModule): readonly string[] {
  const foreign = imports.filter((name) => name !== 'env.memory');
  const missing = REQUIRED_EXPORTS.filter((name) => !exports.includes(name));
  return [
    ...foreign.map((name) => `it imports ${name}, and may only import env.memory`),
    ...missing.map((name) => `it doesn’t export ${name}`),
  ];
}

function memoryProblems({ memory }: WasmModule): readonly string[] {
  if (memory === undefined) return ['it imports no memory'];
  const isRight = memory.isShared && !memory.is64Bit && memory.maximumPages === MAXIMUM_PAGES;
  return isRight ? [] : [`its memory must be shared, with at most ${MAXIMUM_PAGES} pages`];
}

/** The data must start at the region’s offset and may not outgrow the region. */
function regionProblems(
  { globals, dataBytes, hasActiveData }: WasmModule,
  { offset, bytes }: StaticRegion,
): readonly string[] {
  if (hasActiveData) return ['its data segments would be written anew by each thread'];
  const start = globals.get('__global_base') ?? NaN;
  const end = globals.get('__heap_base') ?? NaN;
  if (start === offset && end <= offset + bytes && end >= start + dataBytes) return [];
  const declared = `${hex(offset)} to ${hex(offset + bytes)}`;
  return [
    `its static data lies from ${hex(start)} to ${hex(end)}, and Cargo.toml declares ${declared}`,
  ];
}
