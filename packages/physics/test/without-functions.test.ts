/** The build's step that leaves functions out of a module: what goes, what stays, which lists it refuses. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../../scripts/without-functions.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'inos-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const SECTION = { CUSTOM: 0, TYPE: 1, FUNCTION: 3, EXPORT: 7, CODE: 10 };
const [I32, NOP, CALL, I32_CONST, END] = [0x7f, 0x01, 0x10, 0x41, 0x0b];
const NOPS = Array.from({ length: 1000 }, () => NOP);

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}

function sized(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

function text(value: string): number[] {
  return [...leb(value.length), ...new TextEncoder().encode(value)];
}

/** Functions from nothing to an i32, by their names in Rust; those that are exported have the last part of it. */
const FUNCTIONS: readonly (readonly [name: string, code: readonly number[]])[] = [
  ['pets::cats', [CALL, 2]],
  ['pets::dogs', [CALL, 3]],
  ['<pets::Cat>::purr::<u8>', [...NOPS, CALL, 4]],
  ['pets::both', [I32_CONST, 7]],
  ['pets::only_cats', [I32_CONST, 8]],
  ['pets::has_cats', [I32_CONST, 1]],
  ['<pets::Cat>::purr::<u8>::{closure#0}', [CALL, 3]],
];
const EXPORTED = [0, 1, 5, 6];

const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...sized(SECTION.TYPE, list([[0x60, 0, 1, I32]])),
  ...sized(SECTION.FUNCTION, list(FUNCTIONS.map(() => [0]))),
  ...sized(SECTION.EXPORT, list(EXPORTED.map((index) => [...text(`f${index}`), 0, index]))),
  ...sized(
    SECTION.CODE,
    list(FUNCTIONS.map(([, code]) => [...leb(code.length + 2), 0, ...code, END])),
  ),
  ...sized(SECTION.CUSTOM, [
    ...text('name'),
    ...sized(1, list(FUNCTIONS.map(([name], index) => [index, ...text(name)]))),
  ]),
]);

const FROM = join(folder, 'from.wasm');
const TO = join(folder, 'to.wasm');
const LIST = join(folder, 'list.json');

function without(cut: readonly string[], no = 'pets::has_cats'): WebAssembly.Exports {
  writeFileSync(FROM, MODULE);
  writeFileSync(LIST, JSON.stringify({ no, cut }));
  execFileSync(process.execPath, [SCRIPT, LIST, FROM, TO], { stdio: 'pipe' });
  const module = new WebAssembly.Module(new Uint8Array(readFileSync(TO)));
  return new WebAssembly.Instance(module).exports;
}

function call(exports: WebAssembly.Exports, index: number): unknown {
  return (exports[`f${index}`] as () => unknown)();
}

test('a function of the list traps, and so does what only it reaches; all else is as before', () => {
  const exports = without(['<pets::Cat>::purr']);
  expect(() => call(exports, 0)).toThrow(WebAssembly.RuntimeError);
  expect(call(exports, 1)).toBe(7);
  expect(call(exports, 5)).toBe(0);
  // Within it, by its name, but exported.
  expect(call(exports, 6)).toBe(7);
  // `only_cats` has gone, `both` and the others stayed: a body of three bytes each in place of theirs.
  const { length } = readFileSync(TO);
  expect(MODULE.length - length).toBeGreaterThan(NOPS.length);
  expect(readFileSync(TO).includes(Buffer.of(I32_CONST, 8, END))).toBe(false);
  expect(readFileSync(TO).includes(Buffer.of(I32_CONST, 7, END))).toBe(true);
});

test.each([
  [['<pets::Cat>::meow'], 'there is no function <pets::Cat>::meow'],
  [['pets::cat'], 'there is no function pets::cat'],
  [['pets::both'], 'pets::both has 4 bytes, and must have 1000 at least'],
])('%j is refused', (cut, message) => {
  expect(() => without(cut)).toThrow(message);
});

test('so is a list whose function that says no isn’t there', () => {
  expect(() => without(['<pets::Cat>::purr'], 'pets::has_birds')).toThrow('pets::has_birds');
});
