/**
 * What a worker does: instantiates the capsule over the shared memory and enters its loop, which needs no
 * event loop and no message until it ends.
 */
import { Layout, ThreadState, threadWord, ThreadWords } from '../memory/layout.js';
import type { ThreadTask, WorkerMessage, WorkerTask } from './platform.js';
import { take } from './turns.js';

/** As modules' own checks have it: a pointer farther above its limit has wrapped around. */
const MOST_STACK_BYTES = 2 ** 24;

interface CapsuleExports {
  readonly __stack_pointer: WebAssembly.Global<'i32'>;
  /** What the pointer is compared with wherever it is set. */
  readonly inos_stack_limit: WebAssembly.Global<'i32'>;
  readonly __tls_size: WebAssembly.Global<'i32'>;
  /** Where its static data begins, and one past it. */
  readonly __global_base: WebAssembly.Global<'i32'>;
  readonly __heap_base: WebAssembly.Global<'i32'>;
  readonly __indirect_function_table: WebAssembly.Table;
  readonly __wasm_init_tls: (offset: number) => void;
  readonly inos_layout_version: () => number;
  readonly inos_main: (capsule: number, thread: number, clock: number) => number;
}

/** Makes a capsule's thread. Calling what it resolves to enters its loop, and returns when that is left. */
export async function createThread(task: ThreadTask): Promise<() => void> {
  const { zero } = task;
  const addClock = zero && (await import('./clock.js')).addClock;
  const exports = instantiate(task);
  const clock = zero ? (addClock?.(exports.__indirect_function_table, zero) ?? 0) : 0;
  return () => {
    let status;
    try {
      status = exports.inos_main(task.capsule, task.thread, clock);
    } catch (cause) {
      // So that nobody waits for what it had: its host, which waits where it stands, hears no message.
      const words = new Int32Array(task.memory.buffer);
      Atomics.store(words, threadWord(task.thread) + ThreadWords.STATE, ThreadState.LEFT);
      const left = exports.__stack_pointer.value - task.stackLimit;
      // What is no trap comes from the engine, whose own stack was full first.
      const isTrap = cause instanceof WebAssembly.RuntimeError;
      throw isTrap && left >>> 0 <= MOST_STACK_BYTES
        ? cause
        : new Error('stack overflow', { cause });
    }
    if (status !== 0) throw new Error(`the capsule refused to start (${status})`);
  };
}

/** Runs a capsule's thread to its end and says how it ended, unless its turn was taken back. */
export async function runWorker(
  task: WorkerTask,
  post: (message: WorkerMessage) => void,
): Promise<void> {
  if (!take(task.turn)) return;
  try {
    const enter = await createThread(task);
    post({ kind: 'ready' });
    enter();
    post({ kind: 'left' });
  } catch (error) {
    post({ kind: 'crashed', error });
  }
}

function instantiate(task: ThreadTask): CapsuleExports {
  const instance = new WebAssembly.Instance(task.module, { env: { memory: task.memory } });
  const exports = instance.exports as unknown as CapsuleExports;
  // First of all: by default the stacks of all modules begin at the same address.
  exports.__stack_pointer.value = task.stackTop;
  exports.inos_stack_limit.value = task.stackLimit;
  const [start, end] = [exports.__global_base.value, exports.__heap_base.value];
  if (start !== task.staticStart || end > task.staticEnd) {
    throw new RangeError(
      `the capsule's static data lies from ${hex(start)} to ${hex(end)}, and its definition has ` +
        `${hex(task.staticStart)} to ${hex(task.staticEnd)}: the module is another's, or older than the definition`,
    );
  }
  if (exports.__tls_size.value > task.tlsBytes) {
    throw new RangeError(`the capsule's thread-local data must fit ${task.tlsBytes} bytes`);
  }
  // Its thread may have been on another worker before.
  new Uint8Array(task.memory.buffer, task.tlsOffset, task.tlsBytes).fill(0);
  exports.__wasm_init_tls(task.tlsOffset);
  const version = exports.inos_layout_version();
  if (version !== Layout.VERSION) {
    throw new RangeError(
      `the capsule was built for layout version ${version}, this is ${Layout.VERSION}`,
    );
  }
  return exports;
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
