/** What `inos capsule build` adds to modules: traps where stacks overflow, and nothing else. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Opcode, skipImmediates } from '../src/capsule/instructions.js';
import { addStackChecks } from '../src/capsule/stack-checks.js';
import { CAPSULE_FIX } from '../src/capsule/build-error.js';
import { withStackChecks } from '../src/capsule/compile.js';
import { sectionsOf, WasmReader } from '../src/capsule/wasm-reader.js';

const [I32, FUNCTION, GLOBAL] = [0x7f, 0, 3];
const SECTION = { TYPE: 1, FUNCTION: 3, TABLE: 4, MEMORY: 5, GLOBAL: 6, EXPORT: 7, CODE: 10 };

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}

function section(id: number, ...items: readonly number[][]): number[] {
  const content = [...leb(items.length), ...items.flat()];
  return [id, ...leb(content.length), ...content];
}

function named(name: string, kind: number, index: number): number[] {
  const bytes = [...new TextEncoder().encode(name)];
  return [bytes.length, ...bytes, kind, index];
}

/** A module with a stack pointer, 1,000,000 at first, and one function `f` from an i32 to an i32. */
function moduleOf(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [1, 1, I32, ...code, Opcode.END];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(SECTION.TYPE, [0x60, 1, I32, 1, I32]),
    ...section(SECTION.FUNCTION, [0]),
    ...section(SECTION.TABLE, [0x70, 0, 1]),
    ...section(SECTION.MEMORY, [3, 1, 1]),
    ...section(SECTION.GLOBAL, [I32, 1, Opcode.I32_CONST, ...[0xc0, 0x84, 0x3d], Opcode.END]),
    ...section(SECTION.EXPORT, named('__stack_pointer', GLOBAL, 0), named('f', FUNCTION, 0)),
    ...section(SECTION.CODE, [...leb(body.length), ...body]),
  ]);
}

interface Exports {
  readonly f: (argument: number) => number;
  readonly __stack_pointer: WebAssembly.Global<'i32'>;
  readonly inos_stack_limit: WebAssembly.Global<'i32'>;
}

function instantiate(bytes: Uint8Array<ArrayBuffer>): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Exports;
}

const GET_SP = [Opcode.GLOBAL_GET, 0];
const SET_SP = [Opcode.GLOBAL_SET, 0];
/** `sp -= argument`, as a prologue or a dynamic allocation. */
const LOWER = [...GET_SP, 0x20, 0, Opcode.I32_SUB, 0x22, 1, ...SET_SP];
const RESULT = [0x20, 1];

describe('a checked module', () => {
  it('traps where its stack pointer goes below the limit or wraps around, and leaves it there', () => {
    const {
      f,
      __stack_pointer: pointer,
      inos_stack_limit: limit,
    } = instantiate(addStackChecks(moduleOf([...LOWER, ...RESULT])).bytes);
    limit.value = 900_000;
    expect(f(100_000)).toBe(900_000);
    for (const bytes of [100_001, 900_000, 1_000_001, 2 ** 30, 2 ** 31, 2 ** 32 - 2 ** 25]) {
      pointer.value = 1_000_000;
      expect(() => f(bytes), `${bytes}`).toThrow(WebAssembly.RuntimeError);
      expect(pointer.value).toBe((1_000_000 - bytes) | 0);
    }
    // Stacks may lie beyond the 31 bits that are positive.
    [pointer.value, limit.value] = [3e9, 2.9e9];
    expect(f(1e8) >>> 0).toBe(2.9e9);
    expect(() => f(1)).toThrow(WebAssembly.RuntimeError);
  });

  it('checks what moves the pointer in any other way, but no frame that is given back', () => {
    const restore = [0x20, 0, ...SET_SP];
    const giveBack = [0x20, 0, Opcode.I32_CONST, 16, Opcode.I32_ADD, ...SET_SP];
    expect(addStackChecks(moduleOf([...restore, ...RESULT])).checks).toBe(1);
    expect(addStackChecks(moduleOf([...LOWER, ...giveBack, ...restore, ...RESULT])).checks).toBe(2);
    const other = [0x20, 0, 0x20, 0, Opcode.I32_ADD, ...SET_SP];
    expect(addStackChecks(moduleOf([...other, ...RESULT])).checks).toBe(1);
  });

  it('is what it was otherwise, whatever instructions it has', () => {
    const zero = [Opcode.I32_CONST, 0];
    const vector = [0xfd, 12, ...Array.from({ length: 16 }, () => Opcode.GLOBAL_SET)];
    const code = [
      // Immediates that look like instructions, and one that is padded.
      ...[Opcode.I32_CONST, 0xa4, 0x80, 0x00, 0x1a],
      ...[0x43, 0x24, 0, 0x24, 0, 0x1a, 0x44, 0x24, 0, 0x24, 0, 0x24, 0, 0x24, 0, 0x1a],
      ...[0x42, 0x24, 0x1a],
      // Blocks, br_table, select with types, table.get
      ...[0x02, 0x40, ...zero, 0x0e, 2, 0, 0, 0, 0x0b],
      ...[...zero, ...zero, ...zero, 0x1c, 1, I32, 0x1a, ...zero, 0x25, 0, 0x1a],
      // SIMD: shuffle, extract_lane, load, load_lane, arithmetic
      ...[
        ...vector,
        ...vector,
        0xfd,
        13,
        ...Array.from({ length: 16 }, () => 1),
        0xfd,
        21,
        0,
        0x1a,
      ],
      ...[...zero, 0xfd, 0, 4, 0x24, 0x1a, ...zero, ...vector, 0xfd, 84, 0, 0x24, 0, 0x1a],
      ...[...vector, ...vector, 0xfd, 0xae, 0x01, 0x1a],
      // Threads, bulk memory, saturating conversion, memory.size
      ...[...zero, ...zero, 0xfe, 0x1e, 2, 0x24, 0x1a, 0xfe, 3, 0],
      ...[...zero, ...zero, ...zero, 0xfc, 11, 0, ...zero, ...zero, ...zero, 0xfc, 10, 0, 0],
      ...[0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a, 0x3f, 0, 0x1a],
      ...LOWER,
      ...RESULT,
    ];
    const before = moduleOf(code);
    const { bytes, checks } = addStackChecks(before);
    expect(checks).toBe(1);
    expect(withoutChecks(bytes)).toEqual(functionsOf(before));
    expect(instantiate(bytes).f(16)).toBe(999_984);
  });

  it.each([
    ['tail calls', [0x20, 0, 0x12, 0], /unknown instruction, 0x12/],
    ['exceptions', [0x06, 0x40, 0x0b, ...RESULT], /unknown instruction, 0x6/],
  ])('can’t have %s, which capsules aren’t compiled to', (_, code, message) => {
    expect(() => addStackChecks(moduleOf(code))).toThrow(message);
  });

  it('can’t be checked twice, nor without a stack pointer', () => {
    const { bytes } = addStackChecks(moduleOf([...LOWER, ...RESULT]));
    expect(() => addStackChecks(bytes)).toThrow(/inos_stack_limit/);
    const text = new TextDecoder('latin1').decode(moduleOf(RESULT)).replace('__stack', '__stick');
    const other = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(() => addStackChecks(other)).toThrow('the module doesn’t export __stack_pointer');
    expect(() => addStackChecks(Uint8Array.of(1))).toThrow(WebAssembly.CompileError);
    expect(() => withStackChecks(other)).toThrow(
      expect.objectContaining({ code: 'bad-module', fix: CAPSULE_FIX }) as Error,
    );
  });
});

/** Each function's instructions, as text. */
function functionsOf(bytes: Uint8Array<ArrayBuffer>): string[][] {
  const code = sectionsOf(bytes).find(({ id }) => id === SECTION.CODE);
  const reader = new WasmReader(bytes, code?.start ?? NaN);
  return reader.list(() => {
    const end = reader.unsigned() + reader.at;
    reader.list(() => [reader.unsigned(), reader.byte()]);
    const instructions: string[] = [];
    while (reader.at < end) {
      const start = reader.at;
      skipImmediates(reader, reader.byte());
      instructions.push(Buffer.from(bytes.subarray(start, reader.at)).toString('hex'));
    }
    return instructions;
  });
}

/** The same without the checks. Fails where the pointer is lowered and no check follows. */
function withoutChecks(bytes: Uint8Array<ArrayBuffer>): string[][] {
  return functionsOf(bytes).map((instructions) => {
    for (let at = 0; at < instructions.length; at++) {
      // The linker pads numbers.
      if (!/^24(00|8080808000)$/.test(instructions[at] ?? '')) continue;
      const givesBack = instructions[at - 1] === '6a' && instructions[at - 2]?.startsWith('41');
      if (givesBack) continue;
      const check = instructions.splice(at + 1, 8).join(' ');
      expect(check).toMatch(/^2300 23[0-9a-f]+ 6b 4180808008 4b 0440 00 0b$/);
    }
    return instructions;
  });
}

// `cargo xtask inspect` looks at all of them, with another reader.
it.each(['mining', 'fixture'])('%s.wasm has all its checks', (name) => {
  const file = new URL(`../../${name}/wasm/${name}.wasm`, import.meta.url);
  const bytes = new Uint8Array(readFileSync(file));
  const whole = functionsOf(bytes).flat().length;
  const left = withoutChecks(bytes).flat().length;
  expect(whole - left).toBeGreaterThan(8 * 40);
  expect(WebAssembly.Module.exports(new WebAssembly.Module(bytes))).toContainEqual({
    name: 'inos_stack_limit',
    kind: 'global',
  });
});
