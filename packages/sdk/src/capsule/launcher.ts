/**
 * Compiles a capsule's module and runs its threads.
 */
import { sdkError } from '../errors.js';
import type { ThreadLauncher } from '../kernel/supervisor.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import { fetchOnce } from './fetched-wasm.js';
import type { CompileAt } from './platform.js';
import { isLocated, type WasmSource } from './wasm-source.js';
import { poolOf } from './worker-pool.js';

const REQUIRED_EXPORTS = [
  '__stack_pointer',
  'inos_stack_limit',
  '__tls_size',
  '__global_base',
  '__heap_base',
  '__indirect_function_table',
  '__wasm_init_tls',
  'inos_layout_version',
  'inos_main',
];

/** Where a capsule's module comes from. */
export interface CapsuleModule {
  /** The capsule's name. */
  readonly name: string;
  readonly source: WasmSource;
  readonly compileAt: CompileAt;
}

/**
 * Compiles a capsule's module and checks it.
 *
 * @throws InosError `capsule/incompatible`
 */
export async function loadCapsule(
  capsule: CapsuleModule,
  signal: AbortSignal,
): Promise<WebAssembly.Module> {
  const module = await compile(capsule, signal);
  requireCapsule(capsule.name, module);
  return module;
}

async function compile(
  { source, compileAt }: CapsuleModule,
  signal: AbortSignal,
): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (!isLocated(source)) return WebAssembly.compile(source);
  // As text: what bundlers put in a URL's place may be relative to the page, which no URL can be made of.
  return compileAt(String(source), signal);
}

/** Compiles the module at a URL, or waits for whoever does so already. It is stopped when nobody waits any more. */
export const compileOnce: CompileAt = async (href, signal) => {
  const fetched = fetchOnce(href);
  fetched.users++;
  const leave = () => {
    if (--fetched.users === 0) fetched.quit.abort();
  };
  signal.addEventListener('abort', leave);
  try {
    return await fetched.module;
  } finally {
    signal.removeEventListener('abort', leave);
  }
};

function requireCapsule(name: string, module: WebAssembly.Module): void {
  const foreign = WebAssembly.Module.imports(module).find(
    (item) => item.module !== 'env' || item.name !== 'memory' || item.kind !== 'memory',
  );
  const exported = new Set(WebAssembly.Module.exports(module).map((item) => item.name));
  const missing = REQUIRED_EXPORTS.find((item) => !exported.has(item));
  if (foreign === undefined && missing === undefined) return;
  const fault = foreign
    ? `it imports ${foreign.module}.${foreign.name}, and may only import env.memory`
    : `it doesn't export ${missing}`;
  throw sdkError('capsule/incompatible', `the module of ${name} is no capsule: ${fault}`);
}

/** A launcher of one capsule's threads over one memory. */
export function createLauncher(sab: SafeSAB, capsule: CapsuleModule): ThreadLauncher {
  const pool = poolOf(sab);
  let module: WebAssembly.Module | undefined;
  return {
    awaits: isLocated(capsule.source) ? `its module from ${capsule.source}` : 'its module',
    async prepare(signal) {
      module ??= await loadCapsule(capsule, signal);
    },
    launch(start, events, sharing) {
      if (module === undefined) throw new Error('prepare() comes before launch()');
      return pool.run({ module, memory: sab.memory, ...start }, events, sharing);
    },
    async close() {
      await pool.close();
    },
  };
}
