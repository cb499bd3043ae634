// Checks the documents' examples, so that none shows what isn't there. A block marked ```ts program is a whole
// program and is compiled against the built packages; one marked ```ts run is also run in Node, from the
// repository's root, must end well and print the values that comments behind `console.log(…);` begin with. One
// marked ```rust of FILE (or ```ts of …) is a part of that file. A plain ```ts block is a fragment: it is compiled
// below what its document's comment `<!-- fragments … -->` imports and declares.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { Failure, main, root, say } from '../scripts/process.mjs';
import { documents, lineAt } from './documents.mjs';

/** Inside the repository, so that examples find the packages where a user's program would. */
const FOLDER = join(root, '.cache/examples');
const BLOCK = /^```ts(?: (program|run))?\n(.*?)^```$/gms;
const DECLARATIONS = /^<!-- fragments\n(.*?)^-->$/ms;
const QUOTATION = /^```\w+ of (\S+)\n(.*?)^```$/gms;
/** What stands behind a line that prints, and the literals that it begins with. */
const PRINTED = /^ *console\.log\(.*\); \/\/ (.*)$/gm;
const VALUES = /^((true|false|-?[\d.]+n?|[\da-f]{16,})( |$)?)+(?=\W|$)/;
const TIMEOUT_MS = 60_000;

/** What a document's fragments may use: declarations, and the line that they begin at. */
function declarationsOf(text) {
  const found = DECLARATIONS.exec(text);
  return found ? { code: found[1], line: lineAt(text, found.index) + 1 } : { code: '', line: 1 };
}

/** A fragment as a program: in a block, whose names may be those that are declared. */
function programOf({ code, line }, declarations) {
  const before = '\n'.repeat(declarations.line - 1) + declarations.code;
  const between = '\n'.repeat(Math.max(0, line - 1 - before.split('\n').length));
  return `${before}${between}{\n${code}}\n`;
}

/** @returns {{ at: string, line: number, isRun: boolean, file: string, program: string }[]} */
function examplesOf({ name, text }) {
  const declarations = declarationsOf(text);
  return [...text.matchAll(BLOCK)].map(({ 0: block, 1: mark, 2: code, index }) => {
    const line = lineAt(text, index + block.indexOf('\n') + 1);
    const file = join(FOLDER, `${name.replaceAll(/\W/g, '-')}-${line}.ts`);
    const whole = `${'\n'.repeat(line - 1)}${code}`;
    const program = mark === undefined ? programOf({ code, line }, declarations) : whole;
    return { at: name, line, isRun: mark === 'run', file, program };
  });
}

/** Writes each example to the lines that it has in its document, so that errors name those. */
function writeAll(examples) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const { file, program } of examples) {
    // The export makes a module also of what imports nothing: its names are its own.
    writeFileSync(file, `${program}export {};\n`);
  }
}

/** What TypeScript has against the examples, under the options of the packages themselves. */
function typeErrors(examples) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const files = examples.map(({ file }) => file);
  return ts.getPreEmitDiagnostics(ts.createProgram(files, options)).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n  ');
    const example = examples.find(({ file }) => file === diagnostic.file?.fileName);
    if (!example) return text;
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${example.at}:${line + 1}: ${text}`;
  });
}

/** The values that an example says it prints, those of each line together. */
function valuesOf(program) {
  return [...program.matchAll(PRINTED)].map(([, comment]) => VALUES.exec(comment)?.[0] ?? '');
}

/** Runs an example and resolves what is wrong with it, if anything is. */
async function faultOf({ file, program }) {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const script = file.replace(/\.ts$/, '.mjs');
  writeFileSync(script, ts.transpileModule(program, { compilerOptions }).outputText);
  const options = { cwd: root, timeout: TIMEOUT_MS };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [script], options);
    const lines = stdout.split('\n');
    const isPrinted = (values) => lines.some((line) => line.startsWith(values));
    const missing = valuesOf(program).find((values) => !isPrinted(values));
    return missing === undefined ? undefined : `doesn't print ${missing}`;
  } catch ({ message }) {
    return `doesn't run: ${message}`;
  }
}

/** Quotations that their files don't contain, or no longer do. */
function misquotations({ name, text }) {
  return [...text.matchAll(QUOTATION)].flatMap(({ 1: path, 2: code, index }) => {
    const file = join(root, path);
    const isRight = existsSync(file) && readFileSync(file, 'utf8').includes(code);
    return isRight ? [] : [`${name}:${lineAt(text, index)}: isn't what ${path} says`];
  });
}

await main(async () => {
  const examples = documents().flatMap(examplesOf);
  writeAll(examples);
  const problems = [...typeErrors(examples), ...documents().flatMap(misquotations)];
  if (problems.length > 0) throw new Failure(problems.join('\n'));
  const toRun = examples.filter(({ isRun }) => isRun);
  for (const example of toRun) {
    const fault = await faultOf(example);
    if (fault !== undefined) problems.push(`${example.at}:${example.line}: ${fault}`);
  }
  if (problems.length > 0) throw new Failure(problems.join('\n'));
  say(`${examples.length} examples compile, ${toRun.length} of them ran`);
});
