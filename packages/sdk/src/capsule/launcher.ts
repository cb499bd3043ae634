/**
 * Compiles a capsule's module, once for all runtimes and threads, and runs its threads. Loaded with the first job:
 * a page that only makes a runtime needn't have it.
 */
import { sdkError } from '../errors.js';
import type { ThreadLauncher } from '../kernel/supervisor.js';
import type { SafeSAB } from '../memory/safe-sab.js';
import type { WasmSource } from './wasm-source.js';
import { platform } from './platform.js';
import { WorkerPool } from './worker-pool.js';

const REQUIRED_EXPORTS = [
  '__stack_pointer',
  '__tls_size',
  '__heap_base',
  '__indirect_function_table',
  '__wasm_init_tls',
  'inos_layout_version',
  'inos_main',
];

/**
 * Compiles a capsule's module and checks it.
 *
 * @throws InosError `capsule/incompatible`
 */
export async function loadCapsule(name: string, source: WasmSource): Promise<WebAssembly.Module> {
  const module = await compile(source);
  requireCapsule(name, module);
  return module;
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source !== 'string' && !(source instanceof URL)) return WebAssembly.compile(source);
  // As text: what bundlers put in a URL's place may be relative to the page, which no URL can be made of.
  const href = String(source);
  let module = compiled.get(href);
  if (module === undefined) {
    module = platform()
      .threads()
      .then((threads) => threads.compile(href));
    compiled.set(href, module);
    // A failed load may be tried again.
    module.catch(() => compiled.delete(href));
  }
  return module;
}

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
export function createLauncher(name: string, sab: SafeSAB, source: WasmSource): ThreadLauncher {
  let pool: WorkerPool | undefined;
  let module: WebAssembly.Module | undefined;
  return {
    async prepare() {
      pool ??= new WorkerPool(await platform().threads(), `inos ${name}`);
      module ??= await loadCapsule(name, source);
    },
    launch(start, events) {
      if (module === undefined || pool === undefined)
        throw new Error('prepare() comes before launch()');
      return pool.run({ module, memory: sab.memory, ...start }, events);
    },
    async close() {
      await pool?.close();
    },
  };
}
