/**
 * The clock of a capsule's thread, for runtimes that trace; loaded only by those.
 */

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

/**
 * Puts a clock into a capsule's function table.
 *
 * @param startedAt - the clock's zero, in milliseconds since 1970
 * @returns its index there
 */
export function addClock(table: WebAssembly.Table, startedAt: number): number {
  const offset = performance.timeOrigin - startedAt;
  const shim = new WebAssembly.Instance(new WebAssembly.Module(SHIM), {
    e: { n: () => offset + performance.now() },
  });
  return table.grow(1, shim.exports.n);
}
