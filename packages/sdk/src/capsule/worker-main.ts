/**
 * What a worker does: instantiates the capsule over the shared memory and enters its loop, which needs no
 * event loop and no message until it ends.
 */
import { Layout } from '../memory/layout.js';
import type { WorkerMessage, WorkerTask } from './platform.js';

interface CapsuleExports {
  readonly __stack_pointer: WebAssembly.Global<'i32'>;
  readonly __tls_size: WebAssembly.Global<'i32'>;
  readonly __heap_base: WebAssembly.Global<'i32'>;
  readonly __indirect_function_table: WebAssembly.Table;
  readonly __wasm_init_tls: (offset: number) => void;
  readonly inos_layout_version: () => number;
  readonly inos_main: (capsule: number, thread: number, clock: number) => number;
}

/**
 * A module that imports `e.n`, a function without parameters that returns a double, and exports it as `n`: that
 * makes a JavaScript function one that can be put into a WebAssembly table.
 */
const SHIM = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7c],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x6e, 0x00, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x6e, 0x00, 0x00],
);

/** Runs a capsule's thread to its end and says how it ended. */
export function runWorker(task: WorkerTask, post: (message: WorkerMessage) => void): void {
  try {
    const exports = instantiate(task);
    const clock = task.startedAt === undefined ? 0 : addClock(exports, task.startedAt);
    post({ kind: 'ready' });
    const status = exports.inos_main(task.capsule, task.thread, clock);
    if (status !== 0) throw new Error(`the capsule refused to start (${status})`);
    post({ kind: 'left' });
  } catch (error) {
    post({ kind: 'crashed', error });
  }
}

function instantiate(task: WorkerTask): CapsuleExports {
  const instance = new WebAssembly.Instance(task.module, { env: { memory: task.memory } });
  const exports = instance.exports as unknown as CapsuleExports;
  // First of all: by default the stacks of all modules begin at the same address.
  exports.__stack_pointer.value = task.stackTop;
  if (exports.__tls_size.value > task.tlsBytes) {
    throw new RangeError(`the capsule's thread-local data must fit ${task.tlsBytes} bytes`);
  }
  exports.__wasm_init_tls(task.tlsOffset);
  if (exports.__heap_base.value > task.staticEnd) {
    throw new RangeError(
      `the capsule's static data ends at ${exports.__heap_base.value}, beyond its region`,
    );
  }
  const version = exports.inos_layout_version();
  if (version !== Layout.VERSION) {
    throw new RangeError(
      `the capsule was built for layout version ${version}, this is ${Layout.VERSION}`,
    );
  }
  return exports;
}

/** Puts a clock into the capsule's function table and returns its index there. */
function addClock(exports: CapsuleExports, startedAt: number): number {
  const offset = performance.timeOrigin - startedAt;
  const shim = new WebAssembly.Instance(new WebAssembly.Module(SHIM), {
    e: { n: () => offset + performance.now() },
  });
  return exports.__indirect_function_table.grow(1, shim.exports.n);
}
