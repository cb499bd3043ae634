/**
 * The clock of a capsule's thread, for runtimes that trace; loaded only by those.
 */
import { offsetFrom, type ClockZero } from '../kernel/trace/clock-zero.js';

/**
 * A module that imports `e.n`, a function without parameters that returns a double, and exports one, `n`, that adds
 * the last constant to what it returns: a WebAssembly function, as only such can be put into a table.
 */
const SHIM = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7c],
  ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x6e, 0x00, 0x00],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x6e, 0x00, 0x01],
  // call 0, f64.const 0, f64.add, end.
  ...[0x0a, 0x10, 0x01, 0x0e, 0x00, 0x10, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0xa0, 0x0b],
);
const CONSTANT = SHIM.length - 10;

/** Puts a clock that counts from `zero` into a capsule's function table: returns its index there. */
export function addClock(table: WebAssembly.Table, zero: ClockZero): number {
  const bytes = SHIM.slice();
  new DataView(bytes.buffer).setFloat64(CONSTANT, offsetFrom(zero), true);
  const shim = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    // Bound: a function around it would cost a third more, at each look.
    e: { n: performance.now.bind(performance) },
  });
  return table.grow(1, shim.exports.n);
}
